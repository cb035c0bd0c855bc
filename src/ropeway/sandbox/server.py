"""The server: sockets on one side, the edge on the other; and the process that it runs in.

``serve`` runs in the foreground until it is told to stop. Cheroot reads and parses HTTP with a pool of threads;
one gateway turns its requests into the edge's and writes answers, files by ``sendfile``. Binds to loopback
unless told otherwise.
"""

from __future__ import annotations

import errno
import io
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any

from cheroot.server import Gateway, HTTPConnection, HTTPServer

from ropeway.errors import SandboxError
from ropeway.sandbox.compose import build
from ropeway.sandbox.edge.chain import Edge
from ropeway.sandbox.edge.holds import LONGEST
from ropeway.sandbox.edge.stream import LineReader, SocketBody
from ropeway.sandbox.operations.wire import FileBody, Headers, Request, Response
from ropeway.sandbox.ports import DEFAULT_PORT, Ports, PortTakenError, keep
from ropeway.sandbox.presence import alone, told

__all__ = ["Server", "serve"]

# A thread waits through a held call (Lambda, S3 transfers), so there are more than cores; cheroot's pool is fixed.
_THREADS = 64
_PIECE = 1 << 20
_log = logging.getLogger(__name__)


class Server:
    """A sandbox that listens.

    Args:
        state: the folder of its durable state.
        host: the address to bind to.
        port: the port; 0 takes a free one.
        hold: for how many seconds a describe may be held at most; 0 for not at all.
    """

    def __init__(
        self, state: Path, *, host: str = "127.0.0.1", port: int = DEFAULT_PORT, hold: float = LONGEST
    ) -> None:
        self._http = HTTPServer(
            (host, port), gateway=_gateway(self), minthreads=_THREADS, server_name="ropeway"
        )
        self._http.ConnectionClass = _Connection
        self._http.timeout = 75
        self._http.shutdown_timeout = 2
        self._http.request_queue_size = 128
        self._http.max_request_body_size = 0
        self._http.max_request_header_size = 65536
        _listen(self._http, host, port)
        self.port: int = self._http.bind_addr[1]
        self.endpoint = f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"
        try:
            self._sandbox = build(
                state, endpoint=self.endpoint, status=self._status, shutdown=self._shutdown_soon, hold=hold
            )
        except BaseException:
            self._http.stop()  # its threads would keep a process alive that has nothing to serve
            raise
        self.edge: Edge = self._sandbox.edge

    def serve(self) -> None:
        """Answer requests until ``stop`` is called."""
        threading.Thread(target=self._sandbox.resume, name="resume", daemon=True).start()
        self._http.serve()

    def start(self) -> threading.Thread:
        """Answer requests in a thread of this process."""
        thread = threading.Thread(target=self.serve, name="sandbox-server", daemon=True)
        thread.start()
        return thread

    def stop(self) -> None:
        """Stop listening, let running calls end, and close the state."""
        self.edge.holds.close()
        self._http.stop()
        self._sandbox.close()

    def _status(self) -> Mapping[str, Any]:
        return {"status": "ready", "endpoint": self.endpoint, "pid": os.getpid()}

    def _shutdown_soon(self) -> None:
        # After the answer is out, as a signal would: serve() ends in the main thread.
        threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGTERM)).start()


class _Connection(HTTPConnection):  # type: ignore[misc, unused-ignore] # cheroot has no types
    """A connection whose head is read quickly."""

    def __init__(self, server: HTTPServer, sock: socket.socket, makefile: Any) -> None:
        def file(sock: socket.socket, mode: str, size: int) -> Any:
            return (LineReader if "r" in mode else makefile)(sock, mode, size)

        super().__init__(server, sock, file)


