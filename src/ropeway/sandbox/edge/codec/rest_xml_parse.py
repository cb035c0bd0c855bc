"""REST-XML requests: members from URI, query, headers and an XML body, by the operation's input shape."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any
from xml.etree import ElementTree

from botocore.model import OperationModel, ServiceModel, Shape

from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.edge.codec.s3_route import address_of
from ropeway.sandbox.operations.wire import Request

__all__ = ["load", "parse"]

_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
# (member name, place's name, shape)
_Member = tuple[str, str, Shape]


class _Plan:
    """Where an operation's members are, sorted by place: worked out once per operation."""

    def __init__(self, operation: OperationModel) -> None:
        self.query: list[_Member] = []
        self.headers: dict[str, tuple[str, Shape]] = {}
        self.prefixed: list[_Member] = []
        self.body: tuple[str, Shape] | None = None
        shape = operation.input_shape
        if shape is None:
            return
        payload = shape.serialization.get("payload")
        for name, member in shape.members.items():
            place = member.serialization.get("location")
            wire = member.serialization.get("name", name)
            if place == "querystring":
                self.query.append((name, wire, member))
            elif place == "header":
                self.headers[wire.lower()] = (name, member)
            elif place == "headers":
                self.prefixed.append((name, wire.lower(), member))
            elif name == payload:
                self.body = (name, member)


@cache
def _plan(model: ServiceModel, name: str) -> _Plan:
    return _Plan(model.operation_model(name))


def parse(operation: OperationModel, request: Request) -> dict[str, Any]:
    """The request's members.

    Raises:
        DomainError: ``MalformedXML`` when the body is not XML.
    """
    plan = _plan(operation.service_model, operation.name)
    params: dict[str, Any] = {}
    if operation.input_shape is not None:
        address = address_of(request)
        members = operation.input_shape.members
        places = (("Bucket", address.bucket), ("Key", address.key))
        params.update((name, value) for name, value in places if value and name in members)
    if plan.query and request.raw_query:
        query = dict(request.query)
        for name, wire, shape in plan.query:
            if wire in query:
                params[name] = _scalar(query[wire], shape)
    _headers(plan, request, params)
    if plan.body is not None:
        name, shape = plan.body
        value = _body(shape, request)
        if value is not None:
            params[name] = value
    return params


def _headers(plan: _Plan, request: Request, params: dict[str, Any]) -> None:
    for wire, value in request.headers.items():
        bound = plan.headers.get(wire)
        if bound is not None:
            loaded = _header(value, bound[1])
            if loaded is not None:
                params[bound[0]] = loaded
            continue
        for name, prefix, _shape in plan.prefixed:
            if wire.startswith(prefix):
                params.setdefault(name, {})[wire[len(prefix) :]] = value


def _header(value: str, shape: Shape) -> Any:
    if shape.type_name == "list":
        return [item.strip() for item in value.split(",")]
    if shape.type_name == "timestamp" and shape.serialization.get("timestampFormat") != "iso8601":
        return _http_date(value)
    return _scalar(value, shape)


def _http_date(value: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(value)
    except ValueError:
        return _iso_date(value)
    return date if date.tzinfo else date.replace(tzinfo=timezone.utc)


def _iso_date(value: str) -> datetime | None:
    try:
        date = datetime.fromisoformat(_without_fraction(value).replace("Z", "+00:00"))
    except ValueError:
        return None
    return date if date.tzinfo else date.replace(tzinfo=timezone.utc)


def _without_fraction(value: str) -> str:
    # Python 3.10 reads fractions of three and six digits only.
    head, point, rest = value.partition(".")
    return f"{head}{rest.lstrip('0123456789')}" if point else value


def _scalar(text: str, shape: Shape) -> Any:
    kind = shape.type_name
    if kind == "boolean":
        return {"true": True, "false": False}.get(text.lower(), text)
    if kind in {"integer", "long"}:
        try:
            return int(text)
        except ValueError:
            return text
    if kind == "timestamp":
        return _iso_date(text) or text
    return text


def _body(shape: Shape, request: Request) -> Any:
    kind = shape.type_name
    if kind == "blob":
        return None  # streamed: it stays on the request
    content = request.body()
    if kind == "string":
        return content.decode("utf-8", "replace")
    if not content.strip():
        return None
    try:
        root = ElementTree.fromstring(content)  # noqa: S314 - expat bounds entity expansion; nothing external is read
    except ElementTree.ParseError as error:
        raise malformed() from error
    return load(root, shape)


def malformed() -> DomainError:
    """The body does not have the form that the operation takes."""
    return DomainError(
        "The XML you provided was not well-formed or did not validate against our published schema",
        code="MalformedXML",
        status=400,
    )


def load(element: ElementTree.Element, shape: Shape) -> Any:
    """An XML element as the shape's Python value."""
    return _LOADERS.get(shape.type_name, _load_scalar)(element, shape)


def _load_structure(element: ElementTree.Element, shape: Shape) -> dict[str, Any]:
    children: dict[str, list[ElementTree.Element]] = {}
    for child in element:
        children.setdefault(_local(child.tag), []).append(child)
    loaded: dict[str, Any] = {}
    for name, member in shape.members.items():
        wire = member.serialization.get("name", name)
        if member.serialization.get("xmlAttribute"):
            value = element.get(wire.replace("xsi:", _XSI))
            if value is not None:
                loaded[name] = value
            continue
        if member.type_name == "list" and member.serialization.get("flattened"):
            wire = member.serialization.get("name") or member.member.serialization.get("name", name)
            found = children.get(wire)
            if found:
                loaded[name] = [load(item, member.member) for item in found]
            continue
        found = children.get(wire)
        if found:
            loaded[name] = load(found[0], member)
    return loaded


def _load_list(element: ElementTree.Element, shape: Shape) -> list[Any]:
    return [load(item, shape.member) for item in element]


def _load_scalar(element: ElementTree.Element, shape: Shape) -> Any:
    text = element.text or ""
    return _scalar(text if shape.type_name == "string" else text.strip(), shape)


_LOADERS: Mapping[str, Callable[[ElementTree.Element, Any], Any]] = {
    "structure": _load_structure,
    "list": _load_list,
}


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
