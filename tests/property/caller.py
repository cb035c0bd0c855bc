"""Calls a sandbox in this process: requests as bytes on the wire, answers as bytes; no sockets."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from botocore import parsers, serialize
from botocore.awsrequest import prepare_request_dict

from ropeway.sandbox.compose import Sandbox, build
from ropeway.sandbox.edge.chain import OWNED
from ropeway.sandbox.operations.service_models import service_model
from ropeway.sandbox.operations.wire import FileBody, Headers, Request, Response

__all__ = ["UNREADABLE", "Answer", "Caller", "running"]

UNREADABLE = "unreadable"
_ENDPOINT = "http://127.0.0.1:4566"


@dataclass(frozen=True)
class Answer:
    """What came back.

    Attributes:
        parsed: the answer as botocore reads it.
    """

    status: int
    body: bytes
    parsed: dict[str, Any]

    @property
    def code(self) -> str:
        """The error code; "" for none."""
        return str(self.parsed.get("Error", {}).get("Code", ""))


@contextmanager
def running(state: Path) -> Iterator[Caller]:
    """A sandbox over a folder."""
    sandbox = build(state, endpoint=_ENDPOINT, status=dict, shutdown=lambda: None, hold=0)
    try:
        yield Caller(sandbox)
    finally:
        sandbox.close()


class Caller:
    """Sends requests that no client would send."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._edge = sandbox.edge

    def __call__(self, service: str, operation: str, params: dict[str, Any]) -> Answer | None:
        """Send one request; None when there is no way to write it down in the service's protocol."""
        model = service_model(service)
        described = model.operation_model(operation)
        request = _request(OWNED[service], model, described, params)
        if request is None:
            return None
        response = self._edge.handle(request)
        body = _read(response)
        protocol = OWNED[service]
        parser = parsers.create_parser(protocol)
        told = {
            "status_code": response.status,
            "headers": Headers(dict(response.headers)),
            "body": body,
            "context": {"operation_name": operation},
        }
        shape = described.output_shape
        if shape is not None and any(
            getattr(member, "type_name", "") == "blob" for member in shape.members.values()
        ):
            return Answer(response.status, body, {} if response.status < 400 else parser.parse(told, None))
        try:
            parsed = parser.parse(told, shape)
        except parsers.ResponseParserError as error:
            parsed = {"Error": {"Code": UNREADABLE, "Message": str(error)}}
        return Answer(response.status, body, parsed)


def _request(protocol: str, model: Any, described: Any, params: dict[str, Any]) -> Request | None:
    if protocol == "json":  # the serializer would refuse or mend what is wrong
        headers = {
            "X-Amz-Target": f"{model.metadata['targetPrefix']}.{described.name}",
            "Content-Type": f"application/x-amz-json-{model.metadata.get('jsonVersion', '1.1')}",
        }
        body = json.dumps(params, default=lambda value: value.decode("latin-1")).encode("utf-8", "replace")
        return _wire("POST", "/", "", headers, body, model)
    try:
        made = serialize.create_serializer(protocol, include_validation=False)
        told = made.serialize_to_request(params, described)
        prepare_request_dict(told, _ENDPOINT)
        content = told["body"]
        if isinstance(content, dict):
            content = urlencode(content)
        sent = content.encode() if isinstance(content, str) else bytes(content or b"")
        headers = {name: str(value) for name, value in told["headers"].items()}
        path = quote(told["url_path"], safe="/%~-._")
        query = urlencode(told["query_string"], doseq=True) if told["query_string"] else ""
        if "?" in told["url_path"]:
            path, _, fixed = told["url_path"].partition("?")
            query = "&".join(part for part in (fixed, query) if part)
    except Exception:  # noqa: BLE001 - what botocore cannot write down cannot be sent
        return None
    return _wire(told["method"], path, query, headers, sent, model)


def _wire(method: str, path: str, query: str, headers: dict[str, str], body: bytes, model: Any) -> Request:
    name = model.metadata.get("signingName") or model.metadata["endpointPrefix"]
    scope = f"Credential=111111111111/20260101/eu-west-1/{name}/aws4_request"
    fields = {
        **headers,
        "Host": "127.0.0.1:4566",
        "Content-Length": str(len(body)),
        "Authorization": f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=0",
    }
    return Request(
        method=method,
        raw_path=path,
        raw_query=query,
        headers=Headers(fields),
        stream=io.BytesIO(body),
        content_length=len(body),
        raw_headers=fields,
    )


def _read(response: Response) -> bytes:
    body = response.body
    if isinstance(body, bytes):
        return body
    if isinstance(body, FileBody):
        with body.file or body.path.open("rb") as file:
            file.seek(body.offset)
            return file.read(body.length)
    return b"".join(body)
