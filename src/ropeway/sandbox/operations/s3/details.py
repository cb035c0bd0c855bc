"""What belongs to one object besides its bytes: tags, ACL, attributes, retention, legal hold."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ropeway.sandbox.domain.objects import faults
from ropeway.sandbox.domain.objects.model import Bucket, Version
from ropeway.sandbox.operations.call import Call
from ropeway.sandbox.operations.s3.attributes import check_tags, moment, version_id
from ropeway.sandbox.operations.s3.gate import on_bucket
from ropeway.sandbox.operations.s3.lists import owner

__all__ = ["accept_acl", "owner_acl"]

_PRIVATE = {"private", "bucket-owner-full-control"}


def _found(call: Call, bucket: Bucket) -> Version:
    return call.domain.objects.objects.find(bucket, call.params["Key"], call.params.get("VersionId"))


@on_bucket("PutObjectTagging", "s3:PutObjectTagging")
def put_object_tagging(call: Call, bucket: Bucket) -> dict[str, Any]:
    """Replace the tags."""
    tags = check_tags([(tag["Key"], tag["Value"]) for tag in call.params["Tagging"]["TagSet"]])
    version = _found(call, bucket)
    call.domain.objects.objects.retag(version, tags)
    return {"VersionId": version_id(bucket, version)}


@on_bucket("GetObjectTagging", "s3:GetObjectTagging")
def get_object_tagging(call: Call, bucket: Bucket) -> dict[str, Any]:
    """The tags."""
    version = _found(call, bucket)
    tags = [{"Key": key, "Value": value} for key, value in sorted(version.tags.items())]
    return {"TagSet": tags, "VersionId": version_id(bucket, version)}


@on_bucket("DeleteObjectTagging", "s3:DeleteObjectTagging")
def delete_object_tagging(call: Call, bucket: Bucket) -> dict[str, Any]:
    """Do without tags."""
    version = _found(call, bucket)
    call.domain.objects.objects.retag(version, {})
    return {"VersionId": version_id(bucket, version)}


@on_bucket("GetObjectAcl", "s3:GetObjectAcl")
def get_object_acl(call: Call, bucket: Bucket) -> dict[str, Any]:
    """The owner has full control, and nobody else has any."""
    _found(call, bucket)
    return owner_acl(bucket)


@on_bucket("PutObjectAcl", "s3:PutObjectAcl")
def put_object_acl(call: Call, bucket: Bucket) -> None:
    """Accept what is so anyway."""
    _found(call, bucket)
    accept_acl(call.params, bucket)


@on_bucket("GetBucketAcl", "s3:GetBucketAcl")
def get_bucket_acl(call: Call, bucket: Bucket) -> dict[str, Any]:  # noqa: ARG001 - the handlers' signature
    """The owner has full control, and nobody else has any."""
    return owner_acl(bucket)


@on_bucket("PutBucketAcl", "s3:PutBucketAcl")
def put_bucket_acl(call: Call, bucket: Bucket) -> None:
    """Accept what is so anyway."""
    accept_acl(call.params, bucket)


def owner_acl(bucket: Bucket) -> dict[str, Any]:
    """The ACL that everything has."""
    grantee = {**owner(bucket.account), "Type": "CanonicalUser"}
    return {"Owner": owner(bucket.account), "Grants": [{"Grantee": grantee, "Permission": "FULL_CONTROL"}]}


def accept_acl(params: Mapping[str, Any], bucket: Bucket) -> None:
    """Accept the ACL that everything has.

    Raises:
        DomainError: ``AccessControlListNotSupported``: it would grant something to others.
    """
    grants = (params.get("AccessControlPolicy") or {}).get("Grants", [])
    others = [grant for grant in grants if grant.get("Grantee", {}).get("ID") != owner(bucket.account)["ID"]]
    named = any(name.startswith("Grant") for name in params)
    if others or named or params.get("ACL", "private") not in _PRIVATE:
        raise faults.refused("AccessControlListNotSupported", "The bucket does not allow ACLs")


@on_bucket("GetObjectAttributes", "s3:GetObjectAttributes")
def get_object_attributes(call: Call, bucket: Bucket) -> dict[str, Any]:
    """The attributes that were asked for."""
    version, wanted = _found(call, bucket), set(call.params["ObjectAttributes"])
    attributes = version.attributes
    checksums = {f"Checksum{name}": value for name, value in attributes.get("Checksums", {}).items()}
    answers = {
        "ETag": version.etag.strip('"'),
        "ObjectSize": version.size,
        "StorageClass": attributes.get("StorageClass", "STANDARD"),
        "Checksum": {**checksums, "ChecksumType": attributes.get("ChecksumType", "FULL_OBJECT")}
        if checksums
        else None,
        "ObjectParts": _parts(call, attributes.get("Parts")),
    }
    return {
        **{name: value for name, value in answers.items() if name in wanted},
        "LastModified": moment(version.modified),
        "VersionId": version_id(bucket, version),
    }


def _parts(call: Call, parts: list[dict[str, Any]] | None) -> dict[str, Any] | None:
    if parts is None:
        return None
    if not all(part["Checksums"] for part in parts):  # S3 tells single parts only of uploads with checksums
        return {"TotalPartsCount": len(parts)}
    after, limit = int(call.params.get("PartNumberMarker", 0)), int(call.params.get("MaxParts", 1000))
    rest = [part for part in parts if part["PartNumber"] > after]
    page = rest[:limit]
    return {
        "TotalPartsCount": len(parts),
        "PartNumberMarker": after,
        "NextPartNumberMarker": page[-1]["PartNumber"] if page else 0,
        "MaxParts": limit,
        "IsTruncated": len(rest) > limit,
        "Parts": [
            {
                "PartNumber": part["PartNumber"],
                "Size": part["Size"],
                **{f"Checksum{name}": value for name, value in part["Checksums"].items()},
            }
            for part in page
        ],
    }


@on_bucket("PutObjectRetention", "s3:PutObjectRetention")
def put_object_retention(call: Call, bucket: Bucket) -> None:
    """Keep a version from being deleted until a date."""
    _check_lockable(call, bucket)
    retention = call.params.get("Retention") or {}
    until: datetime | None = retention.get("RetainUntilDate")
    version = _found(call, bucket)
    held = version.attributes.get("ObjectLockRetainUntilDate")
    weaker = held is not None and (until is None or until < datetime.fromisoformat(held))
    compliance = version.attributes.get("ObjectLockMode") == "COMPLIANCE"
    if weaker and (compliance or not call.params.get("BypassGovernanceRetention", False)):
        raise faults.denied("Access Denied because object protected by object lock.")
    attributes = {
        "ObjectLockMode": retention.get("Mode"),
        "ObjectLockRetainUntilDate": until.isoformat() if until else None,
    }
    call.domain.objects.objects.amend(version, attributes)


@on_bucket("GetObjectRetention", "s3:GetObjectRetention")
def get_object_retention(call: Call, bucket: Bucket) -> dict[str, Any]:
    """Until when a version is kept."""
    attributes = _found(call, bucket).attributes
    if "ObjectLockRetainUntilDate" not in attributes:
        raise _no_lock()
    until = datetime.fromisoformat(attributes["ObjectLockRetainUntilDate"])
    return {"Retention": {"Mode": attributes.get("ObjectLockMode"), "RetainUntilDate": until}}


@on_bucket("PutObjectLegalHold", "s3:PutObjectLegalHold")
def put_object_legal_hold(call: Call, bucket: Bucket) -> None:
    """Keep a version from being deleted, or no longer."""
    _check_lockable(call, bucket)
    status = (call.params.get("LegalHold") or {}).get("Status")
    call.domain.objects.objects.amend(_found(call, bucket), {"ObjectLockLegalHoldStatus": status})


@on_bucket("GetObjectLegalHold", "s3:GetObjectLegalHold")
def get_object_legal_hold(call: Call, bucket: Bucket) -> dict[str, Any]:
    """Whether a version is held."""
    status = _found(call, bucket).attributes.get("ObjectLockLegalHoldStatus")
    if status is None:
        raise _no_lock()
    return {"LegalHold": {"Status": status}}


def _check_lockable(call: Call, bucket: Bucket) -> None:
    if call.domain.objects.buckets.get(bucket, "object-lock") is None:
        raise faults.invalid_request("Bucket is missing Object Lock Configuration")


def _no_lock() -> Exception:
    text = "The specified object does not have a ObjectLock configuration"
    return faults.refused("NoSuchObjectLockConfiguration", text, 404)
