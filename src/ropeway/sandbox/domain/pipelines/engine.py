"""The engine: moves executions on, by events, without a thread of their own.

An *execution* runs one version of a pipeline. A *step run* is ``Starting`` or ``Executing``, perhaps ``Stopping``,
and ends as ``Succeeded``, ``Failed`` or ``Stopped``; steps of branches not taken have none. ``advance`` reads how the
steps stand, lets ``decide`` say what is next, writes it, and starts it. It is called when an execution starts, when
a step ends (a job's last move, a function's answer), on stop and retry, and for every unfinished execution after a
restart. A lock per execution makes its calls take turns; a call from inside another one is made up for at its end.

Promises after a crash: what a step made in an instant (a model, a registered version, a decision) is there together
with the step's row or not at all; a job's name is written before the job, so it is submitted once; a function call
that was under way is not repeated, its step fails and the execution can be retried.

Only ``_write`` moves steps and ``_move`` executions, along the tables of ``lifecycle``. Left out: retry policies,
selective execution, run conditions.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache

from ropeway.errors import DefinitionError
from ropeway.pipelines.definition import parse
from ropeway.pipelines.graph import dependencies
from ropeway.sandbox.domain.errors import DomainError, Invalid
from ropeway.sandbox.domain.jobs.model import Job
from ropeway.sandbox.domain.pipelines import lifecycle
from ropeway.sandbox.domain.pipelines.cache import cache_key
from ropeway.sandbox.domain.pipelines.conditions import ConditionError
from ropeway.sandbox.domain.pipelines.contexts import Contexts
from ropeway.sandbox.domain.pipelines.decide import Plan, decide
from ropeway.sandbox.domain.pipelines.model import ACTIVE, ENDED, Execution, StepRun
from ropeway.sandbox.domain.pipelines.ports import ExecutionStore
from ropeway.sandbox.domain.pipelines.resolve import UnresolvedError
from ropeway.sandbox.domain.pipelines.steps.base import Durable, Progress, Services, StepContext, StepType
from ropeway.sandbox.domain.pipelines.steps.job import NAME_MEMBERS, progress_of
from ropeway.sandbox.domain.ports import Transactions
from ropeway.values.arn import Arn
from ropeway.values.clock import Clock

__all__ = ["Engine", "plan_of"]

_STEP_REASON = 1024
_EVENTS = {"Executing": "run", "Succeeded": "succeed", "Failed": "fail", "Stopped": "halt"}
_FAILED = "Step failure: One or multiple steps failed."
_LOST_CALL = "ClientError: the sandbox stopped while the function ran; retry the execution to call it again"
# What makes a step fail, rather than the engine.
_STEP_ERRORS = (
    ConditionError,
    DefinitionError,
    DomainError,
    UnresolvedError,
    LookupError,
    TypeError,
    ValueError,
)


@lru_cache(maxsize=64)
def plan_of(definition: str) -> Plan:
    """A document's steps and graph; kept for the executions that run it."""
    parsed = parse(definition)
    return Plan(parsed, dependencies(parsed))


class _Locks:
    """A lock per execution, out of a fixed number: two executions may share one, which only makes them wait."""

    def __init__(self, count: int = 64) -> None:
        self._locks = [threading.RLock() for _ in range(count)]

    def of(self, arn: str) -> threading.RLock:
        return self._locks[hash(arn) % len(self._locks)]


