"""Condition: decides which branch runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ropeway.errors import DefinitionError
from ropeway.pipelines.definition import StepSpec
from ropeway.sandbox.domain.pipelines.conditions import MEMBERS, holds
from ropeway.sandbox.domain.pipelines.model import StepRun
from ropeway.sandbox.domain.pipelines.steps.base import Progress, Services, StepContext

__all__ = ["ConditionStep"]


class ConditionStep:
    """True when all of its conditions hold."""

    def check(self, step: StepSpec) -> None:
        """Check the form of every condition, however deep."""
        conditions = step.arguments.get("Conditions")
        if not isinstance(conditions, list) or not conditions:
            raise DefinitionError(f"step {step.name}: Condition steps need a list of Conditions")
        for condition in conditions:
            _check(step.name, condition)

    def begin(self, context: StepContext) -> Progress:
        """Decide."""
        outcome = str(all(holds(condition) for condition in context.arguments["Conditions"]))
        return Progress(
            "Succeeded", metadata={"Condition": {"Outcome": outcome}}, outputs={"Outcome": outcome}
        )

    def launch(self, context: StepContext) -> None:
        """Nothing takes time."""

    def properties(self, run: StepRun, services: Services) -> Mapping[str, Any]:  # noqa: ARG002 - the protocol's
        """``Outcome``: True or False, as text."""
        return run.outputs

    def stop(self, run: StepRun, services: Services) -> None:
        """Nothing runs."""


def _check(step: str, condition: Any) -> None:
    kind = condition.get("Type") if isinstance(condition, Mapping) else None
    if not isinstance(kind, str) or kind not in MEMBERS:
        known = ", ".join(sorted(MEMBERS))
        raise DefinitionError(
            f"step {step}: {kind or condition!r} is no type of condition; there are {known}"
        )
    for member in MEMBERS[kind]:
        if member not in condition:
            raise DefinitionError(f"step {step}: a condition of type {kind} needs {member}")
    if "Values" in MEMBERS[kind] and not isinstance(condition["Values"], list):
        raise DefinitionError(f"step {step}: a condition of type {kind} needs a list of Values")
    if kind == "Not":
        _check(step, condition.get("Condition", condition.get("Expression")))
    if kind == "Or":
        if not isinstance(condition["Conditions"], list):
            raise DefinitionError(f"step {step}: a condition of type Or needs a list of Conditions")
        for inner in condition["Conditions"]:
            _check(step, inner)
