"""What the demonstrations share: the target's services, places, stages with their durations, one run of a pipeline."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ropeway.errors import RopewayError
from ropeway.usecases.executions import ExecutionView, start
from ropeway.usecases.models import VersionView
from ropeway.usecases.ports import Executions, Functions, Pipelines, Registry, Storage
from ropeway.usecases.source import load
from ropeway.usecases.upsert import upsert

__all__ = [
    "MALIGNANT",
    "MODEL",
    "Clients",
    "Follow",
    "Interval",
    "Place",
    "Run",
    "StageReport",
    "Stages",
    "auc_of",
    "run",
]

MODEL = "mammography-severity"
# A score from which on a finding is called malignant.
MALIGNANT = 0.5

Follow = Callable[[str], ExecutionView]
"""Shows an execution until it has ended."""


@dataclass(frozen=True)
class Clients:
    """The target's services."""

    pipelines: Pipelines
    executions: Executions
    storage: Storage
    functions: Functions
    registry: Registry


@dataclass(frozen=True)
class Place:
    """Where the demonstration runs.

    Attributes:
        examples: the folder of the example use cases.
        folder: a local folder for the data and the predictions.
    """

    region: str
    role: str
    bucket: str
    examples: Path
    folder: Path


@dataclass(frozen=True)
class StageReport:
    """One stage that is done, with its duration in seconds."""

    name: str
    seconds: float
    detail: str


@dataclass(frozen=True)
class Interval:
    """A metric with its 95 % confidence interval."""

    value: float
    lower: float
    upper: float


@dataclass(frozen=True)
class Run:
    """One execution: its reference (``pipeline/id``), ARN, status and duration in seconds."""

    execution: str
    arn: str
    status: str
    steps: int
    seconds: float


class Stages:
    """Stages in the order of their ends.

    Args:
        tell: hears of every stage that is done.
    """

    def __init__(self, tell: Callable[[StageReport], None]) -> None:
        self._tell = tell
        self._since = time.perf_counter()
        self.reports: list[StageReport] = []

    def done(self, name: str, detail: str) -> None:
        """The stage since the last one ended, or since the start, is done."""
        now = time.perf_counter()
        self.reports.append(StageReport(name, now - self._since, detail))
        self._since = now
        self._tell(self.reports[-1])


def run(clients: Clients, place: Place, module: str, follow: Callable[[str], ExecutionView]) -> Run:
    """Create or update a pipeline of the mammography use case, start it and wait for its end.

    Raises:
        RopewayError: it failed; the message names the step and its reason.
    """
    arguments: dict[str, Any] = {
        "region": place.region,
        "role": place.role,
        "default_bucket": place.bucket,
        "model_name": MODEL,
        "model_package_group_name": MODEL,
    }
    source = load(str(place.examples / "mammography" / module), arguments)
    upsert(
        source,
        clients.pipelines,
        clients.storage,
        clients.functions,
        role=place.role,
        default_bucket=place.bucket,
    )
    began = time.perf_counter()
    view = follow(start(clients.executions, source.name, {}))
    if not view.ended_well:
        step = view.failed_steps[-1] if view.failed_steps else None
        told = f"step {step.name}: {step.reason}" if step else view.reason or view.status
        raise RopewayError(f"{view.pipeline}/{view.name} ended as {view.status}: {told}")
    seconds = time.perf_counter() - began
    return Run(f"{view.pipeline}/{view.name}", view.arn, view.status, len(view.steps), seconds)


def auc_of(version: VersionView) -> Interval:
    """The AUC that a version was registered with."""
    found = version.metadata
    return Interval(float(found["auc"]), float(found["auc_lower_95"]), float(found["auc_upper_95"]))
