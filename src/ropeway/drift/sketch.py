"""A KLL quantile sketch: ranks of a stream of any length to about 0.1 %, in a few thousand numbers.

Items of level *i* stand for 2^i values each. A level that is over its capacity is sorted, and every second of its items
goes one level up. Up to ``k`` values nothing is dropped: the sketch is the data. A long run of values enters by
its systematic sample, which is more exact than passing it through the lower levels.

The choices that KLL leaves to chance are made by a counter, so the same values in the same order make the same sketch.
The parameters and the layout are those of Model Monitor's files: k 2048, c 0.64.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

__all__ = ["Floats", "Sketch"]

Floats = npt.NDArray[np.float64]

_K = 2048
_C = 0.64


class Sketch:
    """The sketch.

    Attributes:
        count: how many values it has seen.
        levels: the items, by level.
    """

    __slots__ = ("_draws", "c", "count", "k", "levels")

    def __init__(self, k: int = _K, c: float = _C) -> None:
        self.k = k
        self.c = c
        self.count = 0
        self._draws = 0
        self.levels: list[Floats] = [np.empty(0)]

    @classmethod
    def of(cls, values: Floats) -> Sketch:
        """A sketch of finite values, in any order."""
        sketch = cls()
        sketch.add(np.sort(values))
        return sketch

    @classmethod
    def load(cls, data: Sequence[Sequence[float]], k: int = _K, c: float = _C) -> Sketch:
        """A sketch from a file's levels."""
        sketch = cls(k, c)
        sketch.levels = [np.asarray(level, dtype=np.float64) for level in data] or [np.empty(0)]
        sketch.count = sum(len(level) << index for index, level in enumerate(sketch.levels))
        return sketch

    def dump(self) -> list[list[float]]:
        """The levels, for a file."""
        return [level.tolist() for level in self.levels]

    @property
    def exact(self) -> bool:
        """Whether nothing has been dropped."""
        return all(len(level) == 0 for level in self.levels[1:])

    @property
    def resolution(self) -> float:
        """The size of a sample that would be as exact as this sketch is."""
        return float(self.count) if self.exact else float(min(self.count, self.k * self.k))

    def add(self, ordered: Floats) -> None:
        """Take sorted finite values."""
        size = len(ordered)
        if not size:
            return
        height = max(0, math.ceil(math.log2(size / self.k)))
        if height:
            step = 1 << height
            left = size % step
            if left:  # what does not fill a step enters by itself, taken evenly
                places = (np.arange(left) * 2 + 1) * size // (2 * left)
                self._extend(0, ordered[places])
                ordered = np.delete(ordered, places)
            self._extend(height, ordered[self._chance(step) :: step])
        else:
            self._extend(0, ordered)
        self.count += size
        self._compress()

    def merge(self, other: Sketch) -> None:
        """Take what another sketch has seen."""
        for index, level in enumerate(other.levels):
            if len(level):
                self._extend(index, level)
        self.count += other.count
        self._compress()

    def weighted(self) -> tuple[Floats, Floats]:
        """The items in order, and how many values are at most each of them."""
        items = np.concatenate(self.levels)
        weights = np.repeat(
            np.asarray([float(1 << index) for index in range(len(self.levels))]),
            [len(level) for level in self.levels],
        )
        order = np.argsort(items, kind="stable")
        return items[order], np.cumsum(weights[order])

    def _chance(self, below: int) -> int:
        """A number below a power of two, the next of a fixed sequence."""
        self._draws += 1
        mixed = (self.count + 1) * 0x9E3779B97F4A7C15 + self._draws * 0xD1B54A32D192ED03
        return (mixed >> 33) % below

    def _extend(self, index: int, items: Floats) -> None:
        while len(self.levels) <= index:
            self.levels.append(np.empty(0))
        self.levels[index] = np.concatenate([self.levels[index], items])

    def _capacity(self, index: int) -> int:
        return max(2, math.ceil(self.k * self.c ** (len(self.levels) - index - 1)))

    def _compress(self) -> None:
        index = 0
        while index < len(self.levels):
            if len(self.levels[index]) > self._capacity(index):
                items = np.sort(self.levels[index])
                odd = len(items) % 2
                first = odd and self._chance(
                    2
                )  # the one that has no partner stays: the least, or the greatest
                self.levels[index] = items[:1] if first else items[len(items) - odd :]
                pairs = items[1:] if first else items[: len(items) - odd]
                self._extend(index + 1, pairs[self._chance(2) :: 2])
            index += 1
