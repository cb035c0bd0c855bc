"""AWS Query: STS, SNS, CloudFormation (and IAM, … by moto). A form goes in, XML comes out.

Nested members are flattened as ``Tags.member.1.Key``. Source: Smithy, "AWS query protocol".
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any
from urllib.parse import parse_qsl

from botocore.model import OperationModel, ServiceModel, Shape

from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.edge.codec.xmltext import xml_text
from ropeway.sandbox.operations.wire import Request, Response

__all__ = ["fault", "operation_of", "parse", "serialize"]

_NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/"


def parse(model: ServiceModel, operation: OperationModel, request: Request) -> dict[str, Any]:
    """The request's members, from the form and the query."""
    fields = dict(parse_qsl(request.raw_query, keep_blank_values=True))
    fields.update(parse_qsl(request.body().decode("utf-8", "replace"), keep_blank_values=True))
    if operation.input_shape is None:
        return {}
    value = _load(fields, operation.input_shape, "")
    return value if isinstance(value, dict) else {}


def _load(fields: Mapping[str, str], shape: Shape, prefix: str) -> Any:
    kind = shape.type_name
    if kind == "structure":
        members = {}
        for name, member in shape.members.items():
            value = _load(fields, member, f"{prefix}.{name}" if prefix else name)
            if value is not None:
                members[name] = value
        return members or (None if prefix else {})
    if kind == "list":
        items: list[Any] = []
        while (item := _load(fields, shape.member, f"{prefix}.member.{len(items) + 1}")) is not None:
            items.append(item)
        return items or None
    if kind == "map":
        return _load_map(fields, shape, prefix)
    text = fields.get(prefix)
    if text is None:
        return None
    return _scalar(text, kind)


def _load_map(fields: Mapping[str, str], shape: Shape, prefix: str) -> dict[str, Any] | None:
    """``Attributes.entry.1.key`` and ``Attributes.entry.1.value``, under the names that the model gives them."""
    key, value = (
        each.serialization.get("name", name) for each, name in ((shape.key, "key"), (shape.value, "value"))
    )
    found: dict[str, Any] = {}
    number = 1
    while (name := fields.get(f"{prefix}.entry.{number}.{key}")) is not None:
        found[name] = _load(fields, shape.value, f"{prefix}.entry.{number}.{value}")
        number += 1
    return found or None


def _scalar(text: str, kind: str) -> Any:
    if kind == "boolean":
        return text == "true"
    if kind == "blob":
        try:
            return base64.b64decode(text, validate=True)
        except ValueError:
            return text
    if kind in {"integer", "long"}:
        try:
            return int(text)
        except ValueError:
            return text
    return text


def serialize(
    model: ServiceModel, operation: OperationModel, result: Mapping[str, Any], request_id: str
) -> Response:
    """The answer to a call that succeeded."""
    shape = operation.output_shape
    inner = "" if shape is None else _members(result, shape)
    body = (
        f'<{operation.name}Response xmlns="{_NAMESPACE}">'
        f"<{operation.name}Result>{inner}</{operation.name}Result>"
        f"<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata>"
        f"</{operation.name}Response>"
    )
    return _xml(200, body, request_id)


def _members(value: Mapping[str, Any], shape: Shape) -> str:
    return "".join(
        f"<{name}>{_dump(value[name], member)}</{name}>"
        for name, member in shape.members.items()
        if value.get(name) is not None
    )


def _dump(value: Any, shape: Shape) -> str:
    kind = shape.type_name
    if kind == "structure":
        return _members(value, shape)
    if kind == "list":
        return "".join(f"<member>{_dump(item, shape.member)}</member>" for item in value)
    if kind == "map":
        return "".join(
            f"<entry><key>{xml_text(key)}</key><value>{_dump(item, shape.value)}</value></entry>"
            for key, item in value.items()
        )
    if isinstance(value, datetime):
        return value.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, bool):
        return "true" if value else "false"
    return xml_text(str(value))


def fault(error: DomainError, request_id: str, resource: str) -> Response:
    """The answer to a call that was refused."""
    side = "Sender" if error.status < 500 else "Receiver"
    body = (
        f'<ErrorResponse xmlns="{_NAMESPACE}"><Error><Type>{side}</Type><Code>{xml_text(error.code)}</Code>'
        f"<Message>{xml_text(error.message)}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>"
    )
    return _xml(error.status, body, request_id)


def _xml(status: int, body: str, request_id: str) -> Response:
    headers = [("Content-Type", "text/xml"), ("x-amzn-RequestId", request_id)]
    return Response(status, headers, body.encode())


def operation_of(model: ServiceModel, request: Request) -> str:
    """Never found in the path: this protocol names its operation elsewhere."""
    raise DomainError(
        f"The request names no operation of {model.service_name}.", code="MissingAction", status=400
    )
