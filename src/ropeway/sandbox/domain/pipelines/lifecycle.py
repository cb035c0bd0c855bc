"""The lives of executions and steps, as tables of (state, event) → state. Anything not in a table is refused."""

from __future__ import annotations

__all__ = ["EXECUTION", "STEP", "IllegalMoveError", "next_execution", "next_step"]

EXECUTION: dict[tuple[str, str], str] = {
    ("Executing", "succeed"): "Succeeded",
    ("Executing", "fail"): "Failed",
    ("Executing", "partly"): "CompletedWithFailures",
    ("Executing", "stop"): "Stopping",
    ("Stopping", "stop"): "Stopping",
    ("Stopping", "halt"): "Stopped",
    ("Failed", "retry"): "Executing",
    ("Stopped", "retry"): "Executing",
}

STEP: dict[tuple[str, str], str] = {
    ("Starting", "run"): "Executing",
    ("Starting", "again"): "Starting",
    ("Executing", "again"): "Starting",
    ("Starting", "stop"): "Stopping",
    ("Executing", "stop"): "Stopping",
    ("Stopping", "stop"): "Stopping",
    **{(state, "succeed"): "Succeeded" for state in ("Starting", "Executing", "Stopping")},
    **{(state, "fail"): "Failed" for state in ("Starting", "Executing", "Stopping")},
    **{(state, "halt"): "Stopped" for state in ("Starting", "Executing", "Stopping")},
}


class IllegalMoveError(Exception):
    """The table has no such move: whoever sent the event does not know the state."""


def next_execution(status: str, event: str) -> str:
    """An execution's status after an event.

    Raises:
        IllegalMoveError: the event cannot happen in this status.
    """
    return _next(EXECUTION, status, event)


def next_step(status: str, event: str) -> str:
    """A step's status after an event.

    Raises:
        IllegalMoveError: the event cannot happen in this status.
    """
    return _next(STEP, status, event)


def _next(table: dict[tuple[str, str], str], status: str, event: str) -> str:
    try:
        return table[status, event]
    except KeyError:
        raise IllegalMoveError(f"{event!r} cannot happen to what is {status}") from None
