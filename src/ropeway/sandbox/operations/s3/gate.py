"""What every S3 operation passes first: an unexpired presigned query, and the bucket's policy."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

from ropeway.sandbox.domain.objects import faults
from ropeway.sandbox.domain.objects.access import Requester
from ropeway.sandbox.domain.objects.model import Bucket
from ropeway.sandbox.operations.call import Call
from ropeway.sandbox.operations.registry import operation

__all__ = ["BucketHandler", "check_presigned", "on_bucket", "requester"]

BucketHandler = Callable[[Call, Bucket], "dict[str, Any] | None"]

_WEEK = 604_800
# Members that conditions of policies can ask about.
_CONDITIONS = {
    "Prefix": "s3:prefix",
    "Delimiter": "s3:delimiter",
    "MaxKeys": "s3:max-keys",
    "VersionId": "s3:VersionId",
    "ACL": "s3:x-amz-acl",
    "ServerSideEncryption": "s3:x-amz-server-side-encryption",
    "SSEKMSKeyId": "s3:x-amz-server-side-encryption-aws-kms-key-id",
    "StorageClass": "s3:x-amz-storage-class",
    "CopySource": "s3:x-amz-copy-source",
    "MetadataDirective": "s3:x-amz-metadata-directive",
}
# Actions that have a name of their own for a named version.
_VERSIONED = {
    "s3:GetObject": "s3:GetObjectVersion",
    "s3:DeleteObject": "s3:DeleteObjectVersion",
    "s3:GetObjectTagging": "s3:GetObjectVersionTagging",
    "s3:PutObjectTagging": "s3:PutObjectVersionTagging",
    "s3:DeleteObjectTagging": "s3:DeleteObjectVersionTagging",
    "s3:GetObjectAcl": "s3:GetObjectVersionAcl",
    "s3:GetObjectAttributes": "s3:GetObjectVersionAttributes",
}


def on_bucket(name: str, action: str | None) -> Callable[[BucketHandler], BucketHandler]:
    """Register an operation on a bucket or one of its objects.

    The handler is called with the bucket, and only when the caller may do ``action`` there; with None the handler
    asks by itself.
    """

    def register(handler: BucketHandler) -> BucketHandler:
        def guarded(call: Call) -> dict[str, Any] | None:
            check_presigned(call)
            params = call.params
            wanted = _VERSIONED.get(action, action) if action and "VersionId" in params else action
            bucket = call.domain.objects.access.open(
                requester(call),
                params["Bucket"],
                wanted,
                params.get("Key"),
                owner=params.get("ExpectedBucketOwner"),
            )
            return handler(call, bucket)

        operation("s3", name)(guarded)
        return handler

    return register


def requester(call: Call) -> Requester:
    """The caller with the condition keys of the request."""
    context = {
        "aws:SourceIp": "127.0.0.1",
        "aws:UserAgent": call.request.headers.get("user-agent", ""),
        "aws:RequestedRegion": call.region,
        "aws:CurrentTime": datetime.fromtimestamp(
            call.domain.objects.clock.now(), tz=timezone.utc
        ).isoformat(),
    }
    for member, key in _CONDITIONS.items():
        if member in call.params:
            context[key] = str(call.params[member])
    return Requester(call.caller, context)


def check_presigned(call: Call) -> None:
    """Refuse a presigned request whose time is over.

    Raises:
        DomainError: ``AccessDenied`` or ``AuthorizationQueryParametersError``.
    """
    raw = call.request.raw_query
    if "X-Amz-Expires" not in raw and "Expires=" not in raw:
        return
    query = dict(call.request.query)
    expires = _expiry(query)
    now = call.domain.objects.clock.now()
    if expires is not None and now > expires:
        stamp = "%Y-%m-%dT%H:%M:%SZ"
        raise faults.refused(
            "AccessDenied",
            "Request has expired",
            403,
            Expires=datetime.fromtimestamp(expires, tz=timezone.utc).strftime(stamp),
            ServerTime=datetime.fromtimestamp(now, tz=timezone.utc).strftime(stamp),
        )


def _expiry(query: dict[str, str]) -> float | None:
    if "AWSAccessKeyId" in query and "Expires" in query:
        if not query["Expires"].isdigit():
            raise faults.denied("Invalid date (should be seconds since epoch): " + query["Expires"])
        return float(query["Expires"])
    if "X-Amz-Expires" not in query:
        return None
    try:
        seconds = int(query["X-Amz-Expires"])
        signed = datetime.strptime(query.get("X-Amz-Date", ""), "%Y%m%dT%H%M%SZ").replace(tzinfo=timezone.utc)
    except ValueError as error:
        text = "X-Amz-Date must be in the ISO8601 Long Format and X-Amz-Expires a number"
        raise faults.refused("AuthorizationQueryParametersError", text) from error
    if not 0 <= seconds <= _WEEK:
        text = "X-Amz-Expires must be less than a week (in seconds) and non-negative"
        raise faults.refused("AuthorizationQueryParametersError", text)
    return signed.timestamp() + seconds
