"""Which S3 operation a request means: bucket and key from host and path, the rest from query and headers.

The table is botocore's: each operation's method, whether it has a key, and the marks of its URI (``?uploads``).
Marks that the URI does not have, but that tell operations apart, are added here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

from botocore.model import ServiceModel

from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.operations.wire import Request

__all__ = ["Address", "address_of", "find"]

# A bucket in front of one of these names is addressed by host.
_HOST = re.compile(
    r"(?P<bucket>.+?)\.(?:s3[.-](?:[a-z0-9.-]+\.)?amazonaws\.com(?:\.cn)?|(?:s3\.)?(?:[a-z0-9-]+\.)?localhost"
    r"(?:\.localstack\.cloud)?|127\.0\.0\.1)"
)
_NO_BUCKET = re.compile(r"s3(?:[.-][a-z0-9-]+)?")
# Old spellings of operations that a newer one replaces on the wire.
_REPLACED = {
    "GetBucketLifecycle",
    "GetBucketNotification",
    "PutBucketLifecycle",
    "PutBucketNotification",
    "ListDirectoryBuckets",
    "WriteGetObjectResponse",
}
# Marks besides those in the model's URI.
_MARKS = {
    "UploadPart": {"partNumber", "uploadId"},
    "UploadPartCopy": {"partNumber", "uploadId", "x-amz-copy-source"},
    "CopyObject": {"x-amz-copy-source"},
    "ListParts": {"uploadId"},
    "AbortMultipartUpload": {"uploadId"},
    "CompleteMultipartUpload": {"uploadId"},
    "GetBucketAnalyticsConfiguration": {"id"},
    "GetBucketIntelligentTieringConfiguration": {"id"},
    "GetBucketInventoryConfiguration": {"id"},
    "GetBucketMetricsConfiguration": {"id"},
    "GetObjectAnnotation": {"annotationName"},
}


@dataclass(frozen=True)
class Address:
    """A bucket and a key, decoded; empty where the request names none."""

    bucket: str
    key: str


@dataclass(frozen=True)
class _Entry:
    name: str
    marks: frozenset[str]


def address_of(request: Request) -> Address:
    """The bucket and key of a request, in virtual-host style or path style."""
    host = request.host.rpartition(":")[0] if ":" in request.host else request.host
    path = request.raw_path.lstrip("/") if request.raw_path.startswith("//") else request.raw_path[1:]
    match = _HOST.fullmatch(host.lower())
    if match is not None and not _NO_BUCKET.fullmatch(match["bucket"]):
        return Address(match["bucket"], _decode(request.raw_path[1:]))
    bucket, _, key = path.partition("/")
    return Address(_decode(bucket), _decode(key))


def _decode(text: str) -> str:
    if "%" not in text:
        return text
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError as error:
        raise DomainError("Couldn't parse the specified URI.", code="InvalidURI", status=400) from error


def find(model: ServiceModel, request: Request) -> str | None:
    """The operation's name; the one with the most marks of those that fit."""
    address = address_of(request)
    scope = 2 if address.key else 1 if address.bucket else 0
    present = (
        {part.partition("=")[0] for part in request.raw_query.split("&")} if request.raw_query else set()
    )
    if "list-type=2" in request.raw_query.split("&"):
        present.add("list-type=2")
    if "x-amz-copy-source" in request.headers:
        present.add("x-amz-copy-source")
    for entry in _table(model).get((request.method, scope), ()):
        if entry.marks <= present:
            return entry.name
    return None


@lru_cache(maxsize=1)
def _table(model: ServiceModel) -> Mapping[tuple[str, int], list[_Entry]]:
    table: dict[tuple[str, int], list[_Entry]] = {}
    for name in model.operation_names:
        if name in _REPLACED:
            continue
        http = model.operation_model(name).http
        path, _, query = http["requestUri"].partition("?")
        scope = 2 if "{Key+}" in path else 1 if "{Bucket}" in path else 0
        marks = frozenset(query.split("&") if query else ()) | frozenset(_MARKS.get(name, ()))
        table.setdefault((http["method"], scope), []).append(_Entry(name, marks))
    for entries in table.values():
        entries.sort(key=lambda entry: -len(entry.marks))
    return table
