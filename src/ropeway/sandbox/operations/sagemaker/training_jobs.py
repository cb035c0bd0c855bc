"""Training jobs: create, describe, list, stop, delete."""

from __future__ import annotations

from typing import Any

from ropeway.sandbox.domain.jobs.describe import summary
from ropeway.sandbox.domain.jobs.model import Job, Kind
from ropeway.sandbox.operations import pages
from ropeway.sandbox.operations.call import Call
from ropeway.sandbox.operations.registry import operation

__all__: list[str] = []


@operation("sagemaker", "CreateTrainingJob")
def create(call: Call) -> dict[str, Any]:
    """Queue a job."""
    tags = call.params.get("Tags", ())
    job = call.domain.jobs.submit(Kind.TRAINING, call.account, call.region, call.params, tags=tags)
    return {"TrainingJobArn": job.arn}


@operation("sagemaker", "DescribeTrainingJob")
def describe(call: Call) -> dict[str, Any]:
    """A job as it stands."""
    return call.domain.jobs.describe(_job(call))


@operation("sagemaker", "ListTrainingJobs")
def list_jobs(call: Call) -> dict[str, Any]:
    """Jobs of the account and region, newest first."""
    if {"WarmPoolStatusEquals", "TrainingPlanArnEquals"} & call.params.keys():
        return {"TrainingJobSummaries": []}  # no job here has a warm pool or a training plan
    listing = pages.listing_of(call.params, equals={"StatusEquals": "status"})
    page = call.domain.jobs.list(Kind.TRAINING, call.account, call.region, listing)
    return pages.answer("TrainingJobSummaries", page, call.params, summary)


@operation("sagemaker", "StopTrainingJob")
def stop(call: Call) -> None:
    """Ask a job to stop."""
    call.domain.jobs.stop(_job(call).arn)


@operation("sagemaker", "DeleteTrainingJob")
def delete(call: Call) -> None:
    """Forget a job that has ended."""
    call.domain.jobs.delete(_job(call).arn)


def _job(call: Call) -> Job:
    return call.domain.jobs.find(Kind.TRAINING, call.account, call.region, call.params["TrainingJobName"])
