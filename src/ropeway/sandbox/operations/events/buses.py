"""Event buses and their policies."""

from __future__ import annotations

import json
from typing import Any

from ropeway.sandbox.domain.events.model import Bus
from ropeway.sandbox.operations.call import Call
from ropeway.sandbox.operations.events.listing import page
from ropeway.sandbox.operations.pages import moment
from ropeway.sandbox.operations.registry import operation

__all__: list[str] = []


@operation("events", "CreateEventBus")
def create(call: Call) -> dict[str, Any]:
    """Make a bus."""
    bus = call.domain.events.buses.create(call.account, call.region, call.params)
    return {"EventBusArn": bus.arn, **bus.document}


@operation("events", "UpdateEventBus")
def update(call: Call) -> dict[str, Any]:
    """Change what a bus is described as."""
    bus = call.domain.events.buses.update(call.account, call.region, call.params)
    return {"Arn": bus.arn, "Name": bus.name, **bus.document}


@operation("events", "DeleteEventBus")
def delete(call: Call) -> None:
    """Forget a bus."""
    call.domain.events.buses.delete(call.account, call.region, call.params["Name"])


@operation("events", "DescribeEventBus")
def describe(call: Call) -> dict[str, Any]:
    """Tell a bus."""
    name, buses = call.params.get("Name", ""), call.domain.events.buses
    buses.check(name, call.caller, call.region, (call.operation, ""))
    return _told(buses.find(name, call.account, call.region))


@operation("events", "ListEventBuses")
def list_buses(call: Call) -> dict[str, Any]:
    """Buses of the account and region."""
    found = call.domain.events.buses.list(call.account, call.region, call.params.get("NamePrefix", ""))
    shown, more = page(found, call.params)
    return {"EventBuses": [_told(bus) for bus in shown], **more}


@operation("events", "PutPermission")
def put_permission(call: Call) -> None:
    """Let others put events: a statement, or a whole policy."""
    call.domain.events.buses.permit(call.account, call.region, call.params)


@operation("events", "RemovePermission")
def remove_permission(call: Call) -> None:
    """Take a statement out of a bus's policy, or all of it."""
    call.domain.events.buses.forbid(call.account, call.region, call.params)


def _told(bus: Bus) -> dict[str, Any]:
    told: dict[str, Any] = {"Name": bus.name, "Arn": bus.arn, **bus.document}
    if bus.policy is not None:
        told["Policy"] = json.dumps(dict(bus.policy), separators=(",", ":"))
    if bus.created:
        told |= {"CreationTime": moment(bus.created), "LastModifiedTime": moment(bus.modified)}
    return told
