"""Selective execution: only chosen steps run, on what an earlier execution's other steps made.

The steps in between two chosen ones must be chosen too. What a chosen step depends on and is not chosen is taken over
from the source execution: its run appears as succeeded and gives its old properties. A condition that is taken over
keeps its outcome, so a chosen step of the branch that the source did not take does not run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ropeway.sandbox.domain.errors import Invalid
from ropeway.sandbox.domain.pipelines.decide import Plan
from ropeway.sandbox.domain.pipelines.model import Execution, StepRun

__all__ = ["check_selection", "taken_over"]


def check_selection(plan: Plan, selected: Sequence[str]) -> frozenset[str]:
    """The steps that must be taken over from a source: all that the chosen ones depend on, however far.

    Raises:
        Invalid: a chosen step is not there, or one between two chosen ones is not chosen.
    """
    unknown = sorted(set(selected) - set(plan.definition.steps))
    if unknown:
        raise Invalid(f"Selected steps [{', '.join(unknown)}] do not exist in the pipeline definition.")
    above = {name: _above(plan, name) for name in selected}
    outside = frozenset().union(*above.values()) - set(selected)
    gaps = sorted(name for name in outside if _above(plan, name) & set(selected))
    if gaps:
        raise Invalid(
            f"Steps [{', '.join(gaps)}] lie between selected steps. All steps in all paths between two "
            "selected steps must be selected."
        )
    return outside


def taken_over(
    plan: Plan,
    selected: Sequence[str],
    execution: Execution,
    source: tuple[Execution, Mapping[str, StepRun]] | None,
) -> list[StepRun]:
    """The runs that a selective execution begins with.

    Args:
        plan: what the new execution runs.
        selected: the steps that were chosen.
        execution: the new execution.
        source: an ended execution of the same pipeline with its steps, or None when none was given.

    Raises:
        Invalid: a source is needed, or a step that is needed did not succeed there.
    """
    outside = check_selection(plan, selected)
    if not outside:
        return []
    if source is None:
        raise Invalid(
            "SourcePipelineExecutionArn must be given: the selected steps depend on steps that are not "
            f"selected [{', '.join(sorted(outside))}]."
        )
    arn, runs = source[0].arn, source[1]
    direct = frozenset().union(*(plan.needs[name] for name in selected)) & outside
    missing = sorted(name for name in direct if name not in runs or runs[name].status != "Succeeded")
    if missing:
        raise Invalid(
            f"Steps [{', '.join(missing)}] have not succeeded in the source execution {arn}, and the "
            "selected steps depend on them."
        )
    taken = [
        run
        for run in sorted(runs.values(), key=lambda run: run.order)
        if run.status == "Succeeded" and run.iteration.get("ParentStepName", run.name) in outside
    ]
    return [
        replace(
            run,
            execution_arn=execution.arn,
            order=order,
            cache_key="",
            cached_from="",
            reused_from=run.reused_from or arn,
        )
        for order, run in enumerate(taken, start=1)
    ]


def _above(plan: Plan, name: str) -> set[str]:
    found: set[str] = set()
    waiting = [name]
    while waiting:
        fresh = plan.needs[waiting.pop()] - found
        found |= fresh
        waiting.extend(fresh)
    return found
