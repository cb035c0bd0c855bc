"""Tuning jobs as the API describes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from ropeway.sandbox.domain.tuning.decide import best_of, not_improving
from ropeway.sandbox.domain.tuning.model import ACTIVE, Trial, Tuning
from ropeway.sandbox.domain.tuning.requests import Definition

__all__ = ["counters", "describe", "summary", "training_summary"]

_RETRYABLE = "InternalServerError"


def describe(
    tuning: Tuning,
    definitions: Sequence[Definition],
    trials: Sequence[Trial],
    overall: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """The Describe answer of a tuning job.

    Args:
        tuning: the tuning job.
        definitions: what it makes training jobs from.
        trials: its training jobs, as they stand.
        overall: the best training job of this and the parent tuning jobs, after a warm start.
    """
    answer: dict[str, Any] = {
        **tuning.request,
        "HyperParameterTuningJobName": tuning.name,
        "HyperParameterTuningJobArn": tuning.arn,
        "HyperParameterTuningJobStatus": tuning.status,
        "CreationTime": _moment(tuning.created),
        "LastModifiedTime": _moment(tuning.modified),
        **counters(trials),
        "TuningJobCompletionDetails": {
            "NumberOfTrainingJobsObjectiveNotImproving": not_improving(definitions, trials)
        },
        "ConsumedResources": {"RuntimeInSeconds": round(sum(_seconds(trial) for trial in trials))},
    }
    best = best_of(definitions, trials)
    if best:
        answer["BestTrainingJob"] = training_summary(tuning, definitions, best[0])
    if overall is not None:
        answer["OverallBestTrainingJob"] = overall
    _put(answer, "HyperParameterTuningEndTime", _moment(tuning.ended))
    _put(answer, "FailureReason", tuning.failure_reason)
    return answer


def summary(tuning: Tuning, trials: Sequence[Trial]) -> dict[str, Any]:
    """A tuning job's entry in a list."""
    config = tuning.request["HyperParameterTuningJobConfig"]
    answer: dict[str, Any] = {
        "HyperParameterTuningJobName": tuning.name,
        "HyperParameterTuningJobArn": tuning.arn,
        "HyperParameterTuningJobStatus": tuning.status,
        "Strategy": config["Strategy"],
        "CreationTime": _moment(tuning.created),
        "LastModifiedTime": _moment(tuning.modified),
        **counters(trials),
        "ResourceLimits": config["ResourceLimits"],
    }
    _put(answer, "HyperParameterTuningEndTime", _moment(tuning.ended))
    return answer


def training_summary(tuning: Tuning, definitions: Sequence[Definition], trial: Trial) -> dict[str, Any]:
    """A training job's entry in ListTrainingJobsForHyperParameterTuningJob."""
    definition = definitions[trial.definition]
    answer: dict[str, Any] = {
        "TrainingJobName": trial.name,
        "TrainingJobArn": trial.arn,
        "TuningJobName": tuning.name,
        "CreationTime": _moment(trial.created),
        "TrainingJobStatus": trial.shown_status,
        "TunedHyperParameters": dict(trial.values),
        "ObjectiveStatus": trial.objective_status,
    }
    _put(answer, "TrainingJobDefinitionName", definition.name or None)
    _put(answer, "TrainingStartTime", _moment(trial.started))
    _put(answer, "TrainingEndTime", _moment(trial.ended))
    _put(answer, "FailureReason", trial.failure_reason)
    if trial.value is not None:
        answer["FinalHyperParameterTuningJobObjectiveMetric"] = {
            "Type": definition.objective.type,
            "MetricName": definition.objective.metric,
            "Value": trial.value,
        }
    return answer


def counters(trials: Sequence[Trial]) -> dict[str, Any]:
    """How many training jobs stand how."""
    failed = [trial for trial in trials if trial.status == "Failed"]
    retryable = sum((trial.failure_reason or "").startswith(_RETRYABLE) for trial in failed)
    objectives = [trial.objective_status for trial in trials]
    return {
        "TrainingJobStatusCounters": {
            "Completed": sum(trial.status == "Completed" for trial in trials),
            "InProgress": sum(trial.status in ACTIVE for trial in trials),
            "RetryableError": retryable,
            "NonRetryableError": len(failed) - retryable,
            "Stopped": sum(trial.status == "Stopped" for trial in trials),
        },
        "ObjectiveStatusCounters": {
            status: objectives.count(status) for status in ("Succeeded", "Pending", "Failed")
        },
    }


def _seconds(trial: Trial) -> float:
    return trial.ended - trial.started if trial.started is not None and trial.ended is not None else 0.0


def _put(answer: dict[str, Any], name: str, value: object) -> None:
    if value is not None:
        answer[name] = value


def _moment(epoch: float | None) -> datetime | None:
    return None if epoch is None else datetime.fromtimestamp(epoch, tz=timezone.utc)
