"""Buckets and their settings, by boto3."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.s3.refusal import code_of

Client = Callable[..., Any]


def test_a_bucket_is_created_listed_and_deleted(s3: Any, bucket: str) -> None:
    assert bucket in [each["Name"] for each in s3.list_buckets()["Buckets"]]
    s3.head_bucket(Bucket=bucket)
    s3.delete_bucket(Bucket=bucket)
    assert code_of(s3.head_bucket, Bucket=bucket) == "404"


def test_names_are_unique_among_accounts(client: Client, s3: Any, bucket: str) -> None:
    here = {"LocationConstraint": "eu-west-1"}
    other = client("s3", account="222222222222")
    assert (
        code_of(other.create_bucket, Bucket=bucket, CreateBucketConfiguration=here) == "BucketAlreadyExists"
    )
    own = client("s3")
    assert (
        code_of(own.create_bucket, Bucket=bucket, CreateBucketConfiguration=here) == "BucketAlreadyOwnedByYou"
    )
    s3.create_bucket(Bucket=bucket)  # us-east-1 lets the owner repeat


def test_a_bucket_lives_where_its_request_went(client: Client, s3: Any) -> None:
    irish = client("s3")
    assert code_of(irish.create_bucket, Bucket="no-location") == "IllegalLocationConstraintException"
    wrong = {"LocationConstraint": "eu-central-1"}
    code = code_of(irish.create_bucket, Bucket="no-location", CreateBucketConfiguration=wrong)
    assert code == "IllegalLocationConstraintException"
    nowhere = {"LocationConstraint": "atlantis-1"}
    code = code_of(irish.create_bucket, Bucket="no-location", CreateBucketConfiguration=nowhere)
    assert code == "InvalidLocationConstraint"
    irish.create_bucket(Bucket="irish-bucket", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    assert irish.get_bucket_location(Bucket="irish-bucket")["LocationConstraint"] == "eu-west-1"


@pytest.mark.parametrize("name", ["UPPER", "ab", "a..b", "192.168.5.4", "-abc", "under_score"])
def test_a_wrong_name_is_refused(s3: Any, name: str) -> None:
    s3.meta.events.unregister("before-parameter-build.s3")
    assert code_of(s3.create_bucket, Bucket=name) == "InvalidBucketName"


def test_a_bucket_with_objects_stays(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"")
    assert code_of(s3.delete_bucket, Bucket=bucket) == "BucketNotEmpty"


def test_a_missing_bucket_is_told(s3: Any) -> None:
    for call in (s3.list_objects_v2, s3.get_bucket_versioning, s3.delete_bucket):
        assert code_of(call, Bucket="none-such") == "NoSuchBucket"


DOCUMENTS: list[tuple[str, str, dict[str, Any], str]] = [
    (
        "bucket_cors",
        "CORSConfiguration",
        {"CORSRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]},
        "",
    ),
    (
        "bucket_encryption",
        "ServerSideEncryptionConfiguration",
        {
            "Rules": [
                {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "k"}}
            ]
        },
        "ServerSideEncryptionConfiguration",
    ),
    (
        "bucket_lifecycle_configuration",
        "LifecycleConfiguration",
        {
            "Rules": [
                {"ID": "old", "Status": "Enabled", "Filter": {"Prefix": "tmp/"}, "Expiration": {"Days": 3}}
            ]
        },
        "",
    ),
    ("bucket_website", "WebsiteConfiguration", {"IndexDocument": {"Suffix": "index.html"}}, ""),
    (
        "bucket_logging",
        "BucketLoggingStatus",
        {"LoggingEnabled": {"TargetBucket": "b", "TargetPrefix": "p/"}},
        "",
    ),
    ("bucket_accelerate_configuration", "AccelerateConfiguration", {"Status": "Enabled"}, ""),
    ("bucket_request_payment", "RequestPaymentConfiguration", {"Payer": "Requester"}, ""),
    ("bucket_tagging", "Tagging", {"TagSet": [{"Key": "team", "Value": "ml"}]}, ""),
    (
        "bucket_ownership_controls",
        "OwnershipControls",
        {"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]},
        "OwnershipControls",
    ),
    (
        "public_access_block",
        "PublicAccessBlockConfiguration",
        {
            "BlockPublicAcls": True,
            "IgnorePublicAcls": False,
            "BlockPublicPolicy": True,
            "RestrictPublicBuckets": False,
        },
        "PublicAccessBlockConfiguration",
    ),
    (
        "bucket_notification_configuration",
        "NotificationConfiguration",
        {"EventBridgeConfiguration": {}},
        "",
    ),
]


@pytest.mark.parametrize(
    ("name", "member", "document", "wrapper"), DOCUMENTS, ids=[each[0] for each in DOCUMENTS]
)
def test_a_setting_is_told_as_it_was_sent(
    s3: Any, bucket: str, name: str, member: str, document: dict[str, Any], wrapper: str
) -> None:
    getattr(s3, f"put_{name}")(Bucket=bucket, **{member: document})
    answer = getattr(s3, f"get_{name}")(Bucket=bucket)
    found = answer[wrapper] if wrapper else {key: answer[key] for key in document}
    assert found == document


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("get_bucket_cors", "NoSuchCORSConfiguration"),
        ("get_bucket_lifecycle_configuration", "NoSuchLifecycleConfiguration"),
        ("get_bucket_policy", "NoSuchBucketPolicy"),
        ("get_bucket_replication", "ReplicationConfigurationNotFoundError"),
        ("get_bucket_tagging", "NoSuchTagSet"),
        ("get_bucket_website", "NoSuchWebsiteConfiguration"),
        ("get_object_lock_configuration", "ObjectLockConfigurationNotFoundError"),
        ("get_public_access_block", "NoSuchPublicAccessBlockConfiguration"),
    ],
)
def test_a_setting_that_was_never_made_has_its_own_error(s3: Any, bucket: str, name: str, code: str) -> None:
    assert code_of(getattr(s3, name), Bucket=bucket) == code


def test_a_new_bucket_has_the_modern_defaults(s3: Any, bucket: str) -> None:
    rules = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rules[0]["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    controls = s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]
    assert controls == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    assert "Status" not in s3.get_bucket_versioning(Bucket=bucket)
    assert s3.get_bucket_acl(Bucket=bucket)["Grants"][0]["Permission"] == "FULL_CONTROL"


def test_numbered_settings_are_listed_by_id(s3: Any, bucket: str) -> None:
    for name in ("b", "a"):
        s3.put_bucket_metrics_configuration(Bucket=bucket, Id=name, MetricsConfiguration={"Id": name})
    listed = s3.list_bucket_metrics_configurations(Bucket=bucket)["MetricsConfigurationList"]
    assert [each["Id"] for each in listed] == ["a", "b"]
    s3.delete_bucket_metrics_configuration(Bucket=bucket, Id="a")
    assert code_of(s3.get_bucket_metrics_configuration, Bucket=bucket, Id="a") == "NoSuchConfiguration"


def test_an_acl_for_others_is_refused(s3: Any, bucket: str) -> None:
    s3.put_bucket_acl(Bucket=bucket, ACL="private")
    assert code_of(s3.put_bucket_acl, Bucket=bucket, ACL="public-read") == "AccessControlListNotSupported"


def test_what_is_not_there_is_named(s3: Any, bucket: str) -> None:
    with pytest.raises(ClientError, match="s3 GetObjectTorrent"):
        s3.get_object_torrent(Bucket=bucket, Key="k")


def test_a_policy_decides_across_accounts(client: Client, s3: Any, bucket: str) -> None:
    other = client("s3", account="222222222222", region="us-east-1")
    s3.put_object(Bucket=bucket, Key="open/a", Body=b"1")
    s3.put_object(Bucket=bucket, Key="shut/a", Body=b"2")
    assert code_of(other.get_object, Bucket=bucket, Key="open/a") == "AccessDenied"
    statements = [
        {
            "Effect": "Allow",
            "Principal": {"AWS": "222222222222"},
            "Action": "s3:GetObject",
            "Resource": f"arn:aws:s3:::{bucket}/open/*",
        },
        {
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::222222222222:root"},
            "Action": "s3:ListBucket",
            "Resource": f"arn:aws:s3:::{bucket}",
            "Condition": {"StringLike": {"s3:prefix": "open/*"}},
        },
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": f"arn:aws:s3:::{bucket}/shut/*",
        },
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
    ]
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": statements}))
    assert other.get_object(Bucket=bucket, Key="open/a")["Body"].read() == b"1"
    assert code_of(other.put_object, Bucket=bucket, Key="open/b", Body=b"") == "AccessDenied"
    assert code_of(other.list_objects_v2, Bucket=bucket) == "AccessDenied"
    assert other.list_objects_v2(Bucket=bucket, Prefix="open/")["KeyCount"] == 1
    assert code_of(s3.get_object, Bucket=bucket, Key="shut/a") == "AccessDenied"
    s3.delete_bucket_policy(Bucket=bucket)
    assert code_of(other.get_object, Bucket=bucket, Key="open/a") == "AccessDenied"


@pytest.mark.parametrize("policy", ["{", "{}", '{"Version":"2012-10-17","Statement":[{"Effect":"Maybe"}]}'])
def test_what_is_no_policy_is_refused(s3: Any, bucket: str, policy: str) -> None:
    assert code_of(s3.put_bucket_policy, Bucket=bucket, Policy=policy) == "MalformedPolicy"


def test_the_expected_owner_is_compared(s3: Any, bucket: str) -> None:
    s3.get_bucket_versioning(Bucket=bucket, ExpectedBucketOwner="111111111111")
    assert (
        code_of(s3.get_bucket_versioning, Bucket=bucket, ExpectedBucketOwner="222222222222") == "AccessDenied"
    )
