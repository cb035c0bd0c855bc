"""What a tuning job is, and what a trial is: one of its training jobs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ropeway.sandbox.domain.jobs.model import StepRef
from ropeway.values.arn import Arn

__all__ = ["ACTIVE", "KIND", "Objective", "Trial", "Tuning", "arn_of"]

KIND = "hyper-parameter-tuning-job"
# The states of a trial that somebody still works on.
ACTIVE = frozenset({"Planned", "InProgress", "Stopping"})


def arn_of(account: str, region: str, name: str) -> str:
    """A tuning job's ARN."""
    return str(Arn("sagemaker", region, account, f"{KIND}/{name}"))


@dataclass(frozen=True)
class Objective:
    """What training jobs are compared by."""

    metric: str
    maximize: bool

    @property
    def type(self) -> str:
        """As the API says it."""
        return "Maximize" if self.maximize else "Minimize"

    def loss(self, value: float) -> float:
        """The value such that less is better."""
        return -value if self.maximize else value


@dataclass(frozen=True)
class Tuning:
    """One tuning job as it stands.

    Attributes:
        request: the create request, API-shaped and JSON-compatible, defaults filled in, without tags.
        status: InProgress, Stopping, Completed, Failed, Stopped.
        seed: what every choice of values comes from.
        closing: why no further training job starts (``target``, ``stagnant``, ``runtime``, ``stop``,
            ``no-metric``), or "".
        created, modified, ended: epoch seconds.
        tags: API-shaped; they are put on every training job too.
        step: the pipeline step it runs for, if any.
    """

    account: str
    region: str
    name: str
    request: Mapping[str, Any]
    status: str
    seed: int
    created: float
    modified: float
    ended: float | None = None
    failure_reason: str | None = None
    closing: str = ""
    tags: Sequence[Mapping[str, str]] = ()
    step: StepRef | None = None

    @property
    def arn(self) -> str:
        """The tuning job's ARN: its key everywhere."""
        return arn_of(self.account, self.region, self.name)


@dataclass(frozen=True)
class Trial:
    """One training job of a tuning job.

    Attributes:
        number: counts from 1.
        name: the training job's name.
        definition: which of the tuning job's definitions it is made from, from 0.
        values: the tuned hyperparameters, as the training job gets them.
        status: ``Planned`` (it has a name, and is perhaps not submitted yet), or the training job's status.
        value: the objective's last value, of a training job that has ended and printed one.
        series: the objective's values, one for each time that the training job printed it.
    """

    tuning_arn: str
    number: int
    name: str
    definition: int
    values: Mapping[str, str]
    status: str
    created: float
    started: float | None = None
    ended: float | None = None
    failure_reason: str | None = None
    value: float | None = None
    series: Sequence[float] = field(default_factory=tuple)

    @property
    def arn(self) -> str:
        """The training job's ARN."""
        tuning = Arn.parse(self.tuning_arn)
        return str(Arn("sagemaker", tuning.region, tuning.account, f"training-job/{self.name}"))

    @property
    def shown_status(self) -> str:
        """The status as the API tells it."""
        return "InProgress" if self.status == "Planned" else self.status

    @property
    def objective_status(self) -> str:
        """Succeeded with a value, Pending while it runs, Failed otherwise."""
        if self.status in ACTIVE:
            return "Pending"
        return "Succeeded" if self.value is not None and self.status != "Failed" else "Failed"
