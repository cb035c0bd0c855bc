"""Tells the default bus of changes: what the parts of the sandbox call inside the transaction of each change."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ropeway.sandbox.domain.events import facts
from ropeway.sandbox.domain.events.sink import EventSink
from ropeway.sandbox.domain.jobs import describe
from ropeway.sandbox.domain.jobs.model import Job, Kind
from ropeway.sandbox.domain.pipelines.model import Execution, StepRun
from ropeway.sandbox.domain.registry import describe as packages
from ropeway.sandbox.domain.registry.model import Package
from ropeway.sandbox.domain.statemachines.model import Execution as MachineExecution
from ropeway.sandbox.domain.tags.service import Tags
from ropeway.sandbox.domain.tuning.model import Tuning
from ropeway.values.arn import Arn

__all__ = ["ENDPOINT", "TUNING", "StatusEvents"]

ENDPOINT = "SageMaker Endpoint State Change"
TUNING = "SageMaker HyperParameter Tuning Job State Change"
_JOBS = {
    Kind.PROCESSING: "SageMaker Processing Job State Change",
    Kind.TRAINING: "SageMaker Training Job State Change",
    Kind.TRANSFORM: "SageMaker Transform Job State Change",
}


class StatusEvents:
    """Makes events of changes of status."""

    def __init__(self, sink: EventSink, tags: Tags) -> None:
        self._sink = sink
        self._tags = tags

    def job_changed(self, job: Job) -> None:
        """A job is new, or has another status or phase."""
        if self._heard(job.arn):
            self.described(_JOBS[job.kind], job.arn, describe.describe(job))

    def described(self, detail_type: str, arn: str, description: Mapping[str, Any]) -> None:
        """A job or endpoint changed, by the answer of its Describe operation."""
        if not self._heard(arn):
            return
        self._sink.emit(facts.described(detail_type, arn, description, self._tags.list(arn)))

    def execution_changed(self, before: Execution | None, now: Execution) -> None:
        """An execution started, or was written; tells it when its status is another."""
        previous = before.status if before is not None else None
        if previous == now.status or not self._heard(now.arn):
            return
        times = (now.created, now.ended)
        self._sink.emit(facts.execution_changed(now.arn, now.document, (previous, now.status), times))

    def step_changed(self, before: StepRun | None, now: StepRun) -> None:
        """A step was written; tells it when its status is another, a first one after ``Starting``."""
        previous = before.status if before is not None else None
        if previous == now.status or not self._heard(now.execution_arn):
            return
        if previous is None and now.status != "Starting":
            self._step((None, "Starting"), now, (now.start, None), {})
            previous = "Starting"
        hit = {"sourcePipelineExecutionArn": now.cached_from} if now.cached_from else None
        more = {"metadata": now.metadata, "failureReason": now.failure_reason, "cacheHitResult": hit}
        self._step((previous, now.status), now, (now.start, now.end), more)

    def package_made(self, package: Package) -> None:
        """A model package was registered."""
        self.package_updated(package, ())

    def package_updated(self, package: Package, fields: Sequence[str]) -> None:
        """A model package was changed."""
        if not self._heard(package.arn):
            return
        self._sink.emit(facts.package_changed(package.arn, packages.describe(package), fields))

    def machine_changed(self, run: MachineExecution) -> None:
        """A state machine's execution has another status; those of express machines are not told."""
        if run.type == "STANDARD" and self._heard(run.arn):
            self._sink.emit(facts.machine_changed(run))

    def tuning_changed(self, tuning: Tuning, describe_it: Callable[[Tuning], Mapping[str, Any]]) -> None:
        """A tuning job is new, or has another status."""
        if self._heard(tuning.arn):
            self.described(TUNING, tuning.arn, describe_it(tuning))

    def _heard(self, arn: str) -> bool:
        """Whether any rule listens, so that nothing is put together for nobody."""
        parsed = Arn.parse(arn)
        return self._sink.heard(parsed.account, parsed.region)

    def _step(
        self,
        statuses: tuple[str | None, str],
        run: StepRun,
        times: tuple[float, float | None],
        more: Mapping[str, Any],
    ) -> None:
        fact = facts.step_changed(run.execution_arn, (run.name, run.type), statuses, times, more)
        self._sink.emit(fact)
