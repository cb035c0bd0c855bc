"""What is kept of columns, and that parts can be put together."""

from __future__ import annotations

import math

import numpy as np
import pytest

from ropeway.drift.categories import Categories
from ropeway.drift.summaries import Column, Numbers, Profile
from tests.unit.drift.tables import normal, profile


def test_numbers_have_their_moments() -> None:
    values = normal(200_000, mean=5)
    numbers = Numbers()
    numbers.add(values)
    assert numbers.mean == pytest.approx(values.mean())
    assert numbers.deviation == pytest.approx(values.std())
    assert numbers.sum == pytest.approx(values.sum())
    assert (numbers.least, numbers.greatest) == (values.min(), values.max())
    assert numbers.negative == np.count_nonzero(values < 0)


def test_profiles_of_parts_merge_into_that_of_the_whole() -> None:
    values = normal(9000, mean=2)
    texts = [f"t{index % 7}" for index in range(9000)]
    whole = profile(x=values, t=texts)
    merged = Profile.merged(
        profile(x=values[start : start + 3000], t=texts[start : start + 3000]) for start in (0, 3000, 6000)
    )
    assert merged.rows == whole.rows == 9000
    one, other = merged.columns["x"].numbers, whole.columns["x"].numbers
    assert (one.mean, one.m2, one.least) == pytest.approx((other.mean, other.m2, other.least))
    assert merged.columns["t"].categories.counts == whole.columns["t"].categories.counts


def test_a_column_that_a_part_lacks_is_missing_there() -> None:
    merged = Profile.merged([profile(a=[1.0, 2.0]), profile(a=[3.0], b=[4.0])])
    assert merged.columns["b"].missing == 2
    assert merged.columns["b"].completeness == pytest.approx(1 / 3)


def test_numbers_that_are_not_finite_are_missing() -> None:
    column = profile(x=[1.0, math.nan, math.inf]).columns["x"]
    assert (column.present, column.missing) == (1, 2)


@pytest.mark.parametrize(
    ("integral", "fractional", "text", "kind"),
    [
        (3, 0, 0, "Integral"),
        (3, 1, 0, "Fractional"),
        (3, 1, 1, "String"),
        (0, 0, 0, "Unknown"),
    ],
)
def test_the_type_is_the_widest_of_the_cells(integral: int, fractional: int, text: int, kind: str) -> None:
    assert Column("c", integral=integral, fractional=fractional, text=text).type == kind


def test_numbers_before_a_text_count_among_the_categories() -> None:
    merged = Profile.merged([profile(c=np.asarray([1, 1, 2])), profile(c=["x"])])
    assert merged.columns["c"].type == "String"
    assert merged.columns["c"].categories.counts == {"1": 2, "2": 1, "x": 1}


def test_many_categories_are_estimated_and_the_frequent_ones_kept() -> None:
    categories = Categories()
    for start in range(0, 50_000, 5000):
        categories.add([("often", 1000), *((f"id-{start + index}", 1) for index in range(5000))])
    assert not categories.exact
    assert categories.distinct == pytest.approx(50_001, rel=0.05)
    assert categories.counts["often"] == 10_000
    assert len(categories.counts) <= 2000
    other = Categories()
    other.add((f"id-{index}", 1) for index in range(25_000, 75_000))
    categories.merge(other)
    assert categories.distinct == pytest.approx(75_001, rel=0.05)
    assert categories.total == 60_000 + 50_000


def test_many_texts_at_once_are_estimated_as_one_by_one() -> None:
    texts = [f"id-{index}" for index in range(8000)] + ["often"] * 3000 + ["", "é"] * 5
    at_once, slowly = profile(c=texts).columns["c"].categories, Categories()
    slowly.add((text, 1) for text in texts[:4000])
    slowly.add((text, 1) for text in texts[4000:])
    assert (at_once.total, slowly.total) == (len(texts), len(texts))
    assert at_once.distinct == pytest.approx(8003, rel=0.05)
    assert at_once.distinct == slowly.distinct  # the same numbers stand for the same texts
    assert at_once.counts["often"] == 3000
    assert not at_once.exact
    assert len(at_once.counts) <= 2000
