"""Stacks really make what they say, put back what fails, and refuse what they cannot make."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.conftest import Client

KEY_AND_BUCKET = """
Parameters:
  Name: {Type: String, AllowedPattern: "[a-z-]+", ConstraintDescription: small letters}
  Versioned: {Type: String, Default: "true", AllowedValues: ["true", "false"]}
  Days: {Type: Number, Default: 30}
Conditions:
  Keeps: !Equals [!Ref Versioned, "true"]
Resources:
  Policy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Bucket
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - {Sid: Tls, Effect: Deny, Principal: "*", Action: "s3:*", Resource: !Sub "${Bucket.Arn}/*",
             Condition: {Bool: {"aws:SecureTransport": "false"}}}
  Bucket:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: !Sub "${Name}-${AWS::AccountId}"
      VersioningConfiguration: !If [Keeps, {Status: Enabled}, !Ref "AWS::NoValue"]
      PublicAccessBlockConfiguration:
        {BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true}
      OwnershipControls: {Rules: [{ObjectOwnership: BucketOwnerEnforced}]}
      BucketEncryption:
        ServerSideEncryptionConfiguration:
          - {BucketKeyEnabled: true,
             ServerSideEncryptionByDefault: {SSEAlgorithm: "aws:kms", KMSMasterKeyID: !GetAtt Key.Arn}}
      LifecycleConfiguration:
        Rules: [{Id: old, Status: Enabled, NoncurrentVersionExpiration: {NoncurrentDays: !Ref Days}}]
      Tags: [{Key: own, Value: tag}]
  Key:
    Type: AWS::KMS::Key
    Properties: {Description: !Join ["-", [key, !Ref Name]], EnableKeyRotation: true, PendingWindowInDays: 7}
  Alias:
    Type: AWS::KMS::Alias
    Properties: {AliasName: !Sub "alias/${Name}", TargetKeyId: !Ref Key}
Outputs:
  Bucket: {Value: !Ref Bucket, Description: the bucket}
  Domain: {Value: !GetAtt Bucket.RegionalDomainName}
  Never: {Condition: Never, Value: x}
