"""How frames leave a state: to the next one, out of a branch, or by an error."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ropeway.sandbox.domain.statemachines import rules
from ropeway.sandbox.domain.statemachines.errors import DATA_LIMIT, StateError
from ropeway.sandbox.domain.statemachines.model import FAILED, SUCCEEDED, Frame, resting
from ropeway.sandbox.domain.statemachines.sheet import Sheet, dump

__all__ = ["end", "failed", "iteration", "leave", "oversize", "too_large", "up"]

_LARGEST = 262_144  # bytes of a state's output
_ENDS = {
    "SUCCEEDED": ("ExecutionSucceeded", "executionSucceededEventDetails"),
    "FAILED": ("ExecutionFailed", "executionFailedEventDetails"),
    "ABORTED": ("ExecutionAborted", "executionAbortedEventDetails"),
    "TIMED_OUT": ("ExecutionTimedOut", "executionTimedOutEventDetails"),
}


def leave(
    sheet: Sheet, frame: Frame, output: Any, variables: Mapping[str, Any], *, to: str | None = None
) -> None:
    """A state is done: go where it says, or to the state ``to``.

    Raises:
        StateError: the output is larger than AWS takes.
    """
    state = sheet.state(frame)
    text = dump(output)
    if oversize(text):
        raise too_large(frame)
    details: dict[str, Any] = {"name": frame.state, "output": text}
    if variables:
        details["assignedVariables"] = {name: dump(value) for name, value in variables.items()}
    event = sheet.tell(frame.event, f"{state['Type']}StateExited", "stateExitedEventDetails", details)
    moved = resting(
        frame, event=event, data=output, tries=(), variables={**frame.variables, **variables}, phase="ready"
    )
    following = to or state.get("Next")
    if following is not None:
        sheet.put(replace(moved, state=following), ready=True)
    elif frame.parent is None:
        sheet.put(moved)
        end(sheet, SUCCEEDED, output=text)
    else:
        _branch_done(sheet, moved)


def oversize(text: str) -> bool:
    """Whether data is larger than AWS takes."""
    return len(text) > _LARGEST or len(text.encode(errors="surrogatepass")) > _LARGEST


def too_large(frame: Frame) -> StateError:
    """What a state with such data fails with."""
    cause = f"The state '{frame.state}' returned a result with a size exceeding {_LARGEST} bytes."
    return StateError(DATA_LIMIT, cause)


def failed(sheet: Sheet, frame: Frame, error: StateError) -> None:
    """A state has failed: try again, go to a catcher, or up."""
    state = sheet.state(frame)
    name = error.error or ""
    again = rules.retry(state, name, frame.tries)
    if again is not None:
        sheet.clear(frame)
        due = sheet.now + again.delay
        sheet.put(resting(frame, phase="backoff", due=due, tries=tuple(again.tries)))
        return
    rule = rules.catcher(state, name)
    if rule is None:
        up(sheet, frame, error)
        return
    told = {"Error": error.error, "Cause": error.cause}
    output = {key: value for key, value in told.items() if value is not None}
    language, scope = sheet.language(frame), sheet.scope(frame)
    try:
        variables = language.assigned(rule, scope, output, failed=True)
        sheet.clear(frame)
        leave(sheet, frame, language.caught(rule, scope, output), variables, to=rule["Next"])
    except StateError as worse:
        up(sheet, frame, worse)


def up(sheet: Sheet, frame: Frame, error: StateError) -> None:
    """An error that its state does not handle is the execution's, or that of the state around it.

    Until that state handles it, all frames stay: a redrive goes on with those that did not end well.
    """
    frame = sheet.put(frame if frame.phase == "inside" else resting(frame, phase="halted"))
    if frame.parent is None:
        end(sheet, FAILED, error=error.error, cause=error.cause)
        return
    parent = sheet.frames[frame.parent]
    mapped = sheet.state(parent)["Type"] == "Map"
    event = iteration(sheet, frame, "Failed") if mapped else frame.event
    for sibling in sheet.children(parent):
        if mapped and sibling.number != frame.number and sibling.phase != "done":
            iteration(sheet, sibling, "Aborted")
        sheet.halt(sibling)
    event = sheet.tell(event, "MapStateFailed" if mapped else "ParallelStateFailed")
    failed(sheet, replace(parent, event=event), error)


def end(
    sheet: Sheet,
    status: str,
    *,
    output: str | None = None,
    error: str | None = None,
    cause: str | None = None,
) -> None:
    """The execution ends; what still runs is stopped, and the frames stay for a redrive."""
    sheet.halt(sheet.frames[0])
    top = sheet.frames[0]
    kind, member = _ENDS[status]
    sheet.tell(top.event, kind, member, {"output": output, "error": error, "cause": cause})
    if status == SUCCEEDED:
        sheet.put(resting(top, phase="done"))
    sheet.ready.clear()
    sheet.execution = replace(
        sheet.execution, status=status, stopped=sheet.now, output=output, error=error, cause=cause
    )


def iteration(sheet: Sheet, frame: Frame, what: str) -> int:
    """Tell of one item of a Map state; returns the event's number."""
    assert frame.parent is not None
    name = sheet.frames[frame.parent].state
    member = f"mapIteration{what}EventDetails"
    return sheet.tell(frame.event, f"MapIteration{what}", member, {"name": name, "index": frame.index})


def _branch_done(sheet: Sheet, frame: Frame) -> None:
    assert frame.parent is not None
    parent = sheet.frames[frame.parent]
    mapped = sheet.state(parent)["Type"] == "Map"
    event = iteration(sheet, frame, "Succeeded") if mapped else frame.event
    sheet.put(replace(frame, phase="done", event=event, variables={}))
    # The state around it looks whether all are done, and which item is next.
    sheet.put(replace(parent, event=event), ready=True)
