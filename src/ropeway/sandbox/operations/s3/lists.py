"""Lists of a bucket: ListObjects, ListObjectsV2, ListObjectVersions."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from ropeway.sandbox.domain.objects import faults
from ropeway.sandbox.domain.objects.listing import Page, Query, collect, successor
from ropeway.sandbox.domain.objects.model import Bucket, Version
from ropeway.sandbox.operations.call import Call
from ropeway.sandbox.operations.s3.attributes import moment
from ropeway.sandbox.operations.s3.gate import on_bucket

__all__ = ["encoder", "limit_of", "owner"]

_MAX_KEYS = 1000
Encode = Callable[[str], str]


def encoder(call: Call) -> Encode:
    """How keys are written: percent-encoded when ``encoding-type=url`` was asked for."""
    if call.params.get("EncodingType") == "url":
        return lambda text: quote(text, safe="/-_.~*")
    return lambda text: text


def limit_of(call: Call, member: str) -> int:
    """How much a page may hold.

    Raises:
        DomainError: ``InvalidArgument`` for a negative number.
    """
    limit = int(call.params.get(member, _MAX_KEYS))
    if limit < 0:
        text = f"Argument {member} must be an integer between 0 and 2147483647"
        raise faults.invalid_argument(text, member, str(limit))
    return min(limit, _MAX_KEYS)


def owner(account: str) -> dict[str, str]:
    """An account as an owner: its canonical id here is the account number, filled up."""
    return {"ID": account.rjust(64, "0")}


@on_bucket("ListObjectsV2", "s3:ListBucket")
def list_objects_v2(call: Call, bucket: Bucket) -> dict[str, Any]:
    """A page of keys, continued by a token."""
    params, encode = call.params, encoder(call)
    token, after = params.get("ContinuationToken"), params.get("StartAfter")
    start = _unpack(token) if token is not None else _behind(after)
    page = _page(call, bucket, start)
    return {
        **_told(call, bucket, page, encode),
        "Contents": [_content(version, encode) for version in page.items]
        if not params.get("FetchOwner")
        else [{**_content(version, encode), "Owner": owner(bucket.account)} for version in page.items],
        "KeyCount": page.count,
        "ContinuationToken": token,
        "NextContinuationToken": _pack(_next(page)) if page.truncated else None,
        "StartAfter": None if after is None else encode(after),
    }


@on_bucket("ListObjects", "s3:ListBucket")
def list_objects(call: Call, bucket: Bucket) -> dict[str, Any]:
    """A page of keys, continued by a marker."""
    params, encode = call.params, encoder(call)
    marker = params.get("Marker", "")
    page = _page(call, bucket, _behind_marker(marker, params.get("Delimiter", ""), params.get("Prefix", "")))
    last = page.last if isinstance(page.last, str) or page.last is None else page.last.key
    return {
        **_told(call, bucket, page, encode),
        "Marker": encode(marker),
        "NextMarker": encode(last) if page.truncated and last and params.get("Delimiter") else None,
        "Contents": [{**_content(version, encode), "Owner": owner(bucket.account)} for version in page.items],
    }


def _page(call: Call, bucket: Bucket, start: str) -> Page[Version]:
    params, rows = call.params, call.domain.objects.rows.versions
    query = Query(params.get("Prefix", ""), params.get("Delimiter", ""), start, limit_of(call, "MaxKeys"))
    return collect(query, lambda first, stop, _resumed: rows.scan(bucket, first, stop))


def _told(call: Call, bucket: Bucket, page: Page[Version], encode: Encode) -> dict[str, Any]:
    params = call.params
    return {
        "Name": bucket.name,
        "Prefix": encode(params.get("Prefix", "")),
        "Delimiter": encode(params["Delimiter"]) if params.get("Delimiter") else None,
        "MaxKeys": limit_of(call, "MaxKeys"),
        "IsTruncated": page.truncated,
        "EncodingType": params.get("EncodingType"),
        "CommonPrefixes": [{"Prefix": encode(prefix)} for prefix in page.prefixes],
    }


def _content(version: Version, encode: Encode) -> dict[str, Any]:
    return {
        "Key": encode(version.key),
        "LastModified": moment(version.modified),
        "ETag": version.etag,
        "Size": version.size,
        "StorageClass": version.attributes.get("StorageClass", "STANDARD"),
    }


def _behind(key: str | None) -> str:
    return "" if not key else f"{key}\0"


def _behind_marker(marker: str, delimiter: str, prefix: str) -> str:
    """Behind a marker; one that is a common prefix stands for all that it covers."""
    if delimiter and marker.endswith(delimiter) and len(marker) > len(prefix):
        return successor(marker) or _behind(marker)
    return _behind(marker)


def _next(page: Page[Version]) -> str:
    if page.last is None:
        return ""
    if isinstance(page.last, str):
        return successor(page.last) or _behind(page.last)
    return _behind(page.last.key)


def _pack(start: str) -> str:
    return base64.urlsafe_b64encode(start.encode()).decode()


def _unpack(token: str) -> str:
    try:
        return base64.urlsafe_b64decode(token.encode()).decode()
    except (binascii.Error, UnicodeError) as error:
        raise faults.invalid_argument(
            "The continuation token provided is incorrect", "continuation-token"
        ) from error


@on_bucket("ListObjectVersions", "s3:ListBucketVersions")
def list_object_versions(call: Call, bucket: Bucket) -> dict[str, Any]:
    """A page of versions and delete markers, by key, newest first."""
    params, encode, rows = call.params, encoder(call), call.domain.objects.rows.versions
    key, after = params.get("KeyMarker", ""), params.get("VersionIdMarker")
    if after is not None and not key:
        raise faults.invalid_argument("A version-id marker cannot be specified without a key marker.")
    below, start = _resume(call, bucket, key, after)
    query = Query(params.get("Prefix", ""), params.get("Delimiter", ""), start, limit_of(call, "MaxKeys"))
    page = collect(
        query,
        lambda first, stop, resumed: rows.scan_versions(
            bucket, first, stop, below if resumed and first == key else None
        ),
    )
    last = page.last
    truncated = page.truncated and last is not None
    return {
        **_told(call, bucket, page, encode),
        "KeyMarker": encode(key),
        "VersionIdMarker": after or "",
        "NextKeyMarker": encode(last if isinstance(last, str) else last.key) if truncated and last else None,
        "NextVersionIdMarker": last.version_id if truncated and isinstance(last, Version) else None,
        "Versions": [
            {**_content(version, encode), **_identity(bucket, version)}
            for version in page.items
            if not version.marker
        ],
        "DeleteMarkers": [
            {
                "Key": encode(version.key),
                "LastModified": moment(version.modified),
                **_identity(bucket, version),
            }
            for version in page.items
            if version.marker
        ],
    }


def _identity(bucket: Bucket, version: Version) -> dict[str, Any]:
    return {"VersionId": version.version_id, "IsLatest": version.latest, "Owner": owner(bucket.account)}


def _resume(call: Call, bucket: Bucket, key: str, after: str | None) -> tuple[int | None, str]:
    """The seq that a page goes on below, and the key it starts at."""
    if after is None:
        return None, _behind_marker(key, call.params.get("Delimiter", ""), call.params.get("Prefix", ""))
    version = call.domain.objects.rows.versions.get(bucket, key, after)
    if version is None:
        raise faults.invalid_argument("Invalid version id specified", "version-id-marker", after)
    return version.seq, key
