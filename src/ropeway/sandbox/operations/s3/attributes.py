"""The members of an object that requests set and answers tell."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any
from urllib.parse import parse_qsl

from ropeway.sandbox.domain.errors import NotThere
from ropeway.sandbox.domain.objects import faults
from ropeway.sandbox.domain.objects.model import NULL, Bucket, Version

__all__ = ["attributes_of", "check_tags", "moment", "tags_of", "told", "version_id"]

_SET = (
    "CacheControl",
    "ContentDisposition",
    "ContentEncoding",
    "ContentLanguage",
    "ContentType",
    "Expires",
    "Metadata",
    "ObjectLockLegalHoldStatus",
    "ObjectLockMode",
    "ObjectLockRetainUntilDate",
    "ServerSideEncryption",
    "SSEKMSKeyId",
    "BucketKeyEnabled",
    "StorageClass",
    "WebsiteRedirectLocation",
)
_PRIVATE_ACLS = {"private", "bucket-owner-full-control", "bucket-owner-read"}
_MAX_METADATA = 2048
_DEFAULT_TYPE = "binary/octet-stream"


def attributes_of(params: Mapping[str, Any]) -> dict[str, Any]:
    """What a put, copy or upload sets.

    Raises:
        DomainError: metadata is too large, or something is asked for that the sandbox does not have.
    """
    _refuse_absent(params)
    attributes = {name: _plain(params[name]) for name in _SET if name in params}
    encoding = attributes.get("ContentEncoding")
    if encoding is not None:  # aws-chunked is of the transfer, not of the object
        kept = ",".join(part.strip() for part in encoding.split(",") if part.strip() != "aws-chunked")
        attributes.pop("ContentEncoding")
        if kept:
            attributes["ContentEncoding"] = kept
    attributes.setdefault("ContentType", _DEFAULT_TYPE)
    if attributes.get("StorageClass") == "STANDARD":
        del attributes["StorageClass"]
    size = sum(len(name) + len(value) for name, value in params.get("Metadata", {}).items())
    if size > _MAX_METADATA:
        text = "Your metadata headers exceed the maximum allowed metadata size"
        raise faults.refused("MetadataTooLarge", text, Size=str(size), MaxSizeAllowed=str(_MAX_METADATA))
    return attributes


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _refuse_absent(params: Mapping[str, Any]) -> None:
    if "SSECustomerAlgorithm" in params or "SSECustomerKey" in params:
        raise NotThere("The sandbox does not have server-side encryption with customer keys (SSE-C).")
    if "WriteOffsetBytes" in params:
        raise NotThere("The sandbox does not have appends (x-amz-write-offset-bytes).")
    if params.get("ACL", "private") not in _PRIVATE_ACLS or any(name.startswith("Grant") for name in params):
        raise faults.refused("AccessControlListNotSupported", "The bucket does not allow ACLs")


def tags_of(header: str | None) -> dict[str, str]:
    """The tags of an ``x-amz-tagging`` header.

    Raises:
        DomainError: ``InvalidTag`` or ``BadRequest``.
    """
    if not header:
        return {}
    return check_tags(parse_qsl(header, keep_blank_values=True))


def check_tags(pairs: list[tuple[str, str]], limit: int = 10) -> dict[str, str]:
    """Tags as a mapping.

    Raises:
        DomainError: too many, twice the same key, or a key or value is too long or AWS's own.
    """
    tags = dict(pairs)
    if len(tags) != len(pairs):
        raise faults.refused("InvalidTag", "Cannot provide multiple Tags with the same key")
    if len(tags) > limit:
        kind = "Object" if limit == 10 else "Bucket"
        raise faults.refused("BadRequest", f"{kind} tags cannot be greater than {limit}")
    for key, value in pairs:
        if key.startswith("aws:"):
            raise faults.refused("InvalidTag", "System tags cannot be added/updated by requester")
        if not 1 <= len(key) <= 128:
            raise faults.refused("InvalidTag", "The TagKey you have provided is invalid")
        if len(value) > 256:
            raise faults.refused("InvalidTag", "The TagValue you have provided is invalid")
    return tags


def moment(seconds: float) -> datetime:
    """A time of the store as answers have it."""
    return datetime.fromtimestamp(seconds, tz=timezone.utc)


def version_id(bucket: Bucket, version: Version) -> str | None:
    """The version id that answers tell: none where versioning was never on."""
    return version.version_id if bucket.versioning or version.version_id != NULL else None


def told(bucket: Bucket, version: Version, *, checksums: bool) -> dict[str, Any]:
    """What HeadObject and GetObject tell of a version besides its content."""
    attributes = dict(version.attributes)
    parts = attributes.pop("Parts", None)
    found = attributes.pop("Checksums", {})
    kind = attributes.pop("ChecksumType", "FULL_OBJECT")
    for internal in ("ChecksumAlgorithm", "Md5"):
        attributes.pop(internal, None)
    until = attributes.get("ObjectLockRetainUntilDate")
    if until is not None:
        attributes["ObjectLockRetainUntilDate"] = datetime.fromisoformat(until)
    attributes.setdefault("ServerSideEncryption", "AES256")
    result = {
        **attributes,
        "AcceptRanges": "bytes",
        "ETag": version.etag,
        "LastModified": moment(version.modified),
        "VersionId": version_id(bucket, version),
        "TagCount": len(version.tags) or None,
    }
    if checksums and found:
        result.update({f"Checksum{name}": value for name, value in found.items()})
        result["ChecksumType"] = kind
    if parts is not None:
        result["PartsCount"] = len(parts)
    return result
