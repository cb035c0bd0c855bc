"""Bare requests to a sandbox or to moto's server, so that what is timed is the server. Not a measurement."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from bench.live import processor_seconds

__all__ = ["Asked", "Server", "free_port"]

_ACCOUNT, _REGION = "111111111111", "eu-west-1"
# service → the prefix of its target, and the name that it is signed for.
_SERVICES = {
    "events": ("AWSEvents", "events"),
    "sqs": ("AmazonSQS", "sqs"),
    "stepfunctions": ("AWSStepFunctions", "states"),
    "sagemaker": ("SageMaker", "sagemaker"),
}


class Asked:
    """A connection of one thread's to a server."""

    def __init__(self, endpoint: str) -> None:
        address = urlsplit(endpoint)
        self._connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=120)

    def __call__(self, service: str, operation: str, params: Mapping[str, Any]) -> Any:
        """One call; an answer that is no success is an assertion's failure."""
        prefix, signed = _SERVICES[service]
        scope = f"Credential={_ACCOUNT}/20260101/{_REGION}/{signed}/aws4_request"
        headers = {
            "X-Amz-Target": f"{prefix}.{operation}",
            "Content-Type": f"application/x-amz-json-1.{0 if service in {'sqs', 'stepfunctions'} else 1}",
            "Authorization": f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=0",
        }
        self._connection.request("POST", "/", json.dumps(params), headers)
        response = self._connection.getresponse()
        body = response.read()
        assert response.status == 200, f"{response.status} {body.decode('utf-8', 'replace')}"
        return json.loads(body or b"{}")


class Server:
    """A server under measurement."""

    def __init__(self, name: str, endpoint: str, pid: int) -> None:
        self.name = name
        self.endpoint = endpoint
        self._pid = pid
        self._local = threading.local()

    def ask(self) -> Asked:
        """The calling thread's connection."""
        found: Asked | None = getattr(self._local, "asked", None)
        if found is None:
            found = self._local.asked = Asked(self.endpoint)
        return found

    def processor_seconds(self) -> float:
        """What the server has used so far."""
        return processor_seconds(self._pid)

    def wait(self) -> None:
        """Wait until it listens."""
        address = urlsplit(self.endpoint)
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                socket.create_connection((str(address.hostname), int(address.port or 80)), 1).close()
            except OSError:
                time.sleep(0.05)
            else:
                return
        raise RuntimeError(f"{self.name} does not listen")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
