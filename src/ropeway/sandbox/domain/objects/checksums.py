"""The checksums that S3 keeps beside an object: CRC32, CRC32C, CRC64NVME, SHA1, SHA256.

CRC32 and the SHAs run in C. CRC32C and CRC64NVME have no implementation in the standard library: they run in plain
Python here, right but slow (a few MB a second). Other algorithms of S3's list are refused by name.

Of an upload in parts, a ``COMPOSITE`` checksum is the checksum of the parts' checksums with ``-<parts>``; a
``FULL_OBJECT`` one is that of the whole content.
"""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Protocol

from ropeway.sandbox.domain.errors import NotThere
from ropeway.sandbox.domain.objects.faults import refused

__all__ = ["ALGORITHMS", "Checksum", "composite", "start", "verify"]

ALGORITHMS = ("CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256")
_CRC32C = 0x82F63B78
_CRC64NVME = 0x9A6C9329AC4BC9B5


class Checksum(Protocol):
    """A running checksum."""

    def update(self, piece: bytes, /) -> None:
        """Take in more bytes."""

    def digest(self) -> bytes:
        """The checksum of all bytes so far, big-endian."""


class _Crc32:
    def __init__(self) -> None:
        self._value = 0

    def update(self, piece: bytes, /) -> None:
        self._value = zlib.crc32(piece, self._value)

    def digest(self) -> bytes:
        return self._value.to_bytes(4, "big")


class _ReflectedCrc:
    """A CRC by a table of 256 entries."""

    def __init__(self, polynomial: int, width: int) -> None:
        self._table = _table(polynomial)
        self._mask = (1 << width) - 1
        self._bytes = width // 8
        self._value = self._mask

    def update(self, piece: bytes, /) -> None:
        value, table = self._value, self._table
        for byte in piece:
            value = table[(value ^ byte) & 0xFF] ^ (value >> 8)
        self._value = value

    def digest(self) -> bytes:
        return (self._value ^ self._mask).to_bytes(self._bytes, "big")


@cache
def _table(polynomial: int) -> tuple[int, ...]:
    entries = []
    for index in range(256):
        value = index
        for _ in range(8):
            value = (value >> 1) ^ polynomial if value & 1 else value >> 1
        entries.append(value)
    return tuple(entries)


def start(algorithm: str) -> Checksum:
    """A new running checksum.

    Raises:
        NotThere: the sandbox does not have the algorithm.
    """
    if algorithm == "CRC32":
        return _Crc32()
    if algorithm == "CRC32C":
        return _ReflectedCrc(_CRC32C, 32)
    if algorithm == "CRC64NVME":
        return _ReflectedCrc(_CRC64NVME, 64)
    if algorithm == "SHA1":
        return hashlib.sha1(usedforsecurity=False)
    if algorithm == "SHA256":
        return hashlib.sha256()
    known = ", ".join(ALGORITHMS)
    raise NotThere(f"The sandbox does not have the checksum algorithm {algorithm}; it has {known}.")


def verify(sums: Mapping[str, Checksum], expected: Mapping[str, str]) -> dict[str, str]:
    """The checksums as base64, compared with those that the caller sent.

    Raises:
        DomainError: ``BadDigest`` when one differs.
    """
    found = {name: base64.b64encode(each.digest()).decode() for name, each in sums.items()}
    for name, value in expected.items():
        if found.get(name, value) != value:
            raise refused("BadDigest", f"The {name} you specified did not match the calculated checksum.")
    return found


def composite(algorithm: str, parts: Iterable[str]) -> str:
    """The checksum of checksums, of an upload in parts."""
    whole, count = start(algorithm), 0
    for part in parts:
        whole.update(base64.b64decode(part))
        count += 1
    return f"{base64.b64encode(whole.digest()).decode()}-{count}"
