"""Jobs in memory, and a runner that runs nothing but remembers what it was asked."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from ropeway.sandbox.domain.jobs.model import Job, Kind
from ropeway.sandbox.domain.jobs.ports import JobReports
from ropeway.sandbox.domain.listing import Listing, Page


class MemoryJobs:
    """Implements ``domain.jobs.ports.JobStore``; lists without filters, newest first."""

    def __init__(self) -> None:
        self.jobs: dict[str, Job] = {}

    def add(self, job: Job) -> None:
        self.jobs[job.arn] = job

    def update(self, job: Job) -> None:
        assert job.arn in self.jobs
        self.jobs[job.arn] = job

    def get(self, arn: str) -> Job | None:
        return self.jobs.get(arn)

    def delete(self, arn: str) -> None:
        del self.jobs[arn]

    def list(self, kind: Kind, account: str, region: str, listing: Listing) -> Page[Job]:
        owner = (kind, account, region)
        found = [job for job in self.jobs.values() if (job.kind, job.account, job.region) == owner]
        return Page(found[::-1][: listing.limit], None)

    def unfinished(self) -> Sequence[Job]:
        return [job for job in self.jobs.values() if job.status in {"InProgress", "Stopping"}]


class RecordingRunner:
    """Implements ``domain.jobs.ports.JobRunner``; a test reports through ``reports``."""

    def __init__(self, reports: JobReports) -> None:
        self.reports = reports
        self.launched: list[Job] = []
        self.stopped: list[str] = []
        self.recovered: list[Job] = []
        self.closed = False

    def launch(self, job: Job) -> None:
        self.launched.append(job)

    def stop(self, arn: str) -> None:
        self.stopped.append(arn)

    def tidy(self, unfinished: Collection[str]) -> None:
        """Nothing to remove."""

    def recover(self, job: Job) -> None:
        self.recovered.append(job)

    def close(self) -> None:
        self.closed = True
