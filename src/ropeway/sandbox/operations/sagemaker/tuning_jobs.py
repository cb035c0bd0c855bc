"""Hyperparameter tuning jobs: create, describe, list, stop, delete, and the training jobs they launched."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ropeway.sandbox.domain.listing import Cursor, Page
from ropeway.sandbox.domain.tuning.model import Trial, Tuning
from ropeway.sandbox.operations import pages
from ropeway.sandbox.operations.call import Call
from ropeway.sandbox.operations.registry import operation

__all__: list[str] = []


@operation("sagemaker", "CreateHyperParameterTuningJob")
def create(call: Call) -> dict[str, Any]:
    """Start a tuning job."""
    tags = call.params.get("Tags", ())
    tuning = call.domain.tunings.create(call.account, call.region, call.params, tags=tags)
    return {"HyperParameterTuningJobArn": tuning.arn}


@operation("sagemaker", "DescribeHyperParameterTuningJob")
def describe(call: Call) -> dict[str, Any]:
    """A tuning job as it stands."""
    return call.domain.tunings.views.describe(_tuning(call))


@operation("sagemaker", "ListHyperParameterTuningJobs")
def list_jobs(call: Call) -> dict[str, Any]:
    """Tuning jobs of the account and region, newest first."""
    listing = pages.listing_of(call.params, equals={"StatusEquals": "status"})
    page = call.domain.tunings.list(call.account, call.region, listing)
    return pages.answer(
        "HyperParameterTuningJobSummaries", page, call.params, call.domain.tunings.views.summary
    )


@operation("sagemaker", "ListTrainingJobsForHyperParameterTuningJob")
def list_training_jobs(call: Call) -> dict[str, Any]:
    """The training jobs that a tuning job has launched, by name."""
    tuning = _tuning(call)
    # Sorted here, as a tuning job has a few hundred at most; the token still tells one order from another.
    asked = {("SortedBy" if name == "SortBy" else name): value for name, value in call.params.items()}
    listing = pages.listing_of(asked)
    found = _sorted(call.domain.tunings.views.trials(tuning), call.params)
    start = listing.after.row if listing.after else 0
    end = start + listing.limit
    page = Page(found[start:end], Cursor("", end) if end < len(found) else None)
    summaries = call.domain.tunings.views.training_summary
    return pages.answer("TrainingJobSummaries", page, asked, lambda trial: summaries(tuning, trial))


@operation("sagemaker", "StopHyperParameterTuningJob")
def stop(call: Call) -> None:
    """Stop a tuning job and its training jobs."""
    call.domain.tunings.stop(_tuning(call).arn)


@operation("sagemaker", "DeleteHyperParameterTuningJob")
def delete(call: Call) -> None:
    """Forget a tuning job that has ended; its training jobs stay."""
    call.domain.tunings.delete(_tuning(call).arn)


_KEYS: dict[str, Callable[[Trial], tuple[Any, ...]]] = {
    "Name": lambda trial: (trial.name,),
    "CreationTime": lambda trial: (trial.created, trial.number),
    "Status": lambda trial: (trial.shown_status, trial.number),
    "FinalObjectiveMetricValue": lambda trial: (trial.value, trial.number),
}


def _sorted(trials: Sequence[Trial], params: Mapping[str, Any]) -> list[Trial]:
    by = params.get("SortBy", "Name")
    wanted = params.get("StatusEquals")
    chosen = [
        trial
        for trial in trials
        if wanted in {None, trial.shown_status}
        and (
            by != "FinalObjectiveMetricValue" or trial.value is not None
        )  # as AWS: without a value, not listed
    ]
    return sorted(chosen, key=_KEYS[by], reverse=params.get("SortOrder", "Ascending") == "Descending")


def _tuning(call: Call) -> Tuning:
    return call.domain.tunings.find(call.account, call.region, call.params["HyperParameterTuningJobName"])
