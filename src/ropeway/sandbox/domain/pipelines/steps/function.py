"""Lambda: calls a function and takes its answer's members as output parameters.

The call runs in a background thread. It cannot be stopped; a stopping execution waits for it. A call that was on
its way when the sandbox stopped may or may not have happened, so it is never repeated by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ropeway.errors import DefinitionError
from ropeway.pipelines.definition import StepSpec
from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.domain.functions import Invocation
from ropeway.sandbox.domain.pipelines.model import StepRun
from ropeway.sandbox.domain.pipelines.outputs import OutputTypeError, check_outputs, declared, listed, typed
from ropeway.sandbox.domain.pipelines.resolve import text_of
from ropeway.sandbox.domain.pipelines.steps.base import Progress, Services, StepContext, guarded

__all__ = ["LambdaStep"]


class LambdaStep:
    """Calls a Lambda function."""

    def check(self, step: StepSpec) -> None:
        """The function is named, and so is every output."""
        if step.settings.get("FunctionArn") is None:
            raise DefinitionError(f"step {step.name}: Lambda steps need a FunctionArn")
        check_outputs(step)

    def begin(self, context: StepContext) -> Progress:
        """The call is still to come."""
        arn = text_of(context.settings["FunctionArn"])
        return Progress("Executing", metadata={"Lambda": {"Arn": arn}}, resource=arn)

    def launch(self, context: StepContext) -> None:
        """Call the function in the background."""
        context.services.background.submit(lambda: context.ended(guarded(lambda: _call(context))))

    def properties(self, run: StepRun, services: Services) -> Mapping[str, Any]:  # noqa: ARG002 - the protocol's
        """``OutputParameters`` by name."""
        return {"OutputParameters": dict(run.outputs)}

    def stop(self, run: StepRun, services: Services) -> None:
        """A function cannot be stopped."""


class _AnswerError(Exception):
    """The function failed, or its answer is not what the step declares."""


def _call(context: StepContext) -> Progress:
    arn = text_of(context.settings["FunctionArn"])
    metadata: dict[str, Any] = {"Lambda": {"Arn": arn}}
    try:
        answer = context.services.functions.invoke(arn, context.arguments, caller_account=context.account)
        outputs = _outputs(context, arn, answer)
    except (DomainError, OutputTypeError, _AnswerError) as error:
        return Progress("Failed", metadata, arn, reason=f"ClientError: {error}")
    metadata["Lambda"]["OutputParameters"] = listed(outputs)
    return Progress("Succeeded", metadata, arn, outputs)


def _outputs(context: StepContext, arn: str, answer: Invocation) -> dict[str, Any]:
    if answer.error is not None:
        told = answer.payload if isinstance(answer.payload, Mapping) else {}
        text = ": ".join(str(told[name]) for name in ("errorType", "errorMessage") if told.get(name))
        raise _AnswerError(f"the Lambda function {arn} failed: {text or answer.error}")
    wanted = declared(context.settings)
    if wanted and not isinstance(answer.payload, Mapping):
        raise _AnswerError(f"the Lambda function {arn} must return an object, not {answer.payload!r}")
    outputs = {}
    for name, kind in wanted.items():
        if name not in answer.payload:
            raise _AnswerError(f"the Lambda function {arn} returned no {name!r}, which the step declares")
        outputs[name] = typed(name, answer.payload[name], kind)
    return outputs
