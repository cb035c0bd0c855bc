"""Who may not do something cannot have it done: the module ``job-roles`` applied, and IAM's verdicts on its roles."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

from ropeway.sandbox.server import Server
from tests.infra.conftest import ACCOUNT, Terraform

ROOT = Path(__file__).parents[2]
NAME = "example-job-roles"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/"
HERE = f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}:"
INSIDE = {"sagemaker:VpcSubnets": ["subnet-1", "subnet-2"], "sagemaker:VpcSecurityGroupIds": ["sg-1"]}
TO_SAGEMAKER = {"iam:PassedToService": ["sagemaker.amazonaws.com"]}
ALL_BUT_STUDIO = (
    "data-scientist",
    "lead",
    "pipeline",
    "execution",
    "events",
    "functions",
    "deploy",
    "catalog-launch",
)
PENDING = {"sagemaker:ModelApprovalStatus": ["PendingManualApproval"]}
APPROVED = {"sagemaker:ModelApprovalStatus": ["Approved"]}
BOUND = {"iam:PermissionsBoundary": [f"arn:aws:iam::{ACCOUNT}:policy/{NAME}-boundary"]}
PACKAGE = f"{HERE}model-package/churn/1"
Context = dict[str, list[str]]


@dataclass(frozen=True)
class Roles:
    """The roles of the example."""

    iam: Any

    def may(self, role: str, action: str, resource: str = "*", context: Context | None = None) -> bool:
        """Whether a role may."""
        entries = [
            {"ContextKeyName": key, "ContextKeyValues": values, "ContextKeyType": "stringList"}
            for key, values in (context or {}).items()
        ]
        answer = self.iam.simulate_principal_policy(
            PolicySourceArn=f"{ROLE}{NAME}-{role}",
            ActionNames=[action],
            ResourceArns=[resource],
            ContextEntries=entries,
        )
        decision: str = answer["EvaluationResults"][0]["EvalDecision"]
        return decision == "allowed"


@pytest.fixture(scope="module")
def roles(tmp_path_factory: pytest.TempPathFactory, sandbox: Server, bare: dict[str, str]) -> Roles:
    """The module's example, applied; it goes with the sandbox."""
    place = tmp_path_factory.mktemp("separation") / "terraform"
    shutil.copytree(ROOT / "terraform", place, ignore=shutil.ignore_patterns(".terraform*"))
    terraform = Terraform(
        place / "modules" / "job-roles" / "examples" / "basic", {**bare, "AWS_ENDPOINT_URL": sandbox.endpoint}
    )
    terraform.well("init", "-input=false")
    terraform.well("apply", "-input=false", "-auto-approve", "-parallelism=30")
    return Roles(
        boto3.client(
            "iam",
            endpoint_url=sandbox.endpoint,
            region_name="eu-west-1",
            aws_access_key_id=ACCOUNT,
            aws_secret_access_key="secret",
        )
    )


