"""The one door to moto: what Ropeway does not own goes to moto's WSGI application, unpatched.

moto is told the account (``x-moto-account-id``), as it forgets who its keys belong to when it restarts. An
operation that moto lacks, and a fault inside moto, come back as an AWS error that names the operation,
instead of moto's HTML page, which SDKs retry and cannot read.
"""

from __future__ import annotations

import importlib
import io
import logging
import os
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from botocore.model import ServiceModel
from botocore.parsers import create_parser
from botocore.serialize import create_serializer

from ropeway.sandbox.domain.caller import Caller
from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.edge.codec.json import document_of
from ropeway.sandbox.edge.faults import crashed, not_there
from ropeway.sandbox.edge.names import full_name
from ropeway.sandbox.operations.service_models import service_model
from ropeway.sandbox.operations.wire import Headers, Request, Response

__all__ = ["Moto", "implemented"]

_log = logging.getLogger(__name__)
# botocore's name of a service → moto's module where the two differ.
_MODULES = {"lambda": "awslambda"}
_IAM_MANAGED_POLICIES = "MOTO_IAM_LOAD_MANAGED_POLICIES"


class Moto:
    """moto's services in this process."""

    def __init__(self) -> None:
        os.environ.setdefault(_IAM_MANAGED_POLICIES, "true")
        self._application: Callable[..., Iterable[bytes]] | None = None
        self._lock = threading.Lock()

    def forward(self, request: Request, *, service: str, operation: str, account: str) -> Response:
        """Let moto answer a request.

        Raises:
            DomainError: moto does not have the operation, or failed.
        """
        environ = _environ(request, account)
        try:
            status, headers, body = self._serve(environ)
        except NotImplementedError as error:
            raise not_there(service, full_name(service, operation, request)) from error
        except Exception as error:
            if "x-amz-target" in request.headers:
                document_of(request.body())  # a body that is no JSON is the caller's fault
            _log.exception("moto failed in %s %s", service, operation)
            raise crashed(service, operation, error) from error
        if _is_html(headers) and status >= 400:
            raise not_there(service, full_name(service, operation, request))
        return Response(status, headers, body)

    def call(
        self, service: str, operation: str, params: Mapping[str, Any], *, account: str, region: str
    ) -> dict[str, Any]:
        """One API call from inside the sandbox; implements ``domain.ports.Peers``."""
        model = service_model(service)
        serialized = create_serializer(model.resolved_protocol).serialize_to_request(
            dict(params), model.operation_model(operation)
        )
        request = _request_of(serialized, model, account, region)
        response = self.forward(request, service=service, operation=operation, account=account)
        body = response.body if isinstance(response.body, bytes) else b""
        parsed: dict[str, Any] = create_parser(model.resolved_protocol).parse(
            {"body": body, "headers": dict(response.headers), "status_code": response.status},
            model.operation_model(operation).output_shape,
        )
        if response.status >= 300:
            error = parsed.get("Error", {})
            raise DomainError(
                error.get("Message", ""), code=error.get("Code", "InternalFailure"), status=response.status
            )
        parsed.pop("ResponseMetadata", None)
        return parsed

    def user_of(self, access_key: str) -> Caller | None:
        """The IAM user that a key was made for; implements ``domain.sessions.AccessKeys``."""
        if self._application is None:  # nobody has asked moto anything: it knows no key
            return None
        from moto.iam.models import iam_backends  # noqa: PLC0415 - loaded with moto, never before

        for account, partitions in list(iam_backends.items()):
            key = partitions["aws"].access_keys.get(access_key)
            if key is not None and key.user_name is not None:
                user = partitions["aws"].users[key.user_name]
                return Caller(account, user.arn, user.id, access_key)
        return None

    def close(self) -> None:
        """Forget what moto holds: it keeps its state in the process, where the next server would find it."""
        if self._application is not None:
            from moto.moto_api._internal.models import moto_api_backend  # noqa: PLC0415 - loaded with moto, never before

            moto_api_backend.reset()

    def _serve(self, environ: dict[str, Any]) -> tuple[int, list[tuple[str, str]], bytes]:
        started: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(status: str, headers: list[tuple[str, str]], _exc: object = None) -> None:
            started.append((status, headers))

        chunks = self._wsgi()(environ, start_response)
        try:
            body = b"".join(chunks)
        finally:
            close = getattr(chunks, "close", None)
            if close is not None:
                close()
        status, headers = started[-1]
        kept = [
            (name, value) for name, value in headers if name.lower() not in {"content-length", "connection"}
        ]
        return int(status.split(" ", 1)[0]), kept, body

    def _wsgi(self) -> Callable[..., Iterable[bytes]]:
        if self._application is None:
            with self._lock:
                if self._application is None:
                    self._application = _load_application()
        return self._application


