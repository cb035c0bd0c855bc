"""PutObject, GetObject, HeadObject, DeleteObject, DeleteObjects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ropeway.sandbox.domain.errors import DomainError, NotThere
from ropeway.sandbox.domain.objects import faults, ranges
from ropeway.sandbox.domain.objects.conditions import ReadIf, WriteIf
from ropeway.sandbox.domain.objects.contents import receive
from ropeway.sandbox.domain.objects.encryption import encryption_told
from ropeway.sandbox.domain.objects.model import Bucket, Version
from ropeway.sandbox.domain.objects.service import Draft
from ropeway.sandbox.operations.call import Call
from ropeway.sandbox.operations.s3.attributes import attributes_of, tags_of, told, version_id
from ropeway.sandbox.operations.s3.body import incoming
from ropeway.sandbox.operations.s3.gate import on_bucket, requester
from ropeway.sandbox.operations.wire import FileBody

__all__: list[str] = []

_OVERRIDES = {
    "ResponseCacheControl": "CacheControl",
    "ResponseContentDisposition": "ContentDisposition",
    "ResponseContentEncoding": "ContentEncoding",
    "ResponseContentLanguage": "ContentLanguage",
    "ResponseContentType": "ContentType",
    "ResponseExpires": "Expires",
}
_MAX_DELETES = 1000


@on_bucket("PutObject", "s3:PutObject")
def put_object(call: Call, bucket: Bucket) -> dict[str, Any]:
    """Store an object."""
    objects, params = call.domain.objects.objects, call.params
    tags = tags_of(params.get("Tagging"))
    encryption = call.domain.objects.encryption
    attributes = encryption.choose(requester(call), bucket, params["Key"], attributes_of(params))
    content = receive(objects.blobs, incoming(call))
    if content.checksums:
        attributes["Checksums"] = dict(content.checksums)
    condition = WriteIf(params.get("IfMatch"), params.get("IfNoneMatch"))
    version = objects.put(bucket, Draft(params["Key"], content, attributes, tags, condition))
    return {
        "ETag": version.etag,
        "VersionId": version_id(bucket, version),
        **encryption_told(attributes),
        **{f"Checksum{name}": value for name, value in content.checksums.items()},
        "ChecksumType": "FULL_OBJECT" if content.checksums else None,
    }


@on_bucket("GetObject", "s3:GetObject")
def get_object(call: Call, bucket: Bucket) -> dict[str, Any]:
    """Read an object, or a range or part of it."""
    blobs = call.domain.objects.objects.blobs
    version = _decryptable(call, bucket, _found(call, bucket))
    try:
        stream = blobs.open(version.sha256)
    except FileNotFoundError:  # replaced since it was found
        version = _decryptable(call, bucket, _found(call, bucket))
        stream = blobs.open(version.sha256)
    try:
        result, offset, length = _selected(call, bucket, version)
    except BaseException:
        stream.close()
        raise
    for parameter, member in _OVERRIDES.items():
        if parameter in call.params:
            if call.caller.anonymous:
                text = "Request specific response headers cannot be used for anonymous GET requests."
                raise faults.invalid_request(text)
            result[member] = call.params[parameter]
    result["Body"] = FileBody(blobs.path(version.sha256), offset, length, stream)
    return result


@on_bucket("HeadObject", "s3:GetObject")
def head_object(call: Call, bucket: Bucket) -> dict[str, Any]:
    """Tell of an object; its checksum only to those who may decrypt it."""
    version = _found(call, bucket)
    if call.params.get("ChecksumMode") == "ENABLED":
        _decryptable(call, bucket, version)
    return _selected(call, bucket, version)[0]


def _decryptable(call: Call, bucket: Bucket, version: Version) -> Version:
    call.domain.objects.encryption.check(requester(call), bucket, version.key, version.attributes)
    return version


def _found(call: Call, bucket: Bucket) -> Version:
    params = call.params
    if "SSECustomerAlgorithm" in params:
        text = "The encryption parameters are not applicable to this object."
        raise faults.invalid_request(text)
    version = call.domain.objects.objects.find(bucket, params["Key"], params.get("VersionId"))
    ReadIf(
        params.get("IfMatch"),
        params.get("IfNoneMatch"),
        params.get("IfModifiedSince"),
        params.get("IfUnmodifiedSince"),
    ).check(version)
    return version


def _selected(call: Call, bucket: Bucket, version: Version) -> tuple[dict[str, Any], int, int]:
    """The members to answer, and the (offset, length) of the content."""
    params = call.params
    chosen = (
        _part(version, params) if "PartNumber" in params else ranges.select(params.get("Range"), version.size)
    )
    checksums = params.get("ChecksumMode") == "ENABLED" and chosen is None
    result = told(bucket, version, checksums=checksums)
    if "PartNumber" not in params:
        result.pop("PartsCount", None)
    offset, length = (0, version.size) if chosen is None else chosen
    result["ContentLength"] = length
    if chosen is not None and version.size:
        result["ContentRange"] = f"bytes {offset}-{offset + length - 1}/{version.size}"
    return result, offset, length


def _part(version: Version, params: Mapping[str, Any]) -> tuple[int, int]:
    if "Range" in params:
        raise faults.invalid_request("Cannot specify both Range header and partNumber query parameter")
    parts = version.attributes.get("Parts") or [{"Size": version.size}]
    number = params["PartNumber"]
    if not 1 <= number <= len(parts):
        raise faults.refused("InvalidPartNumber", "The requested partnumber is not satisfiable", 416)
    return sum(part["Size"] for part in parts[: number - 1]), parts[number - 1]["Size"]


@on_bucket("DeleteObject", "s3:DeleteObject")
def delete_object(call: Call, bucket: Bucket) -> dict[str, Any]:
    """Delete an object or a version."""
    params = call.params
    if "IfMatchLastModifiedTime" in params or "IfMatchSize" in params:
        raise NotThere("The sandbox does not have deletes on condition of time or size (directory buckets).")
    condition = WriteIf(params["IfMatch"]) if "IfMatch" in params else None
    deleted = call.domain.objects.objects.delete(
        bucket,
        params["Key"],
        params.get("VersionId"),
        condition=condition,
        bypass=params.get("BypassGovernanceRetention", False),
    )
    return {"VersionId": deleted.version_id, "DeleteMarker": deleted.marker or None}


@on_bucket("DeleteObjects", None)
def delete_objects(call: Call, bucket: Bucket) -> dict[str, Any]:
    """Delete up to a thousand objects or versions."""
    targets = call.params["Delete"]["Objects"]
    if not 1 <= len(targets) <= _MAX_DELETES:
        text = "The XML you provided was not well-formed or did not validate against our published schema"
        raise faults.refused("MalformedXML", text)
    deleted: list[dict[str, Any]] = []
    errors: list[dict[str, Any]] = []
    for target in targets:
        named = {"Key": target["Key"], "VersionId": target.get("VersionId") or None}
        try:
            deleted.append(_delete_one(call, bucket, target))
        except DomainError as error:
            errors.append({**named, "Code": error.code, "Message": error.message})
    quiet = call.params["Delete"].get("Quiet", False)
    return {"Deleted": [] if quiet else deleted, "Errors": errors}


def _delete_one(call: Call, bucket: Bucket, target: Mapping[str, Any]) -> dict[str, Any]:
    key, named = target["Key"], target.get("VersionId") or None
    action = "s3:DeleteObject" if named is None else "s3:DeleteObjectVersion"
    if not call.domain.objects.access.allowed(requester(call), bucket, action, key):
        raise faults.denied()
    deleted = call.domain.objects.objects.delete(
        bucket,
        key,
        named,
        condition=WriteIf(target["ETag"]) if "ETag" in target else None,
        bypass=call.params.get("BypassGovernanceRetention", False),
    )
    result: dict[str, Any] = {"Key": key, "VersionId": named}
    if deleted.marker:
        result.update({"DeleteMarker": True, "DeleteMarkerVersionId": deleted.version_id})
    return result
