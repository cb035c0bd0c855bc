"""Clarify's measures on a table small enough to reckon by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from ropeway.drift.bias import POST_TRAINING, PRE_TRAINING, Groups, measure


def groups(cells: dict[tuple[int, int, int], int], strata: list[str] | None = None) -> Groups:
    """Rows by group (1: the named one), label, prediction."""
    rows = np.asarray([key for key, count in cells.items() for _ in range(count)], dtype=bool)
    return Groups(rows[:, 0], rows[:, 1], rows[:, 2], None if strata is None else np.asarray(strata))


TABLE = {
    (0, 0, 0): 20,
    (0, 0, 1): 10,
    (0, 1, 0): 10,
    (0, 1, 1): 60,
    (1, 0, 0): 20,
    (1, 0, 1): 5,
    (1, 1, 0): 15,
    (1, 1, 1): 10,
}


def test_measures_before_training() -> None:
    found = {each.name: each.value for each in measure(groups(TABLE), PRE_TRAINING)}
    middle = [(0.3 + 0.5) / 2, (0.7 + 0.5) / 2]
    kl_p = 0.3 * math.log(0.3 / middle[0]) + 0.7 * math.log(0.7 / middle[1])
    kl_q = 0.5 * math.log(0.5 / middle[0]) + 0.5 * math.log(0.5 / middle[1])
    assert found == pytest.approx(
        {
            "CI": (100 - 50) / 150,
            "DPL": 0.7 - 0.5,
            "KL": 0.3 * math.log(0.3 / 0.5) + 0.7 * math.log(0.7 / 0.5),
            "JS": (kl_p + kl_q) / 2,
            "LP": math.sqrt(0.08),
            "TVD": 0.2,
            "KS": 0.2,
        }
    )


def test_measures_after_training() -> None:
    found = {each.name: each.value for each in measure(groups(TABLE), POST_TRAINING)}
    assert found == pytest.approx(
        {
            "DPPL": 0.7 - 0.3,
            "DI": 0.3 / 0.7,
            "DCA": 70 / 70 - 25 / 15,
            "DCR": 25 / 35 - 30 / 30,
            "AD": 0.8 - 0.6,
            "RD": 60 / 70 - 10 / 25,
            "SD": 20 / 25 - 20 / 30,
            "DAR": 60 / 70 - 10 / 15,
            "DRR": 20 / 35 - 20 / 30,
            "TE": 15 / 5 - 10 / 10,
            "GE": found["GE"],
        }
    )
    benefits = np.repeat([1.0, 2.0, 0.0], [110, 15, 25])
    assert found["GE"] == pytest.approx(float(np.mean((benefits / benefits.mean()) ** 2 - 1) / 2))


def test_conditional_disparity_is_by_strata() -> None:
    cells = {(1, 0, 0): 30, (0, 0, 0): 10, (1, 1, 1): 10, (0, 1, 1): 30}
    strata = ["x"] * 20 + ["y"] * 10 + ["x"] * 10 + ["y"] * 10 + ["x"] * 30
    (found,) = measure(groups(cells, strata), {"CDDL": ""})
    # x: 20 of 30 rejected, none of 30 accepted are named; y: 10 of 10 rejected, 10 of 10 accepted
    assert found.value == pytest.approx((60 * (20 / 30 - 0) + 20 * (1 - 1)) / 80)
    assert measure(groups(cells), {"CDDL": ""}) == []
    many = {key: count * 25 for key, count in cells.items()}
    (sure,) = measure(groups(many, np.repeat(strata, 25).tolist()), {"CDDL": ""})
    assert sure.value == pytest.approx(found.value)
    assert sure.deviation == pytest.approx((found.deviation or 0) / 5, rel=0.25)


def test_few_rows_are_not_taken_for_sure() -> None:
    found = {each.name: each for each in measure(groups({(1, 1, 1): 1, (0, 1, 0): 4}), POST_TRAINING)}
    assert found["RD"].value == -1.0
    assert found["RD"].deviation is not None
    assert found["RD"].deviation > 0.15


def test_a_group_that_is_not_there_has_no_measure() -> None:
    found = {each.name: each for each in measure(groups({(0, 1, 1): 5, (0, 0, 0): 5}), PRE_TRAINING)}
    assert found["CI"].value == 1.0
    assert found["DPL"].value is None
    assert found["DPL"].deviation is None


def test_deviations_shrink_with_the_rows() -> None:
    few = {each.name: each for each in measure(groups(TABLE), POST_TRAINING)}
    many = {
        each.name: each
        for each in measure(groups({key: count * 25 for key, count in TABLE.items()}), POST_TRAINING)
    }
    for name in ("DPPL", "AD", "RD"):
        small, large = few[name].deviation, many[name].deviation
        assert small is not None
        assert large is not None
        assert large == pytest.approx(small / 5, rel=0.25)