def serve(state: Path, *, host: str, ports: Ports, hold: float = LONGEST) -> None:
    """Run a server in this process until SIGTERM or SIGINT.

    Raises:
        SandboxError: another process serves the folder, or no port of these can be used.
    """

    def stop(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    with alone(state):
        server = _first(state, host, ports, hold)
        signal.signal(signal.SIGTERM, stop)
        try:
            keep(state, server.port)
            with told(state, server.endpoint):
                server.serve()
        except KeyboardInterrupt:
            _log.info("stopping")
        finally:
            server.stop()


def _first(state: Path, host: str, ports: Ports, hold: float) -> Server:
    """A server on the first port that can be had; a line tells when it is not the first that was tried."""
    for port in ports.tried:
        try:
            server = Server(state, host=host, port=port, hold=hold)
        except PortTakenError as error:
            if port == ports.tried[-1]:
                raise PortTakenError(str(error), hint=ports.hint or error.hint) from error
            continue
        if port != ports.tried[0]:
            sys.stderr.write(
                f"note: port {ports.tried[0]} is taken; the sandbox listens on {server.endpoint}\n"
            )
        return server
    raise ValueError("no port to try")


def _listen(http: HTTPServer, host: str, port: int) -> None:
    what = f"port {port} of {host} cannot be used"
    try:
        _probe(host, port)
    except OSError as error:
        what = f"{what}: {error.strerror or error}"
        if error.errno == errno.EADDRINUSE:
            raise PortTakenError(what) from error
        if error.errno == errno.EACCES:
            raise PortTakenError(what, hint="low ports are the superuser's; choose a higher one") from error
        raise SandboxError(what, hint="choose an address of this machine, or leave --host out") from error
    try:
        http.prepare()
    except OSError as error:  # somebody was quicker
        if http.socket is not None:
            http.socket.close()
        raise PortTakenError(f"{what}: {error}") from error
    # Cheroot leaves it out for free ports; the next start would find this one taken while old connections end.
    http.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)


def _probe(host: str, port: int) -> None:
    """Fail like the real bind would, but close the socket, which cheroot leaves to the garbage collector."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))


def _gateway(server: Server) -> type[Gateway]:
    class EdgeGateway(Gateway):
        """One request of cheroot's, answered by the edge."""

        def respond(self) -> None:
            _respond(self.req, server.edge)

    return EdgeGateway


def _respond(req: Any, edge: Edge) -> None:
    request = _request_of(req)
    response = edge.handle(request)
    while request.content_length != 0 and request.stream.read(_PIECE):
        pass  # what an early refusal left of the body, so that the next request starts where it starts
    length = _length(response)
    reason = HTTPStatus(response.status).phrase
    req.status = f"{response.status} {reason}".encode("ascii")
    req.outheaders.extend(
        (name.encode("latin-1"), value.encode("latin-1")) for name, value in response.headers
    )
    names = {name.lower() for name, _ in response.headers}
    if length is not None and "content-length" not in names:
        req.outheaders.append((b"Content-Length", str(length).encode("ascii")))
    body = response.body
    if req.method == b"HEAD" or response.status in {204, 304}:
        req.ensure_headers_sent()
        _close(body)
        return
    if isinstance(body, bytes):
        _send_whole(req, body)
        return
    req.ensure_headers_sent()
    if isinstance(body, FileBody):
        _send_file(req, body)
    else:
        for chunk in body:
            req.write(chunk)


def _request_of(req: Any) -> Request:
    raw = {name.decode("latin-1"): value.decode("latin-1") for name, value in req.inheaders.items()}
    headers = Headers(raw)
    uri = req.uri.decode("latin-1")
    if "://" in uri.split("?", 1)[0]:  # absolute form, as proxies send it
        uri = "/" + uri.split("://", 1)[1].partition("/")[2]
    path, _, query = uri.partition("?")
    length = headers.get("content-length")
    chunked = "chunked" in headers.get("transfer-encoding", "").lower()
    return Request(
        method=req.method.decode("ascii"),
        raw_path=path,
        raw_query=query,
        headers=headers,
        stream=req.rfile if chunked else SocketBody(req.rfile, req.conn.socket),  # type: ignore[arg-type]
        content_length=None if chunked else int(length or 0),
        raw_headers=raw,
    )


def _length(response: Response) -> int | None:
    if isinstance(response.body, bytes):
        return len(response.body)
    if isinstance(response.body, FileBody):
        return response.body.length
    return None


def _send_whole(req: Any, body: bytes) -> None:
    """Head and body in one piece: botocore takes a head whose body never came for an empty answer."""
    out = req.conn.wfile
    head = io.BytesIO()
    req.conn.wfile = head
    try:
        req.ensure_headers_sent()
    finally:
        req.conn.wfile = out
    out.write(head.getvalue() + body)


def _send_file(req: Any, body: FileBody) -> None:
    with body.file or body.path.open("rb") as source:
        if body.length == 0:
            return
        req.conn.wfile.flush()
        sent = req.conn.socket.sendfile(source, body.offset, body.length)
    if sent != body.length:
        _log.warning("%s: sent %d of %d bytes", body.path, sent, body.length)
        req.close_connection = True


def _close(body: object) -> None:
    if isinstance(body, FileBody) and body.file is not None:
        body.file.close()
