from __future__ import annotations

import pytest

from ropeway.sandbox.domain.tuning.early import falls_behind, is_cut
from ropeway.sandbox.domain.tuning.model import Objective

LESS = Objective("loss", maximize=False)
MORE = Objective("score", maximize=True)


@pytest.mark.parametrize(
    ("series", "others", "behind"),
    [
        ([], [[1.0]], False),  # nothing printed yet
        ([5.0], [], False),  # nothing to compare with
        ([5.0, 5.0], [[1.0]], False),  # the other one ended before this epoch
        ([2.1], [[2.0, 0.0]], True),  # what the other one reached later does not count
        ([2.0], [[2.0]], False),  # as good is good enough
        ([9.0, 1.4], [[2.0, 1.0]], False),  # against the average of two epochs, 1.5
        ([9.0, 1.6], [[2.0, 1.0]], True),
        ([2.5], [[1.0], [3.0], [100.0]], False),  # the median is 3
        ([3.5], [[1.0], [3.0], [100.0]], True),
    ],
)
def test_the_median_of_running_averages_decides(
    series: list[float], others: list[list[float]], behind: bool
) -> None:
    assert falls_behind(series, others, LESS) is behind
    turned = ([-value for value in series], [[-value for value in other] for other in others])
    assert falls_behind(*turned, MORE) is behind


@pytest.mark.parametrize(
    ("series", "others", "cut"),
    [
        ([], [[1.0], [1.0]], False),  # before the first rung
        ([5.0], [[1.0]], False),  # two are too few to leave two thirds behind
        ([5.0], [[1.0], [1.0]], True),
        ([1.0], [[5.0], [1.0]], False),  # as good as the best
        ([5.0, 0.0], [[1.0, 9.0], [1.0, 9.0]], True),  # the first rung is still the highest
        ([5.0, 5.0, 1.0], [[1.0], [1.0], [1.0, 1.0, 2.0]], False),  # few have come to the second
        ([0.0] * 10, [], True),  # nobody goes beyond the last
    ],
)
def test_rungs_keep_a_third(series: list[float], others: list[list[float]], cut: bool) -> None:
    assert is_cut(series, others, LESS, (1, 10)) is cut