""".replace("Conditions:\n", 'Conditions:\n  Never: !Not [!Or [!Condition Keeps, !Equals ["a", "a"]]]\n')


def parameters(**values: str) -> list[dict[str, str]]:
    return [{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()]


def refused(call: Any, **params: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(**params)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def create(stacks: Any, name: str, template: str, **values: str) -> dict[str, Any]:
    stacks.create_stack(
        StackName=name,
        TemplateBody=template,
        Parameters=parameters(**values),
        Capabilities=["CAPABILITY_NAMED_IAM"],
        Tags=[{"Key": "team", "Value": "a"}],
    )
    found: dict[str, Any] = stacks.describe_stacks(StackName=name)["Stacks"][0]
    return found


def test_a_stack_makes_its_resources_as_they_are_described(client: Client) -> None:
    stacks, s3, kms = client("cloudformation"), client("s3"), client("kms")
    stack = create(stacks, "one", KEY_AND_BUCKET, Name="one")
    assert (stack["StackStatus"], stack["Tags"]) == ("CREATE_COMPLETE", [{"Key": "team", "Value": "a"}])
    bucket = "one-111111111111"
    assert {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]} == {
        "Bucket": bucket,
        "Domain": f"{bucket}.s3.eu-west-1.amazonaws.com",
    }
    made = {
        each["LogicalResourceId"]: each
        for each in stacks.describe_stack_resources(StackName="one")["StackResources"]
    }
    assert set(made) == {"Policy", "Bucket", "Key", "Alias"}
    key = kms.describe_key(KeyId="alias/one")["KeyMetadata"]
    assert (key["KeyId"], key["Description"]) == (made["Key"]["PhysicalResourceId"], "key-one")
    assert kms.get_key_rotation_status(KeyId=key["KeyId"])["KeyRotationEnabled"] is True
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    rule = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert rule["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"] == key["Arn"]
    assert all(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values())
    lifecycle = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"][0]
    assert lifecycle["NoncurrentVersionExpiration"]["NoncurrentDays"] == 30
    tags = {tag["Key"]: tag["Value"] for tag in s3.get_bucket_tagging(Bucket=bucket)["TagSet"]}
    assert tags == {"team": "a", "own": "tag"}
    policy = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])
    assert policy["Statement"][0]["Resource"] == f"arn:aws:s3:::{bucket}/*"
    one = stacks.describe_stack_resource(StackName="one", LogicalResourceId="Bucket")["StackResourceDetail"]
    assert one["PhysicalResourceId"] == bucket
    assert len(stacks.list_stack_resources(StackName="one")["StackResourceSummaries"]) == 4
    assert stacks.get_template(StackName="one")["TemplateBody"] == KEY_AND_BUCKET


def test_an_update_changes_in_place_or_makes_anew_and_lets_go(client: Client) -> None:
    stacks, s3 = client("cloudformation"), client("s3")
    create(stacks, "two", KEY_AND_BUCKET, Name="two")
    again = {"StackName": "two", "UsePreviousTemplate": True}
    same = [{"ParameterKey": "Name", "UsePreviousValue": True}]
    assert refused(stacks.update_stack, **again, Parameters=same) == (
        "ValidationError",
        "No updates are to be performed.",
    )
    stacks.update_stack(**again, Parameters=[*same, *parameters(Versioned="false")])
    assert s3.get_bucket_versioning(Bucket="two-111111111111")["Status"] == "Suspended"
    stacks.update_stack(**again, Parameters=parameters(Name="two-anew"))
    assert refused(s3.head_bucket, Bucket="two-111111111111")[0] == "404"
    assert s3.get_bucket_policy(Bucket="two-anew-111111111111")
    assert stacks.describe_stacks(StackName="two")["Stacks"][0]["StackStatus"] == "UPDATE_COMPLETE"


def test_deleting_a_stack_deletes_what_it_made_but_what_shall_stay(client: Client) -> None:
    stacks, s3, kms = client("cloudformation"), client("s3"), client("kms")
    template = KEY_AND_BUCKET.replace("  Alias:\n", "  Alias:\n    DeletionPolicy: Retain\n")
    arn = create(stacks, "three", template, Name="three")["StackId"]
    key = kms.describe_key(KeyId="alias/three")["KeyMetadata"]["KeyId"]
    stacks.delete_stack(StackName="three")
    assert refused(s3.head_bucket, Bucket="three-111111111111")[0] == "404"
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "PendingDeletion"
    assert [each["AliasName"] for each in kms.list_aliases(KeyId=key)["Aliases"]] == ["alias/three"]
    assert refused(stacks.describe_stacks, StackName="three") == (
        "ValidationError",
        "Stack with id three does not exist",
    )
    assert stacks.describe_stacks(StackName=arn)["Stacks"][0]["StackStatus"] == "DELETE_COMPLETE"
    deleted = stacks.list_stacks(StackStatusFilter=["DELETE_COMPLETE"])["StackSummaries"]
    assert arn in {each["StackId"] for each in deleted}
    stacks.delete_stack(StackName="three")  # is fine


def test_a_stack_that_cannot_be_deleted_says_what_is_left(client: Client) -> None:
    stacks, s3 = client("cloudformation"), client("s3")
    create(stacks, "four", KEY_AND_BUCKET, Name="four")
    s3.put_object(Bucket="four-111111111111", Key="a", Body=b"a")
    stacks.delete_stack(StackName="four")
    stack = stacks.describe_stacks(StackName="four")["Stacks"][0]
    assert stack["StackStatus"] == "DELETE_FAILED"
    assert "[Bucket" in stack["StackStatusReason"]
    versions = s3.list_object_versions(Bucket="four-111111111111")["Versions"]
    s3.delete_object(Bucket="four-111111111111", Key="a", VersionId=versions[0]["VersionId"])
    stacks.delete_stack(StackName="four")
    assert refused(stacks.describe_stacks, StackName="four")[0] == "ValidationError"


def test_a_creation_that_fails_takes_back_what_it_made(client: Client) -> None:
    stacks, s3, kms = client("cloudformation"), client("s3"), client("kms")
    client("s3", account="222222222222").create_bucket(
        Bucket="five-111111111111", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    stack = create(stacks, "five", KEY_AND_BUCKET, Name="five")
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    events = stacks.describe_stack_events(StackName="five")["StackEvents"]
    failed = [each for each in events if each["ResourceStatus"] == "CREATE_FAILED"]
    assert [each["LogicalResourceId"] for each in failed] == ["Bucket"]
    assert "BucketAlreadyExists" in failed[0]["ResourceStatusReason"]
    assert "alias/five" not in {each["AliasName"] for each in kms.list_aliases()["Aliases"]}
    assert events[0]["ResourceStatus"] == "ROLLBACK_COMPLETE"
    assert (
        "can not be updated"
        in refused(
            stacks.update_stack, StackName="five", UsePreviousTemplate=True, Parameters=parameters(Name="x")
        )[1]
    )
    assert s3.list_buckets()


def test_an_update_that_fails_puts_back_what_was(client: Client) -> None:
    stacks, s3 = client("cloudformation"), client("s3")
    create(stacks, "six", KEY_AND_BUCKET, Name="six")
    broken = KEY_AND_BUCKET.replace("NoncurrentDays: !Ref Days", "NoncurrentDays: 9").replace(
        'Resource: !Sub "${Bucket.Arn}/*"', 'Resource: "arn:aws:s3:::another/*"'
    )
    stacks.update_stack(StackName="six", TemplateBody=broken, Parameters=parameters(Name="six"))
    stack = stacks.describe_stacks(StackName="six")["Stacks"][0]
    assert stack["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    lifecycle = s3.get_bucket_lifecycle_configuration(Bucket="six-111111111111")["Rules"][0]
    assert lifecycle["NoncurrentVersionExpiration"]["NoncurrentDays"] == 30


@pytest.mark.parametrize(
    ("template", "code", "told"),
    [
        ("Resources: {A: {Type: AWS::SQS::Queue}}", "ValidationError", "does not make AWS::SQS::Queue (A)"),
        (
            "Resources: {A: {Type: AWS::S3::Bucket, Properties: {WebsiteConfiguration: {}}}}",
            "ValidationError",
            "does not take the property WebsiteConfiguration of AWS::S3::Bucket (A)",
        ),
        ("Resources: {}", "ValidationError", "At least one Resources member"),
        ("Resources: {A: {}}", "ValidationError", "must contain a Type"),
        ("a: [", "ValidationError", "YAML not well-formed"),
        ("Resources: {A: &a {Type: AWS::S3::Bucket}, B: *a}", "ValidationError", "aliases are not allowed"),
        ("Rezources: {}", "ValidationError", "Invalid template property or properties [Rezources]"),
        (
            "Mappings: {a: {b: {c: d}}}\nResources: {A: {Type: AWS::S3::Bucket}}",
            "ValidationError",
            "evaluate Mappings",
        ),
        (
            "Resources: {A: {Type: AWS::S3::Bucket, DependsOn: B}, B: {Type: AWS::S3::Bucket, DependsOn: A}}",
            "ValidationError",
            "Circular dependency between resources: [A, B]",
        ),
        (
            "Resources: {A: {Type: AWS::S3::Bucket, Properties: {BucketName: !Ref B}}}",
            "ValidationError",
            "Unresolved resource dependencies [B]",
        ),
        (
            "Resources: {A: {Type: AWS::S3::Bucket, Properties: {BucketName: !ImportValue b}}}",
            "ValidationError",
            "does not evaluate Fn::ImportValue",
        ),
        (
            "Parameters: {P: {Type: String}}\nResources: {A: {Type: AWS::S3::Bucket}}",
            "ValidationError",
            "Parameters: [P] must have values",
        ),
    ],
    ids=range(12),
)
def test_what_cannot_be_made_is_refused_before_anything_is(
    client: Client, template: str, code: str, told: str
) -> None:
    stacks = client("cloudformation")
    found = refused(stacks.create_stack, StackName="never", TemplateBody=template)
    assert found[0] == code
    assert told in found[1]
    assert refused(stacks.describe_stacks, StackName="never")[0] == "ValidationError"


def test_parameters_are_checked(client: Client) -> None:
    stacks = client("cloudformation")
    for values, told in [
        ({"Name": "No1"}, "Parameter Name failed to satisfy constraint: small letters"),
        ({"Name": "a", "Other": "b"}, "Parameters: [Other] do not exist in the template"),
        ({"Name": "a", "Versioned": "maybe"}, "Parameter 'Versioned' does not satisfy its constraint"),
    ]:
        given = parameters(**values)
        assert refused(stacks.create_stack, StackName="p", TemplateBody=KEY_AND_BUCKET, Parameters=given) == (
            "ValidationError",
            told,
        )


ROLE = """
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: a-role
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: [{Effect: Allow, Action: "sts:AssumeRole", Principal: {Service: lambda.amazonaws.com}}]
      PermissionsBoundary: !Ref Policy
      ManagedPolicyArns: [!Ref Policy]
      Policies: [{PolicyName: first, PolicyDocument: {Version: "2012-10-17", Statement: *S}}]
  Policy:
    Type: AWS::IAM::ManagedPolicy
    Properties: {ManagedPolicyName: a-policy, PolicyDocument: {Version: "2012-10-17", Statement: *S}}
  Provider:
    Type: AWS::IAM::OIDCProvider
    Properties: {Url: "https://gitlab.com", ClientIdList: [a]}
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: a-table
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: LockID, AttributeType: S}]
      KeySchema: [{AttributeName: LockID, KeyType: HASH}]
      PointInTimeRecoverySpecification: {PointInTimeRecoveryEnabled: true}
