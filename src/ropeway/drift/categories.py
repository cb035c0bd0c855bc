"""Counts of the frequent texts of a column, and how many different ones there are.

Counts are exact while there are few different texts. Beyond the limit only the most frequent are kept, each with a
count that may be too low, never too high; the number of different texts is then estimated by a HyperLogLog
to about 2 %.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt

__all__ = ["Categories"]

_LIMIT = 1000
_BITS = 12  # registers: 4,096


class Categories:
    """The texts of a column.

    Attributes:
        counts: of the frequent texts.
        total: how many texts there were.
    """

    __slots__ = ("_registers", "counts", "total")

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.total = 0
        self._registers: npt.NDArray[np.uint8] | None = None

    @classmethod
    def of(cls, counts: Mapping[str, int], distinct: int | None = None) -> Categories:
        """Categories whose counts are known.

        Args:
            counts: by text.
            distinct: how many different texts there are, where more than were counted; then new texts are not told
                from known ones exactly.
        """
        found = cls()
        found.add(counts.items())
        if distinct is not None and distinct > len(counts):
            found._registers = _registers_for(distinct)
        return found

    @property
    def exact(self) -> bool:
        """Whether every text is among the counts."""
        return self._registers is None

    @property
    def distinct(self) -> int:
        """How many different texts there are."""
        if self._registers is None:
            return len(self.counts)
        return max(len(self.counts), _estimate(self._registers))

    def add(self, counted: Iterable[tuple[str, int]]) -> None:
        """Take texts, each with its count."""
        counts = self.counts
        fresh = []
        for text, count in counted:
            if text in counts:
                counts[text] += count
            else:
                counts[text] = count
                fresh.append(text)
            self.total += count
        if self._registers is not None:
            _note(self._registers, fresh)
        self._prune()

    def merge(self, other: Categories) -> None:
        """Take the texts of another part."""
        total = self.total + other.total
        if other._registers is not None:
            if self._registers is None:
                self._registers = np.zeros(1 << _BITS, dtype=np.uint8)
                _note(self._registers, self.counts)
            np.maximum(self._registers, other._registers, out=self._registers)
        self.add(other.counts.items())
        self.total = total

    def _prune(self) -> None:
        if len(self.counts) <= 2 * _LIMIT:
            return
        if self._registers is None:
            self._registers = np.zeros(1 << _BITS, dtype=np.uint8)
            _note(self._registers, self.counts)
        kept = sorted(self.counts.items(), key=lambda item: (-item[1], item[0]))[:_LIMIT]
        self.counts = dict(kept)


def _note(registers: npt.NDArray[np.uint8], texts: Iterable[str]) -> None:
    hashes = np.fromiter((zlib.crc32(text.encode()) for text in texts), dtype=np.uint64)
    if not len(hashes):
        return
    with np.errstate(over="ignore"):
        mixed = (hashes + np.uint64(0x9E3779B97F4A7C15)) * np.uint64(0xBF58476D1CE4E5B9)
        mixed ^= mixed >> np.uint64(27)
        mixed *= np.uint64(0x94D049BB133111EB)
        mixed ^= mixed >> np.uint64(31)
    places = (mixed >> np.uint64(64 - _BITS)).astype(np.intp)
    rest = (mixed & np.uint64((1 << 52) - 1)).astype(np.float64)
    with np.errstate(divide="ignore"):
        zeros = np.where(rest > 0, 51 - np.floor(np.log2(np.maximum(rest, 1))), 52)
    np.maximum.at(registers, places, (zeros + 1).astype(np.uint8))


def _estimate(registers: npt.NDArray[np.uint8]) -> int:
    size = len(registers)
    raw = 0.7213 / (1 + 1.079 / size) * size * size / float(np.sum(np.exp2(-registers.astype(np.float64))))
    empty = int(np.count_nonzero(registers == 0))
    if raw <= 2.5 * size and empty:
        return round(size * math.log(size / empty))
    return round(raw)


def _registers_for(distinct: int) -> npt.NDArray[np.uint8]:
    """Registers as that many texts would have left them."""
    registers = np.zeros(1 << _BITS, dtype=np.uint8)
    _note(registers, (f"\0{index}" for index in range(min(distinct, 1_000_000))))
    return registers
