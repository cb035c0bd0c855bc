"""How unfinished executions stand: their rows, kept at hand, and the only place that changes them.

An execution's event reads nothing from the store but what it needs of others, however many steps there are: its row,
its steps and its graph stay in memory from its first event to its end. Every change is in the store before it is here.
Whoever calls holds the execution's lock; after an error that may have undone a transaction it calls ``forget``, and the
next look reads the store.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from ropeway.pipelines.definition import parse
from ropeway.pipelines.loops import expand
from ropeway.sandbox.domain.errors import Invalid
from ropeway.sandbox.domain.pipelines import lifecycle
from ropeway.sandbox.domain.pipelines.decide import Plan
from ropeway.sandbox.domain.pipelines.model import ENDED, Execution, StepRun
from ropeway.sandbox.domain.pipelines.ports import ExecutionStore
from ropeway.sandbox.domain.pipelines.progress import Progress
from ropeway.sandbox.domain.pipelines.tries import Try
from ropeway.sandbox.domain.ports import Transactions
from ropeway.values.clock import Clock

__all__ = ["Board", "plan_of"]

Watchers = tuple[Callable[["Execution | None", Execution], None], Callable[["StepRun | None", StepRun], None]]
"""What is called with executions, and what is called with steps."""

_REASON = 1024
_EVENTS = {"Executing": "run", "Succeeded": "succeed", "Failed": "fail", "Stopped": "halt"}


@lru_cache(maxsize=64)
def plan_of(definition: str) -> Plan:
    """A document's steps and graph; kept for the executions that run it."""
    return Plan.of(parse(definition))


@dataclass
class _Held:
    execution: Execution
    runs: dict[str, StepRun]
    plan: Plan


class Watched:
    """Passes on every change of executions and steps, before and after, inside its transaction."""

    def __init__(self) -> None:
        self._watchers: list[Watchers] = []

    def watch(self, watchers: Watchers) -> None:
        """Have two functions called: with every execution, and with every step."""
        self._watchers.append(watchers)

    def execution(self, before: Execution | None, after: Execution) -> None:
        """An execution is new, or has changed."""
        for told, _ in self._watchers:
            told(before, after)

    def step(self, before: StepRun | None, after: StepRun) -> None:
        """A step is new, or has changed."""
        for _, told in self._watchers:
            told(before, after)


class Board:
    """The rows of executions that have not ended."""

    def __init__(self, store: ExecutionStore, transactions: Transactions, clock: Clock) -> None:
        self._store = store
        self._transactions = transactions
        self._clock = clock
        self._held: dict[str, _Held] = {}
        self.watched = Watched()

    @property
    def store(self) -> ExecutionStore:
        """The rows of all executions."""
        return self._store

    def execution(self, arn: str) -> Execution:
        """An execution.

        Raises:
            Invalid: there is none.
        """
        return self._of(arn).execution

    def runs(self, arn: str) -> Mapping[str, StepRun]:
        """The steps of an execution as they stand now; a later change does not show in it."""
        return dict(self._of(arn).runs)

    def run(self, arn: str, name: str) -> StepRun | None:
        """One step."""
        return self._of(arn).runs.get(name)

    def plan(self, arn: str) -> Plan:
        """What an execution runs, the iterations of its ForEach steps included."""
        return self._of(arn).plan

    def forget(self, arn: str) -> None:
        """Read the store at the next look."""
        self._held.pop(arn, None)

    def put(self, run: StepRun) -> StepRun:
        """Keep a step, new or changed."""
        held = self._of(run.execution_arn)
        before = held.runs.get(run.name)
        with self._transactions.transaction():
            self._store.put_step(run)
            self.watched.step(before, run)
        held.runs[run.name] = run
        if run.type == "ForEach" and (
            before is None or before.outputs.get("Items") != run.outputs.get("Items")
        ):
            held.plan = _unrolled(held.execution, held.runs)
        return run

    def write(self, run: StepRun, progress: Progress) -> StepRun:
        """Move a step along its table; what is given of metadata, resource and outputs is kept."""
        return self.put(
            replace(
                run,
                status=lifecycle.next_step(run.status, _EVENTS[progress.status]),
                metadata=progress.metadata or run.metadata,
                resource=progress.resource or run.resource,
                outputs=progress.outputs or run.outputs,
                failure_reason=progress.reason[:_REASON] if progress.reason else None,
                end=self._clock.now() if progress.status in ENDED else None,
                due=None,
            )
        )

    def wait(self, run: StepRun, reason: str, again: Try) -> StepRun:
        """Have a step wait for its next try."""
        return self.put(
            replace(
                run,
                status=lifecycle.next_step(run.status, "again"),
                metadata={},
                resource="",
                outputs={},
                failure_reason=reason[:_REASON],
                due=again.due,
                retries=again.retries,
            )
        )

    def stopping(self, run: StepRun) -> StepRun:
        """Have a running step stop."""
        return self.put(replace(run, status=lifecycle.next_step(run.status, "stop")))

    def move(self, execution: Execution, event: str) -> Execution:
        """Move an execution along its table; it is forgotten when it has ended."""
        return self.update(replace(execution, status=lifecycle.next_execution(execution.status, event)))

    def update(self, execution: Execution) -> Execution:
        """Write what has changed of an execution."""
        moved = replace(execution, modified=self._clock.now())
        held = self._held.get(moved.arn)
        with self._transactions.transaction():
            before = held.execution if held is not None else self._store.get(moved.arn)
            self._store.update(moved)
            self.watched.execution(before, moved)
        if moved.ended_for_good:
            self.forget(moved.arn)
        elif moved.arn in self._held:
            self._held[moved.arn].execution = moved
        return moved

    def drop(self, execution: Execution, names: Sequence[str]) -> Execution:
        """Forget steps, but how often they were tried; returns the execution, which is not written yet."""
        runs = self._of(execution.arn).runs
        tried = {name: runs[name].attempt for name in names}
        with self._transactions.transaction():
            self._store.drop_steps(execution.arn, names)
        self.forget(execution.arn)
        return replace(execution, attempts={**execution.attempts, **tried})

    def _of(self, arn: str) -> _Held:
        held = self._held.get(arn)
        if held is not None:
            return held
        execution = self._store.get(arn)
        if execution is None:
            raise Invalid(f"Pipeline execution with ARN {arn} does not exist.")
        runs = dict(self._store.steps(arn))
        held = _Held(execution, runs, _unrolled(execution, runs))
        if not execution.ended_for_good:
            self._held[arn] = held
        return held


def _unrolled(execution: Execution, runs: Mapping[str, StepRun]) -> Plan:
    """The plan with the steps that ForEach steps made."""
    plan = plan_of(execution.definition)
    made = {}
    for run in runs.values():
        if run.type == "ForEach" and run.outputs.get("Items"):
            made.update(expand(plan.definition.steps[run.name], run.outputs["Items"]))
    if not made:
        return plan
    return Plan.of(replace(plan.definition, steps={**plan.definition.steps, **made}))
