"""What tuning needs: somewhere to keep its state, somebody who proposes points, and the values that a job printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ropeway.sandbox.domain.jobs.model import Job
from ropeway.sandbox.domain.listing import Listing, Page
from ropeway.sandbox.domain.tuning.model import Trial, Tuning
from ropeway.sandbox.domain.tuning.space import Axis, Point

__all__ = ["Metrics", "Optimiser", "Seen", "TuningStore", "Waker"]


@dataclass(frozen=True)
class Seen:
    """A point that was tried, and its loss: less is better."""

    point: Point
    loss: float


class Optimiser(Protocol):
    """Proposes the next point from what was seen; keeps nothing between calls."""

    def suggest(
        self, axes: Sequence[Axis], seen: Sequence[Seen], pending: Sequence[Point], *, seed: int
    ) -> Point:
        """The next point to try; the same for the same arguments.

        Args:
            axes: the space.
            seen: points with results, in the order of their trials.
            pending: points that are being tried.
            seed: for what is left to chance.
        """


class Metrics(Protocol):
    """Reads what training jobs print."""

    def values(self, job: Job, metric: str) -> Sequence[float]:
        """All values of a metric that the job has printed so far, in order."""


class Waker(Protocol):
    """Calls ``Tunings.look`` again and again while there is something to look after."""

    def wake(self) -> None:
        """There is something to look after now."""


class TuningStore(Protocol):
    """Keeps tuning jobs and trials; takes part in the caller's transaction."""

    def add(self, tuning: Tuning) -> None:
        """Keep a new tuning job."""

    def update(self, tuning: Tuning) -> None:
        """Write a tuning job's state."""

    def get(self, arn: str) -> Tuning | None:
        """A tuning job by its ARN."""

    def delete(self, arn: str) -> None:
        """Forget a tuning job and its trials."""

    def list(self, account: str, region: str, listing: Listing) -> Page[Tuning]:
        """Tuning jobs of one account and region."""

    def unfinished(self) -> Sequence[Tuning]:
        """Tuning jobs of all accounts that have not ended, oldest first."""

    def put_trial(self, trial: Trial) -> None:
        """Write a trial, new or not."""

    def trials(self, arn: str) -> Sequence[Trial]:
        """A tuning job's trials by number."""

    def trial_of(self, job_arn: str) -> Trial | None:
        """The trial that a training job is."""
