"""The quantile sketch: exact while small, ranks within a part of a percent when large, mergeable, repeatable."""

from __future__ import annotations

import numpy as np
import pytest

from ropeway.drift.sketch import Sketch
from tests.unit.drift.tables import Floats, normal


def worst_rank(sketch: Sketch, values: Floats) -> float:
    items, ranks = sketch.weighted()
    true = np.searchsorted(np.sort(values), items, side="right")
    return float(np.max(np.abs(true - ranks)) / len(values))


def test_few_values_are_kept_as_they_are() -> None:
    values = normal(2048)
    sketch = Sketch.of(values)
    items, ranks = sketch.weighted()
    assert sketch.exact
    assert items.tolist() == sorted(values.tolist())
    assert ranks.tolist() == list(range(1, 2049))


@pytest.mark.parametrize("size", [2049, 10_000, 300_001])
def test_many_values_keep_their_ranks(size: int) -> None:
    values = normal(size)
    sketch = Sketch()
    for part in np.array_split(values, max(1, size // 50_000)):
        sketch.add(np.sort(part))
    assert sketch.weighted()[1][-1] == size == sketch.count
    assert worst_rank(sketch, values) < 0.005
    assert sum(map(len, sketch.levels)) < 3 * sketch.k


def test_small_pieces_are_as_good_as_one() -> None:
    values = normal(60_000)
    sketch = Sketch()
    for start in range(0, len(values), 100):
        sketch.add(np.sort(values[start : start + 100]))
    assert sketch.count == 60_000
    assert worst_rank(sketch, values) < 0.01


def test_merged_sketches_know_both_parts() -> None:
    low, high = normal(40_000), normal(20_000, mean=3, seed=2)
    merged = Sketch.of(low)
    merged.merge(Sketch.of(high))
    assert merged.count == 60_000
    assert worst_rank(merged, np.concatenate([low, high])) < 0.005


def test_the_same_values_make_the_same_sketch() -> None:
    assert Sketch.of(normal(100_000)).dump() == Sketch.of(normal(100_000)).dump()


def test_a_sketch_goes_through_a_file() -> None:
    sketch = Sketch.of(normal(10_000))
    again = Sketch.load(sketch.dump())
    assert again.count == 10_000
    assert again.weighted()[0].tolist() == sketch.weighted()[0].tolist()
