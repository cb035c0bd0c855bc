"""AWS JSON 1.1: SageMaker, EventBridge, Step Functions, CloudWatch Logs.

One POST to ``/``, the operation in ``X-Amz-Target``, members in a JSON object; timestamps are seconds since the
epoch as numbers, blobs base64. Source: Smithy, "AWS JSON 1.1 protocol".
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from botocore.model import OperationModel, ServiceModel, Shape

from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.operations.wire import Request, Response
from ropeway.values import strictjson

__all__ = ["document_of", "dump", "fault", "load", "operation_of", "parse", "serialize"]

_CONTENT_TYPE = "application/x-amz-json-1.1"


def parse(model: ServiceModel, operation: OperationModel, request: Request) -> dict[str, Any]:
    """The request's members.

    Raises:
        DomainError: ``SerializationException`` when the body is not a JSON object.
    """
    document = document_of(request.body())
    if operation.input_shape is None:
        return {}
    loaded: dict[str, Any] = load(document, operation.input_shape)
    return loaded


def document_of(body: bytes) -> dict[str, Any]:
    """A body's JSON object; an empty body is an empty one.

    Raises:
        DomainError: ``SerializationException``: it is no JSON, or no object.
    """
    try:
        document = strictjson.loads(body or b"{}")
    except ValueError as error:
        raise DomainError(
            f"The request body is not JSON: {error}.", code="SerializationException", status=400
        ) from error
    if not isinstance(document, dict):
        raise DomainError(
            "The request body must be a JSON object.", code="SerializationException", status=400
        )
    return document


def load(value: Any, shape: Shape) -> Any:
    """A JSON value as the shape's Python value; what has the wrong type stays as it is for the validator."""
    kind = shape.type_name
    if kind == "structure" and isinstance(value, Mapping):
        return {
            name: load(value[name], member)
            for name, member in shape.members.items()
            if value.get(name) is not None
        }
    if kind == "list" and isinstance(value, list):
        return [load(item, shape.member) for item in value]
    if kind == "map" and isinstance(value, Mapping):
        return {key: load(item, shape.value) for key, item in value.items()}
    if kind == "timestamp":
        return _load_timestamp(value)
    if kind == "blob" and isinstance(value, str):
        return _load_blob(value)
    return value


def _load_timestamp(value: Any) -> Any:
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return datetime.fromtimestamp(value, tz=timezone.utc)
        except (ValueError, OverflowError, OSError):
            return value
    if isinstance(value, str):
        try:
            return datetime.fromisoformat(value.replace("Z", "+00:00"))
        except ValueError:
            return value
    return value


def _load_blob(value: str) -> Any:
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return value


def serialize(
    model: ServiceModel, operation: OperationModel, result: Mapping[str, Any], request_id: str
) -> Response:
    """The answer to a call that succeeded."""
    shape = operation.output_shape
    body = b"{}" if shape is None else json.dumps(dump(result, shape), separators=(",", ":")).encode()
    return Response(200, [("Content-Type", _CONTENT_TYPE), ("x-amzn-RequestId", request_id)], body)


def dump(value: Any, shape: Shape) -> Any:
    """A Python value as JSON; members that are None or that the shape does not know are left out."""
    kind = shape.type_name
    if kind == "structure":
        return {
            name: dump(value[name], member)
            for name, member in shape.members.items()
            if value.get(name) is not None
        }
    if kind == "list":
        return [dump(item, shape.member) for item in value]
    if kind == "map":
        return {key: dump(item, shape.value) for key, item in value.items()}
    if kind == "timestamp":
        return value.timestamp() if isinstance(value, datetime) else value
    if kind == "blob":
        return base64.b64encode(value).decode()
    return value


def fault(error: DomainError, request_id: str, resource: str) -> Response:
    """The answer to a call that was refused."""
    body = json.dumps({"__type": error.code, "message": error.message, "Message": error.message}).encode()
    headers = [
        ("Content-Type", _CONTENT_TYPE),
        ("x-amzn-RequestId", request_id),
        ("x-amzn-ErrorType", error.code),
    ]
    return Response(error.status, headers, body)


def operation_of(model: ServiceModel, request: Request) -> str:
    """Never found in the path: this protocol names its operation elsewhere."""
    raise DomainError(
        f"The request names no operation of {model.service_name}.", code="MissingAction", status=400
    )
