"""What the life cycle of jobs needs: somebody who runs them, and somebody who is told.

The runner never writes a status: it reports, and ``domain.jobs`` decides what the report means.
"""

from __future__ import annotations

from typing import Protocol

from ropeway.sandbox.domain.jobs.model import Job, Outcome

__all__ = ["JobReports", "JobRunner"]


class JobRunner(Protocol):
    """Runs jobs as local processes."""

    def launch(self, job: Job) -> None:
        """Queue a job and return at once; what happens is reported by the job's ARN."""

    def stop(self, arn: str) -> None:
        """Ask a job to stop: SIGTERM, 120 seconds, SIGKILL; it then reports ``Stopped``."""

    def recover(self, job: Job) -> None:
        """After a restart: go on with a job whose process lives or has ended meanwhile, or report it failed."""


class JobReports(Protocol):
    """Hears from the runner; safe to call from any thread."""

    def progressed(self, arn: str, secondary: str, message: str) -> None:
        """A phase began (``Downloading``, ``Training``, ``Uploading``); the first one starts the job's clock."""

    def finished(self, arn: str, outcome: Outcome) -> None:
        """The run is over and its outputs are uploaded."""
