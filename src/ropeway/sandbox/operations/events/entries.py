"""PutEvents: each entry is taken or refused by itself; those that are taken are written in one transaction."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ropeway.sandbox.domain.errors import Denied, DomainError, Invalid
from ropeway.sandbox.domain.events.model import DEFAULT_BUS, Fact, envelope
from ropeway.sandbox.operations.call import Call
from ropeway.sandbox.operations.registry import operation

__all__: list[str] = []

_LARGEST = 1_048_576
_MOST_RESOURCES = 2048


@operation("events", "PutEvents")
def put_events(call: Call) -> dict[str, Any]:
    """Take events of the caller's own."""
    entries = call.params["Entries"]
    if "EndpointId" in call.params:
        raise Invalid("Parameter EndpointId is not valid. Reason: the sandbox has no global endpoints.")
    if sum(_size(entry) for entry in entries) > _LARGEST:
        raise Invalid("Total size of the entries in the request is over the limit.")
    with call.domain.events.sink.together():
        results = [_put(call, entry) for entry in entries]
    failed = sum("ErrorCode" in result for result in results)
    return {"FailedEntryCount": failed, "Entries": results}


def _put(call: Call, entry: Mapping[str, Any]) -> dict[str, str]:
    problem = _problem(entry)
    if problem is not None:
        return problem
    events = call.domain.events
    try:
        name = entry.get("EventBusName") or DEFAULT_BUS
        bus = events.buses.find(name, call.account, call.region)
        events.buses.check_put(bus, call.caller, entry)
    except Denied as error:
        return {"ErrorCode": "AccessDeniedException", "ErrorMessage": error.message}
    except DomainError:
        # What a bus that is not there gets: taken, and matched by nothing, as on AWS.
        return {"EventId": call.domain.records.ids.uuid()}
    time = entry.get("Time")
    fact = Fact(
        account=call.account,
        region=bus.region,
        source=entry["Source"],
        detail_type=entry["DetailType"],
        resources=entry.get("Resources", []),
        detail=json.loads(entry["Detail"]),
        time=time.timestamp() if isinstance(time, datetime) else None,
    )
    event = envelope(fact, call.domain.records.ids.uuid(), call.domain.records.now())
    events.sink.put(bus.arn, event)
    return {"EventId": str(event["id"])}


def _problem(entry: Mapping[str, Any]) -> dict[str, str] | None:
    for name in ("Source", "DetailType", "Detail"):
        if not entry.get(name):
            text = f"Parameter {name} is not valid. Reason: {name} is a required argument."
            return {"ErrorCode": "InvalidArgument", "ErrorMessage": text}
    try:
        detail = json.loads(entry["Detail"], parse_constant=_no_number)
    except (ValueError, RecursionError):
        detail = None
    if not isinstance(detail, dict):
        return {"ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed."}
    if entry["Source"].startswith("aws."):
        return {
            "ErrorCode": "NotAuthorizedForSourceException",
            "ErrorMessage": "Not authorized for the source.",
        }
    return None


def _no_number(name: str) -> float:
    """Python reads NaN and Infinity; JSON does not have them."""
    raise ValueError(name)


def _size(entry: Mapping[str, Any]) -> int:
    """An entry's size, by EventBridge's rule ("calculating PutEvents event entry size")."""
    texts = [entry.get("Source", ""), entry.get("DetailType", ""), entry.get("Detail", "")]
    texts += entry.get("Resources", [])
    return sum(len(text.encode()) for text in texts) + (14 if "Time" in entry else 0)
