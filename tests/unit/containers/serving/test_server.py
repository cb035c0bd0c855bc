"""The HTTP side of a serving container."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterator

import pytest

from ropeway.containers.serving.server import Reply, RequestError, Server


class Fake:
    """Answers with its body; some bodies fail."""

    def invoke(self, body: bytes, content_type: str | None, accept: str | None) -> Reply:
        if body == b"refuse":
            raise RequestError(415, "not that")
        if body == b"raise":
            raise KeyError("lost")
        return Reply(body + f"|{content_type}|{accept}".encode(), "text/x-fake")


@pytest.fixture
def connection() -> Iterator[http.client.HTTPConnection]:
    server = Server(Fake(), 0)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    made = http.client.HTTPConnection("127.0.0.1", server.server_address[1], timeout=5)
    yield made
    made.close()
    server.shutdown()
    thread.join()
    server.server_close()


def ask(
    connection: http.client.HTTPConnection, method: str, path: str, body: bytes | None = None
) -> tuple[int, bytes]:
    connection.request(method, path, body, {"Content-Type": "a/b", "Accept": "c/d"})
    response = connection.getresponse()
    return response.status, response.read()


def test_one_connection_serves_everything(connection: http.client.HTTPConnection) -> None:
    assert ask(connection, "GET", "/ping") == (200, b"")
    used = connection.sock
    assert ask(connection, "POST", "/invocations", b"x") == (200, b"x|a/b|c/d")
    assert ask(connection, "POST", "/invocations", b"refuse") == (415, b"not that")
    assert ask(connection, "POST", "/invocations", b"raise") == (500, b"KeyError: 'lost'")
    assert ask(connection, "GET", "/other")[0] == 404
    assert ask(connection, "POST", "/other", b"x")[0] == 404
    status, body = ask(connection, "GET", "/execution-parameters")
    assert (status, json.loads(body)["MaxPayloadInMB"]) == (200, 6)
    assert connection.sock is used


def test_a_body_of_unknown_length_is_refused(connection: http.client.HTTPConnection) -> None:
    connection.putrequest("POST", "/invocations")
    connection.putheader("Transfer-Encoding", "chunked")
    connection.endheaders()  # the server may close before a body would be sent
    assert connection.getresponse().status == 411
