"""The step that waits for somebody else: Callback."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from ropeway.pipelines.assets import Build
from ropeway.pipelines.functions import Expression, Json, Properties, to_json
from ropeway.pipelines.steps import Step

__all__ = ["CallbackStep"]


@dataclass(frozen=True)
class CallbackStep(Step):
    """Sends a message with a token to an SQS queue and waits for the answer to it.

    Whoever reads the queue answers with ``SendPipelineExecutionStepSuccess`` or ``SendPipelineExecutionStepFailure``.

    Attributes:
        queue: the queue's URL.
        inputs: what the message tells, under ``arguments``.
        outputs: names of what the answer brings, with their types (String, Integer, Float, Boolean).
    """

    queue: str | Expression = field(kw_only=True)
    inputs: Mapping[str, Any] = field(default_factory=dict, kw_only=True)
    outputs: Mapping[str, str] = field(default_factory=dict, kw_only=True)

    type_name: ClassVar[str] = "Callback"

    def output(self, name: str) -> Properties:
        """What the answer brought under a name."""
        return self.properties.OutputParameters[name]

    def request(self, build: Build) -> dict[str, Any]:  # noqa: ARG002 - the base's signature
        """What the message tells."""
        return dict(self.inputs)

    def siblings(self, build: Build) -> dict[str, Json]:  # noqa: ARG002 - the base's signature
        """Queue and output parameters."""
        outputs = [{"OutputName": name, "OutputType": kind} for name, kind in self.outputs.items()]
        return {"SqsQueueUrl": to_json(self.queue), "OutputParameters": outputs}
