"""Byte ranges: ``bytes=0-99``, ``bytes=100-``, ``bytes=-50``."""

from __future__ import annotations

import re

from ropeway.sandbox.domain.objects.faults import invalid_argument, invalid_range

__all__ = ["copy_range", "select"]

_RANGE = re.compile(r"bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*")


def select(header: str | None, size: int) -> tuple[int, int] | None:
    """The (offset, length) that a Range header asks for, or None for the whole object.

    A header that cannot be read, or that names several ranges, counts as absent, as S3 has it.

    Raises:
        DomainError: ``InvalidRange``: it lies outside of the object.
    """
    match = _RANGE.fullmatch(header or "")
    if match is None or not any(match.groups()):
        return None
    first, last = match.groups()
    if first:
        start = int(first)
        end = min(int(last), size - 1) if last else size - 1
        if last and int(last) < start:
            return None
    else:
        start, end = max(0, size - int(last)), size - 1
    if start >= size or (not first and int(last) == 0):
        raise invalid_range(header or "", size)
    return start, end - start + 1


def copy_range(header: str | None, size: int) -> tuple[int, int]:
    """The (offset, length) of a part copy, which must lie within the source.

    Raises:
        DomainError: ``InvalidArgument`` or ``InvalidRange``.
    """
    if header is None:
        return 0, size
    match = _RANGE.fullmatch(header)
    if match is None or not all(match.groups()):
        text = "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the "
        raise invalid_argument(f"{text}zero-based offsets of the first and last bytes to copy", value=header)
    start, end = int(match[1]), int(match[2])
    if end < start or end >= size:
        text = f"Range specified is not valid for source object of size: {size}"
        raise invalid_argument(text, "x-amz-copy-source-range", header)
    return start, end - start + 1
