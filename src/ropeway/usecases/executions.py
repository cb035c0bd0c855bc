"""Executions of pipelines: find, look at, follow, stop, retry.

A reference is an execution's ARN, ``PIPELINE/EXECUTION-ID``, or ``PIPELINE`` for its newest execution.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from itertools import islice
from typing import Any

from ropeway.errors import AwsError, RopewayError
from ropeway.usecases.ports import Executions, Pipelines

__all__ = [
    "ExecutionLine",
    "ExecutionView",
    "PipelineLine",
    "StepView",
    "executions_of",
    "follow",
    "pipelines_of",
    "resolve",
    "start",
    "view",
]

# A look costs a few milliseconds of the machine that the steps run on; seeing a change late costs its watcher.
_FIRST_PAUSE = 0.03
_LAST_PAUSE = 1.0
_SHARE = 0.08
RUNNING = {"Executing", "Stopping"}


@dataclass(frozen=True)
class StepView:
    """One step of an execution.

    Attributes:
        job: the name of its job, when it runs one.
        cached_from: the ARN of the execution whose result was taken over.
        outcome: of a Condition: ``True`` or ``False``.
        result: the ARN of what it ran or made.
    """

    name: str
    type: str
    status: str
    started: datetime | None
    ended: datetime | None
    reason: str | None
    job: str | None
    cached_from: str | None
    outcome: str | None
    result: str | None

    def seconds(self, now: datetime | None = None) -> float | None:
        """How long it ran, or has been running until ``now``."""
        if self.started is None:
            return None
        end = self.ended or now or datetime.now(timezone.utc)
        return max(0.0, (end - self.started).total_seconds())


@dataclass(frozen=True)
class ExecutionView:
    """An execution and its steps that have started, the earliest first."""

    arn: str
    pipeline: str
    name: str
    status: str
    reason: str | None
    started: datetime | None
    ended: datetime | None
    steps: tuple[StepView, ...]

    @property
    def ended_well(self) -> bool:
        """Whether every step succeeded."""
        return self.status == "Succeeded"

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self.status in RUNNING

    @property
    def failed_steps(self) -> tuple[StepView, ...]:
        """The steps that failed."""
        return tuple(step for step in self.steps if step.status == "Failed")


@dataclass(frozen=True)
class PipelineLine:
    """A pipeline in a list."""

    name: str
    arn: str
    modified: datetime | None
    last_run: datetime | None


@dataclass(frozen=True)
class ExecutionLine:
    """An execution in a list."""

    id: str
    arn: str
    status: str
    started: datetime | None
    name: str | None


def start(executions: Executions, pipeline: str, parameters: Mapping[str, str]) -> str:
    """Start an execution; its ARN.

    Raises:
        AwsError: there is no such pipeline, or a parameter does not fit it.
    """
    try:
        return executions.start(pipeline, parameters)
    except AwsError as error:
        if error.code == "ResourceNotFound":
            error.hint = (
                "ropeway pipeline list tells which there are; write MODULE:get_pipeline to run a module"
            )
        raise


def resolve(executions: Executions, reference: str) -> str:
    """The ARN of the execution that a reference means.

    Raises:
        RopewayError: the pipeline has no execution, or none of that id.
        AwsError: there is no such pipeline.
    """
    if reference.startswith("arn:"):
        return reference
    pipeline, _, wanted = reference.partition("/")
    for summary in executions.list(pipeline):
        arn = str(summary["PipelineExecutionArn"])
        if not wanted or arn.rpartition("/")[2] == wanted:
            return arn
    told = f"pipeline {pipeline} has no execution" + (f" {wanted}" if wanted else "")
    raise RopewayError(told, hint=f"ropeway pipeline list {pipeline} tells which there are")


def view(executions: Executions, arn: str) -> ExecutionView:
    """An execution as it is now."""
    described = executions.describe(arn)
    steps = tuple(_step(step) for step in executions.steps(arn))
    status = str(described["PipelineExecutionStatus"])
    return ExecutionView(
        arn=arn,
        pipeline=str(described["PipelineArn"]).rpartition("/")[2],
        name=arn.rpartition("/")[2],
        status=status,
        reason=described.get("FailureReason"),
        started=described.get("CreationTime"),
        ended=None if status in RUNNING else described.get("LastModifiedTime"),
        steps=steps,
    )


def follow(
    executions: Executions, arn: str, sleep: Callable[[float], None], pause: float | None = None
) -> Iterator[ExecutionView]:
    """An execution as it goes on, until it has ended.

    Args:
        executions: client.
        arn: the execution.
        sleep: waits between two looks.
        pause: seconds between looks; without it a share of the time that nothing has happened for.
    """
    quiet = 0.0
    last: ExecutionView | None = None
    while True:
        now = view(executions, arn)
        yield now
        if not now.running:
            return
        quiet = quiet if now == last else 0.0
        last = now
        wait = pause or min(max(_FIRST_PAUSE, quiet * _SHARE), _LAST_PAUSE)
        sleep(wait)
        quiet += wait


def pipelines_of(pipelines: Pipelines, limit: int) -> list[PipelineLine]:
    """The newest pipelines."""
    return [
        PipelineLine(
            name=str(item["PipelineName"]),
            arn=str(item["PipelineArn"]),
            modified=item.get("LastModifiedTime"),
            last_run=item.get("LastExecutionTime"),
        )
        for item in islice(pipelines.list(), limit)
    ]


def executions_of(executions: Executions, pipeline: str, limit: int) -> list[ExecutionLine]:
    """A pipeline's newest executions."""
    return [
        ExecutionLine(
            id=str(item["PipelineExecutionArn"]).rpartition("/")[2],
            arn=str(item["PipelineExecutionArn"]),
            status=str(item["PipelineExecutionStatus"]),
            started=item.get("StartTime"),
            name=item.get("PipelineExecutionDisplayName"),
        )
        for item in islice(executions.list(pipeline), limit)
    ]


_JOBS = ("ProcessingJob", "TrainingJob", "TransformJob", "TuningJob")


def _step(step: dict[str, Any]) -> StepView:
    metadata = step.get("Metadata") or {}
    kind, detail = next(iter(metadata.items()), ("", {}))
    arn = detail.get("Arn") if isinstance(detail, dict) else None
    return StepView(
        name=str(step["StepName"]),
        type=kind or "?",
        status=str(step["StepStatus"]),
        started=step.get("StartTime"),
        ended=step.get("EndTime"),
        reason=step.get("FailureReason"),
        job=str(arn).rpartition("/")[2] if kind in _JOBS and arn else None,
        cached_from=(step.get("CacheHitResult") or {}).get("SourcePipelineExecutionArn"),
        outcome=metadata.get("Condition", {}).get("Outcome"),
        result=arn,
    )
