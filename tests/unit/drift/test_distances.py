"""Distances agree with their definitions, and p-values with how often chance makes them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats
from scipy.spatial.distance import jensenshannon

from ropeway.drift.distances import METHODS, Comparison, compare_categories, compare_numbers
from ropeway.drift.significance import (
    adjusted,
    at_least,
    beyond,
    chi2_tail,
    kolmogorov_tail,
    more_often,
    normal_quantile,
)
from ropeway.drift.summaries import Column, Numbers
from tests.unit.drift.tables import Floats, normal, profile


def numbers(values: Floats) -> Numbers:
    made = Numbers()
    made.add(values)
    return made


def compared(before: Floats, after: Floats) -> Comparison:
    return compare_numbers(numbers(before), numbers(after))


def test_ks_and_wasserstein_are_scipys() -> None:
    before, after = normal(900), normal(200, mean=0.3, seed=2)
    found = compared(before, after).distances
    told = stats.ks_2samp(before, after)
    assert found["ks"].value == pytest.approx(told.statistic)
    assert found["ks"].p == pytest.approx(told.pvalue, rel=0.2)
    assert found["wasserstein"].value * before.std() == pytest.approx(
        stats.wasserstein_distance(before, after)
    )


def test_psi_and_js_are_over_the_deciles_of_the_baseline() -> None:
    before, after = normal(1000), normal(300, mean=0.3, seed=2)
    edges = [-math.inf, *np.quantile(before, np.arange(1, 10) / 10, method="inverted_cdf"), math.inf]
    shares = [np.histogram(-side, -np.asarray(edges[::-1]))[0][::-1] / len(side) for side in (before, after)]
    found = compared(before, after)
    assert found.before == pytest.approx(shares[0])
    assert found.after == pytest.approx(shares[1])
    psi = float(np.sum((shares[1] - shares[0]) * np.log(shares[1] / shares[0])))
    assert found.distances["psi"].value == pytest.approx(psi)
    assert found.distances["js"].value == pytest.approx(jensenshannon(shares[0], shares[1], base=2))


def test_chi2_is_scipys_where_bins_are_full() -> None:
    rng = np.random.default_rng(5)
    before, after = rng.integers(1, 6, 800).astype(float), rng.integers(1, 6, 200).astype(float)
    table = [[np.count_nonzero(side == value) for value in range(1, 6)] for side in (before, after)]
    found = compared(before, after)
    assert found.discrete
    assert found.labels == ("1", "2", "3", "4", "5")
    assert found.distances["chi2"].p == pytest.approx(stats.chi2_contingency(table).pvalue)


def test_values_that_the_baseline_never_had_have_bins_of_their_own() -> None:
    found = compared(np.asarray([1.0, 2.0] * 50), np.asarray([1.0, 3.0] * 50))
    assert found.labels == ("1", "2", "3")
    assert found.after == pytest.approx((0.5, 0.0, 0.5))
    assert found.distances["chi2"].p < 1e-10


def test_categories_are_compared_by_their_shares() -> None:
    before = profile(c=["a"] * 60 + ["b"] * 40).columns["c"]
    after = profile(c=["a"] * 20 + ["b"] * 20 + ["z"] * 10).columns["c"]
    found = compare_categories(before, after)
    assert found.labels == ("a", "b", "z")
    assert found.distances["chi2"].value == pytest.approx(0.2)
    assert "ks" not in found.distances


def drawn(size: int, kinds: int, seed: int) -> Column:
    texts = [f"k{kind}" for kind in np.random.default_rng(seed).integers(0, kinds, size)]
    return profile(c=texts).columns["c"]


def test_texts_of_which_only_some_were_counted_are_not_new() -> None:
    for kinds in (300, 5000):
        before, after = drawn(60_000, kinds, 1), drawn(20_000, kinds, 2)
        found = compare_categories(before, after).distances["chi2"]
        assert found.value < 0.01
        assert found.p > 0.01
    for size in (50, 500):  # of a few rows, many have texts that the baseline did not count
        assert compare_categories(before, drawn(size, kinds, size)).distances["chi2"].p > 0.01
    often = profile(c=["k1"] * 4000 + [f"k{kind}" for kind in range(5000)]).columns["c"]
    assert compare_categories(before, often).distances["chi2"].value > 0.4


def test_the_same_values_have_no_distance() -> None:
    values = normal(500)
    found = compared(values, values)
    assert {name: each.value for name, each in found.distances.items()} == pytest.approx(
        dict.fromkeys(METHODS, 0.0)
    )
    assert all(each.p > 0.99 for each in found.distances.values())


def test_constants_can_be_compared() -> None:
    same, other = compared(np.full(50, 3.0), np.full(20, 3.0)), compared(np.full(50, 3.0), np.full(20, 4.0))
    assert same.distances["ks"].p == 1.0
    assert other.distances["ks"].p < 1e-6
    assert other.distances["wasserstein"].value == 1.0


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("discrete", [False, True])
def test_p_values_come_as_often_as_they_say(method: str, discrete: bool) -> None:
    rng = np.random.default_rng(11)
    rounds, hits = 300, 0
    for _ in range(rounds):
        before, after = rng.normal(size=600), rng.normal(size=60)
        if discrete:
            before, after = np.round(before), np.round(after)
        hits += compared(before, after).distances[method].p <= 0.05
    assert hits / rounds < 0.09


def test_a_far_value_more_or_less_is_no_shift() -> None:
    rng = np.random.default_rng(4)
    draws = ((rng.standard_cauchy(1000), rng.standard_cauchy(300)) for _ in range(100))
    assert min(compared(*draw).distances["wasserstein"].p for draw in draws) > 0.001
    shifted = compared(rng.standard_cauchy(1000).clip(-9, 9), rng.standard_cauchy(300).clip(-9, 9) + 2)
    assert shifted.distances["wasserstein"].p < 1e-6


def test_p_values_of_many_categories_come_as_often_as_they_say() -> None:
    hits = sum(
        compare_categories(drawn(1000, 400, seed), drawn(300, 400, 1000 + seed)).distances["psi"].p <= 0.05
        for seed in range(100)
    )
    assert hits <= 12
    shares = 1 / np.arange(1, 1501) / np.sum(1 / np.arange(1, 1501))
    rng, hits = np.random.default_rng(1), 0
    for _ in range(40):  # many texts came once, on one of the sides only
        before, after = (
            profile(c=[f"k{kind}" for kind in rng.choice(1500, size, p=shares)]).columns["c"]
            for size in (5000, 500)
        )
        hits += compare_categories(before, after).distances["psi"].p <= 0.05
    assert hits <= 7


def test_tails_agree_with_scipy() -> None:
    for statistic, freedom in ((0.1, 1), (3.0, 2), (20.0, 9), (300.0, 40), (900.0, 9)):
        assert chi2_tail(statistic, freedom) == pytest.approx(stats.chi2.sf(statistic, freedom), rel=1e-9)
    assert kolmogorov_tail(0.05, 10_000) == pytest.approx(stats.kstwobign.sf(5.0), rel=0.05)
    assert kolmogorov_tail(0.001, 100) == 1.0
    assert at_least(3, 40, 0.02) == pytest.approx(stats.binom.sf(2, 40, 0.02))
    assert at_least(30, 50_000, 0.0004) == pytest.approx(stats.binom.sf(29, 50_000, 0.0004), rel=0.01)
    assert at_least(5200, 50_000, 0.1) == pytest.approx(stats.binom.sf(5199, 50_000, 0.1), rel=0.05)
    for case in (
        (6, 50, 10, 800),
        (230, 100_000, 1, 1000),
        (30, 100, 9000, 30_000),
        (800, 5000, 9000, 60_000),
    ):
        hits, fresh, known_hits, known = case
        told = stats.hypergeom.sf(hits - 1, fresh + known, hits + known_hits, fresh)
        assert more_often(*case) == pytest.approx(told, rel=0.05)
    assert more_often(5, 5, 6000, 6000) == 1.0
    assert normal_quantile(0.975) == pytest.approx(1.959964, abs=1e-6)


def test_a_new_greatest_value_is_no_wonder_in_a_large_batch() -> None:
    assert beyond(1, 50, 830) == pytest.approx(50 / 880)
    assert beyond(2, 50, 830) == pytest.approx(50 / 880 * 49 / 879)
    assert beyond(1, 830, 50) > 0.9


def test_corrections() -> None:
    chances = [0.01, 0.04, 0.03, 0.005]
    assert adjusted(chances, "holm") == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert adjusted(chances, "bh") == pytest.approx([0.02, 0.04, 0.04, 0.02])
    assert adjusted(chances, "none") == chances
    assert adjusted([], "holm") == []
