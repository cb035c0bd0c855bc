"""The engine: moves executions on, by events, without a thread of their own.

An *execution* runs one version of a pipeline. A *step run* is ``Starting`` or ``Executing``, perhaps ``Stopping``,
and ends as ``Succeeded``, ``Failed`` or ``Stopped``; steps of branches not taken have none. ``advance`` looks at how
the steps stand, lets ``decide`` say what is next, writes it, and starts it. It is called when an execution starts, when
a step ends (a job's last move, a function's answer), on stop and retry, when a step's next try is due, and for every
unfinished execution after a restart. A lock per execution makes its calls take turns; a call from inside another one
is made up for at its end.

A step that failed by a fault of the service and has a policy for it (``tries``) waits as ``Starting`` for its next try:
when is in its row, and an alarm calls ``advance`` then; a restart sets the alarm anew.

Promises after a crash: what a step made in an instant (a model, a registered version, a decision) is there together
with the step's row or not at all; a job's name is written before the job, so it is submitted once; a function call
that was under way is not repeated, its step fails and the execution can be retried.

Only ``Board`` moves steps and executions, along the tables of ``lifecycle``.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace

from ropeway.errors import DefinitionError
from ropeway.sandbox.domain.errors import DomainError, Invalid
from ropeway.sandbox.domain.jobs.model import Job
from ropeway.sandbox.domain.pipelines import iterations
from ropeway.sandbox.domain.pipelines.board import Board, plan_of
from ropeway.sandbox.domain.pipelines.cache import cache_key
from ropeway.sandbox.domain.pipelines.conditions import ConditionError
from ropeway.sandbox.domain.pipelines.contexts import Contexts
from ropeway.sandbox.domain.pipelines.decide import Plan, Situation, decide
from ropeway.sandbox.domain.pipelines.faults import Faults
from ropeway.sandbox.domain.pipelines.model import ACTIVE, ENDED, Execution, StepRun
from ropeway.sandbox.domain.pipelines.recovery import Recovery
from ropeway.sandbox.domain.pipelines.resolve import UnresolvedError
from ropeway.sandbox.domain.pipelines.steps.base import Progress, Services, StepContext, StepType
from ropeway.sandbox.domain.pipelines.steps.job import progress_of
from ropeway.sandbox.domain.pipelines.tries import next_try
from ropeway.sandbox.domain.ports import Alarms, Transactions
from ropeway.values.clock import Clock

__all__ = ["Engine", "plan_of"]

_FAILED = "Step failure: One or multiple steps failed."
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


class _Locks:
    """A lock per execution, out of a fixed number: two executions may share one, which only makes them wait."""

    def __init__(self, count: int = 64) -> None:
        self._locks = [threading.RLock() for _ in range(count)]

    def of(self, arn: str) -> threading.RLock:
        return self._locks[hash(arn) % len(self._locks)]


class Engine:
    """Runs executions.

    Args:
        board: how they stand.
        world: transactions, the time, and what rings at a moment.
        services: what steps act on.
        contexts: puts together what a step needs.
        types: the step types by name.
        faults: the faults on order.
    """

    def __init__(
        self,
        board: Board,
        world: tuple[Transactions, Clock, Alarms],
        services: Services,
        contexts: Contexts,
        types: Mapping[str, StepType],
        faults: Faults,
    ) -> None:
        self.board = board
        self._board = board
        self._transactions, self._clock, self._alarms = world
        self._services = services
        self._contexts = contexts
        self._types = types
        self._faults = faults
        self._recovery = Recovery(board, contexts, types, services)
        self._locks = _Locks()
        self._busy: set[str] = set()
        self._again: set[str] = set()
        self._listeners: list[Callable[[Execution], None]] = []
        services.jobs.changes.listen(self._job_ended)

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
            except BaseException:
                self._board.forget(arn)
                raise
            finally:
                self._busy.discard(arn)

    def change(self, arn: str, change: Callable[[Execution], Execution]) -> None:
        """Change what callers may change of an execution, and go on with it."""
        with self._locks.of(arn):
            self._board.update(change(self._board.execution(arn)))
            self.advance(arn)

    def stop(self, arn: str) -> None:
        """Stop an execution: its running steps are asked to stop, nothing new starts.

        Raises:
            Invalid: it has ended.
        """
        with self._locks.of(arn):
            execution = self._board.execution(arn)
            if execution.ended_for_good:
                raise Invalid(
                    f"Pipeline execution with ARN {arn} status {execution.status}. "
                    "Only pipelines with Executing status can be stopped."
                )
            self._board.move(execution, "stop")
            self._stop_steps(arn)
            self.advance(arn)

    def retry(self, arn: str, change: Callable[[Execution], Execution]) -> None:
        """Run the steps of an ended execution that did not succeed once more, and those that depend on them.

        Args:
            arn: the execution.
            change: what else changes with it.

        Raises:
            Invalid: it is running, or there is nothing to retry.
        """
        with self._locks.of(arn):
            execution = self._board.execution(arn)
            if execution.status not in {"Failed", "Stopped"}:
                raise Invalid(
                    f"Pipeline execution with ARN {arn} status {execution.status}. "
                    "Only pipelines with Failed or Stopped status can be retried."
                )
            runs = self._board.runs(arn)
            anew = _anew(runs, self._board.plan(arn))
            with self._transactions.transaction():
                execution = self._board.drop(execution, [name for name in runs if name in anew])
                self._board.move(replace(change(execution), failure_reason=None, ended=None), "retry")
            self.advance(arn)

    def report(self, arn: str, name: str, progress: Progress) -> None:
        """Take the end of a running step; one of a step that has ended already changes nothing."""
        with self._locks.of(arn):
            run = self._board.run(arn, name)
            if run is not None and run.status in ACTIVE and run.due is None:
                self._settle(run, progress)
                self.advance(arn)

    def recover(self) -> None:
        """After a restart: take up every execution that has not ended."""
        for execution in self._board.store.unfinished():
            with self._locks.of(execution.arn):
                for run in self._board.runs(execution.arn).values():
                    if run.due is not None:
                        self._ring(run)
                    elif run.status in ACTIVE:
                        progress = self._recovery.resume(run, self._reporter(run))
                        if progress is not None:
                            self._settle(run, progress)
                self.advance(execution.arn)

    def _round(self, arn: str) -> bool:
        """One decision; whether there may be more to decide."""
        execution = self._board.execution(arn)
        if execution.ended_for_good:
            return False
        runs = self._board.runs(arn)
        plan = self._board.plan(arn)
        now = self._clock.now()
        situation = Situation(execution.status, execution.parallelism, now, execution.selected)
        decision = decide(plan, runs, situation)
        if decision.end is not None:
            self._end(execution, decision.end)
            return False
        for name in decision.drop:
            stopping = execution.status == "Stopping"
            reason = None if stopping else runs[name].failure_reason
            self._board.write(runs[name], Progress("Stopped" if stopping else "Failed", reason=reason))
        for name in decision.close:
            self._settle(runs[name], self._contexts.loop_end(execution, plan, name, runs))
        order = max((run.order for run in runs.values()), default=0)
        for offset, name in enumerate(decision.start, start=1):
            if not self._start(execution, name, order + offset):
                break  # after a failure nothing new starts before it is looked at, not even what was ready with it
        return bool(decision.start or decision.drop or decision.close)

    def _end(self, execution: Execution, event: str) -> None:
        reason = _FAILED if event in {"fail", "partly"} else None
        ended = replace(execution, ended=self._clock.now(), failure_reason=reason)
        moved = self._board.move(ended, event)
        for listener in tuple(self._listeners):
            listener(moved)

    def _start(self, execution: Execution, name: str, order: int) -> bool:
        """Start a step or its next try; whether it has not failed."""
        plan = self._board.plan(execution.arn)
        step = plan.definition.steps[name]
        run = self._board.run(execution.arn, name)
        if run is not None:
            run = replace(run, due=None, failure_reason=None, attempt=run.attempt + 1)
        else:
            attempt = execution.attempts.get(name, 0) + 1
            context_of = iterations.context(step)
            now = self._clock.now()
            run = StepRun(
                execution.arn, name, step.type, "Starting", attempt, order, now, iteration=context_of
            )
        context: StepContext | None = None
        try:
            context = self._contexts.build(execution, plan, step, None, self._reporter(run))
            run = replace(
                run, cache_key=cache_key(step.type, context.arguments) if step.cache.enabled else ""
            )
            with self._transactions.transaction():
                run = self._cached(execution, context, run) or self._begin(context, run)
        except _STEP_ERRORS as error:
            run = self._settle(run, Progress("Failed", reason=_reason(error)))
        if run.status == "Failed" and step.type == "Fail":
            self._stop_steps(execution.arn)
        if run.status == "Executing" and context is not None:
            self._types[step.type].launch(context)
        return run.status != "Failed"

    def _begin(self, context: StepContext, run: StepRun) -> StepRun:
        names = [run.name, *([run.iteration["Body"]] if run.iteration else [])]
        fault = self._faults.take(context.execution.pipeline.name, names, run.type)
        if fault is not None:
            return self._settle(run, Progress("Failed", reason=fault.reason))
        return self._settle(run, self._types[run.type].begin(context))

    def _cached(self, execution: Execution, context: StepContext, run: StepRun) -> StepRun | None:
        if not run.cache_key:
            return None
        expires = context.step.cache.expires
        since = self._clock.now() - expires if expires is not None else 0.0
        source = self._board.store.cached(execution.pipeline_arn, run.name, run.cache_key, since)
        if source is None:
            return None
        taken = replace(run, cached_from=source.cached_from or source.execution_arn)
        return self._board.write(
            taken, Progress("Succeeded", source.metadata, source.resource, source.outputs)
        )

    def _settle(self, run: StepRun, progress: Progress) -> StepRun:
        """Write how a step stands now; after a fault of the service it may wait for another try."""
        execution = self._board.execution(run.execution_arn)
        if progress.status == "Failed" and execution.status == "Executing" and run.status != "Stopping":
            policies = self._board.plan(run.execution_arn).definition.steps[run.name].retries
            again = next_try(policies, run, progress.reason, self._clock.now())
            if again is not None:
                waiting = self._board.wait(run, progress.reason or "", again)
                self._ring(waiting)
                return waiting
        written = self._board.write(run, progress)
        if written.iteration and written.status in ENDED:
            self._count(written)
        return written

    def _count(self, run: StepRun) -> None:
        """Have a ForEach step tell how far it is."""
        loop = self._board.run(run.execution_arn, run.iteration["ParentStepName"])
        if loop is not None and loop.status in ACTIVE:
            runs = self._board.runs(run.execution_arn)
            counted = iterations.counts(loop, self._board.plan(run.execution_arn).loops[loop.name], runs)
            self._board.put(replace(loop, metadata={"ForEach": counted}))

    def _ring(self, run: StepRun) -> None:
        arn = run.execution_arn
        self._alarms.at(run.due or 0.0, lambda: self.advance(arn))

    def _stop_steps(self, arn: str) -> None:
        for run in self._board.runs(arn).values():
            if run.status not in ACTIVE or run.due is not None:
                continue
            stopping = self._board.stopping(run)
            try:
                self._types[run.type].stop(stopping, self._services)
            except DomainError:  # it ended meanwhile, or was never submitted: its end is reported as always
                continue

    def _reporter(self, run: StepRun) -> Callable[[Progress], None]:
        return lambda progress: self.report(run.execution_arn, run.name, progress)

    def _job_ended(self, job: Job) -> None:
        if job.step is None:
            return
        arn = job.step.execution_arn
        with self._locks.of(arn):
            run = self._board.run(arn, job.step.step)
            if run is not None and run.resource == job.arn:
                self.report(arn, run.name, progress_of(job, stopping=run.status == "Stopping"))


def _anew(runs: Mapping[str, StepRun], plan: Plan) -> set[str]:
    """What a retry runs again: what did not succeed, and all that depends on it."""
    found = {name for name, run in runs.items() if run.status != "Succeeded"}
    grew = True
    while grew:
        more = {name for name, before in plan.needs.items() if name not in found and before & found}
        more |= {
            child
            for loop, children in plan.loops.items()
            if loop in found and runs[loop].status == "Succeeded"
            for child in children
            if child not in found
        }
        found |= more
        grew = bool(more)
    return found


def _reason(error: Exception) -> str:
    text = error.message if isinstance(error, DomainError) else str(error)
    return text if text.startswith("ClientError") else f"ClientError: {text}"
