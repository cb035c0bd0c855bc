"""The life of a tuning job, as a table of (state, event) → state. Anything not in the table is refused."""

from __future__ import annotations

__all__ = ["FINAL", "STATUS", "IllegalMoveError", "next_status"]

FINAL = frozenset({"Completed", "Failed", "Stopped"})

STATUS: dict[tuple[str, str], str] = {
    ("InProgress", "stop"): "Stopping",
    ("InProgress", "complete"): "Completed",
    ("InProgress", "fail"): "Failed",
    ("InProgress", "halt"): "Stopped",
    ("Stopping", "halt"): "Stopped",
}


class IllegalMoveError(Exception):
    """The table has no such move."""


def next_status(status: str, event: str) -> str:
    """The status after an event.

    Raises:
        IllegalMoveError: the event cannot happen in this status.
    """
    try:
        return STATUS[status, event]
    except KeyError:
        raise IllegalMoveError(f"{event!r} cannot happen to a tuning job that is {status}") from None
