"""REST-JSON: Lambda. The operation is in method and path; members in path, query, headers and a JSON body.

A member that is the payload has the whole body, as it came. Source: Smithy, "AWS restJson1 protocol".
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

from botocore.model import OperationModel, ServiceModel, Shape

from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.edge.codec.json import document_of, dump, load
from ropeway.sandbox.operations.service_models import service_model
from ropeway.sandbox.operations.wire import Request, Response

__all__ = ["fault", "operation_of", "parse", "serialize"]

_PLACEHOLDER = re.compile(r"\{([^}+]+)(\+?)\}")
_CONTENT_TYPE = "application/json"


def operation_of(model: ServiceModel, request: Request) -> str:
    """The operation of a method and path.

    Raises:
        DomainError: no operation of the service has this method and path.
    """
    path = request.raw_path.rstrip("/") or "/"
    query = dict(request.query)
    for method, pattern, fixed, name in _table(model.service_name):
        if method == request.method and pattern.fullmatch(path) and fixed.items() <= query.items():
            return name
    raise DomainError(
        f"{model.service_name} has no operation at {request.method} {request.path}.",
        code="UnknownOperationException",
        status=404,
    )


@lru_cache(maxsize=16)
def _table(service: str) -> list[tuple[str, re.Pattern[str], dict[str, str], str]]:
    """(method, path, query that must be there, operation), the most literal first."""
    model = service_model(service)
    found = []
    for name in model.operation_names:
        http = model.operation_model(name).http
        uri, _, query = http["requestUri"].partition("?")
        fixed = dict(part.partition("=")[::2] for part in query.split("&") if part)
        literal = len(_PLACEHOLDER.sub("", uri)) + 1000 * len(fixed)
        found.append((literal, (http["method"], _pattern(uri), fixed, name)))
    found.sort(key=lambda entry: -entry[0])
    return [row for _, row in found]


def _pattern(uri: str) -> re.Pattern[str]:
    pieces = []
    end = 0
    uri = uri.rstrip("/") or "/"
    for hole in _PLACEHOLDER.finditer(uri):
        pieces += [re.escape(uri[end : hole.start()]), "(.+)" if hole.group(2) else "([^/]+)"]
        end = hole.end()
    return re.compile("".join(pieces) + re.escape(uri[end:]))


def parse(model: ServiceModel, operation: OperationModel, request: Request) -> dict[str, Any]:
    """The request's members.

    Raises:
        DomainError: ``SerializationException`` when the body is not the JSON object that it should be.
    """
    shape = operation.input_shape
    if shape is None:
        return {}
    params = _from_body(operation, shape, request)
    uri = operation.http["requestUri"].partition("?")[0].rstrip("/")
    path = _pattern(uri).fullmatch(request.raw_path.rstrip("/"))
    labels = dict(
        zip(
            (hole.group(1) for hole in _PLACEHOLDER.finditer(uri)),
            path.groups() if path else (),
            strict=False,
        )
    )
    query = dict(request.query)
    for name, member in shape.members.items():
        wire = member.serialization.get("name", name)
        where = member.serialization.get("location")
        sources: Mapping[str, Mapping[str, str]] = {
            "uri": labels,
            "querystring": query,
            "header": request.headers,
        }
        if where == "querystring" and member.type_name == "list":
            found = [text for key, text in request.query if key == wire]
            if found:
                params[name] = [_scalar(text, member.member) for text in found]
            continue
        text = sources[where].get(wire) if where in sources else None
        if text is not None:
            params[name] = _scalar(unquote(text) if where == "uri" else text, member)
    return params


def _from_body(operation: OperationModel, shape: Shape, request: Request) -> dict[str, Any]:
    payload = shape.serialization.get("payload")
    body = request.body()
    if payload is not None and shape.members[payload].type_name in {"blob", "string"}:
        return {payload: body} if body else {}
    if payload is not None:
        return {payload: load(document_of(body), shape.members[payload])} if body else {}
    document = document_of(body)
    return {
        name: load(document[wire], member)
        for name, member in shape.members.items()
        if "location" not in member.serialization
        and document.get(wire := member.serialization.get("name", name)) is not None
    }


def _scalar(text: str, shape: Shape) -> Any:
    if shape.type_name == "boolean":
        return text == "true"
    if shape.type_name in {"integer", "long"}:
        try:
            return int(text)
        except ValueError:
            return text
    return text


def serialize(
    model: ServiceModel, operation: OperationModel, result: Mapping[str, Any], request_id: str
) -> Response:
    """The answer to a call that succeeded."""
    status = operation.http.get("responseCode", 200)
    headers = [("Content-Type", _CONTENT_TYPE), ("x-amzn-RequestId", request_id)]
    shape = operation.output_shape
    if shape is None:
        return Response(status, headers)
    rest = dict(result)
    for name, member in shape.members.items():
        where = member.serialization.get("location")
        if where == "statusCode":
            status = rest.pop(name, status)
        elif where == "header" and rest.get(name) is not None:
            wire = member.serialization.get("name", name)
            headers = [header for header in headers if header[0] != wire]  # a body may have a type of its own
            headers.append((wire, str(rest.pop(name))))
    payload = shape.serialization.get("payload")
    if payload is not None:
        content = rest.get(payload)
        if isinstance(content, bytes) or content is None:
            return Response(status, headers, content or b"")
        return Response(status, headers, json.dumps(dump(content, shape.members[payload])).encode())
    return Response(status, headers, json.dumps(dump(rest, shape)).encode())


def fault(error: DomainError, request_id: str, resource: str) -> Response:
    """The answer to a call that was refused."""
    side = "User" if error.status < 500 else "Service"
    body = {
        "Type": side,
        "Message": error.message,
        "message": error.message,
        "Code": error.code,
        **error.fields,
    }
    headers = [
        ("Content-Type", _CONTENT_TYPE),
        ("x-amzn-RequestId", request_id),
        ("x-amzn-ErrorType", error.code),
        *error.headers.items(),
    ]
    return Response(error.status, headers, json.dumps(body).encode())
