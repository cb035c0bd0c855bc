"""What has happened to an execution, and how it goes on: every function takes the news and moves frames till all wait.

News about a task names its try by its token; what comes for an earlier try, or for a task that nobody waits for any
more, changes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ropeway.sandbox.domain.statemachines import tasks
from ropeway.sandbox.domain.statemachines.distributed import Expanded, expand
from ropeway.sandbox.domain.statemachines.errors import HEARTBEAT, RUNTIME, TIMEOUT, StateError
from ropeway.sandbox.domain.statemachines.model import (
    ABORTED,
    ENDED,
    FAILED,
    RUNNING,
    TIMED_OUT,
    Frame,
    resting,
)
from ropeway.sandbox.domain.statemachines.moves import end, failed, leave, oversize, too_large
from ropeway.sandbox.domain.statemachines.sheet import Sheet, dump
from ropeway.sandbox.domain.statemachines.states import enter, waited

__all__ = [
    "begin",
    "expanded",
    "expire",
    "fail",
    "go_on",
    "heard",
    "proceed",
    "redrive",
    "ring",
    "settle",
    "stop",
    "submitted",
    "taken",
]

_MOST_EVENTS = 25_000
_EVENTS_AT_ONCE = 1_000  # so that a long loop can be seen, and stopped


def begin(sheet: Sheet) -> None:
    """Start the execution."""
    execution = sheet.execution
    details = {"input": execution.input, "roleArn": execution.role_arn}
    event = sheet.tell(0, "ExecutionStarted", "executionStartedEventDetails", details)
    sheet.spawn(None, (), index=0, data=json.loads(execution.input), event=event)
    proceed(sheet)


def redrive(sheet: Sheet) -> None:
    """Go on at the states that the execution ended in; what ended well inside a Parallel or Map state stays."""
    redrives = sheet.execution.redrives + 1
    sheet.execution = replace(
        sheet.execution,
        status=RUNNING,
        stopped=None,
        error=None,
        cause=None,
        redrives=redrives,
        redriven=sheet.now,
    )
    details = {"redriveCount": redrives}
    event = sheet.tell(sheet.execution.events, "ExecutionRedriven", "executionRedrivenEventDetails", details)
    top = sheet.frames[0]
    _revive(
        sheet, replace(top, phase="halted") if top.phase == "done" else top, event
    )  # done: of an older server
    proceed(sheet)


def _revive(sheet: Sheet, frame: Frame, event: int) -> None:
    if frame.phase == "done":
        return
    inside = sheet.children(frame)
    if not inside:
        frame = resting(frame, phase="ready", tries=())
    sheet.put(replace(frame, event=event), ready=True)
    for child in inside:
        _revive(sheet, child, event)


def settle(sheet: Sheet, number: int, token: str, raw: Any) -> None:
    """A task has succeeded with a result."""
    frame = _waiting(sheet, number, token)
    if frame is None:
        return
    if sheet.state(frame)["Type"] == "Task" and oversize(dump(raw)):
        fail(sheet, number, token, too_large(frame))
        return
    frame = sheet.put(replace(frame, event=tasks.ended(sheet, frame, raw)))

    def move() -> None:
        state, language, scope = sheet.state(frame), sheet.language(frame), sheet.scope(frame)
        result = language.result(state, scope, raw)
        output = language.output(state, scope, result)
        leave(sheet, frame, output, language.assigned(state, scope, result))

    _guarded(sheet, number, move)
    proceed(sheet)


def fail(sheet: Sheet, number: int, token: str, error: StateError) -> bool:
    """A task has failed; whether anybody still waits for it."""
    frame = _waiting(sheet, number, token)
    if frame is None:
        return False
    failed(sheet, replace(frame, event=tasks.ended(sheet, frame, error)), error)
    proceed(sheet)
    return True


def expanded(sheet: Sheet, number: int, token: str, items: list[Any]) -> Expanded | None:
    """The items of a distributed Map state were read: what to run; None when nobody waits for it any more.

    Raises:
        StateError: a child's input cannot be computed.
    """
    frame = _waiting(sheet, number, token)
    return None if frame is None else expand(sheet, frame, items)


def submitted(sheet: Sheet, number: int, token: str, resource: str, output: Any) -> bool:
    """A task's call is answered, and what it started, or an answer with the token, is waited for.

    False says that nobody waits any more: what was started is to be stopped.
    """
    frame = _waiting(sheet, number, token)
    if frame is None:
        return False
    event = tasks.submitted(sheet, frame, output)
    sheet.put(replace(frame, event=event, resource=resource))
    return True


def taken(sheet: Sheet, number: int, token: str, worker: str | None) -> bool:
    """A worker takes an activity's task; whether it still waited."""
    frame = _waiting(sheet, number, token)
    if frame is None or frame.resource:
        return False
    event = tasks.started(sheet, frame, worker)
    sheet.put(replace(_beaten(sheet, frame), event=event, resource="taken"))
    return True


