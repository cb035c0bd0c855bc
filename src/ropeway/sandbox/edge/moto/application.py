"""moto in this process: its WSGI application, its state and its randomness. Nothing else imports moto."""

from __future__ import annotations

import contextlib
import gc
import importlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from ropeway.sandbox.domain.caller import Caller

__all__ = [
    "Application",
    "facts_of",
    "forget",
    "implemented",
    "load",
    "much_made",
    "restore_facts",
    "seed",
    "serve",
    "user_of",
    "write_log",
]

Application = Callable[..., Iterable[bytes]]

_HOSTS = 1000  # kept at most
# botocore's name of a service → moto's module where the two differ.
_MODULES = {"application-autoscaling": "applicationautoscaling", "lambda": "awslambda"}


@contextlib.contextmanager
def much_made() -> Iterator[None]:
    """While millions of objects are made that stay: Python's collector would look through them again and again."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


def load() -> Application:
    """Moto's application for all its services; takes half a second the first time."""
    from moto.moto_server.werkzeug_app import (  # noqa: PLC0415 - heavy: loaded when first needed
        DomainDispatcherApplication,
        create_backend_app,
    )

    from ropeway.sandbox.edge.moto import material, queues  # noqa: PLC0415 - they import moto

    material.install()
    queues.install()

    def create(service: Any) -> Any:
        if service is None:
            raise NotImplementedError
        with much_made():  # EC2 reads some 10 MB of JSON
            application = create_backend_app(service)
        application.config["PROPAGATE_EXCEPTIONS"] = True
        return application

    class QuietDispatcher(DomainDispatcherApplication):  # type: ignore[misc, unused-ignore]
        """Finds the backend of a host once, as moto looks at its whole package for that; of an unknown one quietly."""

        def __init__(self, create_app: Any) -> None:
            super().__init__(create_app)
            self._found: dict[str | None, Any] = {}

        def get_backend_for_host(self, host: str | None) -> Any:
            if host not in self._found:
                if len(self._found) >= _HOSTS:  # hosts may be buckets of any name
                    self._found.clear()
                self._found[host] = self._find(host)
            return self._found[host]

        def _find(self, host: str | None) -> Any:
            patterns = self.backend_url_patterns
            unknown = host is not None and "amazonaws.com" in host
            if unknown and not any(pattern.match(f"http://{host}") for _, pattern in patterns):
                return None
            return super().get_backend_for_host(host)

    dispatcher: Application = QuietDispatcher(create)
    return dispatcher


def serve(application: Application, environ: dict[str, Any]) -> tuple[int, list[tuple[str, str]], bytes]:
    """One answer: status, headers without those of the connection, body."""
    started: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], _exc: object = None) -> None:
        started.append((status, headers))

    chunks = application(environ, start_response)
    try:
        body = b"".join(chunks)
    finally:
        close = getattr(chunks, "close", None)
        if close is not None:
            close()
    status, headers = started[-1]
    kept = [(name, value) for name, value in headers if name.lower() not in {"content-length", "connection"}]
    return int(status.split(" ", 1)[0]), kept, body


def seed(number: int) -> None:
    """Begin moto's randomness, which its ids come from."""
    from moto.moto_api._internal import mock_random  # noqa: PLC0415

    mock_random.seed(number)


def forget() -> None:
    """Empty moto: it keeps its state in the process, where the next server would find it."""
    from moto.moto_api._internal.models import moto_api_backend  # noqa: PLC0415

    moto_api_backend.reset()


def user_of(access_key: str) -> Caller | None:
    """The IAM user that a key was made for."""
    from moto.iam.models import iam_backends  # noqa: PLC0415

    for account, partitions in list(iam_backends.items()):
        key = partitions["aws"].access_keys.get(access_key)
        if key is not None and key.user_name is not None:
            user = partitions["aws"].users[key.user_name]
            return Caller(account, user.arn, user.id, access_key)
    return None


def write_log(operation: str, params: Mapping[str, Any], account: str, region: str) -> tuple[str, str] | None:
    """Make a group or a stream of logs, or put lines into one; code and message of the error when it cannot be."""
    from moto.core.exceptions import JsonRESTError  # noqa: PLC0415
    from moto.logs.models import logs_backends  # noqa: PLC0415

    logs = logs_backends[account][region]
    group, stream = params["logGroupName"], params.get("logStreamName", "")
    try:
        if operation == "CreateLogGroup":
            logs.create_log_group(group, {}, kmsKeyId=None)
        elif operation == "CreateLogStream":
            logs.create_log_stream(group, stream)
        else:
            logs.put_log_events(group, stream, params["logEvents"])
    except JsonRESTError as error:
        return error.error_type, error.message
    return None


def facts_of(service: str, operation: str, account: str) -> Mapping[str, str]:
    """What a call has just made that comes from the machine's randomness and not from moto's: KMS key material."""
    if (service, operation) != ("kms", "CreateKey"):
        return {}
    from ropeway.sandbox.edge.moto import material  # noqa: PLC0415 - imports moto

    return material.of_newest(account)


def restore_facts(facts: Mapping[str, str], account: str) -> None:
    """Give keys that were made again the material that they had."""
    if facts:
        from ropeway.sandbox.edge.moto import material  # noqa: PLC0415 - imports moto

        material.put_back(facts, account)


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
