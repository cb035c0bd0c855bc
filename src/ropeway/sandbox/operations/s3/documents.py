"""Every other sub-resource of a bucket: put, got, listed and deleted by one mechanism, told as it was sent.

The table says what each is called and what S3 answers when it was never set. None of them changes what the sandbox
does; notification settings are read by the delivery of events.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from ropeway.sandbox.domain.events.failures import Undeliverable
from ropeway.sandbox.domain.events.objects import ambiguity, destinations
from ropeway.sandbox.domain.objects import faults
from ropeway.sandbox.domain.objects.model import Bucket
from ropeway.sandbox.operations.call import Call
from ropeway.sandbox.operations.s3.attributes import check_tags
from ropeway.sandbox.operations.s3.gate import on_bucket

__all__ = ["SUBRESOURCES", "Subresource"]

_AES256 = {
    "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}]
}

_SIZE = "TransitionDefaultMinimumObjectSize"


@dataclass(frozen=True)
class Subresource:
    """One kind of configuration.

    Attributes:
        kind: its name in the store.
        operation: what Put… and Get… are followed by.
        payload: the member of Put… that carries the document.
        delete: the operation that deletes it, or None.
        action: what policies call it, after ``s3:Get`` and ``s3:Put``.
        missing: the error's code and text when there is none; None answers ``default``.
        default: the document of a bucket that has none.
        wrapped: Get… answers the document as this member, not as its members.
    """

    kind: str
    operation: str
    payload: str
    action: str
    delete: str | None = None
    missing: tuple[str, str] | None = None
    default: Mapping[str, Any] = field(default_factory=dict)
    wrapped: str | None = None


SUBRESOURCES = (
    Subresource(
        "accelerate", "BucketAccelerateConfiguration", "AccelerateConfiguration", "AccelerateConfiguration"
    ),
    Subresource(
        "cors",
        "BucketCors",
        "CORSConfiguration",
        "BucketCORS",
        "DeleteBucketCors",
        ("NoSuchCORSConfiguration", "The CORS configuration does not exist"),
    ),
    Subresource(
        "encryption",
        "BucketEncryption",
        "ServerSideEncryptionConfiguration",
        "EncryptionConfiguration",
        "DeleteBucketEncryption",
        default=_AES256,
        wrapped="ServerSideEncryptionConfiguration",
    ),
    Subresource(
        "lifecycle",
        "BucketLifecycleConfiguration",
        "LifecycleConfiguration",
        "LifecycleConfiguration",
        "DeleteBucketLifecycle",
        ("NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist"),
    ),
    Subresource("logging", "BucketLogging", "BucketLoggingStatus", "BucketLogging"),
    Subresource(
        "notification", "BucketNotificationConfiguration", "NotificationConfiguration", "BucketNotification"
    ),
    Subresource(
        "object-lock",
        "ObjectLockConfiguration",
        "ObjectLockConfiguration",
        "BucketObjectLockConfiguration",
        None,
        ("ObjectLockConfigurationNotFoundError", "Object Lock configuration does not exist for this bucket"),
        wrapped="ObjectLockConfiguration",
    ),
    Subresource(
        "ownership",
        "BucketOwnershipControls",
        "OwnershipControls",
        "BucketOwnershipControls",
        "DeleteBucketOwnershipControls",
        ("OwnershipControlsNotFoundError", "The bucket ownership controls were not found"),
        wrapped="OwnershipControls",
    ),
    Subresource(
        "public-access",
        "PublicAccessBlock",
        "PublicAccessBlockConfiguration",
        "BucketPublicAccessBlock",
        "DeletePublicAccessBlock",
        ("NoSuchPublicAccessBlockConfiguration", "The public access block configuration was not found"),
        wrapped="PublicAccessBlockConfiguration",
    ),
    Subresource(
        "replication",
        "BucketReplication",
        "ReplicationConfiguration",
        "ReplicationConfiguration",
        "DeleteBucketReplication",
        ("ReplicationConfigurationNotFoundError", "The replication configuration was not found"),
        wrapped="ReplicationConfiguration",
    ),
    Subresource(
        "request-payment",
        "BucketRequestPayment",
        "RequestPaymentConfiguration",
        "BucketRequestPayment",
        default={"Payer": "BucketOwner"},
    ),
    Subresource(
        "tagging",
        "BucketTagging",
        "Tagging",
        "BucketTagging",
        "DeleteBucketTagging",
        ("NoSuchTagSet", "The TagSet does not exist"),
    ),
    Subresource(
        "website",
        "BucketWebsite",
        "WebsiteConfiguration",
        "BucketWebsite",
        "DeleteBucketWebsite",
        ("NoSuchWebsiteConfiguration", "The specified bucket does not have a website configuration"),
    ),
)
# Kinds that a bucket has several of, by id: Get…Configuration, List…Configurations.
_NUMBERED = {
    "analytics": ("Analytics", "AnalyticsConfiguration", "AnalyticsConfigurationList"),
    "intelligent-tiering": (
        "IntelligentTiering",
        "IntelligentTieringConfiguration",
        "IntelligentTieringConfigurationList",
    ),
    "inventory": ("Inventory", "InventoryConfiguration", "InventoryConfigurationList"),
    "metrics": ("Metrics", "MetricsConfiguration", "MetricsConfigurationList"),
}


def _check_versioned(call: Call, bucket: Bucket, document: Any) -> None:  # noqa: ARG001 - the checks' signature
    if bucket.versioning != "Enabled":
        text = "Versioning must be 'Enabled' on the bucket to apply a replication configuration"
        raise faults.invalid_request(text)


def _check_lock(call: Call, bucket: Bucket, document: Any) -> None:  # noqa: ARG001 - the checks' signature
    if bucket.versioning != "Enabled":
        text = "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration"
        raise faults.refused("InvalidBucketState", text, 409)


def _check_tagset(call: Call, bucket: Bucket, document: Any) -> None:  # noqa: ARG001 - the checks' signature
    check_tags([(tag["Key"], tag["Value"]) for tag in document.get("TagSet", [])], limit=50)


def _name_rules(call: Call, bucket: Bucket, document: Any) -> None:  # noqa: ARG001 - the checks' signature
    for number, rule in enumerate(document.get("Rules", [])):
        rule.setdefault("ID", f"{call.request_id}-{number}")
    # Terraform waits until it reads back what it has set, this default included.
    document[_SIZE] = call.params.get(_SIZE, "all_storage_classes_128K")


def _name_notifications(call: Call, bucket: Bucket, document: Any) -> None:
    for kind in ("Topic", "Queue", "LambdaFunction"):
        for number, entry in enumerate(document.get(f"{kind}Configurations", [])):
            entry.setdefault("Id", f"{call.request_id}-{kind.lower()}-{number}")
    reason = ambiguity(document)
    if reason is not None:
        raise faults.refused("InvalidArgument", reason)
    objects = call.domain.events.objects
    if not call.params.get("SkipDestinationValidation"):
        for entry, arn in destinations(document):
            try:
                call.domain.events.targets.permit(objects.delivery(bucket, entry, arn, ""))
            except (KeyError, Undeliverable) as error:
                text = "Unable to validate the following destination configurations"
                raise faults.refused(
                    "InvalidArgument", text, ArgumentName=arn, ArgumentValue=str(error)
                ) from error
    objects.configured(bucket, document)


_CHECKS: dict[str, Callable[[Call, Bucket, Any], None]] = {
    "lifecycle": _name_rules,
    "notification": _name_notifications,
    "object-lock": _check_lock,
    "replication": _check_versioned,
    "tagging": _check_tagset,
}


def _register(sub: Subresource) -> None:
    def put(call: Call, bucket: Bucket) -> dict[str, Any]:
        document = call.params.get(sub.payload) or {}
        if sub.kind in _CHECKS:
            _CHECKS[sub.kind](call, bucket, document)
        call.domain.objects.buckets.put(bucket, sub.kind, _plain(document))
        return {_SIZE: document[_SIZE]} if _SIZE in document else {}

    def get(call: Call, bucket: Bucket) -> dict[str, Any]:
        document = call.domain.objects.buckets.get(bucket, sub.kind)
        if document is None and sub.missing is not None:
            raise faults.refused(*sub.missing, 404, BucketName=bucket.name)
        found = dict(sub.default) if document is None else document
        return {sub.wrapped: found} if sub.wrapped else found

    def delete(call: Call, bucket: Bucket) -> None:
        call.domain.objects.buckets.forget(bucket, sub.kind)

    on_bucket(f"Put{sub.operation}", f"s3:Put{sub.action}")(put)
    on_bucket(f"Get{sub.operation}", f"s3:Get{sub.action}")(get)
    if sub.delete is not None:
        on_bucket(sub.delete, f"s3:Put{sub.action}")(delete)


def _register_numbered(kind: str, name: str, payload: str, listed: str) -> None:
    def put(call: Call, bucket: Bucket) -> None:
        document = {**call.params[payload], "Id": call.params["Id"]}
        call.domain.objects.buckets.put(bucket, kind, _plain(document), call.params["Id"])

    def get(call: Call, bucket: Bucket) -> dict[str, Any]:
        document = call.domain.objects.buckets.get(bucket, kind, call.params["Id"])
        if document is None:
            raise _no_configuration()
        return {payload: document}

    def delete(call: Call, bucket: Bucket) -> None:
        if not call.domain.objects.buckets.forget(bucket, kind, call.params["Id"]):
            raise _no_configuration()

    def list_all(call: Call, bucket: Bucket) -> dict[str, Any]:
        return {listed: call.domain.objects.buckets.all(bucket, kind), "IsTruncated": False}

    on_bucket(f"PutBucket{name}Configuration", f"s3:Put{name}Configuration")(put)
    on_bucket(f"GetBucket{name}Configuration", f"s3:Get{name}Configuration")(get)
    on_bucket(f"DeleteBucket{name}Configuration", f"s3:Put{name}Configuration")(delete)
    on_bucket(f"ListBucket{name}Configurations", f"s3:Get{name}Configuration")(list_all)


def _no_configuration() -> Exception:
    return faults.refused("NoSuchConfiguration", "The specified configuration does not exist.", 404)


def _plain(value: Any) -> Any:
    """A document as JSON can hold it: times as answers write them."""
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, datetime):
        return value.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return value


for _each in SUBRESOURCES:
    _register(_each)
for _kind, (_name, _payload, _listed) in _NUMBERED.items():
    _register_numbered(_kind, _name, _payload, _listed)
