"""Change sets: worked out when made, carried out when executed, refused when the stack has moved on meanwhile."""

from __future__ import annotations

import json
from typing import Any

from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.domain.listing import Listing
from ropeway.sandbox.domain.records.ports import Record
from ropeway.sandbox.domain.stacks.template import invalid
from ropeway.sandbox.operations.call import Call
from ropeway.sandbox.operations.cloudformation.kept import Stack, already, find, keep, named, new, tell
from ropeway.sandbox.operations.cloudformation.making import Change, changes_of, make, wish_of
from ropeway.sandbox.operations.cloudformation.stacks import wish_in
from ropeway.sandbox.operations.pages import moment
from ropeway.sandbox.operations.registry import operation

__all__: list[str] = []

_ALL = 10_000
_EMPTY = (
    "The submitted information didn't contain changes. Submit different information to create a change set."
)


@operation("cloudformation", "CreateChangeSet")
def create_change_set(call: Call) -> dict[str, Any]:
    """Work out what would change; one without changes has failed, as on AWS."""
    name, kind = call.params["ChangeSetName"], call.params.get("ChangeSetType", "UPDATE")
    stack = _stack_for(call, kind)
    if any(record.name == name for record in _records(call, stack)):
        raise DomainError(f"ChangeSet {name} already exists", code="AlreadyExistsException", status=400)
    wish = wish_in(call, stack)
    changes = changes_of(call, stack, wish)
    ids = call.domain.records.ids
    arn = f"arn:aws:cloudformation:{call.region}:{call.account}:changeSet/{name}/{ids.uuid()}"
    changed = changes or (stack.status != "REVIEW_IN_PROGRESS" and _outputs_differ(stack, wish.text))
    document = {
        "StackId": stack.arn,
        "Template": wish.text,
        "Parameters": json.dumps(wish.parameters),
        "Tags": json.dumps(wish.tags),
        "Capabilities": wish.capabilities,
        "Description": call.params.get("Description", ""),
        "Changes": [_told(change) for change in changes],
        "Status": "CREATE_COMPLETE" if changed else "FAILED",
        "StatusReason": "" if changed else _EMPTY,
        "Base": _state(stack),
    }
    keep(call, stack)
    call.domain.records.create(
        Record(arn, "ChangeSet", call.account, call.region, name, stack.arn, 0.0, 0.0, document), ()
    )
    return {"Id": arn, "StackId": stack.arn}


def _stack_for(call: Call, kind: str) -> Stack:
    name = call.params["StackName"]
    found = find(call, name)
    if kind == "CREATE":
        if found is not None and found.status != "REVIEW_IN_PROGRESS":
            raise already(name)
        if found is not None:
            return found
        stack = new(call, name, "REVIEW_IN_PROGRESS")
        tell(call, stack, name, ("AWS::CloudFormation::Stack", stack.arn, stack.status), "User Initiated")
        return stack
    if kind != "UPDATE":
        raise invalid(f"The sandbox's CloudFormation does not have change sets of type {kind}.")
    if found is None or found.status == "REVIEW_IN_PROGRESS":
        raise invalid(f"Stack [{name}] does not exist")
    if found.status in {"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED"}:
        raise invalid(f"Stack:{found.arn} is in {found.status} state and can not be updated.")
    return found


def _outputs_differ(stack: Stack, text: str) -> bool:
    return stack.template != text


def _state(stack: Stack) -> str:
    """Changes whenever the stack does."""
    return f"{stack.status} {stack.updated}"


def _told(change: Change) -> dict[str, Any]:
    found: dict[str, Any] = {
        "Action": change.action,
        "LogicalResourceId": change.logical,
        "ResourceType": change.kind,
        "Scope": [],
        "Details": [],
    }
    if change.ref:
        found["PhysicalResourceId"] = change.ref
    if change.action == "Modify":
        found["Replacement"] = str(change.replaces)
        found["Scope"] = sorted({"Tags" if key == "Tags" else "Properties" for key in change.scope})
    return {"Type": "Resource", "ResourceChange": found}


def _records(call: Call, stack: Stack) -> list[Record]:
    listing = Listing(limit=_ALL, equals={"parent": stack.arn})
    return list(call.domain.records.list("ChangeSet", call.account, call.region, listing).items)


def _found(call: Call) -> tuple[Record, Stack]:
    name = call.params["ChangeSetName"]
    if name.startswith("arn:"):
        record = call.domain.records.get(name)
        if record is not None and record.kind == "ChangeSet" and record.account == call.account:
            return record, named(call, record.parent)
    elif "StackName" not in call.params:
        raise invalid("StackName must be specified if ChangeSetName is not specified as an ARN.")
    else:
        stack = named(call, call.params["StackName"])
        for record in _records(call, stack):
            if record.name == name:
                return record, stack
    raise DomainError(f"ChangeSet [{name}] does not exist", code="ChangeSetNotFound", status=404)


def _short(record: Record, stack: Stack) -> dict[str, Any]:
    document = record.document
    ready = document["Status"] == "CREATE_COMPLETE"
    return {
        "StackId": stack.arn,
        "StackName": stack.name,
        "ChangeSetId": record.arn,
        "ChangeSetName": record.name,
        "Status": document["Status"],
        "StatusReason": document["StatusReason"] or None,
        "ExecutionStatus": _execution(record, stack) if ready else "UNAVAILABLE",
        "CreationTime": moment(record.created),
        "Description": document["Description"] or None,
    }


def _execution(record: Record, stack: Stack) -> str:
    return "AVAILABLE" if record.document["Base"] == _state(stack) else "OBSOLETE"


@operation("cloudformation", "DescribeChangeSet")
def describe_change_set(call: Call) -> dict[str, Any]:
    """A change set with its changes."""
    record, stack = _found(call)
    parameters = json.loads(record.document["Parameters"])
    tags = json.loads(record.document["Tags"])
    return {
        **_short(record, stack),
        "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
        "Capabilities": record.document["Capabilities"],
        "Changes": record.document["Changes"],
    }


@operation("cloudformation", "ListChangeSets")
def list_change_sets(call: Call) -> dict[str, Any]:
    """A stack's change sets."""
    stack = named(call, call.params["StackName"])
    return {"Summaries": [_short(record, stack) for record in _records(call, stack)]}


@operation("cloudformation", "DeleteChangeSet")
def delete_change_set(call: Call) -> dict[str, Any]:
    """Forget a change set; the stack stays, an empty one too."""
    try:
        record, _ = _found(call)
    except DomainError as error:
        if error.code == "ChangeSetNotFound":
            return {}
        raise
    call.domain.records.delete(record.arn)
    return {}


@operation("cloudformation", "ExecuteChangeSet")
def execute_change_set(call: Call) -> dict[str, Any]:
    """Do what a change set says; all of the stack's change sets are forgotten."""
    record, stack = _found(call)
    document = record.document
    if document["Status"] != "CREATE_COMPLETE" or _execution(record, stack) != "AVAILABLE":
        raise DomainError(
            f"ChangeSet [{record.arn}] cannot be executed in its current execution status of"
            f" [{_short(record, stack)['ExecutionStatus']}]",
            code="InvalidChangeSetStatus",
            status=400,
        )
    given = (json.loads(document["Parameters"]), json.loads(document["Tags"]), list(document["Capabilities"]))
    make(call, stack, wish_of(document["Template"], given, stack))
    for each in _records(call, stack):
        call.domain.records.delete(each.arn)
    return {}