Outputs:
  Role: {Value: !GetAtt Role.Arn}
""".replace("*S", '[{Effect: Allow, Action: "s3:ListBucket", Resource: "*"}]')


def test_roles_policies_providers_and_tables(client: Client) -> None:
    account = "333333333333"
    stacks, iam, dynamodb = (
        client(service, account=account) for service in ("cloudformation", "iam", "dynamodb")
    )
    assert refused(stacks.create_stack, StackName="iam", TemplateBody=ROLE) == (
        "InsufficientCapabilitiesException",
        "Requires capabilities : [CAPABILITY_NAMED_IAM]",
    )
    assert create(stacks, "iam", ROLE)["StackStatus"] == "CREATE_COMPLETE"
    policy = f"arn:aws:iam::{account}:policy/a-policy"
    role = iam.get_role(RoleName="a-role")["Role"]
    assert role["PermissionsBoundary"]["PermissionsBoundaryArn"] == policy
    assert role["Tags"] == [{"Key": "team", "Value": "a"}]
    provider = f"arn:aws:iam::{account}:oidc-provider/gitlab.com"
    assert iam.get_open_id_connect_provider(OpenIDConnectProviderArn=provider)["ClientIDList"] == ["a"]
    backups = dynamodb.describe_continuous_backups(TableName="a-table")["ContinuousBackupsDescription"]
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"

    changed = (
        ROLE.replace("PolicyName: first", "PolicyName: second")
        .replace("ClientIdList: [a]", "ClientIdList: [a], ThumbprintList: [" + "a" * 40 + "]")
        .replace("      PermissionsBoundary: !Ref Policy\n      ManagedPolicyArns: [!Ref Policy]\n", "")
        .replace("a-policy, PolicyDocument: {Version", "a-policy, PolicyDocument: {Id: new, Version")
        .replace("PointInTimeRecoveryEnabled: true", "PointInTimeRecoveryEnabled: false")
    )
    stacks.update_stack(StackName="iam", TemplateBody=changed, Capabilities=["CAPABILITY_NAMED_IAM"])
    assert stacks.describe_stacks(StackName="iam")["Stacks"][0]["StackStatus"] == "UPDATE_COMPLETE"
    assert iam.list_role_policies(RoleName="a-role")["PolicyNames"] == ["second"]
    assert iam.list_attached_role_policies(RoleName="a-role")["AttachedPolicies"] == []
    assert "PermissionsBoundary" not in iam.get_role(RoleName="a-role")["Role"]
    assert iam.get_policy(PolicyArn=policy)["Policy"]["DefaultVersionId"] == "v2"
    assert iam.get_open_id_connect_provider(OpenIDConnectProviderArn=provider)["ThumbprintList"] == ["a" * 40]

    stacks.delete_stack(StackName="iam")
    assert refused(stacks.describe_stacks, StackName="iam")[0] == "ValidationError"
    assert iam.list_open_id_connect_providers()["OpenIDConnectProviderList"] == []
    assert "a-table" not in dynamodb.list_tables()["TableNames"]
    assert refused(iam.get_role, RoleName="a-role")[0] == "NoSuchEntity"


def test_a_template_is_validated_and_summed_up(client: Client) -> None:
    stacks, s3 = client("cloudformation"), client("s3")
    found = stacks.validate_template(TemplateBody=ROLE)
    assert found["Capabilities"] == ["CAPABILITY_NAMED_IAM"]
    s3.create_bucket(Bucket="templates", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket="templates", Key="a/t.yaml", Body=KEY_AND_BUCKET.encode())
    for address in (
        "https://templates.s3.eu-west-1.amazonaws.com/a/t.yaml",
        "https://s3.amazonaws.com/templates/a/t.yaml",
    ):
        summary = stacks.get_template_summary(TemplateURL=address)
        assert [each["ParameterKey"] for each in summary["Parameters"]] == ["Name", "Versioned", "Days"]
        assert "AWS::KMS::Alias" in summary["ResourceTypes"]
    assert (
        "S3 error" in refused(stacks.validate_template, TemplateURL="https://s3.amazonaws.com/templates/b")[1]
    )


def test_a_change_set_is_worked_out_kept_and_carried_out_once(client: Client) -> None:
    stacks = client("cloudformation", account="444444444444")
    common = {"StackName": "set", "TemplateBody": KEY_AND_BUCKET}
    first = stacks.create_change_set(
        **common, ChangeSetName="a", ChangeSetType="CREATE", Parameters=parameters(Name="set")
    )
    told = stacks.describe_change_set(StackName="set", ChangeSetName="a")
    assert (told["Status"], told["ExecutionStatus"]) == ("CREATE_COMPLETE", "AVAILABLE")
    assert {change["ResourceChange"]["Action"] for change in told["Changes"]} == {"Add"}
    assert stacks.describe_stacks(StackName="set")["Stacks"][0]["StackStatus"] == "REVIEW_IN_PROGRESS"
    assert client("s3", account="444444444444").list_buckets()["Buckets"] == []
    stacks.execute_change_set(ChangeSetName=first["Id"])
    assert stacks.describe_stacks(StackName="set")["Stacks"][0]["StackStatus"] == "CREATE_COMPLETE"
    assert refused(stacks.describe_change_set, StackName="set", ChangeSetName="a")[0] == "ChangeSetNotFound"

    nothing = {**common, "Parameters": parameters(Name="set")}
    stacks.create_change_set(**nothing, ChangeSetName="b")
    told = stacks.describe_change_set(StackName="set", ChangeSetName="b")
    assert told["Status"] == "FAILED"
    assert "didn't contain changes" in told["StatusReason"]
    assert (
        refused(stacks.execute_change_set, StackName="set", ChangeSetName="b")[0] == "InvalidChangeSetStatus"
    )

    for name, days in (("c", "31"), ("d", "32")):
        stacks.create_change_set(**common, ChangeSetName=name, Parameters=parameters(Name="set", Days=days))
    assert len(stacks.list_change_sets(StackName="set")["Summaries"]) == 3
    change = stacks.describe_change_set(StackName="set", ChangeSetName="c")["Changes"][0]["ResourceChange"]
    assert (change["Action"], change["LogicalResourceId"], change["Replacement"]) == (
        "Modify",
        "Bucket",
        "False",
    )
    stacks.delete_change_set(StackName="set", ChangeSetName="d")
    stacks.update_stack(**common, Parameters=parameters(Name="set", Days="33"))
    assert (
        refused(stacks.execute_change_set, StackName="set", ChangeSetName="c")[0] == "InvalidChangeSetStatus"
    )
    assert refused(stacks.create_change_set, **common, ChangeSetName="e", ChangeSetType="CREATE",
                   Parameters=parameters(Name="set"))[0] == "AlreadyExistsException"  # fmt: skip
    assert refused(stacks.create_change_set, **{**common, "StackName": "no"}, ChangeSetName="e",
                   Parameters=parameters(Name="set"))[0] == "ValidationError"  # fmt: skip


def test_stacks_of_one_name_are_one_in_a_region_and_apart_elsewhere(client: Client) -> None:
    stacks = client("cloudformation")
    create(stacks, "seven", KEY_AND_BUCKET, Name="seven")
    assert refused(
        stacks.create_stack, StackName="seven", TemplateBody=KEY_AND_BUCKET, Parameters=parameters(Name="x")
    ) == ("AlreadyExistsException", "Stack [seven] already exists")
    elsewhere = client("cloudformation", region="us-east-1")
    assert create(elsewhere, "seven", KEY_AND_BUCKET, Name="seven-us")["StackStatus"] == "CREATE_COMPLETE"
    place = client("s3").get_bucket_location(Bucket="seven-us-111111111111")["LocationConstraint"]
    assert place is None