@pytest.mark.parametrize("role", ["data-scientist", "pipeline"])
def test_whoever_works_does_so_inside_the_network(roles: Roles, role: str) -> None:
    for action, kind in (
        ("CreateTrainingJob", "training-job"),
        ("CreateProcessingJob", "processing-job"),
        ("CreateHyperParameterTuningJob", "hyper-parameter-tuning-job"),
        ("CreateModel", "model"),
    ):
        call = (role, f"sagemaker:{action}", f"{HERE}{kind}/pipelines-abc-train")
        assert roles.may(*call, INSIDE)
        assert not roles.may(*call), "nowhere"
        assert not roles.may(*call, {**INSIDE, "sagemaker:VpcSubnets": ["subnet-1", "subnet-9"]}), "half-way"
        assert not roles.may(*call, {**INSIDE, "sagemaker:VpcSecurityGroupIds": ["sg-9"]})
        others = {"sagemaker:VolumeKmsKey": [f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/other"]}
        assert not roles.may(*call, {**INSIDE, **others}), "a key of others"


@pytest.mark.parametrize("role", ["data-scientist", "lead", "pipeline"])
def test_work_goes_on(roles: Roles, role: str) -> None:
    for action, resource in (
        ("sagemaker:CreatePipeline", f"{HERE}pipeline/churn"),
        ("sagemaker:StartPipelineExecution", f"{HERE}pipeline/churn"),
        ("sagemaker:StopPipelineExecution", f"{HERE}pipeline/churn/execution/abc"),
        ("sagemaker:AddTags", f"{HERE}training-job/pipelines-abc-train"),
        ("sagemaker:DescribeTrainingJob", f"{HERE}training-job/pipelines-abc-train"),
        ("sagemaker:CreateTransformJob", f"{HERE}transform-job/pipelines-abc-score"),
        ("sagemaker:ListTrainingJobs", "*"),
        ("s3:PutObject", "arn:aws:s3:::example-artifacts/model.tar.gz"),
        ("s3:GetObject", "arn:aws:s3:::example-capture/one"),
        ("ecr:BatchGetImage", "arn:aws:ecr:eu-west-1:683313688378:repository/sagemaker-xgboost"),
        ("ecr:GetAuthorizationToken", "*"),
        (
            "logs:PutLogEvents",
            f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:/aws/sagemaker/TrainingJobs:log-stream:a",
        ),
        (
            "ssm:GetParameter",
            f"arn:aws:ssm:eu-west-1:{ACCOUNT}:parameter/ropeway/example/retail/dev/network/vpc-id",
        ),
    ):
        assert roles.may(role, action, resource), action
    for passed in ("execution", "pipeline"):
        assert roles.may(role, "iam:PassRole", f"{ROLE}{NAME}-{passed}", TO_SAGEMAKER)
    for status in ({}, PENDING):
        assert roles.may(role, "sagemaker:CreateModelPackage", PACKAGE, status)


@pytest.mark.parametrize("role", ["data-scientist", "pipeline", "execution", "events", "functions", "studio"])
def test_only_leads_and_ci_approve(roles: Roles, role: str) -> None:
    assert not roles.may(role, "sagemaker:UpdateModelPackage", PACKAGE, APPROVED)
    assert not roles.may(role, "sagemaker:UpdateModelPackage", PACKAGE), "a status that the key does not tell"
    assert not roles.may(role, "sagemaker:CreateModelPackage", PACKAGE, APPROVED), "born approved"
    assert not roles.may(role, "sagemaker:CreateProject", f"{HERE}project/churn")
    assert not roles.may(role, "sagemaker:PutModelPackageGroupPolicy", f"{HERE}model-package-group/churn")
    for other in ("lead", "deploy"):
        assert roles.may(other, "sagemaker:UpdateModelPackage", PACKAGE, APPROVED)


@pytest.mark.parametrize("role", ["data-scientist", "lead", "pipeline", "execution", "deploy"])
def test_nobody_hands_out_a_stronger_role(roles: Roles, role: str) -> None:
    for other in ("lead", "catalog-launch", "deploy", "studio", "project-churn"):
        for service in ("sagemaker", "lambda", "events"):
            context = {"iam:PassedToService": [f"{service}.amazonaws.com"]}
            assert not roles.may(role, "iam:PassRole", f"{ROLE}{NAME}-{other}", context)
        assert not roles.may(role, "sts:AssumeRole", f"{ROLE}{NAME}-{other}")
    for service in ("lambda", "ec2", "states"):
        context = {"iam:PassedToService": [f"{service}.amazonaws.com"]}
        assert not roles.may(role, "iam:PassRole", f"{ROLE}{NAME}-execution", context)


@pytest.mark.parametrize(
    "role", ["data-scientist", "lead", "pipeline", "execution", "studio", "deploy", "catalog-launch"]
)
def test_nobody_changes_functions_roles_or_profiles(roles: Roles, role: str) -> None:
    function = f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:create-project"
    for action, resource in (
        ("lambda:UpdateFunctionCode", function),
        ("lambda:UpdateFunctionConfiguration", function),
        ("lambda:CreateFunction", function),
        ("iam:UpdateAssumeRolePolicy", f"{ROLE}{NAME}-lead"),
        ("iam:AttachRolePolicy", f"{ROLE}{NAME}-data-scientist"),
        ("iam:PutRolePolicy", f"{ROLE}{NAME}-data-scientist"),
        ("iam:DeleteRolePermissionsBoundary", f"{ROLE}{NAME}-data-scientist"),
        ("sagemaker:UpdateUserProfile", f"{HERE}user-profile/d-1/ds-one"),
        ("sagemaker:CreatePresignedDomainUrl", f"{HERE}user-profile/d-1/lead-ds-two"),
        ("servicecatalog:AssociatePrincipalWithPortfolio", "*"),
        ("secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:forge-token"),
        ("s3:PutBucketPolicy", "arn:aws:s3:::example-artifacts"),
        ("s3:GetObject", f"arn:aws:s3:::{NAME}-tfstate-{ACCOUNT}/terraform.tfstate"),
    ):
        assert not roles.may(role, action, resource, BOUND), action


def test_a_space_is_its_owners(roles: Roles) -> None:
    app = f"{HERE}app/d-1/space/JupyterLab/default"
    own = {"sagemaker:DomainId": ["d-1"], "sagemaker:UserProfileName": ["ds-one"]}
    mine = {"sagemaker:OwnerUserProfileArn": [f"{HERE}user-profile/d-1/ds-one"]}
    leads = {"sagemaker:OwnerUserProfileArn": [f"{HERE}user-profile/d-1/lead-ds-two"]}
    private = {"sagemaker:SpaceSharingType": ["Private"]}
    assert roles.may("data-scientist", "sagemaker:CreateApp", app, {**own, **mine, **private})
    assert not roles.may("data-scientist", "sagemaker:CreateApp", app, {**own, **leads, **private})
    assert not roles.may("data-scientist", "sagemaker:CreateApp", app, {**own, **mine})


def test_the_catalog_makes_bound_roles_of_projects(roles: Roles) -> None:
    project, policy = f"{ROLE}{NAME}-project-churn", f"arn:aws:iam::{ACCOUNT}:policy/"
    assert roles.may("catalog-launch", "iam:CreateRole", project, BOUND)
    assert not roles.may("catalog-launch", "iam:CreateRole", project), "unbound"
    assert not roles.may("catalog-launch", "iam:CreateRole", f"{ROLE}{NAME}-lead", BOUND)
    ours = {**BOUND, "iam:PolicyARN": [f"{policy}{NAME}-project-s3"]}
    admin = {**BOUND, "iam:PolicyARN": ["arn:aws:iam::aws:policy/AdministratorAccess"]}
    assert roles.may("catalog-launch", "iam:AttachRolePolicy", project, ours)
    assert not roles.may("catalog-launch", "iam:AttachRolePolicy", project, admin)
    assert roles.may("catalog-launch", "s3:CreateBucket", f"arn:aws:s3:::{NAME}-churn-{ACCOUNT}")
    assert not roles.may("catalog-launch", "s3:DeleteBucket", f"arn:aws:s3:::{NAME}-tfstate-{ACCOUNT}")


def test_ci_deploys_the_functions_that_pipelines_call_and_no_others(roles: Roles) -> None:
    function = f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:"
    to_lambda = {"iam:PassedToService": ["lambda.amazonaws.com"]}
    for action in ("CreateFunction", "UpdateFunctionCode"):
        assert roles.may("deploy", f"lambda:{action}", f"{function}example")
        assert not roles.may("deploy", f"lambda:{action}", f"{function}create-project")
    assert roles.may("deploy", "iam:PassRole", f"{ROLE}{NAME}-functions", to_lambda)
    assert not roles.may("deploy", "iam:PassRole", f"{ROLE}{NAME}-functions", TO_SAGEMAKER)
    for account in (ACCOUNT, "444444444444"):
        package = f"arn:aws:sagemaker:eu-west-1:{account}:model-package/churn/1"
        assert roles.may("functions", "sagemaker:DescribeModelPackage", package)
        assert not roles.may("functions", "sagemaker:UpdateModelPackage", package)


def test_policies_have_the_size_that_iam_takes(roles: Roles) -> None:
    sizes: dict[str, int] = {}
    for policy in roles.iam.list_policies(Scope="Local")["Policies"]:
        version = roles.iam.get_policy_version(PolicyArn=policy["Arn"], VersionId=policy["DefaultVersionId"])
        sizes[policy["PolicyName"]] = len(
            json.dumps(version["PolicyVersion"]["Document"], separators=(",", ":"))
        )
    own: dict[str, int] = {}
    for role in ALL_BUT_STUDIO:
        document = roles.iam.get_role_policy(RoleName=f"{NAME}-{role}", PolicyName="own")["PolicyDocument"]
        own[role] = len(json.dumps(document, separators=(",", ":")))
    assert {name: size for name, size in sizes.items() if size > 6144} == {}
    assert {name: size for name, size in own.items() if size > 10240} == {}


def test_services_of_other_accounts_are_not_let_in(roles: Roles) -> None:
    for role in ("studio", *(role for role in ALL_BUT_STUDIO if role != "deploy")):
        made = roles.iam.get_role(RoleName=f"{NAME}-{role}")["Role"]
        assert made["PermissionsBoundary"]["PermissionsBoundaryArn"].endswith(f":policy/{NAME}-boundary")
        for statement in made["AssumeRolePolicyDocument"]["Statement"]:
            assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
    deploy = roles.iam.get_role(RoleName=f"{NAME}-deploy")["Role"]["AssumeRolePolicyDocument"]["Statement"]
    assert [sorted(next(iter(each["Condition"].values()))) for each in deploy] == [
        ["token.actions.githubusercontent.com:aud", "token.actions.githubusercontent.com:sub"]
    ]
