"""REST-XML answers: members into status, headers and an XML or streamed body, by the operation's output shape."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from email.utils import formatdate
from functools import cache
from typing import Any
from xml.sax.saxutils import quoteattr

from botocore.model import OperationModel, ServiceModel, Shape

from ropeway.sandbox.edge.codec.xmltext import xml_text
from ropeway.sandbox.operations.wire import Response

__all__ = ["dump", "serialize"]

_NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
# Root elements that the model does not name.
_ROOTS = {
    "CompleteMultipartUpload": "CompleteMultipartUploadResult",
    "CreateMultipartUpload": "InitiateMultipartUploadResult",
    "DeleteObjects": "DeleteResult",
    "GetBucketAccelerateConfiguration": "AccelerateConfiguration",
    "GetBucketAcl": "AccessControlPolicy",
    "GetBucketCors": "CORSConfiguration",
    "GetBucketLifecycleConfiguration": "LifecycleConfiguration",
    "GetBucketLogging": "BucketLoggingStatus",
    "GetBucketNotificationConfiguration": "NotificationConfiguration",
    "GetBucketRequestPayment": "RequestPaymentConfiguration",
    "GetBucketTagging": "Tagging",
    "GetBucketVersioning": "VersioningConfiguration",
    "GetBucketWebsite": "WebsiteConfiguration",
    "GetObjectAcl": "AccessControlPolicy",
    "GetObjectAttributes": "GetObjectAttributesResponse",
    "GetObjectTagging": "Tagging",
    "ListBucketAnalyticsConfigurations": "ListBucketAnalyticsConfigurationResult",
    "ListBucketInventoryConfigurations": "ListInventoryConfigurationsResult",
    "ListBucketMetricsConfigurations": "ListMetricsConfigurationsResult",
    "ListBuckets": "ListAllMyBucketsResult",
    "ListMultipartUploads": "ListMultipartUploadsResult",
    "ListObjectVersions": "ListVersionsResult",
    "ListObjects": "ListBucketResult",
    "ListObjectsV2": "ListBucketResult",
    "ListParts": "ListPartsResult",
}


class _Plan:
    """Where an operation's output members go: worked out once per operation."""

    def __init__(self, operation: OperationModel) -> None:
        self.headers: list[tuple[str, str, Shape]] = []
        self.prefixed: list[tuple[str, str]] = []
        self.body: list[tuple[str, Shape]] = []
        self.payload: tuple[str, Shape] | None = None
        self.status: int = operation.http.get("responseCode", 200)
        shape = operation.output_shape
        if shape is None:
            return
        payload = shape.serialization.get("payload")
        for name, member in shape.members.items():
            place = member.serialization.get("location")
            wire = member.serialization.get("name", name)
            if place == "header":
                self.headers.append((name, wire, member))
            elif place == "headers":
                self.prefixed.append((name, wire))
            elif name == payload:
                self.payload = (name, member)
            else:
                self.body.append((name, member))


@cache
def _plan(model: ServiceModel, name: str) -> _Plan:
    return _Plan(model.operation_model(name))


def serialize(operation: OperationModel, result: Mapping[str, Any], request_id: str) -> Response:
    """The answer; a result with ``ContentRange`` is a partial one (206)."""
    plan = _plan(operation.service_model, operation.name)
    headers = [("x-amz-request-id", request_id)]
    for name, wire, shape in plan.headers:
        value = result.get(name)
        if value is not None:
            headers.append((wire, _header(value, shape)))
    for name, prefix in plan.prefixed:
        headers.extend((f"{prefix}{key}", value) for key, value in result.get(name, {}).items())
    status = 206 if "ContentRange" in result else plan.status
    if plan.payload is not None:
        return _payload(plan.payload, result, status, headers)
    if not plan.body:
        return Response(status, headers)
    if operation.name == "GetBucketLocation":  # the one answer whose only member is its root
        region = result.get("LocationConstraint", "")
        return _xml(
            status, headers, f'<LocationConstraint xmlns="{_NAMESPACE}">{region}</LocationConstraint>'
        )
    root = _ROOTS.get(operation.name, f"{operation.name}Result")
    inner = "".join(_element(name, result.get(name), shape) for name, shape in plan.body)
    return _xml(status, headers, f'<{root} xmlns="{_NAMESPACE}">{inner}</{root}>')


def _payload(
    payload: tuple[str, Shape], result: Mapping[str, Any], status: int, headers: list[tuple[str, str]]
) -> Response:
    name, shape = payload
    value = result.get(name)
    if shape.type_name == "blob":
        return Response(status, headers, b"" if value is None else value)
    if shape.type_name == "string":
        return Response(status, [*headers, ("Content-Type", "application/json")], (value or "").encode())
    root = shape.serialization.get("name", shape.name)
    inner = dump(value or {}, shape)
    return _xml(status, headers, f'<{root} xmlns="{_NAMESPACE}">{inner}</{root}>')


def _xml(status: int, headers: list[tuple[str, str]], text: str) -> Response:
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n{text}'.encode("utf-8", "replace")
    return Response(status, [*headers, ("Content-Type", "application/xml")], body)


def _header(value: Any, shape: Shape) -> str:
    if isinstance(value, datetime):
        if shape.serialization.get("timestampFormat") == "iso8601":
            return _iso(value)
        return formatdate(value.timestamp(), usegmt=True)
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _iso(value: datetime) -> str:
    moment = value.astimezone(timezone.utc)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def dump(value: Any, shape: Shape) -> str:
    """The inside of an element."""
    kind = shape.type_name
    if kind == "structure":
        return "".join(
            _element(name, value.get(name), member)
            for name, member in shape.members.items()
            if not member.serialization.get("xmlAttribute")
        )
    if kind == "list":
        wire = shape.member.serialization.get("name", "member")
        return "".join(_tagged(wire, item, shape.member) for item in value)
    if isinstance(value, datetime):
        return _iso(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return xml_text(str(value))


def _element(name: str, value: Any, shape: Shape) -> str:
    if value is None:
        return ""
    wire = shape.serialization.get("name", name)
    if shape.type_name == "list" and shape.serialization.get("flattened"):
        wire = shape.serialization.get("name") or shape.member.serialization.get("name", name)
        return "".join(_tagged(wire, item, shape.member) for item in value)
    return _tagged(wire, value, shape)


def _tagged(wire: str, value: Any, shape: Shape) -> str:
    attributes = ""
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            if member.serialization.get("xmlAttribute") and value.get(name) is not None:
                attribute = member.serialization.get("name", name)
                space = (
                    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"' if "xsi:" in attribute else ""
                )
                attributes += f"{space} {attribute}={quoteattr(value[name])}"
    return f"<{wire}{attributes}>{dump(value, shape)}</{wire}>"
