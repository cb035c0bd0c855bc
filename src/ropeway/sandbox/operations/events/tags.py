"""Tags of rules and buses."""

from __future__ import annotations

from typing import Any

from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.operations.call import Call
from ropeway.sandbox.operations.registry import operation
from ropeway.values.arn import Arn

__all__: list[str] = []


@operation("events", "TagResource")
def tag(call: Call) -> None:
    """Set tags."""
    call.domain.tags.add(_arn(call), call.params["Tags"])


@operation("events", "UntagResource")
def untag(call: Call) -> None:
    """Take tags away."""
    call.domain.tags.remove(_arn(call), call.params["TagKeys"])


@operation("events", "ListTagsForResource")
def list_tags(call: Call) -> dict[str, Any]:
    """Tags of a rule or bus."""
    return {"Tags": call.domain.tags.list(_arn(call))}


def _arn(call: Call) -> str:
    """The resource that a call names, which is there."""
    text: str = call.params["ResourceARN"]
    missing = DomainError(f"Resource {text} does not exist.", code="ResourceNotFoundException", status=400)
    try:
        arn = Arn.parse(text)
        if arn.kind == "event-bus":
            call.domain.events.buses.find(text, call.account, call.region)
        else:
            bus, _, name = arn.name.rpartition("/")
            call.domain.events.rules.find(name, bus, arn.account, arn.region)
    except (ValueError, DomainError) as error:
        raise missing from error
    if arn.account != call.account:
        raise missing
    return text
