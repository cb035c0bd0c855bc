"""Tuning jobs in memory, an optimiser that walks, metrics that a test writes."""

from __future__ import annotations

from collections.abc import Sequence

from ropeway.sandbox.domain.jobs.model import Job
from ropeway.sandbox.domain.listing import Listing, Page
from ropeway.sandbox.domain.tuning.model import Trial, Tuning
from ropeway.sandbox.domain.tuning.ports import Seen
from ropeway.sandbox.domain.tuning.space import Axis, Interval, Point


class MemoryTunings:
    """Implements ``domain.tuning.ports.TuningStore``; lists without filters."""

    def __init__(self) -> None:
        self.tunings: dict[str, Tuning] = {}
        self.rows: dict[tuple[str, int], Trial] = {}

    def add(self, tuning: Tuning) -> None:
        self.tunings[tuning.arn] = tuning

    def update(self, tuning: Tuning) -> None:
        assert tuning.arn in self.tunings
        self.tunings[tuning.arn] = tuning

    def get(self, arn: str) -> Tuning | None:
        return self.tunings.get(arn)

    def delete(self, arn: str) -> None:
        del self.tunings[arn]
        self.rows = {key: trial for key, trial in self.rows.items() if key[0] != arn}

    def list(self, account: str, region: str, listing: Listing) -> Page[Tuning]:
        return Page([each for each in self.tunings.values() if each.account == account], None)

    def unfinished(self) -> Sequence[Tuning]:
        return [each for each in self.tunings.values() if each.status in {"InProgress", "Stopping"}]

    def put_trial(self, trial: Trial) -> None:
        self.rows[trial.tuning_arn, trial.number] = trial

    def trials(self, arn: str) -> Sequence[Trial]:
        return [trial for (tuning, _), trial in sorted(self.rows.items()) if tuning == arn]

    def trial_of(self, job_arn: str) -> Trial | None:
        return next((trial for trial in self.rows.values() if trial.arn == job_arn), None)


class WalkingOptimiser:
    """Implements ``Optimiser``: goes up each axis by a tenth per result; remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[tuple[tuple[Seen, ...], tuple[Point, ...], int]] = []

    def suggest(
        self, axes: Sequence[Axis], seen: Sequence[Seen], pending: Sequence[Point], *, seed: int
    ) -> Point:
        self.told.append((tuple(seen), tuple(pending), seed))
        share = (len(seen) + len(pending)) / 10
        return tuple(
            axis.low + share * (axis.high - axis.low) if isinstance(axis, Interval) else 0.0 for axis in axes
        )


class WrittenMetrics:
    """Implements ``Metrics``: values by job name."""

    def __init__(self) -> None:
        self.printed: dict[str, list[float]] = {}

    def values(self, job: Job, metric: str) -> Sequence[float]:
        return self.printed.get(job.name, [])