def heard(sheet: Sheet, number: int, token: str) -> bool:
    """A heartbeat of a task; whether it still waits."""
    frame = _waiting(sheet, number, token)
    if frame is None:
        return False
    if frame.pulse:
        sheet.put(_beaten(sheet, frame))
    return True


def ring(sheet: Sheet, number: int) -> None:
    """A moment that a frame waits for may have come."""
    frame = sheet.frames.get(number)
    if frame is None or sheet.execution.status in ENDED:
        return
    due = frame.due is not None and frame.due <= sheet.now
    if frame.phase == "wait" and due:
        _guarded(sheet, number, lambda: waited(sheet, frame))
    elif frame.phase == "backoff" and due:
        sheet.put(replace(frame, phase="again", due=None), ready=True)
    elif frame.phase == "task" and (due or (frame.beat is not None and frame.beat <= sheet.now)):
        error = StateError(TIMEOUT if due else HEARTBEAT, None)
        sheet.stops.append(frame)
        failed(sheet, replace(frame, event=tasks.ended(sheet, frame, error)), error)
    proceed(sheet)


def stop(sheet: Sheet, error: str | None, cause: str | None) -> None:
    """Somebody stops the execution."""
    end(sheet, ABORTED, error=error, cause=cause)


def expire(sheet: Sheet) -> None:
    """The machine's TimeoutSeconds are over."""
    end(sheet, TIMED_OUT, error=TIMEOUT)


def go_on(sheet: Sheet) -> None:
    """Move on what was left where it could move, after so many events at once."""
    for number, frame in sorted(sheet.frames.items(), reverse=True):  # branches before what is around them
        if frame.phase in {"ready", "again", "inside"}:
            sheet.ready.append(number)
    proceed(sheet)


def proceed(sheet: Sheet) -> None:
    """Move frames on until all wait, or so much has happened that it is to be written first."""
    enough = len(sheet.events) + _EVENTS_AT_ONCE
    while sheet.ready and sheet.execution.status not in ENDED and len(sheet.events) < enough:
        number = sheet.ready.popleft()
        frame = sheet.frames.get(number)
        if frame is None or frame.phase not in {"ready", "again", "inside"}:
            continue
        if sheet.execution.events > _MOST_EVENTS:
            cause = f"The execution reached the maximum number of history events ({_MOST_EVENTS})."
            end(sheet, FAILED, error=RUNTIME, cause=cause)
            return
        _guarded(sheet, number, lambda frame=frame: enter(sheet, frame))  # type: ignore[misc]


def _guarded(sheet: Sheet, number: int, move: Callable[[], None]) -> None:
    try:
        move()
    except StateError as error:
        failed(sheet, sheet.frames[number], error)


def _waiting(sheet: Sheet, number: int, token: str) -> Frame | None:
    frame = sheet.frames.get(number)
    if frame is None or sheet.execution.status in ENDED:
        return None
    return frame if frame.phase == "task" and frame.token == token else None


def _beaten(sheet: Sheet, frame: Frame) -> Frame:
    return replace(frame, beat=None if frame.pulse is None else sheet.now + frame.pulse)
