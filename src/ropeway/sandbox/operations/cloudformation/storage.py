"""AWS::S3::Bucket, AWS::S3::BucketPolicy and AWS::DynamoDB::Table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.domain.stacks.values import Made
from ropeway.sandbox.operations.call import Call
from ropeway.sandbox.operations.cloudformation.inner import ask
from ropeway.sandbox.operations.cloudformation.kinds import Properties, Want, document, kind, tags_of

__all__: list[str] = []


def _create_bucket(call: Call, want: Want) -> Made:
    name = str(want.properties.get("BucketName") or want.name.lower()[:63])
    place = {} if call.region == "us-east-1" else {"LocationConstraint": call.region}
    ask(call, "s3", "CreateBucket", Bucket=name, **({"CreateBucketConfiguration": place} if place else {}))
    try:
        return _configure(call, name, want)
    except DomainError:
        ask(call, "s3", "DeleteBucket", Bucket=name)
        raise


def _configure(call: Call, name: str, want: Want) -> Made:
    given = want.properties
    settings: list[tuple[str, str, Any]] = [
        ("PutBucketVersioning", "VersioningConfiguration", given.get("VersioningConfiguration")),
        (
            "PutPublicAccessBlock",
            "PublicAccessBlockConfiguration",
            given.get("PublicAccessBlockConfiguration"),
        ),
        ("PutBucketOwnershipControls", "OwnershipControls", given.get("OwnershipControls")),
        (
            "PutBucketEncryption",
            "ServerSideEncryptionConfiguration",
            _encryption(given.get("BucketEncryption")),
        ),
        (
            "PutBucketLifecycleConfiguration",
            "LifecycleConfiguration",
            _lifecycle(given.get("LifecycleConfiguration")),
        ),
        ("PutBucketTagging", "Tagging", {"TagSet": tags_of(want)} if tags_of(want) else None),
    ]
    for operation, member, value in settings:
        if value is not None:
            ask(call, "s3", operation, Bucket=name, **{member: value})
    return Made(
        name,
        {
            "Arn": f"arn:aws:s3:::{name}",
            "DomainName": f"{name}.s3.amazonaws.com",
            "RegionalDomainName": f"{name}.s3.{call.region}.amazonaws.com",
        },
    )


def _encryption(given: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if given is None:
        return None
    rules = []
    for rule in given["ServerSideEncryptionConfiguration"]:
        more = {key: value for key, value in rule.items() if key != "ServerSideEncryptionByDefault"}
        rules.append({"ApplyServerSideEncryptionByDefault": rule["ServerSideEncryptionByDefault"], **more})
    return {"Rules": rules}


def _lifecycle(given: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if given is None:
        return None
    renamed = {"Id": "ID"}
    rules = []
    for rule in given["Rules"]:
        found = {
            renamed.get(key, key): value
            for key, value in rule.items()
            if key not in {"Prefix", "ExpirationInDays"}
        }
        found["Filter"] = {"Prefix": rule.get("Prefix", "")}
        if "ExpirationInDays" in rule:
            found["Expiration"] = {"Days": rule["ExpirationInDays"]}
        rules.append(found)
    return {"Rules": rules}


def _update_bucket(call: Call, name: str, want: Want, before: Properties) -> Made:
    gone = {
        "PublicAccessBlockConfiguration": "DeletePublicAccessBlock",
        "OwnershipControls": "DeleteBucketOwnershipControls",
        "BucketEncryption": "DeleteBucketEncryption",
        "LifecycleConfiguration": "DeleteBucketLifecycle",
    }
    for member, operation in gone.items():
        if member in before and member not in want.properties:
            ask(call, "s3", operation, Bucket=name)
    if "VersioningConfiguration" in before and "VersioningConfiguration" not in want.properties:
        ask(call, "s3", "PutBucketVersioning", Bucket=name, VersioningConfiguration={"Status": "Suspended"})
    return _configure(call, name, want)


def _delete_bucket(call: Call, name: str, before: Properties) -> None:  # noqa: ARG001 - the kinds' signature
    ask(call, "s3", "DeleteBucket", Bucket=name)


kind(
    "AWS::S3::Bucket",
    "BucketName VersioningConfiguration PublicAccessBlockConfiguration OwnershipControls BucketEncryption"
    " LifecycleConfiguration Tags",
    "BucketName",
    (_create_bucket, _update_bucket, _delete_bucket),
)


def _put_policy(call: Call, want: Want) -> Made:
    bucket = str(want.properties["Bucket"])
    ask(call, "s3", "PutBucketPolicy", Bucket=bucket, Policy=document(want.properties["PolicyDocument"]))
    return Made(bucket)


def _update_policy(call: Call, name: str, want: Want, before: Properties) -> Made:  # noqa: ARG001 - the kinds' signature
    return _put_policy(call, want)


def _delete_policy(call: Call, name: str, before: Properties) -> None:  # noqa: ARG001 - the kinds' signature
    ask(call, "s3", "DeleteBucketPolicy", Bucket=name)


kind(
    "AWS::S3::BucketPolicy", "Bucket PolicyDocument", "Bucket", (_put_policy, _update_policy, _delete_policy)
)


def _create_table(call: Call, want: Want) -> Made:
    given = want.properties
    name = str(given.get("TableName") or want.name)
    members = ("BillingMode", "AttributeDefinitions", "KeySchema", "ProvisionedThroughput")
    params = {member: given[member] for member in members if member in given}
    if "SSESpecification" in given:
        params["SSESpecification"] = _table_encryption(given["SSESpecification"])
    if tags_of(want):
        params["Tags"] = tags_of(want)
    answer = ask(call, "dynamodb", "CreateTable", TableName=name, **params)
    _recovery(call, name, given)
    return Made(name, {"Arn": answer["TableDescription"]["TableArn"]})


def _table_encryption(given: Mapping[str, Any]) -> dict[str, Any]:
    return {("Enabled" if key == "SSEEnabled" else key): value for key, value in given.items()}


def _recovery(call: Call, name: str, given: Properties) -> None:
    wanted = given.get("PointInTimeRecoverySpecification")
    if wanted is not None:
        ask(
            call,
            "dynamodb",
            "UpdateContinuousBackups",
            TableName=name,
            PointInTimeRecoverySpecification=wanted,
        )


def _update_table(call: Call, name: str, want: Want, before: Properties) -> Made:  # noqa: ARG001 - the kinds' signature
    given = want.properties
    params = {member: given[member] for member in ("BillingMode", "ProvisionedThroughput") if member in given}
    if "SSESpecification" in given:
        params["SSESpecification"] = _table_encryption(given["SSESpecification"])
    answer = ask(call, "dynamodb", "UpdateTable", TableName=name, **params)
    _recovery(call, name, given)
    arn = answer["TableDescription"]["TableArn"]
    if tags_of(want):
        ask(call, "dynamodb", "TagResource", ResourceArn=arn, Tags=tags_of(want))
    return Made(name, {"Arn": arn})


def _delete_table(call: Call, name: str, before: Properties) -> None:  # noqa: ARG001 - the kinds' signature
    ask(call, "dynamodb", "DeleteTable", TableName=name)


kind(
    "AWS::DynamoDB::Table",
    "TableName BillingMode AttributeDefinitions KeySchema ProvisionedThroughput SSESpecification"
    " PointInTimeRecoverySpecification Tags",
    "TableName AttributeDefinitions KeySchema",
    (_create_table, _update_table, _delete_table),
)
