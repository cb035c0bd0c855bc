"""Answers to callback steps: success with output parameters, or failure."""

from __future__ import annotations

from typing import Any

from ropeway.sandbox.operations.call import Call
from ropeway.sandbox.operations.registry import operation

__all__: list[str] = []


@operation("sagemaker", "SendPipelineExecutionStepSuccess")
def succeed(call: Call) -> dict[str, Any]:
    """End a callback step as succeeded."""
    return {"PipelineExecutionArn": call.domain.callbacks.succeed(call.account, call.region, call.params)}


@operation("sagemaker", "SendPipelineExecutionStepFailure")
def fail(call: Call) -> dict[str, Any]:
    """End a callback step as failed."""
    return {"PipelineExecutionArn": call.domain.callbacks.fail(call.account, call.region, call.params)}
