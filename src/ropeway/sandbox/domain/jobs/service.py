"""Jobs: who submits, stops and reports, and what then becomes of a job.

A job is written before it is handed to the runner, so a crash in between loses nothing: ``recover`` hands it
over again. Every later change goes through ``_move``: one transaction that reads the job, asks the tables of
``lifecycle`` and writes the row. A report that comes late or twice (the job has ended, the phase is behind it)
changes nothing; one that the tables forbid for a live job raises. Listeners hear of a job's end after the commit,
in the thread that reported it.

A job that is stopped before its process starts never starts: the runner drops it from its queue and reports
``Stopped``; ``submit`` repeats a stop that came between its commit and the hand-over.

Left out: spot interruption, warm pools and managed retries; nothing here interrupts a job by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ropeway.sandbox.domain.changes import Changes
from ropeway.sandbox.domain.errors import InUse, Invalid
from ropeway.sandbox.domain.jobs import describe, lifecycle, requests
from ropeway.sandbox.domain.jobs.model import Container, Job, Kind, Outcome, StepRef, Transition
from ropeway.sandbox.domain.jobs.ports import JobReports, JobRunner, JobStore
from ropeway.sandbox.domain.listing import Listing, Page
from ropeway.sandbox.domain.ports import Transactions
from ropeway.sandbox.domain.tags.service import Tags
from ropeway.values.arn import Arn
from ropeway.values.clock import Clock

__all__ = ["Containers", "Jobs"]

Containers = Callable[[str, str, str], "tuple[Container, ...]"]

_PHASES = frozenset({"Downloading", "Training", "Uploading"})


class Jobs:
    """The life cycle of processing, training and transform jobs; implements ``JobReports``.

    Args:
        runner: makes the runner that reports to this object.
        containers: the inference containers of a model by account, region and name.
    """

    def __init__(
        self,
        store: JobStore,
        transactions: Transactions,
        clock: Clock,
        tags: Tags,
        containers: Containers,
        runner: Callable[[JobReports], JobRunner],
    ) -> None:
        self._store = store
        self._transactions = transactions
        self._clock = clock
        self._tags = tags
        self._containers = containers
        self.changes: Changes[Job] = Changes()
        self._runner = runner(self)
        self._left = [
            job.arn for job in store.unfinished()
        ]  # by the server before; none is submitted here yet

    def submit(
        self,
        kind: Kind,
        account: str,
        region: str,
        request: Mapping[str, Any],
        *,
        tags: Sequence[Mapping[str, str]] = (),
        step: StepRef | None = None,
    ) -> Job:
        """Take a job and queue it.

        Args:
            kind: the job's type.
            account: the account that it runs in.
            region: the region that it runs in.
            request: the create request, API-shaped and valid by the service model, with its name member.
            tags: API-shaped, for the job's ARN.
            step: the pipeline step it runs for.

        Raises:
            InUse: the name is taken.
            Invalid: members contradict each other, or the model does not exist.
        """
        accepted = requests.accept(kind, request)
        now = self._clock.now()
        training = kind is Kind.TRAINING
        job = Job(
            kind=kind,
            account=account,
            region=region,
            name=str(accepted[requests.NAME[kind]]),
            request=accepted,
            status="InProgress",
            created=now,
            modified=now,
            secondary="Starting" if training else "",
            transitions=(Transition("Starting", now, None, "Starting the training job"),) if training else (),
            containers=self._containers_of(kind, account, region, accepted),
            step=step,
        )
        with self._transactions.transaction():
            if self._store.get(job.arn) is not None:
                raise InUse(
                    "Job name must be unique within an AWS account and region, "
                    f"and a job with this name already exists ({job.arn})"
                )
            self._store.add(job)
            self._tags.add(job.arn, tags)
            self.changes.changed(job)
        self._runner.launch(job)
        if self.get(job.arn).status == "Stopping":
            self._runner.stop(job.arn)
        return job

    def get(self, arn: str) -> Job:
        """A job by its ARN.

        Raises:
            Invalid: there is none, in AWS's words.
        """
        job = self._store.get(arn)
        if job is None:
            raise requests.not_found(arn)
        return job

    def find(self, kind: Kind, account: str, region: str, name: str) -> Job:
        """A job by its name.

        Raises:
            Invalid: there is none, in AWS's words.
        """
        return self.get(str(Arn("sagemaker", region, account, f"{kind.value}/{name}")))

    def list(self, kind: Kind, account: str, region: str, listing: Listing) -> Page[Job]:
        """Jobs of one kind."""
        return self._store.list(kind, account, region, listing)

    def describe(self, job: Job) -> dict[str, Any]:
        """The Describe answer of a job: times are datetimes, members that do not apply are absent."""
        return describe.describe(job)

    def stop(self, arn: str) -> None:
        """Ask a job to stop; a job that is stopping already goes on stopping.

        Raises:
            Invalid: there is no such job, or it has ended.
        """

        def change(job: Job) -> Job | None:
            if job.status == "Stopping":
                return None
            try:
                return self._advance(job, "stop", "Stopping the training job")
            except lifecycle.IllegalMoveError as error:
                raise Invalid(
                    f"The request was rejected because the {job.kind.value.replace('-', ' ')} "
                    f"is in status {job.status}."
                ) from error

        if self._move(arn, change) is not None:
            self._runner.stop(arn)

    def delete(self, arn: str) -> None:
        """Forget a job that has ended, and its tags.

        Raises:
            Invalid: there is no such job.
            InUse: it has not ended.
        """
        with self._transactions.transaction():
            job = self.get(arn)
            if job.status not in lifecycle.FINAL:
                raise InUse(f"The {job.kind.value.replace('-', ' ')} {job.name} is in status {job.status}.")
            self._store.delete(arn)
            self._tags.clear(arn)

    def recover(self) -> None:
        """After a restart: hand the jobs that the server before left unfinished back to the runner."""
        left, self._left = self._left, []
        self._runner.tidy(left)
        for arn in left:
            job = self._store.get(arn)
            if job is not None and job.status not in lifecycle.FINAL:
                self._runner.recover(job)

    def close(self) -> None:
        """The server stops: let running jobs go on by themselves; ``recover`` of the next server finds them."""
        self._runner.close()

    def progressed(self, arn: str, secondary: str, message: str) -> None:
        """A phase began; the first one starts the job's clock."""
        if secondary not in _PHASES:
            raise lifecycle.IllegalMoveError(f"{secondary!r} is no phase of a job")

        def change(job: Job) -> Job | None:
            if job.status in lifecycle.FINAL:
                return None
            now = self._clock.now()
            started = job if job.started is not None else replace(job, started=now, modified=now)
            if (job.secondary, secondary) not in lifecycle.SECONDARY:
                return started if started is not job else None
            return self._enter(started, secondary, message)

        self._move(arn, change)

    def finished(self, arn: str, outcome: Outcome) -> None:
        """The run is over."""

        def change(job: Job) -> Job | None:
            if job.status in lifecycle.FINAL:
                return None
            event = lifecycle.end_event(outcome)
            ended = self._advance(job, event, describe.end_message(event, outcome))
            return replace(
                ended,
                ended=ended.modified,
                failure_reason=outcome.failure_reason,
                exit_message=outcome.exit_message,
                result={**job.result, **outcome.result},
            )

        ended = self._move(arn, change)
        if ended is not None:
            self.changes.ended(ended)

    def _move(self, arn: str, change: Callable[[Job], Job | None]) -> Job | None:
        """The one place where a job changes: the new job, or None when nothing changed."""
        with self._transactions.transaction():
            before = self.get(arn)
            moved = change(before)
            if moved is not None:
                self._store.update(moved)
                if (moved.status, moved.secondary) != (before.status, before.secondary):
                    self.changes.changed(moved)
                if moved.status in lifecycle.FINAL:
                    self.changes.ending(moved)
        return moved

    def _advance(self, job: Job, event: str, message: str) -> Job:
        status = lifecycle.next_status(job.status, event)
        moved = replace(job, status=status, modified=self._clock.now())
        return self._enter(moved, event, message) if job.secondary else moved

    def _enter(self, job: Job, event: str, message: str) -> Job:
        """A training job with its next secondary status, and the one before it closed."""
        now = self._clock.now()
        secondary = lifecycle.next_secondary(job.secondary, event)
        final = now if job.status in lifecycle.FINAL else None
        closed = [replace(entry, end=now) if entry.end is None else entry for entry in job.transitions]
        transitions = (*closed, Transition(secondary, now, final, message))
        return replace(job, secondary=secondary, modified=now, transitions=transitions)

    def _containers_of(
        self, kind: Kind, account: str, region: str, request: Mapping[str, Any]
    ) -> tuple[Container, ...]:
        if kind is not Kind.TRANSFORM:
            return ()
        return self._containers(account, region, str(request["ModelName"]))
