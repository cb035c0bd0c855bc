"""Tags of scalable targets. moto keeps the targets and drops their tags."""

from __future__ import annotations

from typing import Any

from ropeway.sandbox.operations.call import Call
from ropeway.sandbox.operations.registry import operation

__all__: list[str] = []


@operation("application-autoscaling", "RegisterScalableTarget")
def register(call: Call) -> dict[str, Any]:
    """Let moto keep the target, and keep its tags."""
    params = {name: value for name, value in call.params.items() if name != "Tags"}
    answer = call.domain.peers.call(
        call.service, call.operation, params, account=call.account, region=call.region
    )
    _add(call, answer["ScalableTargetARN"], call.params.get("Tags", {}))
    return answer


@operation("application-autoscaling", "ListTagsForResource")
def list_tags(call: Call) -> dict[str, Any]:
    """A target's tags."""
    tags = call.domain.tags.list(call.params["ResourceARN"])
    return {"Tags": {each["Key"]: each["Value"] for each in tags}}


@operation("application-autoscaling", "TagResource")
def tag(call: Call) -> dict[str, Any]:
    """Set tags."""
    _add(call, call.params["ResourceARN"], call.params["Tags"])
    return {}


@operation("application-autoscaling", "UntagResource")
def untag(call: Call) -> dict[str, Any]:
    """Take tags away."""
    call.domain.tags.remove(call.params["ResourceARN"], call.params["TagKeys"])
    return {}


def _add(call: Call, arn: str, tags: dict[str, str]) -> None:
    call.domain.tags.add(arn, [{"Key": key, "Value": value} for key, value in tags.items()])
