"""Counts of the frequent texts of a column, and how many different ones there are.

Counts are exact while there are few different texts. Beyond the limit only the most frequent are kept, each with a
count that may be too low, never too high; the number of different texts is then estimated by a HyperLogLog
to about 2 %.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["Categories"]

_LIMIT = 1000
_BASE = np.uint64(0x9E3779B97F4A7C15)
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

    def add_array(self, texts: Any, counts: npt.NDArray[np.int64]) -> None:
        """Take different texts, as a pyarrow array without nulls, each with its count.

        Of very many only the most frequent are looked at one by one.
        """
        if len(texts) <= 2 * _LIMIT:
            self.add(zip(texts.to_pylist(), counts.tolist(), strict=True))
            return
        total = self.total + int(counts.sum())
        registers = self._estimated()
        _, bounds, letters = texts.buffers()
        edges = np.frombuffer(bounds, dtype=np.int32)[texts.offset : texts.offset + len(texts) + 1]
        part = np.frombuffer(letters, dtype=np.uint8)[edges[0] : edges[-1]]
        _note_hashes(registers, _hashes(part, edges.astype(np.int64) - edges[0]))
        often = np.sort(np.argpartition(-counts, _LIMIT)[:_LIMIT])
        self.add(zip(texts.take(often).to_pylist(), counts[often].tolist(), strict=True))
        self.total = total

    def merge(self, other: Categories) -> None:
        """Take the texts of another part."""
        total = self.total + other.total
        if other._registers is not None:
            mine = self._estimated()
            np.maximum(mine, other._registers, out=mine)
        self.add(other.counts.items())
        self.total = total

    def _prune(self) -> None:
        if len(self.counts) <= 2 * _LIMIT:
            return
        self._estimated()
        kept = sorted(self.counts.items(), key=lambda item: (-item[1], item[0]))[:_LIMIT]
        self.counts = dict(kept)

    def _estimated(self) -> npt.NDArray[np.uint8]:
        """The registers; from now on the number of different texts is an estimate."""
        if self._registers is None:
            self._registers = np.zeros(1 << _BITS, dtype=np.uint8)
            _note(self._registers, self.counts)
        return self._registers


def _note(registers: npt.NDArray[np.uint8], texts: Iterable[str]) -> None:
    encoded = [text.encode() for text in texts]
    if encoded:
        ends = np.cumsum([len(each) for each in encoded])
        letters = np.frombuffer(b"".join(encoded), dtype=np.uint8)
        _note_hashes(registers, _hashes(letters, np.concatenate([[0], ends])))


def _hashes(letters: npt.NDArray[np.uint8], bounds: npt.NDArray[np.int64]) -> npt.NDArray[np.uint64]:
    """A number for each text: a polynomial over its bytes, and its length.

    Args:
        letters: the bytes of all texts.
        bounds: where each begins, and where the last one ends.
    """
    lengths = np.diff(bounds)
    places = np.arange(len(letters)) - np.repeat(bounds[:-1], lengths)
    with np.errstate(over="ignore"):
        powers = np.cumprod(np.full(int(lengths.max(initial=0)) + 1, _BASE, dtype=np.uint64))
        sums = np.concatenate([[np.uint64(0)], np.cumsum((letters + np.uint64(1)) * powers[places])])
        found: npt.NDArray[np.uint64] = sums[bounds[1:]] - sums[bounds[:-1]] + lengths.astype(np.uint64)
    return found


def _note_hashes(registers: npt.NDArray[np.uint8], hashes: npt.NDArray[np.uint64]) -> None:
    with np.errstate(over="ignore"):
        mixed = (hashes ^ (hashes >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed ^= mixed >> np.uint64(27)
        mixed *= np.uint64(0x94D049BB133111EB)
        mixed ^= mixed >> np.uint64(31)
    places = (mixed >> np.uint64(64 - _BITS)).astype(np.intp)
    rest = (mixed & np.uint64((1 << 52) - 1)).astype(np.float64)
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
