"""InvokeEndpoint."""

from __future__ import annotations

from typing import Any

from ropeway.sandbox.domain.endpoints.invocations import Invocation
from ropeway.sandbox.domain.endpoints.model import Ask
from ropeway.sandbox.domain.errors import NotThere
from ropeway.sandbox.operations.call import Call
from ropeway.sandbox.operations.registry import operation

__all__: list[str] = []

_WITHOUT = {
    "EnableExplanations": "online explanations",
    "InferenceComponentName": "inference components",
    "SessionId": "stateful sessions",
    "TargetContainerHostname": "direct invocation of a container",
    "TargetModel": "multi-model endpoints",
}
# The container hears of these, by the names of the wire.
_PASSED = {
    "CustomAttributes": "X-Amzn-SageMaker-Custom-Attributes",
    "InferenceId": "X-Amzn-SageMaker-Inference-Id",
}


@operation("sagemaker-runtime", "InvokeEndpoint")
def invoke(call: Call) -> dict[str, Any]:
    """Pass a request to a variant's containers, and their answer back."""
    params = call.params
    for member, told in _WITHOUT.items():
        if member in params:
            raise NotThere(f"The sandbox has no {told} ({member}).")
    ask = Ask(
        body=params.get("Body", b""),
        content_type=params.get("ContentType", ""),
        accept=params.get("Accept", ""),
        headers={wire: params[member] for member, wire in _PASSED.items() if member in params},
    )
    reply = call.domain.invocations.invoke(
        Invocation(
            account=call.account,
            region=call.region,
            endpoint=params["EndpointName"],
            ask=ask,
            target=params.get("TargetVariant"),
            inference_id=params.get("InferenceId", ""),
            attributes=params.get("CustomAttributes", ""),
        )
    )
    return {
        "Body": reply.answer.body,
        "ContentType": reply.answer.content_type or "application/octet-stream",
        "InvokedProductionVariant": reply.variant,
        "CustomAttributes": reply.answer.attributes or None,
    }
