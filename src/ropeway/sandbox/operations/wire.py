"""Requests and answers as the edge handles them, free of WSGI's dictionary.

A request's body is a stream and stays one: only codecs that need it whole read it whole. Header names keep the
spelling of the wire in ``raw_headers`` (S3's user metadata needs it); look-ups ignore case. ``raw_path`` is the
path as sent, still percent-encoded (S3 keys need it).
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO
from urllib.parse import parse_qsl, unquote

from ropeway.sandbox.domain.errors import Invalid

__all__ = ["FileBody", "Headers", "Request", "Response"]


class Headers(Mapping[str, str]):
    """Header fields, looked up without regard to case."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        self._fields = {name.lower(): value for name, value in fields.items()}

    def __getitem__(self, name: str) -> str:
        return self._fields[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._fields


@dataclass(frozen=True)
class FileBody:
    """An answer's body that is a part of a file; the server sends it without reading it into memory.

    Attributes:
        file: the file when it is open already, so that its name may go before it is sent; the server closes it.
    """

    path: Path
    offset: int
    length: int
    file: BinaryIO | None = None


@dataclass
class Request:
    """One HTTP request.

    Attributes:
        raw_path: percent-encoded, without the query.
        raw_query: percent-encoded, without the question mark.
        stream: the body; reads at most ``content_length`` bytes (or to the end of a chunked body).
        content_length: bytes, or None when the body is chunked or absent.
    """

    method: str
    raw_path: str
    raw_query: str
    headers: Headers
    stream: BinaryIO
    content_length: int | None = None
    scheme: str = "http"
    raw_headers: Mapping[str, str] = field(default_factory=dict)
    _body: bytes | None = None

    @property
    def path(self) -> str:
        """The decoded path."""
        return unquote(self.raw_path)

    @property
    def query(self) -> list[tuple[str, str]]:
        """The decoded query, in order; a key without a value has the empty one."""
        return parse_qsl(self.raw_query, keep_blank_values=True)

    @property
    def host(self) -> str:
        """The Host header."""
        return self.headers.get("host", "")

    def body(self) -> bytes:
        """The whole body; read once, then kept.

        Raises:
            Invalid: ``IncompleteBody``: the caller sent less than it had announced.
        """
        if self._body is None:
            body = b"" if self.content_length == 0 else self.stream.read()
            if len(body) < (self.content_length or 0):
                raise Invalid(
                    "You did not provide the number of bytes specified by the Content-Length HTTP header",
                    code="IncompleteBody",
                )
            self._body = body
        return self._body

    def with_body(self, content: bytes) -> Request:
        """The same request with another body."""
        headers = Headers({**self.headers, "content-length": str(len(content))})
        return replace(
            self, headers=headers, stream=io.BytesIO(content), content_length=len(content), _body=content
        )


@dataclass
class Response:
    """One HTTP answer.

    ``body`` is bytes, an iterable of bytes (streamed), or a ``FileBody``. A ``Content-Length`` header is added
    for bytes and files.
    """

    status: int = 200
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes | Iterable[bytes] | FileBody = b""
