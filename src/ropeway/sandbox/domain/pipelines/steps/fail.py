"""Fail: ends the execution with a message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ropeway.pipelines.definition import StepSpec
from ropeway.sandbox.domain.pipelines.model import StepRun
from ropeway.sandbox.domain.pipelines.resolve import text_of
from ropeway.sandbox.domain.pipelines.steps.base import Progress, Services, StepContext

__all__ = ["FailStep"]


class FailStep:
    """Fails, as told."""

    def check(self, step: StepSpec) -> None:
        """The message is optional."""

    def begin(self, context: StepContext) -> Progress:
        """Fail with the message; without one, without a reason."""
        message = text_of(context.arguments.get("ErrorMessage", ""))
        return Progress("Failed", metadata={"Fail": {"ErrorMessage": message}}, reason=message or None)

    def launch(self, context: StepContext) -> None:
        """Nothing takes time."""

    def properties(self, run: StepRun, services: Services) -> Mapping[str, Any]:  # noqa: ARG002 - the protocol's
        """None."""
        return {}

    def stop(self, run: StepRun, services: Services) -> None:
        """Nothing runs."""
