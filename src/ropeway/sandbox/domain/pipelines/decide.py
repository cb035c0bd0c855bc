"""What happens next in an execution: a pure function of its graph and of how its steps stand.

A step runs when everything it depends on has ended as its trigger wants it (succeeded, where nothing else is said)
and its branch was taken. A step whose branch was not taken, that was not selected, or that depends on one that ended
otherwise or never runs, never runs either, and is not listed.

A step that failed or stopped is *answered for* when another step runs on that end (a run condition). Once one has
that nobody answers for, nothing new starts, retries included, and the execution fails when what runs has ended.
When all are answered for the execution goes on and ends as completed with failures. A Fail step is never answered for.

The steps that a ForEach step made count as the execution's for the parallelism, and run as many at once as its
MaxConcurrency allows. The first of them that fails keeps the others from starting; the ForEach step then ends when
those that run have ended. It is the ForEach step that may be answered for, not its iterations. A step that waits for
its next try, and a ForEach step that waits for its iterations, takes no place among those that run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter

from ropeway.pipelines.definition import Definition, StepSpec
from ropeway.pipelines.graph import dependencies
from ropeway.sandbox.domain.pipelines.model import ACTIVE, ENDED, StepRun

__all__ = ["Decision", "Plan", "Situation", "decide"]

_WANTED = {
    "Completed": frozenset({"Succeeded"}),
    "Failed": frozenset({"Failed"}),
    "Stopped": frozenset({"Stopped"}),
    "Any": ENDED,
}


@dataclass(frozen=True)
class Plan:
    """A definition with its graph, worked out once; with the steps of its ForEach steps as far as they were made.

    Attributes:
        needs: for every step those it depends on.
        order: every step after those it depends on.
        answers: for every step those that run when it fails or stops.
        loops: the steps that each ForEach step made.
    """

    definition: Definition
    needs: Mapping[str, frozenset[str]]
    order: tuple[str, ...]
    answers: Mapping[str, tuple[str, ...]]
    loops: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, definition: Definition) -> Plan:
        """Work the graph out."""
        needs = dependencies(definition)
        answers: dict[str, list[str]] = {}
        loops: dict[str, list[str]] = {}
        for step in definition.steps.values():
            for name in step.triggers:
                answers.setdefault(name, []).append(step.name)
            if step.iteration is not None:
                loops.setdefault(step.iteration.parent, []).append(step.name)
        return cls(
            definition,
            needs,
            tuple(TopologicalSorter(needs).static_order()),
            {name: tuple(steps) for name, steps in answers.items()},
            {name: tuple(steps) for name, steps in loops.items()},
        )


@dataclass(frozen=True)
class Situation:
    """How an execution stands besides its steps.

    Attributes:
        status: Executing or Stopping.
        limit: how many steps may run at once.
        now: epoch seconds.
        selected: the steps that may run, or None for all.
    """

    status: str
    limit: int
    now: float = 0.0
    selected: frozenset[str] | None = None


@dataclass(frozen=True)
class Decision:
    """What to do now.

    Attributes:
        start: steps to start, retries that are due first, then in document order.
        close: ForEach steps all of whose iterations are over.
        drop: steps that wait for a try that will not come.
        end: the event that ends the execution (``succeed``, ``fail``, ``halt``, ``partly``), or None.
    """

    start: tuple[str, ...] = ()
    close: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    end: str | None = None


def decide(plan: Plan, runs: Mapping[str, StepRun], situation: Situation) -> Decision:
    """What an execution does next.

    Args:
        plan: what it runs.
        runs: its steps so far, by name.
        situation: the rest.
    """
    return _Look(plan, runs, situation).decision()


class _Look:
    """One look at an execution."""

    def __init__(self, plan: Plan, runs: Mapping[str, StepRun], situation: Situation) -> None:
        self._plan, self._runs, self._situation = plan, runs, situation
        self._never: set[str] = set()
        self._ready: set[str] = set()
        for name in plan.order:
            if name not in runs:
                self._judge(plan.definition.steps[name])
        self._working = {
            name for name, run in runs.items() if run.status in ACTIVE and run.due is None and not _loops(run)
        }
        self._halted = situation.status == "Stopping" or bool(self._unanswered())

    def decision(self) -> Decision:
        waiting = [name for name, run in self._runs.items() if run.due is not None]
        if self._halted and waiting:
            return Decision(drop=tuple(waiting))
        close = tuple(name for name, run in self._runs.items() if _loops(run) and self._over(name))
        if close:
            return Decision(close=close)
        start = self._start(waiting)
        if start or self._working or any(run.status in ACTIVE for run in self._runs.values()):
            return Decision(start=start)
        return Decision(end=self._end())

    def _judge(self, step: StepSpec) -> None:
        """Whether a step that has no run may run now, or never will."""
        plan, runs = self._plan, self._runs
        root = step.iteration.parent if step.iteration else step.name
        selected = self._situation.selected
        parent = runs.get(step.parent) if step.parent else None
        if (
            (selected is not None and root not in selected)
            or (parent is not None and parent.outputs.get("Outcome") == str(not step.branch))
            or plan.needs[step.name] & self._never
        ):
            self._never.add(step.name)
            return
        open_ends = False
        for name in plan.needs[step.name]:
            run = runs.get(name)
            if run is None or run.status not in ENDED:
                open_ends = True
            elif run.status not in _WANTED[step.triggers.get(name, "Completed")]:
                self._never.add(step.name)
                return
        if not open_ends:
            self._ready.add(step.name)

    def _unanswered(self) -> list[str]:
        """Steps that failed or stopped, and nobody runs on it."""
        found = []
        for name, run in self._runs.items():
            if run.status not in {"Failed", "Stopped"}:
                continue
            step = self._plan.definition.steps[name]
            root, status = (step.iteration.parent, "Failed") if step.iteration else (name, run.status)
            if run.type == "Fail" or not any(
                self._runs_on(other, root, status) for other in self._plan.answers.get(root, ())
            ):
                found.append(name)
        return found

    def _runs_on(self, name: str, other: str, status: str) -> bool:
        step = self._plan.definition.steps[name]
        return name not in self._never and status in _WANTED[step.triggers[other]]

    def _start(self, waiting: list[str]) -> tuple[str, ...]:
        if self._halted:
            return ()
        due = [name for name in waiting if (self._runs[name].due or 0.0) <= self._situation.now]
        fresh = [name for name in self._plan.definition.steps if name in self._ready]
        room = max(0, self._situation.limit - len(self._working))
        places = {name: self._places(name) for name in self._plan.loops}
        chosen: list[str] = []
        for name in (*due, *fresh):
            if len(chosen) == room:
                break
            iteration = self._plan.definition.steps[name].iteration
            if iteration is not None:
                if places[iteration.parent] <= 0:
                    continue
                places[iteration.parent] -= 1
            chosen.append(name)
        return tuple(chosen)

    def _places(self, loop: str) -> int:
        """How many more steps of a ForEach step may run."""
        run = self._runs.get(loop)
        if run is None or not _loops(run) or self._blocked(loop):
            return 0
        most = self._plan.definition.steps[loop].arguments.get("MaxConcurrency", 1)
        return int(most) - sum(name in self._working for name in self._plan.loops[loop])

    def _over(self, loop: str) -> bool:
        """Nothing of a ForEach step runs, waits, or may still start."""
        children = self._plan.loops.get(loop, ())
        runs = [self._runs[name] for name in children if name in self._runs]
        if any(run.status in ACTIVE for run in runs):
            return False
        return self._blocked(loop) or not any(name in self._ready for name in children)

    def _blocked(self, loop: str) -> bool:
        if self._halted or self._runs[loop].status == "Stopping":
            return True
        children = (self._runs.get(name) for name in self._plan.loops.get(loop, ()))
        return any(run is not None and run.status in {"Failed", "Stopped"} for run in children)

    def _end(self) -> str:
        if self._situation.status == "Stopping":
            return "halt"
        if self._halted:
            return "fail"
        failed = any(run.status in {"Failed", "Stopped"} for run in self._runs.values())
        return "partly" if failed else "succeed"


def _loops(run: StepRun) -> bool:
    return run.type == "ForEach" and run.status in ACTIVE
