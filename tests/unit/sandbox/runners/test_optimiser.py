from __future__ import annotations

import subprocess
import sys

from ropeway.sandbox.domain.tuning.ports import Seen
from ropeway.sandbox.domain.tuning.space import Axis, Choices, Interval, Point
from ropeway.sandbox.runners.optimiser import BayesianOptimiser

AXES: tuple[Axis, ...] = (Interval(-5.0, 5.0), Interval(0.0, 1.0), Choices(3))


def loss(point: Point) -> float:
    """Best at (2, …, the last choice)."""
    return (point[0] - 2.0) ** 2 + (0.0 if point[2] == 2.0 else 4.0)


def search(trials: int, seed: int = 0) -> list[Seen]:
    optimiser, seen = BayesianOptimiser(), list[Seen]()
    for number in range(trials):
        point = optimiser.suggest(AXES, seen, (), seed=1000 * seed + number)
        seen.append(Seen(point, loss(point)))
    return seen


def test_points_lie_in_the_space() -> None:
    for each in search(12):
        assert -5.0 <= each.point[0] <= 5.0
        assert 0.0 <= each.point[1] <= 1.0
        assert each.point[2] in {0.0, 1.0, 2.0}


def test_the_same_history_and_seed_give_the_same_point() -> None:
    seen = search(8)
    pending = ((0.0, 0.5, 1.0),)
    first, second, other = (BayesianOptimiser().suggest(AXES, seen, pending, seed=seed) for seed in (5, 5, 6))
    assert first == second
    assert first != other


def test_it_learns() -> None:
    late = [each.loss for seed in range(3) for each in search(40, seed)[-15:]]
    early = [each.loss for seed in range(3) for each in search(40, seed)[:5]]
    assert sum(late) / len(late) < sum(early) / len(early) / 2


def test_points_that_are_being_tried_are_kept_at_a_distance() -> None:
    line: tuple[Axis, ...] = (Interval(0.0, 1.0),)
    seen = [Seen((number / 20,), abs(number / 20 - 0.5)) for number in range(21)]
    alone = [BayesianOptimiser().suggest(line, seen, (), seed=seed)[0] for seed in range(10)]
    crowded = [BayesianOptimiser().suggest(line, seen, [(0.5,)] * 8, seed=seed)[0] for seed in range(10)]
    near = [sum(abs(place - 0.5) < 0.05 for place in places) for places in (alone, crowded)]
    assert near[1] < near[0]


def test_optuna_is_imported_only_when_it_is_needed() -> None:
    code = "import sys, ropeway.sandbox.runners.optimiser; sys.exit('optuna' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
