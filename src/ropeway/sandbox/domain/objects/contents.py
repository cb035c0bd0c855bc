"""Bytes on their way in: piece by piece into a staging file, hashed and compared with what the caller announced."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from ropeway.sandbox.domain.objects.checksums import start, verify
from ropeway.sandbox.domain.objects.faults import refused
from ropeway.sandbox.domain.objects.model import Content
from ropeway.sandbox.domain.objects.ports import Blobs

__all__ = ["MAX_SIZE", "Incoming", "receive"]

# What one PUT may carry, an object's or a part's.
MAX_SIZE = 5 * 1024**3


def _nothing() -> Mapping[str, str]:
    return {}


@dataclass(frozen=True)
class Incoming:
    """A body as the wire hands it over.

    Attributes:
        pieces: the bytes; none of the pieces is empty.
        size: bytes announced, or None.
        md5: base64 digest announced (``Content-MD5``), or None.
        algorithms: checksums to take.
        checksums: those announced, algorithm to base64.
        trailers: those announced behind the body; asked after the last piece.
    """

    pieces: Iterable[bytes]
    size: int | None = None
    md5: str | None = None
    algorithms: frozenset[str] = frozenset()
    checksums: Mapping[str, str] = field(default_factory=dict)
    trailers: Callable[[], Mapping[str, str]] = _nothing


def receive(blobs: Blobs, incoming: Incoming, *, part: bool = False) -> Content:
    """Stage a body.

    Raises:
        DomainError: ``IncompleteBody``, ``BadDigest``, ``InvalidDigest``, ``EntityTooLarge``; nothing is left then.
    """
    md5 = _announced(incoming.md5)
    _check_size(incoming.size or 0)
    sums = {name: start(name) for name in incoming.algorithms | incoming.checksums.keys()}
    staging = blobs.stage(part=part)
    try:
        size = 0
        for piece in incoming.pieces:
            size += len(piece)
            _check_size(size)
            staging.write(piece)
            for each in sums.values():
                each.update(piece)
        content = staging.finish(verify(sums, {**incoming.checksums, **incoming.trailers()}))
        _check_announced(incoming, content, md5)
    except BaseException:
        staging.discard()
        raise
    return content


def _check_announced(incoming: Incoming, content: Content, md5: str | None) -> None:
    if incoming.size is not None and content.size != incoming.size:
        text = "You did not provide the number of bytes specified by the Content-Length HTTP header"
        raise refused("IncompleteBody", text)
    if md5 is not None and md5 != content.md5:
        raise refused("BadDigest", "The Content-MD5 you specified did not match what we received.")


def _announced(md5: str | None) -> str | None:
    if md5 is None:
        return None
    try:
        digest = base64.b64decode(md5, validate=True)
    except binascii.Error:
        digest = b""
    if len(digest) != 16:
        raise refused("InvalidDigest", "The Content-MD5 you specified was invalid.")
    return digest.hex()


def _check_size(size: int) -> None:
    if size > MAX_SIZE:
        text = "Your proposed upload exceeds the maximum allowed size"
        raise refused("EntityTooLarge", text, ProposedSize=str(size), MaxSizeAllowed=str(MAX_SIZE))
