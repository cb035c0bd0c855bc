"""The HTTP side of a serving container: ``GET /ping``, ``GET /execution-parameters``, ``POST /invocations``.

Listens on loopback, on SAGEMAKER_BIND_TO_PORT (8080). The model is loaded before the port opens, so a ping that is
answered means a model that is there; one that cannot be loaded ends the process with its traceback. Connections are
kept alive, one thread each. A ``RequestError`` is the caller's fault and answered as it says; anything else that a
handler raises is logged and answered 500. Chunked request bodies are refused (411).
"""

from __future__ import annotations

import json
import os
import signal
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol

__all__ = ["Handler", "Reply", "RequestError", "Server", "is_batch", "main"]


class RequestError(Exception):
    """A request that cannot be answered; the status says why."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


@dataclass(frozen=True)
class Reply:
    """What a model answers."""

    body: bytes
    content_type: str


class Handler(Protocol):
    """A loaded model. Called from several threads."""

    def invoke(self, body: bytes, content_type: str | None, accept: str | None) -> Reply:
        """Answer one invocation.

        Raises:
            RequestError: the request is at fault.
        """


def is_batch() -> bool:
    """Whether a batch transform asks."""
    return os.environ.get("SAGEMAKER_BATCH", "").lower() == "true"


class Server(ThreadingHTTPServer):
    """A server around one model."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, handler: Handler, port: int) -> None:
        super().__init__(("127.0.0.1", port), _Requests)
        self.handler = handler


class _Requests(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def do_GET(self) -> None:
        """Health and the container's own limits."""
        if self.path == "/ping":
            self._answer(200, Reply(b"", "text/plain"))
        elif self.path == "/execution-parameters":
            self._answer(200, Reply(json.dumps(_parameters()).encode(), "application/json"))
        else:
            self._fail(404, f"no such path: {self.path}")

    def do_POST(self) -> None:
        """An invocation."""
        length = self.headers.get("Content-Length", "")
        if not length.isdigit():
            self.close_connection = True
            self._fail(411, "Content-Length is required")
            return
        body = self.rfile.read(int(length))
        if self.path != "/invocations":
            self._fail(404, f"no such path: {self.path}")
            return
        try:
            reply = self.server.handler.invoke(
                body, self.headers.get("Content-Type"), self.headers.get("Accept")
            )
        except RequestError as error:
            print(f"ERROR: {error}", file=sys.stderr, flush=True)
            self._fail(error.status, str(error))
        except Exception as error:  # noqa: BLE001 - border of a request: user code may raise anything
            traceback.print_exc()
            sys.stderr.flush()
            self._fail(500, f"{type(error).__name__}: {error}")
        else:
            self._answer(200, reply)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Nothing: a line per request would bury what the model says."""

    def _fail(self, status: int, text: str) -> None:
        self._answer(status, Reply(text.encode("utf-8", "replace"), "text/plain; charset=utf-8"))

    def _answer(self, status: int, reply: Reply) -> None:
        head = (
            f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\nContent-Type: {reply.content_type}\r\n"
            f"Content-Length: {len(reply.body)}\r\n"
        )
        if self.close_connection:
            head += "Connection: close\r\n"
        self.wfile.write(head.encode("latin-1", "replace") + b"\r\n" + reply.body)


def _parameters() -> dict[str, Any]:
    return {
        "MaxConcurrentTransforms": os.cpu_count() or 1,
        "BatchStrategy": "MULTI_RECORD",
        "MaxPayloadInMB": 6,
    }


def main(load: Callable[[], Handler]) -> int:
    """Load a model and serve it until SIGTERM; the exit code."""
    signal.signal(signal.SIGTERM, lambda _number, _frame: os._exit(0))
    try:
        handler = load()
    except Exception as error:  # noqa: BLE001 - border of the process: the job must be told why
        if not isinstance(error, RequestError):
            traceback.print_exc()
        print(f"ERROR: the model could not be loaded: {error}", file=sys.stderr, flush=True)
        return 1
    with Server(handler, int(os.environ.get("SAGEMAKER_BIND_TO_PORT") or 8080)) as server:
        server.serve_forever()
    return 0
