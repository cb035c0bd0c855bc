"""Transform jobs: create, describe, list, stop."""

from __future__ import annotations

from typing import Any

from ropeway.sandbox.domain.jobs.describe import summary
from ropeway.sandbox.domain.jobs.model import Job, Kind
from ropeway.sandbox.operations import pages
from ropeway.sandbox.operations.call import Call
from ropeway.sandbox.operations.registry import operation

__all__: list[str] = []


@operation("sagemaker", "CreateTransformJob")
def create(call: Call) -> dict[str, Any]:
    """Queue a job."""
    tags = call.params.get("Tags", ())
    job = call.domain.jobs.submit(Kind.TRANSFORM, call.account, call.region, call.params, tags=tags)
    return {"TransformJobArn": job.arn}


@operation("sagemaker", "DescribeTransformJob")
def describe(call: Call) -> dict[str, Any]:
    """A job as it stands."""
    return call.domain.jobs.describe(_job(call))


@operation("sagemaker", "ListTransformJobs")
def list_jobs(call: Call) -> dict[str, Any]:
    """Jobs of the account and region, newest first."""
    listing = pages.listing_of(call.params, equals={"StatusEquals": "status"})
    page = call.domain.jobs.list(Kind.TRANSFORM, call.account, call.region, listing)
    return pages.answer("TransformJobSummaries", page, call.params, summary)


@operation("sagemaker", "StopTransformJob")
def stop(call: Call) -> None:
    """Ask a job to stop."""
    call.domain.jobs.stop(_job(call).arn)


def _job(call: Call) -> Job:
    return call.domain.jobs.find(Kind.TRANSFORM, call.account, call.region, call.params["TransformJobName"])
