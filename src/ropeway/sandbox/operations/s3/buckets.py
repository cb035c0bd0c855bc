"""Buckets: create, head, list, delete, location, versioning, policy."""

from __future__ import annotations

import json
from typing import Any

from ropeway.sandbox.domain.errors import NotThere
from ropeway.sandbox.domain.objects import faults
from ropeway.sandbox.domain.objects.access import POLICY
from ropeway.sandbox.domain.objects.model import Bucket
from ropeway.sandbox.operations.call import Call
from ropeway.sandbox.operations.registry import operation
from ropeway.sandbox.operations.s3.attributes import check_tags, moment
from ropeway.sandbox.operations.s3.gate import check_presigned, on_bucket, requester
from ropeway.sandbox.operations.s3.lists import owner

__all__: list[str] = []

_PAGE = 10_000


@operation("s3", "CreateBucket")
def create_bucket(call: Call) -> dict[str, Any]:
    """Create a bucket of the caller's account."""
    check_presigned(call)
    params = call.params
    configuration = params.get("CreateBucketConfiguration") or {}
    if "Location" in configuration or "Bucket" in configuration:
        raise NotThere("The sandbox does not have directory buckets.")
    if params.get("ACL", "private") != "private" or any(name.startswith("Grant") for name in params):
        text = "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting"
        raise faults.refused("InvalidBucketAclWithObjectOwnership", text)
    tags = check_tags([(tag["Key"], tag["Value"]) for tag in configuration.get("Tags", [])], limit=50)
    buckets = call.domain.objects.buckets
    bucket = buckets.create(
        requester(call), params["Bucket"], call.region, configuration.get("LocationConstraint")
    )
    if params.get("ObjectLockEnabledForBucket"):
        buckets.set_versioning(bucket, "Enabled")
        buckets.put(bucket, "object-lock", {"ObjectLockEnabled": "Enabled"})
    ownership = params.get("ObjectOwnership", "BucketOwnerEnforced")
    if buckets.get(bucket, "ownership") is None:
        buckets.put(bucket, "ownership", {"Rules": [{"ObjectOwnership": ownership}]})
    if tags:
        buckets.put(bucket, "tagging", {"TagSet": configuration["Tags"]})
    return {"Location": f"/{bucket.name}", "BucketArn": bucket.arn}


@on_bucket("HeadBucket", "s3:ListBucket")
def head_bucket(call: Call, bucket: Bucket) -> dict[str, Any]:  # noqa: ARG001 - the handlers' signature
    """Whether a bucket is there, and where."""
    return {"BucketRegion": bucket.region, "BucketArn": bucket.arn, "AccessPointAlias": False}


@on_bucket("DeleteBucket", "s3:DeleteBucket")
def delete_bucket(call: Call, bucket: Bucket) -> None:
    """Delete an empty bucket."""
    call.domain.objects.buckets.delete(bucket)


@operation("s3", "ListBuckets")
def list_buckets(call: Call) -> dict[str, Any]:
    """The caller's buckets by name."""
    check_presigned(call)
    if call.caller.anonymous:
        raise faults.denied()
    params = call.params
    prefix, region = params.get("Prefix", ""), params.get("BucketRegion")
    after, limit = params.get("ContinuationToken", ""), params.get("MaxBuckets", _PAGE)
    found = [
        bucket
        for bucket in call.domain.objects.buckets.owned_by(call.account)
        if bucket.name.startswith(prefix) and bucket.name > after and region in {None, bucket.region}
    ]
    page = found[:limit]
    return {
        "Buckets": [
            {
                "Name": bucket.name,
                "CreationDate": moment(bucket.created),
                "BucketRegion": bucket.region,
                "BucketArn": bucket.arn,
            }
            for bucket in page
        ],
        "Owner": owner(call.account),
        "ContinuationToken": page[-1].name if len(found) > limit else None,
        "Prefix": params.get("Prefix"),
    }


@on_bucket("GetBucketLocation", "s3:GetBucketLocation")
def get_bucket_location(call: Call, bucket: Bucket) -> dict[str, Any]:  # noqa: ARG001 - the handlers' signature
    """The bucket's region; nothing for the first one, as S3 has it."""
    return {"LocationConstraint": "" if bucket.region == "us-east-1" else bucket.region}


@on_bucket("GetBucketVersioning", "s3:GetBucketVersioning")
def get_bucket_versioning(call: Call, bucket: Bucket) -> dict[str, Any]:  # noqa: ARG001 - the handlers' signature
    """Whether versions are kept."""
    return {"Status": bucket.versioning or None}


@on_bucket("PutBucketVersioning", "s3:PutBucketVersioning")
def put_bucket_versioning(call: Call, bucket: Bucket) -> None:
    """Keep versions, or stop keeping them."""
    configuration = call.params["VersioningConfiguration"]
    if configuration.get("MFADelete") == "Enabled":
        raise NotThere("The sandbox does not have MFA delete.")
    call.domain.objects.buckets.set_versioning(bucket, configuration.get("Status"))


@on_bucket("PutBucketPolicy", "s3:PutBucketPolicy")
def put_bucket_policy(call: Call, bucket: Bucket) -> None:
    """Replace the policy."""
    call.domain.objects.buckets.set_policy(bucket, call.params.get("Policy", ""))


@on_bucket("GetBucketPolicy", "s3:GetBucketPolicy")
def get_bucket_policy(call: Call, bucket: Bucket) -> dict[str, Any]:
    """The policy."""
    return {"Policy": json.dumps(_policy(call, bucket), separators=(",", ":"))}


@on_bucket("GetBucketPolicyStatus", "s3:GetBucketPolicyStatus")
def get_bucket_policy_status(call: Call, bucket: Bucket) -> dict[str, Any]:
    """Whether the policy lets anybody in without a condition."""
    statements = _policy(call, bucket)["Statement"]
    public = any(
        statement["Effect"] == "Allow"
        and statement.get("Principal") in ("*", {"AWS": "*"}, {"AWS": ["*"]})
        and not statement.get("Condition")
        for statement in ([statements] if isinstance(statements, dict) else statements)
    )
    return {"PolicyStatus": {"IsPublic": public}}


@on_bucket("DeleteBucketPolicy", "s3:DeleteBucketPolicy")
def delete_bucket_policy(call: Call, bucket: Bucket) -> None:
    """Do without a policy."""
    call.domain.objects.buckets.forget(bucket, POLICY)


def _policy(call: Call, bucket: Bucket) -> dict[str, Any]:
    policy: dict[str, Any] | None = call.domain.objects.buckets.get(bucket, POLICY)
    if policy is None:
        raise faults.refused(
            "NoSuchBucketPolicy", "The bucket policy does not exist", 404, BucketName=bucket.name
        )
    return policy
