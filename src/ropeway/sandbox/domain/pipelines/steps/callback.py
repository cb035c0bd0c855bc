"""Callback: asks whoever reads a queue, and waits for the answer.

How it waits, and what is promised after a crash, is in ``callbacks``. The step's resource is its token.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ropeway.errors import DefinitionError
from ropeway.pipelines.definition import StepSpec
from ropeway.sandbox.domain.pipelines.model import StepRun
from ropeway.sandbox.domain.pipelines.outputs import check_outputs, declared
from ropeway.sandbox.domain.pipelines.progress import Progress
from ropeway.sandbox.domain.pipelines.resolve import text_of
from ropeway.sandbox.domain.pipelines.steps.base import Services, StepContext

__all__ = ["CallbackStep"]


class CallbackStep:
    """Sends a message with a token and waits for SendPipelineExecutionStepSuccess or -Failure."""

    def check(self, step: StepSpec) -> None:
        """The queue is named, and so is every output."""
        if not step.settings.get("SqsQueueUrl"):
            raise DefinitionError(f"step {step.name}: Callback steps need an SqsQueueUrl")
        check_outputs(step)

    def begin(self, context: StepContext) -> Progress:
        """Begin to wait; the message is still to come."""
        url = text_of(context.settings["SqsQueueUrl"])
        token = context.services.callbacks.open(
            context.execution.arn, context.step.name, url, context.arguments, declared(context.settings)
        )
        return Progress("Executing", {"Callback": {"CallbackToken": token, "SqsQueueUrl": url}}, token)

    def launch(self, context: StepContext) -> None:
        """Send the message in the background."""
        run = context.run_of(context.step.name)
        if run is not None:
            context.services.background.submit(lambda: context.services.callbacks.deliver(run.resource))

    def properties(self, run: StepRun, services: Services) -> Mapping[str, Any]:  # noqa: ARG002 - the protocol's
        """``OutputParameters`` by name."""
        return {"OutputParameters": dict(run.outputs)}

    def stop(self, run: StepRun, services: Services) -> None:
        """Send word that the execution is to stop; the step ends with the answer."""
        services.background.submit(lambda: services.callbacks.stop(run.resource))

    def resume(
        self,
        run: StepRun,
        services: Services,
        ended: Callable[[Progress], None],  # noqa: ARG002 - the protocol's
    ) -> None:
        """Report an answer that came before the restart, send what was not sent, and wait on."""
        stopping = run.status == "Stopping"
        services.background.submit(lambda: services.callbacks.resume(run.resource, stopping=stopping))
