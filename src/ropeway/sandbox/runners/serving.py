"""Serving containers on loopback: start, wait for their ping, ask, stop; alone or as a chain.

A container is a process that answers ``/ping`` and ``/invocations`` on the port that SAGEMAKER_BIND_TO_PORT tells it.
In a chain the answer of one is the request of the next. Every asking thread has its own kept-alive connection.

Not here: what the containers hold (see ``modelcontainer``), and what their answers mean to a job or an endpoint.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from ropeway.sandbox.runners.process import Exit, ProcessHost, ProcessSpec, RunningProcess

__all__ = ["Answer", "Chain", "ContainerDownError", "ServingContainer"]

_PING_SECONDS = 2.0
_POLL_SECONDS = 0.02
_BROKEN = (OSError, http.client.HTTPException)
_CLOSED = (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError)
_ATTRIBUTES = "X-Amzn-SageMaker-Custom-Attributes"
_NOTHING: Mapping[str, str] = MappingProxyType({})


class ContainerDownError(Exception):
    """A container did not become ready, died, or does not answer; the text says which."""


@dataclass(frozen=True)
class Answer:
    """What a container answered.

    Attributes:
        content_type: "" when it told none.
        attributes: its X-Amzn-SageMaker-Custom-Attributes; "" when it told none.
    """

    status: int
    body: bytes
    content_type: str
    attributes: str = ""


class ServingContainer:
    """One container that runs.

    Args:
        spec: its process; the port is added to its environment.
    """

    def __init__(self, processes: ProcessHost, spec: ProcessSpec) -> None:
        self._port = _free_port()
        env = {**spec.env, "SAGEMAKER_BIND_TO_PORT": str(self._port)}
        self._process: RunningProcess = processes.start(replace(spec, env=env, tied=True))
        self._local = threading.local()
        self._connections: list[http.client.HTTPConnection] = []
        self._lock = threading.Lock()

    def wait_ready(self, seconds: float, check: Callable[[], None]) -> None:
        """Wait until a ping is answered by 200.

        Args:
            seconds: how long.
            check: called between pings; what it raises ends the wait.

        Raises:
            ContainerDownError: the process ended, or the time is over.
        """
        deadline = time.monotonic() + seconds
        while True:
            check()
            ended = self.ended(_POLL_SECONDS)
            if ended is not None:
                raise ContainerDownError(
                    f"the container ended before it answered /ping, exit code: {ended.status}"
                )
            if self._get("/ping")[0] == 200:
                return
            if time.monotonic() >= deadline:
                raise ContainerDownError(f"the container did not answer /ping by 200 within {seconds:g} s")

    def parameters(self) -> Mapping[str, Any]:
        """Its ``/execution-parameters``; empty when it has none."""
        status, body = self._get("/execution-parameters")
        if status != 200:
            return {}
        try:
            found = json.loads(body)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    def invoke(self, body: bytes, headers: Mapping[str, str], *, timeout: float, retries: int) -> Answer:
        """Ask it; a broken connection, a late answer and a 5xx are tried again.

        Raises:
            ContainerDownError: it ended, or none of the attempts had an answer.
        """
        for attempt in range(retries + 1):
            try:
                answer = self._post(body, headers, timeout)
            except _BROKEN as error:
                ended = self.ended(0.2)
                if ended is not None:
                    raise ContainerDownError(f"the container ended, exit code: {ended.status}") from error
                problem = f"within {timeout:g} s" if isinstance(error, TimeoutError) else f"({error})"
                if attempt == retries:
                    raise ContainerDownError(
                        f"the container did not answer /invocations {problem}"
                    ) from error
                continue
            if answer.status < 500 or attempt == retries:
                return answer
        raise AssertionError("the last attempt returns or raises")

    def ended(self, timeout: float) -> Exit | None:
        """How the process ended; None while it runs."""
        return self._process.wait(timeout)

    def terminate(self) -> None:
        """Ask it to end."""
        self._process.terminate()

    def close(self, grace: float) -> None:
        """End the process, by force after the grace, and its connections."""
        self._process.terminate()
        if self._process.wait(grace) is None:
            self._process.kill()
            self._process.wait(None)
        with self._lock:
            for connection in self._connections:
                connection.close()
            self._connections.clear()

    def kill(self) -> None:
        """End the process at once."""
        self._process.kill()
        self.close(0)

    def _get(self, path: str) -> tuple[int, bytes]:
        """Status and body; status 0 when nobody answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=_PING_SECONDS)
        with contextlib.closing(connection):
            try:
                connection.request("GET", path)
                response = connection.getresponse()
                return response.status, response.read()
            except _BROKEN:
                return 0, b""

    def _post(self, body: bytes, headers: Mapping[str, str], timeout: float) -> Answer:
        connection = self._connection(timeout)
        kept = connection.sock is not None
        try:
            return _exchange(connection, body, headers)
        except _CLOSED:
            connection.close()
            if not kept:
                raise
        except _BROKEN:
            connection.close()  # the next request opens it anew
            raise
        try:
            return _exchange(connection, body, headers)  # it had closed a connection that was idle
        except _BROKEN:
            connection.close()
            raise

    def _connection(self, timeout: float) -> http.client.HTTPConnection:
        connection: http.client.HTTPConnection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=timeout)
            self._local.connection = connection
            with self._lock:
                self._connections.append(connection)
        connection.timeout = timeout
        if connection.sock is not None:
            connection.sock.settimeout(timeout)
        return connection


class Chain:
    """The containers of one model, in order."""

    def __init__(self, containers: Sequence[ServingContainer]) -> None:
        self._containers = containers

    def wait_ready(self, seconds: float, check: Callable[[], None]) -> None:
        """Wait for every container; see ``ServingContainer.wait_ready``."""
        for container in self._containers:
            container.wait_ready(seconds, check)

    def parameters(self) -> Mapping[str, Any]:
        """The first container's ``/execution-parameters``: it is the one that requests are cut for."""
        return self._containers[0].parameters()

    def invoke(
        self,
        body: bytes,
        content_type: str | None,
        accept: str | None,
        *,
        timeout: float,
        retries: int = 0,
        headers: Mapping[str, str] = _NOTHING,
    ) -> Answer:
        """Pass a request through; the first answer that is no success is the chain's.

        Only the last container is told the Accept; between two the answer's own type goes on. All are told the
        further headers.

        Raises:
            ContainerDownError: a container ended, or does not answer.
        """
        answer = Answer(200, body, content_type or "")
        for container in self._containers:
            told = {**headers, "Content-Type": answer.content_type} if answer.content_type else dict(headers)
            if accept and container is self._containers[-1]:
                told["Accept"] = accept
            answer = container.invoke(answer.body, told, timeout=timeout, retries=retries)
            if answer.status >= 400:
                break
        return answer

    def ended(self) -> str:
        """What is told of a container that has ended; "" while all run."""
        for container in self._containers:
            found = container.ended(0)
            if found is not None:
                return f"the container ended, exit code: {found.status}"
        return ""

    def close(self, grace: float) -> None:
        """End all."""
        for container in self._containers:
            container.terminate()
        for container in self._containers:
            container.close(grace)

    def kill(self) -> None:
        """End all at once."""
        for container in self._containers:
            container.kill()


def _exchange(connection: http.client.HTTPConnection, body: bytes, headers: Mapping[str, str]) -> Answer:
    connection.request("POST", "/invocations", body, dict(headers))
    response = connection.getresponse()
    told = (response.getheader("Content-Type", ""), response.getheader(_ATTRIBUTES, ""))
    return Answer(response.status, response.read(), *told)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
