r"""Request bodies as pieces: plain, or ``aws-chunked`` with signatures, trailers or both.

    <size in hex>[;chunk-signature=…]\r\n <bytes> \r\n  …  0[;…]\r\n  [<trailer>:<value>\r\n …]  \r\n

Signatures are not checked. Pieces are as large as the network delivers them, at most one MiB.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from ropeway.sandbox.domain.objects.checksums import ALGORITHMS
from ropeway.sandbox.domain.objects.contents import Incoming
from ropeway.sandbox.domain.objects.faults import refused
from ropeway.sandbox.operations.call import Call
from ropeway.sandbox.operations.wire import Request

__all__ = ["checksums_of", "incoming"]

_PIECE = 1 << 20
_CHECKSUM = "x-amz-checksum-"
_MAX_LINE = 16_384


def incoming(call: Call) -> Incoming:
    """A call's body with all that was announced about it.

    Raises:
        DomainError: ``MissingContentLength``.
    """
    request, params = call.request, call.params
    algorithms = set(_declared(params))
    trailer = request.headers.get("x-amz-trailer", "")
    for name in trailer.split(","):
        if name.strip().lower().startswith(_CHECKSUM):
            algorithms.add(name.strip()[len(_CHECKSUM) :].upper())
    chunks = _Chunks(request.stream) if _is_chunked(request) else None
    if chunks is not None:
        announced = request.headers.get("x-amz-decoded-content-length", "")
        size = int(announced) if announced.isdigit() else None
    else:
        size = request.content_length
        if size is None and "transfer-encoding" not in request.headers:
            raise refused("MissingContentLength", "You must provide the Content-Length HTTP header.", 411)
    return Incoming(
        pieces=_plain(request) if chunks is None else chunks.pieces(),
        size=size,
        md5=params.get("ContentMD5"),
        algorithms=frozenset(algorithms),
        checksums=checksums_of(params),
        trailers=dict if chunks is None else chunks.checksums,
    )


def checksums_of(params: Mapping[str, Any]) -> dict[str, str]:
    """The checksums among a call's members, by algorithm."""
    return {
        name.removeprefix("Checksum"): value
        for name, value in params.items()
        if name.startswith("Checksum") and name not in {"ChecksumAlgorithm", "ChecksumType", "ChecksumMode"}
    }


def _declared(params: Mapping[str, Any]) -> Iterator[str]:
    algorithm = params.get("ChecksumAlgorithm")
    if algorithm is not None:
        yield algorithm


def _is_chunked(request: Request) -> bool:
    return "aws-chunked" in request.headers.get("content-encoding", "") or request.headers.get(
        "x-amz-content-sha256", ""
    ).startswith("STREAMING-")


def _plain(request: Request) -> Iterator[bytes]:
    if request.content_length == 0:
        return
    while piece := request.stream.read(_PIECE):
        yield piece


class _Chunks:
    """Decodes ``aws-chunked``."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._trailers: dict[str, str] = {}

    def pieces(self) -> Iterator[bytes]:
        """The bytes without their framing."""
        while size := self._size():
            while size:
                piece = self._stream.read(min(size, _PIECE))
                if not piece:
                    raise _broken()
                size -= len(piece)
                yield piece
            if self._line():
                raise _broken()
        while line := self._line():
            name, _, value = line.partition(b":")
            self._trailers[name.decode("latin-1").strip().lower()] = value.decode("latin-1").strip()

    def checksums(self) -> Mapping[str, str]:
        """Those of the trailers, by algorithm."""
        return {
            name[len(_CHECKSUM) :].upper(): value
            for name, value in self._trailers.items()
            if name.startswith(_CHECKSUM) and name[len(_CHECKSUM) :].upper() in ALGORITHMS
        }

    def _size(self) -> int:
        digits = self._line().partition(b";")[0].strip()
        try:
            return int(digits, 16)
        except ValueError as error:
            raise _broken() from error

    def _line(self) -> bytes:
        return self._stream.readline(_MAX_LINE).rstrip(b"\r\n")


def _broken() -> Exception:
    return refused("IncompleteBody", "The request body terminated unexpectedly")
