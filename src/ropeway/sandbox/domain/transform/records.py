"""Cuts an input object into request bodies without holding it: whole, by lines packed together, or line by line."""

from __future__ import annotations

from collections.abc import Callable, Iterator

__all__ = ["TransformError", "lines_of", "payloads"]

Read = Callable[[int], bytes]
_BLOCK = 6 << 20


class TransformError(Exception):
    """The job cannot go on; the text says why."""


def payloads(read: Read, *, split: bool, single: bool, limit: int) -> Iterator[bytes]:
    """Request bodies of one object, in its order; none of an empty object.

    Args:
        read: gives at most so many bytes, none at the end.
        split: by lines; else the object is one body.
        single: one line a body (without its end); else as many whole lines as the limit allows.
        limit: bytes a body may have; 0 is unlimited.

    Raises:
        TransformError: a record is larger than the limit.
    """
    if not split:
        body = _whole(read, limit)
        if body:
            yield body
        return
    for packed in _packed(read, limit):
        if single:
            yield from lines_of(packed)
        elif packed.strip(b"\r\n"):
            yield packed


def lines_of(text: bytes) -> list[bytes]:
    """The records of a body: its lines without their ends; empty lines are none."""
    return [line for line in text.replace(b"\r\n", b"\n").split(b"\n") if line]


def _whole(read: Read, limit: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    while chunk := read(_BLOCK):
        parts.append(chunk)
        size += len(chunk)
        if limit and size > limit:
            raise _too_large(limit)
    return b"".join(parts)


def _packed(read: Read, limit: int) -> Iterator[bytes]:
    """Whole lines, as many at once as fit; a line's end alone is never too much."""
    size = limit or _BLOCK
    buffer = b""
    while True:
        buffer = _filled(read, buffer, size + 2)
        if len(buffer) < size + 2 and len(buffer.rstrip(b"\r\n")) <= size:
            yield buffer if len(buffer) <= size else buffer.rstrip(b"\r\n")
            return
        end = buffer.rfind(b"\n", 0, size) + 1 or buffer.find(b"\n", size, size + 2) + 1
        line = buffer[:end] if end <= size else buffer[:end].rstrip(b"\r\n")
        if end and len(line) <= size:
            yield line
            buffer = buffer[end:]
            size = limit or _BLOCK
        elif limit:
            raise _too_large(limit)
        else:
            size *= 2


def _filled(read: Read, rest: bytes, size: int) -> bytes:
    parts = [rest]
    have = len(rest)
    while have < size:
        chunk = read(size - have)
        if not chunk:
            break
        parts.append(chunk)
        have += len(chunk)
    return b"".join(parts)


def _too_large(limit: int) -> TransformError:
    return TransformError(
        f"a record is larger than MaxPayloadInMB ({limit >> 20} MB): "
        "raise MaxPayloadInMB, or split the input by SplitType Line"
    )
