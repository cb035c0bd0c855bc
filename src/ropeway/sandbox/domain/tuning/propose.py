"""Which values the next training job gets: Grid, Random (Hyperband too), or Bayesian through an optimiser.

Everything follows from the tuning job's seed and the trials so far, so a restart chooses as it would have chosen
without one, and two tuning jobs with one RandomSeed draw the same random values.
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Sequence
from typing import Any

from ropeway.sandbox.domain.tuning.model import ACTIVE, Trial, Tuning
from ropeway.sandbox.domain.tuning.ports import Optimiser, Seen
from ropeway.sandbox.domain.tuning.requests import Definition
from ropeway.sandbox.domain.tuning.space import Choices, Point, Space

__all__ = ["propose", "seen_of"]

_DRAWS = 20


def propose(
    tuning: Tuning,
    definitions: Sequence[Definition],
    trials: Sequence[Trial],
    inherited: Sequence[Seen],
    optimiser: Optimiser,
) -> tuple[int, dict[str, str]]:
    """The definition and the values of the trial that comes after these.

    Definitions take turns; a grid is walked through one after the other.

    Args:
        tuning: the tuning job.
        definitions: what it may make training jobs from.
        trials: all that it has, by number.
        inherited: what a warm start brings.
        optimiser: for the Bayesian strategy.
    """
    number = len(trials) + 1
    strategy = tuning.request["HyperParameterTuningJobConfig"]["Strategy"]
    if strategy == "Grid":
        return _grid(definitions, number - 1)
    index = (number - 1) % len(definitions)
    definition = definitions[index]
    own = [trial for trial in trials if trial.definition == index]
    if strategy != "Bayesian":
        return index, _random(definition.space, own, f"{tuning.seed}:{number}")
    seen = [*inherited, *seen_of(definition, own)]
    pending = [
        point for trial in own if trial.status in ACTIVE and (point := definition.space.point(trial.values))
    ]
    point = optimiser.suggest(
        definition.space.axes, seen, pending, seed=zlib.crc32(f"{tuning.seed}:{number}".encode())
    )
    return index, definition.space.values(point)


def _grid(definitions: Sequence[Definition], position: int) -> tuple[int, dict[str, str]]:
    for index, definition in enumerate(definitions):
        count = definition.space.combinations or 0
        if position < count:
            return index, definition.space.values(_combination(definition.space, position))
        position -= count
    raise AssertionError("the grid has no such position")


def _combination(space: Space, position: int) -> Point:
    """The point at a position: the last hyperparameter changes fastest."""
    places: list[float] = []
    for axis in reversed(space.axes):
        assert isinstance(axis, Choices)
        position, place = divmod(position, axis.count)
        places.append(float(place))
    return tuple(reversed(places))


def _random(space: Space, own: Sequence[Trial], seed: str) -> dict[str, str]:
    """An even draw; one that was had before is drawn again, if the space has others."""
    source = random.Random(seed)  # noqa: S311 - a reproducible draw, no secret
    values: dict[str, str] = {}
    for _ in range(_DRAWS):
        values = space.values(tuple(_place(axis, source) for axis in space.axes))
        if all(values != dict(trial.values) for trial in own):
            break
    return values


def _place(axis: Any, source: random.Random) -> float:
    if isinstance(axis, Choices):
        return float(source.randrange(axis.count))
    return source.uniform(axis.low, axis.high)


def seen_of(definition: Definition, trials: Sequence[Trial]) -> list[Seen]:
    """What trials say about the points of a definition's space; those outside of it say nothing."""
    return [
        Seen(point, definition.objective.loss(trial.value))
        for trial in trials
        if trial.value is not None
        and trial.objective_status == "Succeeded"
        and (point := definition.space.point(trial.values)) is not None
    ]
