"""What the life cycle of jobs needs: somebody who runs them, and somebody who is told.

The runner never writes a status: it reports, and ``domain.jobs`` decides what the report means.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from ropeway.sandbox.domain.jobs.model import Job, Kind, Outcome
from ropeway.sandbox.domain.listing import Listing, Page

__all__ = ["JobReports", "JobRunner", "JobStore"]


class JobRunner(Protocol):
    """Runs jobs as local processes."""

    def launch(self, job: Job) -> None:
        """Queue a job and return at once; what happens is reported by the job's ARN."""

    def stop(self, arn: str) -> None:
        """Ask a job to stop: SIGTERM, 120 seconds, SIGKILL; it then reports ``Stopped``."""

    def recover(self, job: Job) -> None:
        """After a restart: go on with a job whose process lives or has ended meanwhile, or report it failed."""

    def tidy(self, unfinished: Collection[str]) -> None:
        """After a restart, before ``recover``: remove what is left of every job but those, given by their ARNs."""

    def close(self) -> None:
        """The server stops: let go of running jobs without a report; their processes go on."""


class JobReports(Protocol):
    """Hears from the runner; safe to call from any thread."""

    def progressed(self, arn: str, secondary: str, message: str) -> None:
        """A phase began (``Downloading``, ``Training``, ``Uploading``); the first one starts the job's clock."""

    def finished(self, arn: str, outcome: Outcome) -> None:
        """The run is over and its outputs are uploaded."""


class JobStore(Protocol):
    """Keeps jobs; takes part in the caller's transaction."""

    def add(self, job: Job) -> None:
        """Keep a new job."""

    def update(self, job: Job) -> None:
        """Write what has changed of a job: everything but its identity and request."""

    def get(self, arn: str) -> Job | None:
        """A job by its ARN."""

    def delete(self, arn: str) -> None:
        """Forget a job."""

    def list(self, kind: Kind, account: str, region: str, listing: Listing) -> Page[Job]:
        """Jobs of one kind in one account and region."""

    def unfinished(self) -> Sequence[Job]:
        """Jobs of all accounts that have not ended, oldest first."""
