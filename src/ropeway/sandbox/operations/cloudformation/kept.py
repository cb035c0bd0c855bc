"""Stacks as they are kept: one record each, with resources, outputs and events in it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.domain.listing import Listing
from ropeway.sandbox.domain.records.ports import Record
from ropeway.sandbox.domain.stacks.template import invalid
from ropeway.sandbox.domain.stacks.values import Made
from ropeway.sandbox.operations.call import Call

__all__ = [
    "Resource",
    "Stack",
    "all_stacks",
    "already",
    "find",
    "keep",
    "kept",
    "named",
    "new",
    "pseudo",
    "tell",
]

_ALL = 10_000
_DELETED = "DELETE_COMPLETE"


@dataclass
class Resource:
    """A resource that a stack made.

    Attributes:
        ref: its physical id.
        keep: whether it stays when the stack lets it go.
    """

    kind: str
    ref: str
    properties: dict[str, Any]
    attributes: dict[str, Any]
    keep: bool
    status: str
    at: float

    @property
    def made(self) -> Made:
        """What it answers to others."""
        return Made(self.ref, self.attributes)


@dataclass
class Stack:
    """A stack; ``created`` and ``updated`` are epoch seconds."""

    arn: str
    name: str
    status: str
    created: float
    reason: str = ""
    updated: float | None = None
    template: str = ""
    description: str = ""
    parameters: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    capabilities: list[str] = field(default_factory=list)
    outputs: list[dict[str, str]] = field(default_factory=list)
    resources: dict[str, Resource] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)


def new(call: Call, name: str, status: str) -> Stack:
    """A stack that is not kept yet."""
    ids = call.domain.records.ids
    arn = f"arn:aws:cloudformation:{call.region}:{call.account}:stack/{name}/{ids.uuid()}"
    return Stack(arn, name, status, call.domain.records.now())


def keep(call: Call, stack: Stack) -> None:
    """Keep a stack as it is now."""
    document = {"Stack": json.dumps(asdict(stack))}  # one text: an update replaces it whole
    if call.domain.records.update(stack.arn, document) is None:
        record = Record(stack.arn, "Stack", call.account, call.region, stack.name, "", 0.0, 0.0, document)
        call.domain.records.create(record, ())


def kept(record: Record) -> Stack:
    """The stack in a record."""
    data = json.loads(record.document["Stack"])
    resources = {name: Resource(**each) for name, each in data.pop("resources").items()}
    return Stack(**data, resources=resources)


def all_stacks(call: Call) -> list[Stack]:
    """All stacks of the account and region, the newest first; deleted ones too."""
    page = call.domain.records.list("Stack", call.account, call.region, Listing(limit=_ALL))
    return [kept(record) for record in page.items]


def find(call: Call, name: str) -> Stack | None:
    """The stack of a name, or of an id; a deleted one only by its id."""
    if name.startswith("arn:"):
        record = call.domain.records.get(name)
        return kept(record) if record and record.kind == "Stack" and record.account == call.account else None
    return next((each for each in all_stacks(call) if each.name == name and each.status != _DELETED), None)


def named(call: Call, name: str) -> Stack:
    """The same, which must be there.

    Raises:
        DomainError: ``ValidationError``, as CloudFormation has it.
    """
    found = find(call, name)
    if found is None:
        raise invalid(f"Stack with id {name} does not exist")
    return found


def tell(call: Call, stack: Stack, logical: str, resource: tuple[str, str, str], reason: str = "") -> None:
    """Add an event.

    Args:
        call: who asks.
        stack: the stack.
        logical: the logical id.
        resource: type, physical id and status.
        reason: of a failure.
    """
    kind, ref, status = resource
    stack.events.append(
        {
            "StackId": stack.arn,
            "EventId": call.domain.records.ids.uuid(),
            "StackName": stack.name,
            "LogicalResourceId": logical,
            "PhysicalResourceId": ref,
            "ResourceType": kind,
            "Timestamp": call.domain.records.now(),
            "ResourceStatus": status,
            **({"ResourceStatusReason": reason} if reason else {}),
        }
    )


def pseudo(call: Call, stack: Stack) -> Mapping[str, str]:
    """``AWS::AccountId`` and the like."""
    return {
        "AWS::AccountId": call.account,
        "AWS::Partition": "aws",
        "AWS::Region": call.region,
        "AWS::StackId": stack.arn,
        "AWS::StackName": stack.name,
        "AWS::URLSuffix": "amazonaws.com",
    }


def already(name: str) -> DomainError:
    """The error of a second stack of one name."""
    return DomainError(f"Stack [{name}] already exists", code="AlreadyExistsException", status=400)
