"""The server as a socket sees it."""

from __future__ import annotations

import http.client
import json
import socket
from contextlib import closing
from pathlib import Path

import boto3
import pytest

from ropeway.errors import SandboxError
from ropeway.sandbox.server import Server


def test_the_health_page_tells_where_the_server_is(sandbox: Server) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", sandbox.port)) as connection:
        connection.request("GET", "/_sandbox/health")
        answer = connection.getresponse()
        page = json.loads(answer.read())
    assert answer.status == 200
    assert page["status"] == "ready"
    assert page["endpoint"] == sandbox.endpoint


def test_a_stopped_server_leaves_nothing_to_the_next_one_of_its_process(tmp_path: Path) -> None:
    def queues(server: Server) -> list[str]:
        sqs = boto3.client(
            "sqs",
            "eu-west-1",
            endpoint_url=server.endpoint,
            aws_access_key_id="1" * 12,
            aws_secret_access_key="x",
        )
        found: list[str] = sqs.list_queues().get("QueueUrls", [])
        sqs.create_queue(QueueName="work")
        return found

    for name in ("first", "second"):
        server = Server(tmp_path / name, port=0)
        server.start()
        assert queues(server) == []
        server.stop()


def test_a_connection_serves_many_requests_even_after_an_unread_body(sandbox: Server) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", sandbox.port)) as connection:
        for _ in range(3):
            connection.request("POST", "/_sandbox/nowhere", body=b"x" * 100_000)
            answer = connection.getresponse()
            assert answer.status == 404
            assert "no page POST /_sandbox/nowhere" in json.loads(answer.read())["message"]


def test_a_taken_port_is_told_by_number(sandbox: Server, tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match=f"port {sandbox.port}") as caught:
        Server(tmp_path, port=sandbox.port)
    assert "--port" in str(caught.value.hint)


def speaks_ipv6() -> bool:
    """Whether this machine has the loopback address of IPv6."""
    try:
        with socket.socket(socket.AF_INET6) as tried:
            tried.bind(("::1", 0))
    except OSError:
        return False
    return True


def test_an_address_of_ipv6_stands_in_brackets(tmp_path: Path) -> None:
    if not speaks_ipv6():
        with pytest.raises(SandboxError, match="of ::1 cannot be used"):
            Server(tmp_path, host="::1", port=0)
        return
    server = Server(tmp_path, host="::1", port=0)
    server.start()
    try:
        assert server.endpoint == f"http://[::1]:{server.port}"
        with closing(http.client.HTTPConnection("::1", server.port)) as connection:
            connection.request("GET", "/_sandbox/health")
            assert json.loads(connection.getresponse().read())["endpoint"] == server.endpoint
    finally:
        server.stop()


def test_it_binds_to_loopback_only(sandbox: Server) -> None:
    assert sandbox.endpoint == f"http://127.0.0.1:{sandbox.port}"
