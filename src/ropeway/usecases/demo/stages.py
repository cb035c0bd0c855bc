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
    "deploy",
    "run",
    "run_of",
    "told_failure",
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
    """Where pipelines run.

    Attributes:
        role: of pipelines and jobs.
        bucket: of data and predictions.
        examples: the folder of the example use cases.
        folder: a local folder for the data and the predictions.
        lambda_role: of the pipelines' functions; the same role when None.
        artifacts: the bucket of models; the same bucket when None.
        group: the model package group: its name, or the ARN where it lies in another account.
        kms_key: ARN of the key of what is written.
    """

    region: str
    role: str
    bucket: str
    examples: Path
    folder: Path
    lambda_role: str | None = None
    artifacts: str | None = None
    group: str = MODEL
    kms_key: str | None = None

    def arguments(self) -> dict[str, Any]:
        """What functions that give a pipeline may ask for."""
        return {
            "region": self.region,
            "role": self.role,
            "lambda_role": self.lambda_role or self.role,
            "default_bucket": self.bucket,
            "model_artifacts_bucket": self.artifacts or self.bucket,
            "kms_key": self.kms_key,
            "model_name": MODEL,
            "model_package_group_name": self.group,
        }


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


def deploy(clients: Clients, place: Place, module: str, **more: str | None) -> str:
    """Create or update a pipeline of the mammography use case, with more arguments than a place's; its name."""
    source = load(str(place.examples / "mammography" / module), defaults={**place.arguments(), **more})
    upsert(
        source,
        clients.pipelines,
        clients.storage,
        clients.functions,
        role=place.role,
        default_bucket=place.bucket,
    )
    return source.name


def run(clients: Clients, place: Place, module: str, follow: Follow) -> Run:
    """Deploy a pipeline, start it and wait for its end.

    Raises:
        RopewayError: it failed; the message names the step and its reason.
    """
    view = follow(start(clients.executions, deploy(clients, place, module), {}))
    if not view.ended_well:
        raise RopewayError(f"{view.pipeline}/{view.name} ended as {view.status}: {told_failure(view)}")
    return run_of(view)


def told_failure(view: ExecutionView) -> str:
    """Why an execution failed: its last failed step and the reason."""
    step = view.failed_steps[-1] if view.failed_steps else None
    return f"step {step.name}: {step.reason}" if step else view.reason or view.status


def run_of(view: ExecutionView) -> Run:
    """An execution that has ended."""
    ended = view.ended and view.started and (view.ended - view.started).total_seconds()
    return Run(f"{view.pipeline}/{view.name}", view.arn, view.status, len(view.steps), ended or 0.0)


def auc_of(version: VersionView) -> Interval:
    """The AUC that a version was registered with."""
    found = version.metadata
    return Interval(float(found["auc"]), float(found["auc_lower_95"]), float(found["auc_upper_95"]))
