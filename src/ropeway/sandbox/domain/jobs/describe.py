"""Jobs as the API describes them: the request's members echoed, the state's members added.

The engine resolves property references against the same answer, so it holds what AWS answers and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from ropeway.sandbox.domain.jobs.model import Job, Kind, Outcome

__all__ = ["describe", "end_message", "summary"]

_PREFIX = {Kind.PROCESSING: "Processing", Kind.TRAINING: "Training", Kind.TRANSFORM: "Transform"}
_FLAGS = ("EnableNetworkIsolation", "EnableInterContainerTrafficEncryption", "EnableManagedSpotTraining")
_END_MESSAGES = {
    "completed": "Training job completed",
    "stopped": "Training job stopped",
    "exceeded": "Training job runtime exceeded MaxRuntimeInSeconds provided",
}


def describe(job: Job) -> dict[str, Any]:
    """The Describe answer of a job."""
    prefix = _PREFIX[job.kind]
    answer: dict[str, Any] = {
        **job.request,
        f"{prefix}JobName": job.name,
        f"{prefix}JobArn": job.arn,
        f"{prefix}JobStatus": job.status,
        "CreationTime": _moment(job.created),
    }
    _put(answer, "FailureReason", job.failure_reason)
    _put(answer, f"{prefix}StartTime", _moment(job.started))
    _put(answer, f"{prefix}EndTime", _moment(job.ended))
    if job.kind is not Kind.TRANSFORM:
        answer["LastModifiedTime"] = _moment(job.modified)
    if job.kind is Kind.PROCESSING:
        _put(answer, "ExitMessage", job.exit_message)
    if job.kind is Kind.TRAINING:
        answer.update(_training(job))
    answer.update(_timed(job.result))
    return answer


def summary(job: Job) -> dict[str, Any]:
    """A job's entry in a list."""
    prefix = _PREFIX[job.kind]
    answer = {
        f"{prefix}JobName": job.name,
        f"{prefix}JobArn": job.arn,
        f"{prefix}JobStatus": job.status,
        "CreationTime": _moment(job.created),
        "LastModifiedTime": _moment(job.modified),
    }
    _put(answer, f"{prefix}EndTime", _moment(job.ended))
    if job.kind is Kind.TRAINING:
        answer["SecondaryStatus"] = job.secondary
    else:
        _put(answer, "FailureReason", job.failure_reason)
    if job.kind is Kind.PROCESSING:
        _put(answer, "ExitMessage", job.exit_message)
    return answer


def end_message(event: str, outcome: Outcome) -> str:
    """What the last SecondaryStatusTransition of a training job says."""
    return outcome.failure_reason or _END_MESSAGES.get(event, "Training job failed")


def _training(job: Job) -> dict[str, Any]:
    # The API requires ModelArtifacts; AWS answers it empty until the job has some.
    answer: dict[str, Any] = {name: job.request.get(name, False) for name in _FLAGS}
    answer["ModelArtifacts"] = {"S3ModelArtifacts": ""}
    # The SDK reads the key of every job that it attaches to; AWS answers it empty when there is none.
    answer["OutputDataConfig"] = {"KmsKeyId": "", **job.request.get("OutputDataConfig", {})}
    answer["SecondaryStatus"] = job.secondary
    answer["SecondaryStatusTransitions"] = [
        {
            "Status": entry.status,
            "StartTime": _moment(entry.start),
            "StatusMessage": entry.message,
            **({} if entry.end is None else {"EndTime": _moment(entry.end)}),
        }
        for entry in job.transitions
    ]
    if job.started is not None and job.ended is not None:
        seconds = max(1, round(job.ended - job.started))
        answer["TrainingTimeInSeconds"] = seconds
        answer["BillableTimeInSeconds"] = seconds
    return answer


def _timed(result: Mapping[str, Any]) -> dict[str, Any]:
    """The run's own members; metrics keep their time as epoch seconds in the store."""
    timed = dict(result)
    if "FinalMetricDataList" in timed:
        timed["FinalMetricDataList"] = [
            {**metric, "Timestamp": _moment(metric["Timestamp"])} if "Timestamp" in metric else dict(metric)
            for metric in timed["FinalMetricDataList"]
        ]
    return timed


def _put(answer: dict[str, Any], name: str, value: object) -> None:
    if value is not None:
        answer[name] = value


def _moment(epoch: float | None) -> datetime | None:
    return None if epoch is None else datetime.fromtimestamp(epoch, tz=timezone.utc)
