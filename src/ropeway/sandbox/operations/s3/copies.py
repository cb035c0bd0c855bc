"""CopyObject and UploadPartCopy. A copy shares the source's content, so its size does not matter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from ropeway.sandbox.domain.objects import faults, ranges
from ropeway.sandbox.domain.objects.conditions import ReadIf, WriteIf
from ropeway.sandbox.domain.objects.contents import MAX_SIZE, Incoming
from ropeway.sandbox.domain.objects.encryption import encryption_told
from ropeway.sandbox.domain.objects.model import Bucket, Version
from ropeway.sandbox.domain.objects.ports import Blobs
from ropeway.sandbox.domain.objects.service import Draft
from ropeway.sandbox.operations.call import Call
from ropeway.sandbox.operations.s3.attributes import attributes_of, moment, tags_of, version_id
from ropeway.sandbox.operations.s3.gate import on_bucket, requester

__all__: list[str] = []

_PIECE = 1 << 20
# A copy onto itself must change one of these.
_CHANGES = (
    "StorageClass",
    "WebsiteRedirectLocation",
    "ServerSideEncryption",
    "SSEKMSKeyId",
    "ChecksumAlgorithm",
)
_CARRIED = (
    "CacheControl",
    "ContentDisposition",
    "ContentEncoding",
    "ContentLanguage",
    "ContentType",
    "Expires",
    "Metadata",
)


@on_bucket("CopyObject", "s3:PutObject")
def copy_object(call: Call, bucket: Bucket) -> dict[str, Any]:
    """Copy an object, with its metadata and tags or with new ones."""
    params, objects = call.params, call.domain.objects.objects
    origin, source = _source(call)
    if source.size > MAX_SIZE:
        text = "The specified copy source is larger than the maximum allowable size for a copy source: 5368709120"
        raise faults.invalid_request(text)
    replacing = params.get("MetadataDirective") == "REPLACE"
    if origin.id == bucket.id and source.key == params["Key"] and not replacing:
        _check_changes(params)
    attributes = call.domain.objects.encryption.choose(
        requester(call), bucket, params["Key"], _attributes(params, source, replacing=replacing)
    )
    tags = (
        tags_of(params.get("Tagging")) if params.get("TaggingDirective") == "REPLACE" else dict(source.tags)
    )
    algorithm = params.get("ChecksumAlgorithm")
    content = objects.blobs.again(source.sha256, algorithm)
    digest = source.attributes.get("Md5", source.etag.strip('"'))
    content = replace(content, size=source.size, md5=digest)
    if content.checksums:
        attributes["Checksums"] = dict(content.checksums)
    condition = WriteIf(params.get("IfMatch"), params.get("IfNoneMatch"))
    draft = Draft(params["Key"], content, attributes, tags, condition, reason="CopyObject")
    version = objects.put(bucket, draft)
    checksums = version.attributes.get("Checksums", {})
    return {
        "CopyObjectResult": {
            "ETag": version.etag,
            "LastModified": moment(version.modified),
            **{f"Checksum{name}": value for name, value in checksums.items()},
        },
        "VersionId": version_id(bucket, version),
        "CopySourceVersionId": version_id(origin, source),
        **encryption_told(attributes),
    }


def _attributes(params: Mapping[str, Any], source: Version, *, replacing: bool) -> dict[str, Any]:
    attributes = attributes_of(params)
    if not replacing:
        for name in _CARRIED:
            attributes.pop(name, None)
            if name in source.attributes:
                attributes[name] = source.attributes[name]
    whole = source.attributes.get("ChecksumType", "FULL_OBJECT") == "FULL_OBJECT"
    if "ChecksumAlgorithm" not in params and whole and "Checksums" in source.attributes:
        attributes["Checksums"] = source.attributes["Checksums"]
    return attributes


def _check_changes(params: Mapping[str, Any]) -> None:
    if not any(name in params for name in _CHANGES) and "VersionId" not in params:
        text = (
            "This copy request is illegal because it is trying to copy an object to itself without changing the "
            "object's metadata, storage class, website redirect location or encryption attributes."
        )
        raise faults.invalid_request(text)


@on_bucket("UploadPartCopy", "s3:PutObject")
def upload_part_copy(call: Call, bucket: Bucket) -> dict[str, Any]:
    """Make a part of an object, or of a range of one."""
    params, s3 = call.params, call.domain.objects
    upload = s3.multipart.get(bucket, params["Key"], params["UploadId"])
    s3.encryption.check(requester(call), bucket, upload.key, upload.attributes)
    origin, source = _source(call)
    offset, length = ranges.copy_range(params.get("CopySourceRange"), source.size)
    algorithm = upload.attributes.get("ChecksumAlgorithm")
    body = Incoming(
        pieces=_pieces(s3.objects.blobs, source.sha256, offset, length),
        size=length,
        algorithms=frozenset([algorithm] if algorithm else []),
    )
    part = s3.multipart.put_part(upload, params["PartNumber"], body)
    return {
        "CopyPartResult": {
            "ETag": part.etag,
            "LastModified": moment(part.modified),
            **{f"Checksum{name}": value for name, value in part.checksums.items()},
        },
        "CopySourceVersionId": version_id(origin, source),
        **encryption_told(upload.attributes),
    }


def _pieces(blobs: Blobs, sha256: str, offset: int, length: int) -> Iterator[bytes]:
    with blobs.open(sha256) as stream:
        stream.seek(offset)
        while length and (piece := stream.read(min(length, _PIECE))):
            length -= len(piece)
            yield piece


def _source(call: Call) -> tuple[Bucket, Version]:
    """The bucket and version that a copy reads, when the caller may read it and its conditions hold."""
    params, s3 = call.params, call.domain.objects
    path, _, query = params["CopySource"].partition("?versionId=")
    name, _, key = unquote(path).lstrip("/").partition("/")
    if not name or not key:
        text = "Copy Source must mention the source bucket and key: sourcebucket/sourcekey"
        raise faults.invalid_argument(text, "x-amz-copy-source", params["CopySource"])
    named = query or None
    action = "s3:GetObjectVersion" if named else "s3:GetObject"
    owner = params.get("ExpectedSourceBucketOwner")
    origin = s3.access.open(requester(call), name, action, key, owner=owner)
    version = s3.objects.find(origin, key, named)
    ReadIf(
        params.get("CopySourceIfMatch"),
        params.get("CopySourceIfNoneMatch"),
        params.get("CopySourceIfModifiedSince"),
        params.get("CopySourceIfUnmodifiedSince"),
        copying=True,
    ).check(version)
    s3.encryption.check(requester(call), origin, key, version.attributes)
    return origin, version
