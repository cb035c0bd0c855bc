"""What happens next in an execution: a pure function of its graph and of how its steps stand.

A step runs when everything it depends on has succeeded and its branch was taken. A step whose branch was not
taken, or that depends on one that never runs, never runs either, and is not listed. Once a step has failed
nothing new starts; the execution ends when what runs has ended.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ropeway.pipelines.definition import Definition
from ropeway.sandbox.domain.pipelines.model import ACTIVE, StepRun

__all__ = ["Decision", "Plan", "decide"]


@dataclass(frozen=True)
class Plan:
    """A definition with its graph, worked out once per execution."""

    definition: Definition
    needs: Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Decision:
    """What to do now.

    Attributes:
        start: steps to start, in document order.
        end: the event that ends the execution (``succeed``, ``fail``, ``halt``), or None while it goes on.
    """

    start: tuple[str, ...] = ()
    end: str | None = None


def decide(plan: Plan, runs: Mapping[str, StepRun], *, status: str, limit: int) -> Decision:
    """What an execution does next.

    Args:
        plan: what it runs.
        runs: its steps so far, by name.
        status: the execution's status.
        limit: how many steps may run at once.
    """
    active = sum(run.status in ACTIVE for run in runs.values())
    failed = any(run.status == "Failed" for run in runs.values())
    stopped = any(run.status == "Stopped" for run in runs.values())
    if status == "Stopping":
        return Decision() if active else Decision(end="halt")
    if failed or stopped:
        return Decision() if active else Decision(end="fail")
    ready = _ready(plan, runs)
    if not ready and not active:
        return Decision(end="succeed")
    return Decision(start=tuple(ready[: max(0, limit - active)]))


def _ready(plan: Plan, runs: Mapping[str, StepRun]) -> list[str]:
    skipped = _skipped(plan, runs)
    done = {name for name, run in runs.items() if run.status == "Succeeded"}
    return [
        name
        for name in plan.definition.steps
        if name not in runs and name not in skipped and plan.needs[name] <= done
    ]


def _skipped(plan: Plan, runs: Mapping[str, StepRun]) -> set[str]:
    """Steps that will never run: in a branch not taken, or behind one that never runs."""
    skipped: set[str] = set()
    grew = True
    while grew:
        grew = False
        for name, step in plan.definition.steps.items():
            if name in skipped or name in runs:
                continue
            parent = runs.get(step.parent) if step.parent else None
            not_taken = parent is not None and parent.outputs.get("Outcome") == str(not step.branch)
            if not_taken or plan.needs[name] & skipped:
                skipped.add(name)
                grew = True
    return skipped
