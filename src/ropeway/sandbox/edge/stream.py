"""A request's lines from what has arrived, and its body from the socket itself.

Cheroot's reader is plain Python and copies every byte several times. It has read the headers, and with them perhaps
the body's beginning; that is taken from it, and the rest comes by ``recv``. A peer that goes away or falls silent
ends the body early: who knows its length sees that it is short.
"""

from __future__ import annotations

import socket
from typing import Any

from cheroot.makefile import StreamReader

__all__ = ["LineReader", "SocketBody"]

_AHEAD = 65_536
_PIECE = 1 << 20


class LineReader(StreamReader):  # type: ignore[misc, unused-ignore] # cheroot has no types
    """Reads the lines of a request's head; one that has arrived already is taken as it is, not byte by byte."""

    _read_buf: bytes  # of io's BufferedReader in Python, which this is
    _read_pos: int

    def readline(self, limit: int | None = -1) -> bytes:
        """A line with its end; cut at the limit."""
        start = self._read_pos
        end = self._read_buf.find(b"\n", start) + 1
        if end and (limit is None or limit < 0 or end - start <= limit):
            self._read_pos = end
            line: bytes = self._read_buf[start:end]
            return line
        rest: bytes = super().readline(limit)
        return rest


class SocketBody:
    """A body of known length.

    Args:
        known: cheroot's ``KnownLengthRFile``, whose count of what remains is kept true.
        sock: the connection.
    """

    def __init__(self, known: Any, sock: socket.socket) -> None:
        self._known = known
        self._socket = sock
        self._ahead = b""

    def read(self, size: int = -1) -> bytes:
        """Up to ``size`` bytes, as the network delivers them; all that remain when it is negative."""
        if size is None or size < 0:
            return b"".join(iter(lambda: self.read(_PIECE), b""))
        if self._ahead:
            piece, self._ahead = self._ahead[:size], self._ahead[size:]
            return piece
        return self._receive(size)

    def readline(self, limit: int = _AHEAD) -> bytes:
        """A line with its end; cut at the limit."""
        while b"\n" not in self._ahead and len(self._ahead) < limit:
            more = self._receive(_AHEAD)
            if not more:
                break
            self._ahead += more
        end = self._ahead.find(b"\n") + 1 or len(self._ahead)
        line, self._ahead = self._ahead[: min(end, limit)], self._ahead[min(end, limit) :]
        return line

    def _receive(self, size: int) -> bytes:
        wanted = min(size, self._known.remaining)
        if wanted <= 0:
            return b""
        reader = self._known.rfile
        buffered = len(reader._read_buf) - reader._read_pos
        try:
            piece: bytes = reader.read(min(wanted, buffered)) if buffered else self._socket.recv(wanted)
        except OSError:
            piece = b""
        # A short body has no rest to wait for.
        self._known.remaining = self._known.remaining - len(piece) if piece else 0
        return piece
