"""What ForEach steps and their iterations tell: counts, outputs by iteration, the one that is selected."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ropeway.pipelines.definition import StepSpec
from ropeway.pipelines.loops import Selector
from ropeway.sandbox.domain.pipelines.model import StepRun
from ropeway.sandbox.domain.pipelines.progress import Progress
from ropeway.sandbox.domain.pipelines.resolve import UnresolvedError, text_of, walk

__all__ = ["Bodies", "Iterations", "context", "counts", "end", "select"]

_MAX_ITEM = 12_800
Properties = Callable[[str], Mapping[str, Any]]


def context(step: StepSpec) -> dict[str, Any]:
    """Where a step stands in its ForEach step: its IterationContext, and ``Body``; empty for other steps."""
    if step.iteration is None:
        return {}
    item = step.iteration.item
    text = item if isinstance(item, str) else text_of(item) if item is not None else json.dumps(item)
    return {
        "ParentStepName": step.iteration.parent,
        "Index": step.iteration.index,
        "Item": text[:_MAX_ITEM],
        "Body": step.iteration.body,
    }


def counts(loop: StepRun, children: Sequence[str], runs: Mapping[str, StepRun]) -> dict[str, Any]:
    """How far a ForEach step is: the counts of its Metadata."""
    statuses = [runs[name].status for name in children if name in runs]
    return {
        "InputItemCount": len(loop.outputs.get("Items", ())),
        "TotalStepCount": len(children),
        "SucceededStepCount": statuses.count("Succeeded"),
        "FailedStepCount": statuses.count("Failed"),
        "StoppedStepCount": statuses.count("Stopped"),
    }


def end(
    loop: StepRun, children: Sequence[str], runs: Mapping[str, StepRun], selected: Callable[[], Any]
) -> Progress:
    """How a ForEach step ends when nothing of it runs any more.

    Args:
        loop: its run.
        children: the steps that it made.
        runs: the execution's steps.
        selected: works out which iteration is selected, or None; raises ``UnresolvedError``.
    """
    told = counts(loop, children, runs)
    failed = [runs[name] for name in children if name in runs and runs[name].status == "Failed"]
    if failed:
        reason = f"ClientError: {len(failed)} of {len(children)} iteration steps failed; {failed[0].name}: "
        return _ended("Failed", told, reason + (failed[0].failure_reason or "no reason"))
    if loop.status == "Stopping" or told["SucceededStepCount"] < len(children):
        return _ended("Stopped", told)
    try:
        chosen = selected()
    except UnresolvedError as error:
        return _ended("Failed", told, f"ClientError: the Selector cannot choose: {error}")
    return _ended("Succeeded", {**told, **({"Selector": chosen} if chosen else {})})


def select(selector: Selector, items: int, properties: Properties) -> dict[str, Any]:
    """The iteration with the greatest or least value; the first of equals.

    Raises:
        UnresolvedError: a value is missing or no number.
    """
    if not items:
        raise UnresolvedError("there are no iterations")
    values = []
    for index in range(items):
        where = f"{selector.body}-{index}"
        value = walk(properties(where), selector.path, where)
        try:
            values.append(float(value))
        except (TypeError, ValueError) as error:
            raise UnresolvedError(f"{value!r} of {where} is no number") from error
    best = max(values) if selector.most else min(values)
    return {"StepName": selector.body, "Index": values.index(best)}


class Bodies(Mapping[str, Any]):
    """The outputs of one iteration by the name of the body's step, looked up when they are asked for."""

    def __init__(self, names: Sequence[str], index: int, properties: Properties) -> None:
        self._names, self._index, self._properties = names, index, properties

    def __getitem__(self, name: str) -> Mapping[str, Any]:
        if name not in self._names:
            raise KeyError(name)
        return self._properties(f"{name}-{self._index}")

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


class Iterations(Sequence[Bodies]):
    """The outputs of all iterations, in the order of the items."""

    def __init__(self, names: Sequence[str], count: int, properties: Properties) -> None:
        self._names, self._count, self._properties = names, count, properties

    def __getitem__(self, index: Any) -> Any:
        if not isinstance(index, int) or not -self._count <= index < self._count:
            raise IndexError(index)
        return Bodies(self._names, index % self._count, self._properties)

    def __len__(self) -> int:
        return self._count


def _ended(status: str, told: Mapping[str, Any], reason: str | None = None) -> Progress:
    return Progress(status, metadata={"ForEach": {"Status": status, **told}}, reason=reason)
