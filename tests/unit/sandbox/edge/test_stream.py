"""The reader of a request's lines, over a real pair of sockets."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from ropeway.sandbox.edge.stream import LineReader


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, LineReader]]:
    far, near = socket.socketpair()
    reader = LineReader(near, "rb", 64)
    yield far, reader
    reader.close()
    far.close()
    near.close()


def test_lines_come_one_by_one(pair: tuple[socket.socket, LineReader]) -> None:
    far, reader = pair
    far.sendall(b"GET / HTTP/1.1\r\n\r\nrest")
    assert reader.readline() == b"GET / HTTP/1.1\r\n"
    assert reader.readline(256) == b"\r\n"
    far.sendall(b"\n")
    assert reader.readline() == b"rest\n"


def test_a_line_longer_than_the_buffer_is_whole(pair: tuple[socket.socket, LineReader]) -> None:
    far, reader = pair
    long = b"x" * 500 + b"\n"
    far.sendall(b"short\n" + long + b"end\n")
    assert [reader.readline(), reader.readline(), reader.readline(None)] == [b"short\n", long, b"end\n"]


def test_a_line_is_cut_at_the_limit(pair: tuple[socket.socket, LineReader]) -> None:
    far, reader = pair
    far.sendall(b"abcdef\n")
    assert [reader.readline(4), reader.readline(3)] == [b"abcd", b"ef\n"]


def test_what_has_no_end_is_what_there_is(pair: tuple[socket.socket, LineReader]) -> None:
    far, reader = pair
    far.sendall(b"broken")
    far.shutdown(socket.SHUT_WR)
    assert [reader.readline(256), reader.readline(256)] == [b"broken", b""]