class Engine:
    """Runs executions."""

    def __init__(
        self,
        store: ExecutionStore,
        transactions: Transactions,
        clock: Clock,
        services: Services,
        contexts: Contexts,
        types: Mapping[str, StepType],
    ) -> None:
        self._store = store
        self._transactions = transactions
        self._clock = clock
        self._services = services
        self._contexts = contexts
        self._types = types
        self._locks = _Locks()
        self._busy: set[str] = set()
        self._again: set[str] = set()
        self._listeners: list[Callable[[Execution], None]] = []
        services.jobs.listen(self._job_ended)

    def listen(self, listener: Callable[[Execution], None]) -> None:
        """Have a function called with every execution that ends, after the commit."""
        self._listeners.append(listener)

    def advance(self, arn: str) -> None:
        """Move an execution on as far as it goes now."""
        with self._locks.of(arn):
            if arn in self._busy:  # this thread is in here already: it goes round once more
                self._again.add(arn)
                return
            self._busy.add(arn)
            try:
                going = True
                while going:
                    self._again.discard(arn)
                    going = self._round(arn) or arn in self._again
            finally:
                self._busy.discard(arn)

    def stop(self, arn: str) -> None:
        """Stop an execution: its running steps are asked to stop, nothing new starts.

        Raises:
            Invalid: it has ended.
        """
        with self._locks.of(arn):
            execution = self._require(arn)
            if execution.ended_for_good:
                raise Invalid(
                    f"Pipeline execution with ARN {arn} status {execution.status}. "
                    "Only pipelines with Executing status can be stopped."
                )
            self._move(execution, "stop")
            self._stop_steps(arn)
            self.advance(arn)

    def retry(self, arn: str, parallelism: int | None) -> None:
        """Run the steps of an ended execution that did not succeed once more.

        Raises:
            Invalid: it is running, or there is nothing to retry.
        """
        with self._locks.of(arn):
            execution = self._require(arn)
            if execution.status not in {"Failed", "Stopped"}:
                raise Invalid(
                    f"Pipeline execution with ARN {arn} status {execution.status}. "
                    "Only pipelines with Failed or Stopped status can be retried."
                )
            runs = self._store.steps(arn)
            with self._transactions.transaction():
                self._store.drop_steps(arn, [name for name, run in runs.items() if run.status != "Succeeded"])
                if parallelism is not None:
                    execution = replace(execution, parallelism=parallelism)
                self._move(replace(execution, failure_reason=None, ended=None), "retry")
            self.advance(arn)

    def report(self, arn: str, name: str, progress: Progress) -> None:
        """Take the end of a running step; one of a step that has ended already changes nothing."""
        with self._locks.of(arn):
            run = self._store.step(arn, name)
            if run is not None and run.status in ACTIVE:
                self._write(run, progress)
                self.advance(arn)

    def recover(self) -> None:
        """After a restart: take up every execution that has not ended."""
        for execution in self._store.unfinished():
            with self._locks.of(execution.arn):
                for run in self._store.steps(execution.arn).values():
                    if run.status in ACTIVE:
                        self._resume(execution, run)
                self.advance(execution.arn)

    def _round(self, arn: str) -> bool:
        """One decision; whether there may be more to decide."""
        execution = self._require(arn)
        if execution.ended_for_good:
            return False
        runs = self._store.steps(arn)
        plan = plan_of(execution.definition)
        decision = decide(plan, runs, status=execution.status, limit=execution.parallelism)
        if decision.end is not None:
            ended = replace(
                execution,
                ended=self._clock.now(),
                failure_reason=_FAILED if decision.end == "fail" else None,
            )
            self._move(ended, decision.end)
            return False
        order = max((run.order for run in runs.values()), default=0)
        for offset, name in enumerate(decision.start, start=1):
            if not self._start(execution, plan, name, order + offset):
                break  # after a failure nothing new starts, not even what was ready with it
        return bool(decision.start)

    def _start(self, execution: Execution, plan: Plan, name: str, order: int) -> bool:
        """Start a step; whether it has not failed."""
        step = plan.definition.steps[name]
        run = StepRun(execution.arn, name, step.type, "Starting", 1, order, self._clock.now())
        context: StepContext | None = None
        try:
            context = self._contexts.build(execution, plan, step, None, self._reporter(run))
            run = replace(
                run, cache_key=cache_key(step.type, context.arguments) if step.cache.enabled else ""
            )
            with self._transactions.transaction():
                run = self._cached(execution, context, run) or self._begin(context, run)
        except _STEP_ERRORS as error:
            run = self._write(replace(run, status="Starting"), Progress("Failed", reason=_reason(error)))
        if run.status == "Failed" and step.type == "Fail":
            self._stop_steps(execution.arn)
        if run.status == "Executing" and context is not None:
            self._types[step.type].launch(context)
        return run.status != "Failed"

    def _begin(self, context: StepContext, run: StepRun) -> StepRun:
        return self._write(run, self._types[run.type].begin(context))

    def _cached(self, execution: Execution, context: StepContext, run: StepRun) -> StepRun | None:
        if not run.cache_key:
            return None
        expires = context.step.cache.expires
        since = self._clock.now() - expires if expires is not None else 0.0
        source = self._store.cached(execution.pipeline_arn, run.name, run.cache_key, since)
        if source is None:
            return None
        taken = replace(run, cached_from=source.cached_from or source.execution_arn)
        return self._write(taken, Progress("Succeeded", source.metadata, source.resource, source.outputs))

    def _write(self, run: StepRun, progress: Progress) -> StepRun:
        """Move a step along its table; what is given of metadata, resource and outputs is kept."""
        moved = replace(
            run,
            status=lifecycle.next_step(run.status, _EVENTS[progress.status]),
            metadata=progress.metadata or run.metadata,
            resource=progress.resource or run.resource,
            outputs=progress.outputs or run.outputs,
            failure_reason=progress.reason[:_STEP_REASON] if progress.reason else None,
            end=self._clock.now() if progress.status in ENDED else None,
        )
        with self._transactions.transaction():
            self._store.put_step(moved)
        return moved

    def _move(self, execution: Execution, event: str) -> None:
        status = lifecycle.next_execution(execution.status, event)
        moved = replace(execution, status=status, modified=self._clock.now())
        with self._transactions.transaction():
            self._store.update(moved)
        if moved.ended_for_good:
            for listener in tuple(self._listeners):
                listener(moved)

    def _stop_steps(self, arn: str) -> None:
        for run in self._store.steps(arn).values():
            if run.status not in ACTIVE:
                continue
            stopping = replace(run, status=lifecycle.next_step(run.status, "stop"))
            with self._transactions.transaction():
                self._store.put_step(stopping)
            try:
                self._types[run.type].stop(stopping, self._services)
            except DomainError:  # it ended meanwhile, or was never submitted: its end is reported as always
                continue

    def _reporter(self, run: StepRun) -> Callable[[Progress], None]:
        return lambda progress: self.report(run.execution_arn, run.name, progress)

    def _job_ended(self, job: Job) -> None:
        if job.step is None:
            return
        with self._locks.of(job.step.execution_arn):
            run = self._store.step(job.step.execution_arn, job.step.step)
            if run is not None and run.resource == job.arn:
                stopping = run.status == "Stopping"
                self.report(run.execution_arn, run.name, progress_of(job, stopping=stopping))

    def _resume(self, execution: Execution, run: StepRun) -> None:
        """Find out what became of a step that was running when the sandbox stopped."""
        kind = self._types[run.type]
        if isinstance(kind, Durable):
            kind.resume(run, self._services, self._reporter(run))
            return
        if run.type not in NAME_MEMBERS:
            self._write(run, Progress("Failed", reason=_LOST_CALL))
            return
        try:
            job = self._services.jobs.get(run.resource)
        except DomainError:
            self._relaunch(execution, run)
            return
        if job.ended is not None:
            self._write(run, progress_of(job, stopping=run.status == "Stopping"))

    def _relaunch(self, execution: Execution, run: StepRun) -> None:
        """Submit a job that the sandbox had named and not submitted; one that was to stop is not started."""
        if run.status == "Stopping":
            self._write(run, Progress("Stopped"))
            return
        plan = plan_of(execution.definition)
        step = plan.definition.steps[run.name]
        try:
            name = Arn.parse(run.resource).name
            context = self._contexts.build(execution, plan, step, name, self._reporter(run))
        except _STEP_ERRORS as error:
            self._write(run, Progress("Failed", reason=_reason(error)))
            return
        self._types[run.type].launch(context)

    def _require(self, arn: str) -> Execution:
        execution = self._store.get(arn)
        if execution is None:
            raise Invalid(f"Pipeline execution with ARN {arn} does not exist.")
        return execution


def _reason(error: Exception) -> str:
    text = error.message if isinstance(error, DomainError) else str(error)
    return text if text.startswith("ClientError") else f"ClientError: {text}"
