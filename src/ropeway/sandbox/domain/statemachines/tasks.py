"""What the history tells of a task, which depends on its kind: a function, an activity, or a call of a service."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ropeway.sandbox.domain.statemachines.errors import StateError
from ropeway.sandbox.domain.statemachines.model import Frame
from ropeway.sandbox.domain.statemachines.resources import Resource, parse
from ropeway.sandbox.domain.statemachines.sheet import Sheet, Start, dump

__all__ = ["Begun", "ended", "resource_of", "scheduled", "start", "started", "submitted"]

_NAMES = {"function": "LambdaFunction", "activity": "Activity", "call": "Task"}


@dataclass(frozen=True)
class Begun:
    """A task that begins."""

    frame: Frame
    resource: str
    arguments: Any
    role_arn: str


def start(begun: Begun, token: str) -> Start:
    """What the engine has to do for it."""
    return Start(begun.frame.number, token, begun.resource, begun.arguments, begun.role_arn)


def resource_of(sheet: Sheet, frame: Frame) -> Resource:
    """The resource of the task that a frame is in; definitions with others were refused."""
    resource = parse(sheet.state(frame)["Resource"])
    assert resource is not None
    return resource


def scheduled(sheet: Sheet, begun: Begun, timeout: float | None, pulse: float | None) -> int:
    """The task's first events; returns the last one's number."""
    resource = resource_of(sheet, begun.frame)
    limits = {
        "timeoutInSeconds": None if timeout is None else int(timeout),
        "heartbeatInSeconds": None if pulse is None else int(pulse),
    }
    text = dump(begun.arguments)
    previous = begun.frame.event
    if resource.kind == "call":
        told: dict[str, Any] = {"region": sheet.execution.region, "parameters": text, **limits}
        if begun.role_arn != sheet.execution.role_arn:
            told["taskCredentials"] = {"roleArn": begun.role_arn}
        event = _tell(sheet, previous, resource, "Scheduled", told)
        return _tell(sheet, event, resource, "Started", {})
    told = {"resource": resource.arn, "input": text, **limits}
    if resource.kind == "activity":
        return _tell(sheet, previous, resource, "Scheduled", told)
    del told["heartbeatInSeconds"]
    event = _tell(sheet, previous, resource, "Scheduled", told)
    return sheet.tell(event, "LambdaFunctionStarted")


def started(sheet: Sheet, frame: Frame, worker: str | None) -> int:
    """A worker has taken an activity's task."""
    return _tell(sheet, frame.event, resource_of(sheet, frame), "Started", {"workerName": worker})


def submitted(sheet: Sheet, frame: Frame, output: Any) -> int:
    """The call was answered, and the task waits for more; a Map Run has begun."""
    if sheet.state(frame)["Type"] == "Map":
        return sheet.tell(frame.event, "MapRunStarted", "mapRunStartedEventDetails", output)
    return _tell(sheet, frame.event, resource_of(sheet, frame), "Submitted", {"output": dump(output)})


def ended(sheet: Sheet, frame: Frame, outcome: Any) -> int:
    """The task has succeeded, or failed with a ``StateError``."""
    if sheet.state(frame)["Type"] == "Map":
        return _mapped(sheet, frame, outcome)
    resource = resource_of(sheet, frame)
    if not isinstance(outcome, StateError):
        return _tell(sheet, frame.event, resource, "Succeeded", {"output": dump(outcome)})
    timed_out = (outcome.error or "").endswith("Timeout") and (outcome.error or "").startswith("States.")
    told = {"error": outcome.error, "cause": outcome.cause}
    return _tell(sheet, frame.event, resource, "TimedOut" if timed_out else "Failed", told)


def _mapped(sheet: Sheet, frame: Frame, outcome: Any) -> int:
    event = frame.event
    if not isinstance(outcome, StateError):
        return sheet.tell(sheet.tell(event, "MapRunSucceeded"), "MapStateSucceeded")
    if frame.resource:
        told = {"error": outcome.error, "cause": outcome.cause}
        event = sheet.tell(event, "MapRunFailed", "mapRunFailedEventDetails", told)
    return sheet.tell(event, "MapStateFailed")


def _tell(sheet: Sheet, previous: int, resource: Resource, what: str, details: Mapping[str, Any]) -> int:
    name = f"{_NAMES[resource.kind]}{what}"
    if resource.kind == "call":
        service, action = resource.named
        details = {"resourceType": service, "resource": action, **details}
    return sheet.tell(previous, name, f"{name[0].lower()}{name[1:]}EventDetails", details)