def implemented(service: str, operations: Iterable[str]) -> set[str]:
    """Which operations moto has: those that a response class of its service has a method for.

    Args:
        service: botocore's name of the service.
        operations: names as the service model spells them.
    """
    from moto.core.responses import BaseResponse  # noqa: PLC0415 - heavy; only the conformance page asks
    from moto.core.utils import camelcase_to_underscores  # noqa: PLC0415

    module = importlib.import_module(f"moto.{_MODULES.get(service, service)}.responses")
    classes = [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, BaseResponse) and value.__module__ == module.__name__
    ]
    methods = {
        name for each in classes for base in each.__mro__ for name in vars(base) if base is not BaseResponse
    }
    return {name for name in operations if camelcase_to_underscores(name) in methods}


def _load_application() -> Callable[..., Iterable[bytes]]:
    # moto and Flask take half a second: they load with the first call that needs them, not with the server.
    from moto.moto_server.werkzeug_app import (  # noqa: PLC0415
        DomainDispatcherApplication,
        create_backend_app,
    )

    def create(service: Any) -> Any:
        if service is None:
            raise NotImplementedError
        application = create_backend_app(service)
        application.config["PROPAGATE_EXCEPTIONS"] = True
        return application

    class QuietDispatcher(DomainDispatcherApplication):  # type: ignore[misc, unused-ignore]
        """Finds no backend for an unknown host without printing so."""

        def get_backend_for_host(self, host: str | None) -> Any:
            patterns = self.backend_url_patterns
            unknown = host is not None and "amazonaws.com" in host
            if unknown and not any(pattern.match(f"http://{host}") for _, pattern in patterns):
                return None
            return super().get_backend_for_host(host)

    dispatcher: Callable[..., Iterable[bytes]] = QuietDispatcher(create)
    return dispatcher


def _environ(request: Request, account: str) -> dict[str, Any]:
    body = request.body()
    host = request.host or "127.0.0.1"
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": request.path.encode("utf-8").decode("latin-1"),
        "RAW_URI": f"{request.raw_path}?{request.raw_query}" if request.raw_query else request.raw_path,
        "QUERY_STRING": request.raw_query,
        "SERVER_NAME": host.partition(":")[0],
        "SERVER_PORT": host.partition(":")[2] or "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_LENGTH": str(len(body)),
        "CONTENT_TYPE": request.headers.get("content-type", ""),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": request.scheme,
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in request.headers.items():
        if name not in {"content-type", "content-length", "transfer-encoding"}:
            environ[f"HTTP_{name.upper().replace('-', '_')}"] = value
    environ["HTTP_X_MOTO_ACCOUNT_ID"] = account
    return environ


def _request_of(serialized: Mapping[str, Any], model: ServiceModel, account: str, region: str) -> Request:
    body = serialized["body"]
    if isinstance(body, Mapping):
        body = urlencode(body)
    content = body.encode() if isinstance(body, str) else bytes(body)
    query = serialized["query_string"]
    headers = {
        **{name: str(value) for name, value in serialized["headers"].items()},
        "Host": f"{model.endpoint_prefix}.{region}.amazonaws.com",
        "Authorization": (
            f"AWS4-HMAC-SHA256 Credential={account}/20200101/{region}/{model.signing_name}/aws4_request, "
            "SignedHeaders=host, Signature=0"
        ),
        "Content-Length": str(len(content)),
    }
    return Request(
        method=serialized["method"],
        raw_path=serialized["url_path"],
        raw_query=query if isinstance(query, str) else urlencode(query),
        headers=Headers(headers),
        stream=io.BytesIO(content),
        content_length=len(content),
    )


def _is_html(headers: list[tuple[str, str]]) -> bool:
    return any(name.lower() == "content-type" and value.startswith("text/html") for name, value in headers)
