"""Jobs of all kinds: list, look at, stop. Their logs are in ``logs``."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from ropeway.errors import RopewayError, UsageError
from ropeway.usecases.logs import KINDS, kind_of
from ropeway.usecases.ports import Jobs

__all__ = ["JobLine", "JobView", "Trial", "list_jobs", "show", "stop"]

_TITLES = {
    "processing": "Processing",
    "training": "Training",
    "transform": "Transform",
    "tuning": "HyperParameterTuning",
}
_RUNNING = {"InProgress", "Stopping"}


@dataclass(frozen=True)
class JobLine:
    """A job in a list."""

    kind: str
    name: str
    status: str
    created: datetime | None
    ended: datetime | None


@dataclass(frozen=True)
class Trial:
    """A training job of a tuning job.

    Attributes:
        value: the objective's value, once it is known.
        hyperparameters: those that are tuned.
    """

    name: str
    status: str
    value: float | None
    hyperparameters: Mapping[str, str]


@dataclass(frozen=True)
class JobView:
    """One job.

    Attributes:
        reason: why it failed.
        started, ended: when its work began and was over.
        tuning: the tuning job that it belongs to.
        outputs: S3 addresses by what lies there.
        trials: of a tuning job, the best first, those without a value last.
    """

    kind: str
    name: str
    status: str
    arn: str
    reason: str | None
    created: datetime | None
    started: datetime | None
    ended: datetime | None
    image: str | None = None
    model: str | None = None
    role: str | None = None
    tuning: str | None = None
    objective: str | None = None
    strategy: str | None = None
    hyperparameters: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)
    trials: Sequence[Trial] = ()


def list_jobs(jobs: Jobs, kinds: Sequence[str] = (), *, status: str | None, limit: int) -> list[JobLine]:
    """The newest jobs.

    Args:
        jobs: client.
        kinds: of these kinds; all without any.
        status: of this status; all without it.
        limit: how many at most.
    """
    found = [_lines(jobs, kind, status) for kind in (kinds or KINDS.values())]
    newest = heapq.merge(*found, key=_created, reverse=True)
    return list(islice(newest, limit))


def show(jobs: Jobs, name: str) -> JobView:
    """A job, whatever its kind.

    Raises:
        RopewayError: there is no job of that name.
    """
    kind = kind_of(jobs, name)
    found = jobs.describe(kind, name)
    if found is None:
        raise RopewayError(f"the job {name} has gone meanwhile")
    title = _TITLES[kind]
    artifacts = found.get("AlgorithmSpecification", {}) or found.get("AppSpecification", {})
    config = found.get("HyperParameterTuningJobConfig", {})
    tuning = found.get("TuningJobArn")
    return JobView(
        kind=kind,
        name=name,
        status=str(found[f"{title}JobStatus"]),
        arn=str(found[f"{title}JobArn"]),
        reason=found.get("FailureReason"),
        created=found.get("CreationTime"),
        started=found.get(f"{title}StartTime"),
        ended=found.get(f"{title}EndTime"),
        image=artifacts.get("TrainingImage") or artifacts.get("ImageUri"),
        model=found.get("ModelName"),
        role=found.get("RoleArn"),
        tuning=str(tuning).rpartition("/")[2] if tuning else None,
        objective=config.get("HyperParameterTuningJobObjective", {}).get("MetricName"),
        strategy=config.get("Strategy"),
        hyperparameters=dict(found.get("HyperParameters", {})),
        metrics={each["MetricName"]: each["Value"] for each in found.get("FinalMetricDataList", ())},
        outputs=_outputs(found),
        trials=_trials(jobs, name, config) if kind == "tuning" else (),
    )


def stop(jobs: Jobs, name: str) -> JobLine:
    """Ask a job to stop; how it stood when it was asked.

    Raises:
        UsageError: it has ended.
        RopewayError: there is no job of that name.
    """
    view = show(jobs, name)
    if view.status not in _RUNNING:
        raise UsageError(f"the {view.kind} job {name} has ended: {view.status}")
    jobs.stop(view.kind, name)
    return JobLine(view.kind, name, view.status, view.created, view.ended)


def _lines(jobs: Jobs, kind: str, status: str | None) -> Iterator[JobLine]:
    title = _TITLES[kind]
    for item in jobs.list(kind, status):
        yield JobLine(
            kind=kind,
            name=str(item[f"{title}JobName"]),
            status=str(item[f"{title}JobStatus"]),
            created=item.get("CreationTime"),
            ended=item.get(f"{title}EndTime"),
        )


def _created(line: JobLine) -> float:
    return line.created.timestamp() if line.created else 0.0


def _outputs(found: Mapping[str, Any]) -> dict[str, str]:
    outputs = {
        str(each["OutputName"]): str(each["S3Output"]["S3Uri"])
        for each in found.get("ProcessingOutputConfig", {}).get("Outputs", ())
        if "S3Output" in each
    }
    model = found.get("ModelArtifacts", {}).get("S3ModelArtifacts")
    predictions = found.get("TransformOutput", {}).get("S3OutputPath")
    return {
        **outputs,
        **({"model": model} if model else {}),
        **({"predictions": predictions} if predictions else {}),
    }


def _trials(jobs: Jobs, name: str, config: Mapping[str, Any]) -> list[Trial]:
    directions = {config.get("HyperParameterTuningJobObjective", {}).get("Type")}
    trials = []
    for item in jobs.trainings(name):
        final = item.get("FinalHyperParameterTuningJobObjectiveMetric", {})
        directions.add(final.get("Type"))
        trials.append(
            Trial(
                str(item["TrainingJobName"]),
                str(item["TrainingJobStatus"]),
                final.get("Value"),
                dict(item.get("TunedHyperParameters", {})),
            )
        )
    sign = -1.0 if "Maximize" in directions else 1.0
    return sorted(
        trials, key=lambda trial: (trial.value is None, 0.0 if trial.value is None else sign * trial.value)
    )
