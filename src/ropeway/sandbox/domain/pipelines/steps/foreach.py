"""ForEach: runs its body once per item. The engine makes and runs the iterations; here is what the step itself does."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from ropeway.errors import DefinitionError
from ropeway.pipelines.definition import StepSpec
from ropeway.pipelines.loops import MAX_CONCURRENCY
from ropeway.pipelines.references import expression
from ropeway.sandbox.domain.errors import Invalid
from ropeway.sandbox.domain.pipelines.model import StepRun
from ropeway.sandbox.domain.pipelines.steps.base import Progress, Services, StepContext

__all__ = ["ForEachStep"]

_MAX_ITEMS = 100


class ForEachStep:
    """Finds its items; its end is its last iteration's."""

    def check(self, step: StepSpec) -> None:
        """There are items, and a bound to how many run at once."""
        items = step.arguments.get("IterableItems")
        if isinstance(items, list):
            if not 1 <= len(items) <= _MAX_ITEMS:
                raise DefinitionError(
                    f"step {step.name}: IterableItems takes 1 to {_MAX_ITEMS} items, not {len(items)}"
                )
            for item in items:
                if not isinstance(item, str | int | float | bool) and not expression(item):
                    raise DefinitionError(
                        f"step {step.name}: an item is a text, a number, a boolean or a reference, not {item!r}"
                    )
        elif not expression(items):
            raise DefinitionError(
                f"step {step.name}: ForEach steps need IterableItems: a list, or a reference to a JSON list"
            )
        most = step.arguments.get("MaxConcurrency")
        if not isinstance(most, int) or isinstance(most, bool) or not 1 <= most <= MAX_CONCURRENCY:
            raise DefinitionError(
                f"step {step.name}: MaxConcurrency must be a whole number from 1 to {MAX_CONCURRENCY}, not {most!r}"
            )

    def begin(self, context: StepContext) -> Progress:
        """Find the items."""
        items = _listed(context.arguments["IterableItems"])
        bodies = len(context.step.loop.body) if context.step.loop else 0
        told = {
            "InputItemCount": len(items),
            "TotalStepCount": len(items) * bodies,
            "SucceededStepCount": 0,
            "FailedStepCount": 0,
            "StoppedStepCount": 0,
        }
        return Progress("Executing", metadata={"ForEach": told}, outputs={"Items": items})

    def launch(self, context: StepContext) -> None:
        """The engine starts the iterations."""

    def properties(self, run: StepRun, services: Services) -> Mapping[str, Any]:  # noqa: ARG002 - the protocol's
        """Status and counts; the outputs of iterations are looked up by ``Contexts``."""
        told: Mapping[str, Any] = run.metadata["ForEach"]
        return {name: value for name, value in told.items() if name != "Selector"}

    def stop(self, run: StepRun, services: Services) -> None:
        """Its iterations are stopped as steps of their own."""

    def resume(self, run: StepRun, services: Services, ended: Callable[[Progress], None]) -> None:
        """Its iterations are taken up as steps of their own."""


def _listed(value: Any) -> list[Any]:
    """The items: a list, or a text that is a JSON list."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError as error:
            raise Invalid(f"IterableItems is no JSON list: {error}") from error
    if not isinstance(value, list | tuple):
        raise Invalid(f"IterableItems must be a list, not {type(value).__name__}")
    return list(value)
