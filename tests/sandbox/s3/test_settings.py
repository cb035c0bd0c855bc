"""Every setting of a bucket: sent, told as it was sent, taken away."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.s3.refusal import code_of

RULE = {"ID": "old", "Status": "Enabled", "Filter": {"Prefix": "tmp/"}, "Expiration": {"Days": 3}}
DESTINATION = {"Bucket": "arn:aws:s3:::elsewhere"}
REPLICATION = {
    "ID": "r",
    "Status": "Enabled",
    "Priority": 1,
    "Filter": {"Prefix": "a/"},
    "Destination": DESTINATION,
}
BLOCK = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}
KEYED = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "k"}

# put, get, delete, the member that is sent, what is sent, and what a get answers afterwards
REMOVABLE: list[tuple[str, str, str, str, dict[str, Any], str]] = [
    (
        "put_bucket_cors",
        "get_bucket_cors",
        "delete_bucket_cors",
        "CORSConfiguration",
        {"CORSRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]},
        "NoSuchCORSConfiguration",
    ),
    (
        "put_bucket_lifecycle_configuration",
        "get_bucket_lifecycle_configuration",
        "delete_bucket_lifecycle",
        "LifecycleConfiguration",
        {"Rules": [RULE]},
        "NoSuchLifecycleConfiguration",
    ),
    (
        "put_bucket_replication",
        "get_bucket_replication",
        "delete_bucket_replication",
        "ReplicationConfiguration",
        {"Role": "arn:aws:iam::111111111111:role/Copy", "Rules": [REPLICATION]},
        "ReplicationConfigurationNotFoundError",
    ),
    (
        "put_bucket_tagging",
        "get_bucket_tagging",
        "delete_bucket_tagging",
        "Tagging",
        {"TagSet": [{"Key": "team", "Value": "ml"}]},
        "NoSuchTagSet",
    ),
    (
        "put_bucket_website",
        "get_bucket_website",
        "delete_bucket_website",
        "WebsiteConfiguration",
        {"IndexDocument": {"Suffix": "index.html"}},
        "NoSuchWebsiteConfiguration",
    ),
    (
        "put_public_access_block",
        "get_public_access_block",
        "delete_public_access_block",
        "PublicAccessBlockConfiguration",
        BLOCK,
        "NoSuchPublicAccessBlockConfiguration",
    ),
    (
        "put_bucket_ownership_controls",
        "get_bucket_ownership_controls",
        "delete_bucket_ownership_controls",
        "OwnershipControls",
        {"Rules": [{"ObjectOwnership": "ObjectWriter"}]},
        "OwnershipControlsNotFoundError",
    ),
]


@pytest.mark.parametrize(
    ("put", "get", "delete", "member", "document", "code"), REMOVABLE, ids=[each[0] for each in REMOVABLE]
)
def test_a_setting_is_taken_away(
    s3: Any, versioned: str, put: str, get: str, delete: str, member: str, document: dict[str, Any], code: str
) -> None:
    getattr(s3, put)(Bucket=versioned, **{member: document})
    answer = getattr(s3, get)(Bucket=versioned)
    told = answer.get(member) or {key: answer[key] for key in document if key in answer}
    assert (told.get("ReplicationConfiguration") or told) == document
    getattr(s3, delete)(Bucket=versioned)
    assert code_of(getattr(s3, get), Bucket=versioned) == code


def test_encryption_falls_back_to_the_default(s3: Any, bucket: str) -> None:
    rules = {"Rules": [{"ApplyServerSideEncryptionByDefault": KEYED}]}
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration=rules)
    s3.delete_bucket_encryption(Bucket=bucket)
    found = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert found["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}


def test_settings_that_are_switched_are_told_as_switched(s3: Any, bucket: str) -> None:
    s3.put_bucket_accelerate_configuration(Bucket=bucket, AccelerateConfiguration={"Status": "Enabled"})
    assert s3.get_bucket_accelerate_configuration(Bucket=bucket)["Status"] == "Enabled"
    s3.put_bucket_request_payment(Bucket=bucket, RequestPaymentConfiguration={"Payer": "Requester"})
    assert s3.get_bucket_request_payment(Bucket=bucket)["Payer"] == "Requester"
    logging = {"LoggingEnabled": {"TargetBucket": bucket, "TargetPrefix": "log/"}}
    s3.put_bucket_logging(Bucket=bucket, BucketLoggingStatus=logging)
    assert s3.get_bucket_logging(Bucket=bucket)["LoggingEnabled"] == logging["LoggingEnabled"]
    s3.put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration={"EventBridgeConfiguration": {}}
    )
    assert s3.get_bucket_notification_configuration(Bucket=bucket)["EventBridgeConfiguration"] == {}


def test_inventories_are_kept_by_id(s3: Any, bucket: str) -> None:
    document = {
        "Id": "daily",
        "IsEnabled": True,
        "IncludedObjectVersions": "Current",
        "Schedule": {"Frequency": "Daily"},
        "Destination": {"S3BucketDestination": {"Bucket": f"arn:aws:s3:::{bucket}", "Format": "CSV"}},
    }
    s3.put_bucket_inventory_configuration(Bucket=bucket, Id="daily", InventoryConfiguration=document)
    found = s3.get_bucket_inventory_configuration(Bucket=bucket, Id="daily")["InventoryConfiguration"]
    assert found == document
    listed = s3.list_bucket_inventory_configurations(Bucket=bucket)["InventoryConfigurationList"]
    assert listed == [document]
    s3.delete_bucket_inventory_configuration(Bucket=bucket, Id="daily")
    assert code_of(s3.get_bucket_inventory_configuration, Bucket=bucket, Id="daily") == "NoSuchConfiguration"


def test_analytics_are_kept_by_id(s3: Any, bucket: str) -> None:
    document = {"Id": "a", "StorageClassAnalysis": {}}
    s3.put_bucket_analytics_configuration(Bucket=bucket, Id="a", AnalyticsConfiguration=document)
    assert s3.get_bucket_analytics_configuration(Bucket=bucket, Id="a")["AnalyticsConfiguration"]["Id"] == "a"
    listed = s3.list_bucket_analytics_configurations(Bucket=bucket)["AnalyticsConfigurationList"]
    assert [each["Id"] for each in listed] == ["a"]
    s3.delete_bucket_analytics_configuration(Bucket=bucket, Id="a")
    assert code_of(s3.get_bucket_analytics_configuration, Bucket=bucket, Id="a") == "NoSuchConfiguration"


def test_tiering_is_kept_by_id(s3: Any, bucket: str) -> None:
    document = {"Id": "t", "Status": "Enabled", "Tierings": [{"Days": 90, "AccessTier": "ARCHIVE_ACCESS"}]}
    call = {"Bucket": bucket, "Id": "t"}
    s3.put_bucket_intelligent_tiering_configuration(**call, IntelligentTieringConfiguration=document)
    found = s3.get_bucket_intelligent_tiering_configuration(**call)["IntelligentTieringConfiguration"]
    assert found == document
    listed = s3.list_bucket_intelligent_tiering_configurations(Bucket=bucket)
    assert listed["IntelligentTieringConfigurationList"] == [document]
    s3.delete_bucket_intelligent_tiering_configuration(**call)
    assert code_of(s3.get_bucket_intelligent_tiering_configuration, **call) == "NoSuchConfiguration"


def test_a_policy_for_everybody_is_told_as_public(s3: Any, bucket: str) -> None:
    assert code_of(s3.get_bucket_policy_status, Bucket=bucket) == "NoSuchBucketPolicy"
    policy = (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", '
        f'"Action": "s3:GetObject", "Resource": "arn:aws:s3:::{bucket}/*"}}]}}'
    )
    s3.put_bucket_policy(Bucket=bucket, Policy=policy)
    assert s3.get_bucket_policy_status(Bucket=bucket)["PolicyStatus"]["IsPublic"] is True


def test_an_object_s_acl_is_its_owner_s(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    s3.put_object_acl(Bucket=bucket, Key="k", ACL="private")
    assert [each["Permission"] for each in s3.get_object_acl(Bucket=bucket, Key="k")["Grants"]] == [
        "FULL_CONTROL"
    ]
    refused = code_of(s3.put_object_acl, Bucket=bucket, Key="k", ACL="public-read")
    assert refused == "AccessControlListNotSupported"


def test_an_object_on_legal_hold_is_kept(s3: Any) -> None:
    name = "held-by-the-law"
    s3.create_bucket(Bucket=name, ObjectLockEnabledForBucket=True)
    rule = {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}}
    locking = {"ObjectLockEnabled": "Enabled", "Rule": rule}
    s3.put_object_lock_configuration(Bucket=name, ObjectLockConfiguration=locking)
    assert s3.get_object_lock_configuration(Bucket=name)["ObjectLockConfiguration"] == locking
    version = s3.put_object(Bucket=name, Key="k", Body=b"x")["VersionId"]
    s3.put_object_legal_hold(Bucket=name, Key="k", LegalHold={"Status": "ON"})
    assert s3.get_object_legal_hold(Bucket=name, Key="k")["LegalHold"] == {"Status": "ON"}
    assert code_of(s3.delete_object, Bucket=name, Key="k", VersionId=version) == "AccessDenied"
    s3.put_object_legal_hold(Bucket=name, Key="k", LegalHold={"Status": "OFF"})
    s3.delete_object(Bucket=name, Key="k", VersionId=version, BypassGovernanceRetention=True)
