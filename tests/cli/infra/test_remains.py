"""What `destroy` does besides Terraform, on a live sandbox: what goes, and what is spared."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ropeway.aws.remains import Remains
from ropeway.aws.session import on_sandbox
from ropeway.sandbox.server import Server
from tests.cli.infra.conftest import Client

TAGS = {"ropeway:platform": "acme", "ropeway:unit": "swept", "ropeway:environment": "dev"}
TAGGED = [{"Key": key, "Value": value} for key, value in TAGS.items()]
MANIFEST = json.dumps(
    {"schemaVersion": 2, "mediaType": "application/vnd.docker.distribution.manifest.v2+json"}
)
_numbers = iter(range(710000000000, 720000000000))


class Account:
    """An account with clients, and its sweep."""

    def __init__(self, sandbox: Server, client: Client) -> None:
        self.number = str(next(_numbers))
        self._client = client
        self.role = f"arn:aws:iam::{self.number}:role/acme-swept-dev-execution"
        session = on_sandbox(sandbox.endpoint, self.number, "eu-west-1")
        self.remains = Remains(session, "acme-swept-dev", TAGS, lambda: None, ["acme-swept-dev-x"])

    def __call__(self, service: str) -> Any:
        return self._client(service, self.number)

    def swept(self, *kept: str) -> list[str]:
        stopped = list(self.remains.stop())
        return [*stopped, *self.remains.empty(frozenset(kept)), *self.remains.finish()]


@pytest.fixture
def account(sandbox: Server, client: Client) -> Account:
    return Account(sandbox, client)


def test_models_and_endpoint_configurations_of_the_name_go_and_a_neighbours_stay(account: Account) -> None:
    sagemaker = account("sagemaker")
    for name in ("acme-swept-dev-churn", "acme-swept-dev-x-churn", "somebodys"):
        container = {"Image": f"{account.number}.dkr.ecr.eu-west-1.amazonaws.com/serving@sha256:{'0' * 64}"}
        sagemaker.create_model(ModelName=name, ExecutionRoleArn=account.role, PrimaryContainer=container)
        variant = {
            "VariantName": "a",
            "ModelName": name,
            "InstanceType": "ml.m5.large",
            "InitialInstanceCount": 1,
        }
        sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
    assert account.swept() == [
        "deleted endpointconfig acme-swept-dev-churn",
        "deleted model acme-swept-dev-churn",
    ]
    left = [each["ModelName"] for each in sagemaker.list_models()["Models"]]
    assert sorted(left) == ["acme-swept-dev-x-churn", "somebodys"]


def test_registered_models_of_the_tags_go(account: Account) -> None:
    sagemaker = account("sagemaker")
    for name, tags in (("churn", TAGGED), ("somebodys", [])):
        sagemaker.create_model_package_group(ModelPackageGroupName=name, Tags=tags)
        container = {"Image": f"{account.number}.dkr.ecr.eu-west-1.amazonaws.com/serving@sha256:{'0' * 64}"}
        sagemaker.create_model_package(
            ModelPackageGroupName=name,
            InferenceSpecification={
                "Containers": [container],
                "SupportedContentTypes": ["text/csv"],
                "SupportedResponseMIMETypes": ["text/csv"],
            },
        )
    assert account.swept() == ["emptied churn: 1 versions"]
    packages = sagemaker.list_model_packages(ModelPackageGroupName="somebodys")["ModelPackageSummaryList"]
    assert len(packages) == 1


def test_buckets_are_emptied_but_the_states(account: Account) -> None:
    s3 = account("s3")
    kept = f"acme-swept-dev-tfstate-{account.number}"
    for bucket in (kept, f"acme-swept-dev-data-{account.number}", f"acme-swept-dev-x-data-{account.number}"):
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        s3.put_object(Bucket=bucket, Key="a", Body=b"1")
    assert account.swept(kept) == [f"emptied acme-swept-dev-data-{account.number}: 1 versions"]
    assert account.swept(kept) == []


def test_tables_lose_their_protection_and_images_go(account: Account) -> None:
    dynamodb, ecr = account("dynamodb"), account("ecr")
    for name in ("acme-swept-dev-ledger", "acme-swept-dev-x-ledger"):
        dynamodb.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "subject", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "subject", "KeyType": "HASH"}],
            DeletionProtectionEnabled=True,
        )
    ecr.create_repository(repositoryName="acme-swept-dev-training")
    ecr.put_image(repositoryName="acme-swept-dev-training", imageManifest=MANIFEST, imageTag="1")
    assert account.swept() == [
        "took the deletion protection from acme-swept-dev-ledger",
        "emptied acme-swept-dev-training: 1 images",
    ]
    dynamodb.delete_table(TableName="acme-swept-dev-ledger")
    assert dynamodb.list_tables()["TableNames"] == ["acme-swept-dev-x-ledger"]


def test_studio_apps_and_spaces_go(account: Account) -> None:
    sagemaker = account("sagemaker")
    domain = sagemaker.create_domain(
        DomainName="acme-swept-dev-studio",
        AuthMode="IAM",
        DefaultUserSettings={"ExecutionRole": account.role},
        SubnetIds=["subnet-0a1b2c3d"],
        VpcId="vpc-0a1b2c3d",
    )["DomainArn"].rpartition("/")[2]
    sagemaker.create_user_profile(DomainId=domain, UserProfileName="ds-kim")
    sagemaker.create_space(
        DomainId=domain,
        SpaceName="lab",
        OwnershipSettings={"OwnerUserProfileName": "ds-kim"},
        SpaceSharingSettings={"SharingType": "Private"},
        SpaceSettings={"AppType": "JupyterLab"},
    )
    sagemaker.create_app(DomainId=domain, SpaceName="lab", AppType="JupyterLab", AppName="default")
    assert account.swept() == ["deleted Studio app default", "deleted Studio space lab"]


def test_what_studio_leaves_behind_goes_once_the_domain_is_gone(account: Account) -> None:
    sagemaker, efs, ec2 = account("sagemaker"), account("efs"), account("ec2")
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    subnet = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Subnets"][0]["SubnetId"]
    domain = sagemaker.create_domain(
        DomainName="acme-swept-dev-studio",
        AuthMode="IAM",
        DefaultUserSettings={"ExecutionRole": account.role},
        SubnetIds=[subnet],
        VpcId=vpc,
    )["DomainArn"]
    id_ = domain.rpartition("/")[2]
    tags = [{"Key": "ManagedByAmazonSageMakerResource", "Value": domain}]
    homes = efs.create_file_system(CreationToken=id_, Tags=tags)["FileSystemId"]
    efs.create_mount_target(FileSystemId=homes, SubnetId=subnet)
    other = efs.create_file_system(CreationToken="somebodys")["FileSystemId"]
    names = [f"security-group-for-{way}-nfs-{id_}" for way in ("inbound", "outbound")]
    groups = [
        ec2.create_security_group(GroupName=name, Description="NFS", VpcId=vpc)["GroupId"] for name in names
    ]
    pair = [{"GroupId": groups[1]}]
    nfs = {"IpProtocol": "tcp", "FromPort": 2049, "ToPort": 2049, "UserIdGroupPairs": pair}
    ec2.authorize_security_group_ingress(GroupId=groups[0], IpPermissions=[nfs])
    assert account.swept() == []  # the domain stands
    sagemaker.delete_domain(DomainId=id_, RetentionPolicy={"HomeEfsFileSystem": "Retain"})
    assert account.swept() == [
        f"deleted Studio's file system {homes}",
        *(f"deleted security group {name}" for name in names),
    ]
    assert [each["FileSystemId"] for each in efs.describe_file_systems()["FileSystems"]] == [other]


def test_running_pipelines_are_stopped(account: Account) -> None:
    sagemaker = account("sagemaker")
    queue = account("sqs").create_queue(QueueName="answers")["QueueUrl"]
    step = {"Name": "Ask", "Type": "Callback", "SqsQueueUrl": queue, "Arguments": {}, "OutputParameters": []}
    definition = json.dumps({"Version": "2020-12-01", "Parameters": [], "Steps": [step]})
    started = {}
    for name in ("acme-swept-dev-train", "acme-swept-dev-x-train"):
        sagemaker.create_pipeline(
            PipelineName=name,
            PipelineDefinition=definition,
            ClientRequestToken="t" * 32,
            RoleArn=account.role,
        )
        started[name] = sagemaker.start_pipeline_execution(PipelineName=name)["PipelineExecutionArn"]
    assert account.swept() == [f"stopped {started['acme-swept-dev-train'].rpartition(':')[2]}"]
    spared = sagemaker.describe_pipeline_execution(PipelineExecutionArn=started["acme-swept-dev-x-train"])
    assert spared["PipelineExecutionStatus"] == "Executing"
    sagemaker.stop_pipeline_execution(
        PipelineExecutionArn=started["acme-swept-dev-x-train"], ClientRequestToken="s" * 32
    )


def test_what_carries_the_tags_or_the_name_is_found_but_for_what_bootstrap_made(account: Account) -> None:
    logs, sns, iam = account("logs"), account("sns"), account("iam")
    logs.create_log_group(logGroupName="/aws/lambda/acme-swept-dev-promote")
    topic = sns.create_topic(Name="any", Tags=TAGGED)["TopicArn"]
    sns.create_topic(Name="somebodys")
    for role in ("acme-swept-dev-plan", "acme-swept-dev-execution", "acme-swept-dev-x-plan"):
        iam.create_role(RoleName=role, AssumeRolePolicyDocument='{"Version": "2012-10-17", "Statement": []}')
    key = account("kms").create_key(Tags=[{"TagKey": key, "TagValue": value} for key, value in TAGS.items()])
    kept = frozenset({"acme-swept-dev-plan"})
    assert account.remains.left(kept) == [
        key["KeyMetadata"]["Arn"],
        topic,
        "log group /aws/lambda/acme-swept-dev-promote",
        "role acme-swept-dev-execution",
    ]
    account("kms").schedule_key_deletion(KeyId=key["KeyMetadata"]["KeyId"])
    assert account.swept() == ["deleted log group /aws/lambda/acme-swept-dev-promote"]
    assert account.remains.left(kept) == [topic, "role acme-swept-dev-execution"]


def test_a_secret_that_waits_for_its_deletion_gives_its_name_back(account: Account) -> None:
    secrets = account("secretsmanager")
    for name in ("acme-swept-dev-token", "acme-swept-dev-x-token"):
        secrets.create_secret(Name=name, SecretString="x", Tags=TAGGED)
        secrets.delete_secret(SecretId=name, RecoveryWindowInDays=7)
    assert account.swept() == ["deleted secret acme-swept-dev-token for good"]
    secrets.create_secret(Name="acme-swept-dev-token", SecretString="y")
