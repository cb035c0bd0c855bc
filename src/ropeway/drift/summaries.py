"""What is kept of a column, and of a table: mergeable, of constant size.

Numbers that are not finite, or whose squares would not be, count as missing: no file of a baseline can hold them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from ropeway.drift.categories import Categories
from ropeway.drift.sketch import Floats, Sketch

__all__ = ["Column", "Numbers", "Profile", "spelt", "written"]

_LARGEST = 1e150
_PART = 1 << 16  # sorts within the processor's cache


@dataclass
class Numbers:
    """The numbers of a column.

    Attributes:
        m2: the sum of squared distances from the mean.
        negative: how many are below zero.
    """

    count: int = 0
    mean: float = 0.0
    m2: float = 0.0
    sum: float = 0.0
    least: float = math.inf
    greatest: float = -math.inf
    negative: int = 0
    sketch: Sketch = field(default_factory=Sketch)

    @property
    def deviation(self) -> float:
        """Their standard deviation, as of a whole population: Model Monitor's."""
        return math.sqrt(max(0.0, self.m2) / self.count) if self.count else 0.0

    def add(self, values: Floats) -> None:
        """Take finite numbers, in any order."""
        for start in range(0, len(values), _PART):
            ordered = np.sort(values[start : start + _PART])
            size = len(ordered)
            total = float(ordered.sum())
            mean = total / size
            spread = ordered - mean
            np.multiply(spread, spread, out=spread)  # BLAS would start threads of its own
            self._combine(size, mean, float(spread.sum()))
            self.sum += total
            self.least = min(self.least, float(ordered[0]))
            self.greatest = max(self.greatest, float(ordered[-1]))
            self.negative += int(np.searchsorted(ordered, 0.0))
            self.sketch.add(ordered)

    def merge(self, other: Numbers) -> None:
        """Take the numbers of another part."""
        if not other.count:
            return
        self._combine(other.count, other.mean, other.m2)
        self.sum += other.sum
        self.least = min(self.least, other.least)
        self.greatest = max(self.greatest, other.greatest)
        self.negative += other.negative
        self.sketch.merge(other.sketch)

    def _combine(self, count: int, mean: float, m2: float) -> None:
        total = self.count + count
        gap = mean - self.mean
        self.m2 += m2 + gap * gap * self.count * count / total
        self.mean += gap * count / total
        self.count = total


@dataclass
class Column:
    """One column.

    Attributes:
        missing, integral, fractional, text: how many cells are of which kind; 5.0 is integral where values are
            binary, and fractional where a text file spells it so.
        whole: how many numbers have no fraction, however they are spelt.
        numbers: of the cells that are numbers.
        categories: of all cells, in columns that came as texts.
    """

    name: str
    missing: int = 0
    integral: int = 0
    fractional: int = 0
    text: int = 0
    whole: int = 0
    numbers: Numbers = field(default_factory=Numbers)
    categories: Categories = field(default_factory=Categories)
    declared: str | None = None

    @property
    def present(self) -> int:
        """How many cells have a value."""
        return self.integral + self.fractional + self.text

    @property
    def rows(self) -> int:
        """How many cells there are."""
        return self.present + self.missing

    @property
    def completeness(self) -> float:
        """The share of cells with a value."""
        return self.present / self.rows if self.rows else 1.0

    @property
    def type(self) -> str:
        """Integral, Fractional, String or Unknown, as Model Monitor infers it: one text makes a column String."""
        if self.declared is not None:
            return self.declared
        if self.text:
            return "String"
        if self.fractional:
            return "Fractional"
        return "Integral" if self.integral else "Unknown"

    def matching(self, wanted: str) -> float:
        """The share of present cells that are of a type: any cell is a String, any number is Fractional."""
        if not self.present or wanted in {"String", "Unknown"}:
            return 1.0
        fitting = self.whole if wanted == "Integral" else self.integral + self.fractional
        return fitting / self.present

    def add_numbers(self, values: Floats, *, spelt_whole: bool) -> None:
        """Take cells that are numbers; NaN is a missing one.

        Args:
            values: in any order.
            spelt_whole: they are integers where they come from.
        """
        finite = np.abs(values) < _LARGEST
        if not finite.all():
            self.missing += int(len(values) - np.count_nonzero(finite))
            values = values[finite]
        if spelt_whole:
            self.integral += len(values)
            self.whole += len(values)
        else:
            self.fractional += len(values)
            self.whole += int(np.count_nonzero(values == np.rint(values)))
        self.numbers.add(values)

    def merge(self, other: Column) -> None:
        """Take the cells of another part."""
        mixed = bool(self.categories.total) != bool(other.categories.total)
        if mixed:  # texts of the part that had only numbers, as far as they are known
            if self.categories.total:
                self.categories.add(spelt(other))
            else:
                self.categories.add(spelt(self))
        self.missing += other.missing
        self.integral += other.integral
        self.fractional += other.fractional
        self.text += other.text
        self.whole += other.whole
        self.numbers.merge(other.numbers)
        self.categories.merge(other.categories)


@dataclass
class Profile:
    """A table: its columns in order."""

    rows: int = 0
    columns: dict[str, Column] = field(default_factory=dict)

    def merge(self, other: Profile) -> None:
        """Take the rows of another part; a column that one of them lacks counts as missing there."""
        for name, column in other.columns.items():
            mine = self.columns.get(name)
            if mine is None:
                mine = self.columns[name] = Column(name, missing=self.rows)
            mine.merge(column)
        for name, column in self.columns.items():
            if name not in other.columns:
                column.missing += other.rows
        self.rows += other.rows

    @classmethod
    def merged(cls, parts: Iterable[Profile]) -> Profile:
        """One profile of many parts."""
        whole = cls()
        for part in parts:
            whole.merge(part)
        return whole


def written(value: float) -> str:
    """A number as a person writes it: a whole one in full, such as a date's 20261121."""
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.6g}"


def spelt(column: Column) -> list[tuple[str, int]]:
    """A column of numbers as texts: exact while its sketch is."""
    items, ranks = column.numbers.sketch.weighted()
    texts: dict[str, int] = {}
    before = 0.0
    for item, rank in zip(items.tolist(), ranks.tolist(), strict=True):
        text = str(int(item)) if not column.fractional and item == int(item) else repr(item)
        texts[text] = texts.get(text, 0) + int(rank - before)
        before = rank
    return list(texts.items())
