"""What each type of state does when a frame enters it, and a Parallel or Map state when a branch of it has ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ropeway.sandbox.domain.statemachines import distributed, tasks
from ropeway.sandbox.domain.statemachines.choices import moment
from ropeway.sandbox.domain.statemachines.errors import NO_CHOICE, RUNTIME, StateError
from ropeway.sandbox.domain.statemachines.language import State, number
from ropeway.sandbox.domain.statemachines.model import Frame
from ropeway.sandbox.domain.statemachines.moves import leave, up
from ropeway.sandbox.domain.statemachines.sheet import Sheet, dump

__all__ = ["enter", "waited"]

_MOST_ITEMS_AT_ONCE = 40


def enter(sheet: Sheet, frame: Frame) -> None:
    """Enter a frame's state, try it again, or go on with it after one of its branches has ended.

    Raises:
        StateError: the state fails.
    """
    state = sheet.state(frame)
    if frame.phase == "inside":
        _gather(sheet, frame, state)
        return
    if frame.phase == "ready":
        details = {"name": frame.state, "input": dump(frame.data)}
        event = sheet.tell(frame.event, f"{state['Type']}StateEntered", "stateEnteredEventDetails", details)
        frame = sheet.put(replace(frame, entered=sheet.now, event=event, tries=()))
    _TYPES[state["Type"]](sheet, frame, state)


def waited(sheet: Sheet, frame: Frame) -> None:
    """The moment that a Wait state waited for has come."""
    _pass_on(sheet, frame, sheet.state(frame))


def _pass(sheet: Sheet, frame: Frame, state: State) -> None:
    language, scope = sheet.language(frame), sheet.scope(frame)
    result = state["Result"] if "Result" in state else language.arguments(state, scope)
    output = language.output(state, scope, result)
    leave(sheet, frame, output, language.assigned(state, scope, result))


def _pass_on(sheet: Sheet, frame: Frame, state: State) -> None:
    language, scope = sheet.language(frame), sheet.scope(frame)
    output = language.passed(state, scope)
    leave(sheet, frame, output, language.assigned(state, scope, frame.data))


def _choice(sheet: Sheet, frame: Frame, state: State) -> None:
    language, scope = sheet.language(frame), sheet.scope(frame)
    chosen = language.choose(state, scope)
    if chosen is None and "Default" not in state:
        raise StateError(NO_CHOICE, f"No choice of the state '{frame.state}' matched, and it has no Default")
    holder = state if chosen is None else chosen
    output = language.passed({**state, **({"Output": holder["Output"]} if "Output" in holder else {})}, scope)
    to = state["Default"] if chosen is None else chosen["Next"]
    leave(sheet, frame, output, language.assigned(holder, scope, frame.data), to=to)


def _fail(sheet: Sheet, frame: Frame, state: State) -> None:
    language, scope = sheet.language(frame), sheet.scope(frame)
    error, cause = (language.value(state, name, scope) for name in ("Error", "Cause"))
    up(sheet, frame, StateError(error, cause))


def _wait(sheet: Sheet, frame: Frame, state: State) -> None:
    language, scope = sheet.language(frame), sheet.scope(frame)
    stamp = language.value(state, "Timestamp", scope)
    if stamp is not None:
        until = moment(stamp)
        if until is None:
            raise StateError(RUNTIME, f"The Timestamp {stamp!r} is not one of ISO 8601 with a time zone")
        due = until.timestamp()
    else:
        due = sheet.now + (number(language.value(state, "Seconds", scope), "Seconds") or 0.0)
    if due <= sheet.now:
        _pass_on(sheet, frame, state)
    else:
        sheet.put(replace(frame, phase="wait", due=due))


def _task(sheet: Sheet, frame: Frame, state: State) -> None:
    language = sheet.language(frame)
    token = sheet.token()
    scope = sheet.scope(frame, token=token)
    arguments = language.arguments(state, scope)
    timeout = number(language.value(state, "TimeoutSeconds", scope), "TimeoutSeconds", least=1)
    pulse = number(language.value(state, "HeartbeatSeconds", scope), "HeartbeatSeconds", least=1)
    role = language.value(state.get("Credentials", {}), "RoleArn", scope) or _given_role(
        state, language, scope
    )
    begun = tasks.Begun(frame, state["Resource"], arguments, role or sheet.execution.role_arn)
    event = tasks.scheduled(sheet, begun, timeout, pulse)
    sheet.put(
        replace(
            frame,
            phase="task",
            event=event,
            token=token,
            called=begun.resource,
            given=arguments,
            role=begun.role_arn,
            due=None if timeout is None else sheet.now + timeout,
            pulse=pulse,
            beat=None if pulse is None else sheet.now + pulse,
        )
    )
    sheet.starts.append(tasks.start(begun, token))


def _given_role(state: State, language: Any, scope: Any) -> str | None:
    """``Credentials: {"RoleArn.$": …}`` of JSONPath."""
    path = state.get("Credentials", {}).get("RoleArn.$")
    return language.value({"RolePath": path}, "Role", scope) if path is not None else None


def _parallel(sheet: Sheet, frame: Frame, state: State) -> None:
    data = sheet.language(frame).arguments(state, sheet.scope(frame))
    event = sheet.tell(frame.event, "ParallelStateStarted")
    frame = sheet.put(replace(frame, phase="inside", event=event))
    for index in range(len(state["Branches"])):
        place = (*frame.place, "States", frame.state, "Branches", index)
        sheet.spawn(frame, place, index=index, data=data, event=event)


def _map(sheet: Sheet, frame: Frame, state: State) -> None:
    if distributed.is_distributed(state):
        distributed.begin(sheet, frame, state)
        return
    language, scope = sheet.language(frame), sheet.scope(frame)
    items = language.items(state, scope)
    event = sheet.tell(frame.event, "MapStateStarted", "mapStateStartedEventDetails", {"length": len(items)})
    frame = sheet.put(replace(frame, phase="inside", event=event, items=items))
    _gather(sheet, frame, state)


def _gather(sheet: Sheet, frame: Frame, state: State) -> None:
    """Start the items whose turn it is; leave when everything inside has ended."""
    if state["Type"] == "Map":
        _next_items(sheet, frame, state)
    if sheet.open(frame):
        return
    inside = sheet.children(frame)
    raw = [child.data for child in inside]
    for child in inside:
        sheet.remove(child)
    frame = replace(frame, event=sheet.tell(frame.event, f"{state['Type']}StateSucceeded"))
    language, scope = sheet.language(frame), sheet.scope(frame)
    result = language.result(state, scope, raw)
    output = language.output(state, scope, result)
    leave(sheet, frame, output, language.assigned(state, scope, result))


def _next_items(sheet: Sheet, frame: Frame, state: State) -> None:
    language, scope = sheet.language(frame), sheet.scope(frame)
    items = frame.items or ()
    most = int(number(language.value(state, "MaxConcurrency", scope), "MaxConcurrency") or 0)
    at_once = min(most or _MOST_ITEMS_AT_ONCE, _MOST_ITEMS_AT_ONCE)
    begun = len(sheet.children(frame))
    inner = "ItemProcessor" if "ItemProcessor" in state else "Iterator"
    for index in range(begun, min(len(items), begun + at_once - sheet.open(frame))):
        item = {"Index": index, "Value": items[index]}
        context = {**scope.context, "Map": {"Item": item}}
        data = language.item_input(state, replace(scope, context=context), items[index])
        details = {"name": frame.state, "index": index}
        event = sheet.tell(frame.event, "MapIterationStarted", "mapIterationStartedEventDetails", details)
        place = (*frame.place, "States", frame.state, inner)
        sheet.spawn(frame, place, index=index, data=data, event=event, item=item)


_TYPES: Mapping[str, Callable[[Sheet, Frame, State], None]] = {
    "Choice": _choice,
    "Fail": _fail,
    "Map": _map,
    "Parallel": _parallel,
    "Pass": _pass,
    "Succeed": _pass_on,
    "Task": _task,
    "Wait": _wait,
}
