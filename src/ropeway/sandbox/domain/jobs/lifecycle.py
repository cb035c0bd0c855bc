"""The life of a job, as tables of (state, event) → state. Anything not in a table is refused.

``STATUS`` is what every job has; ``SECONDARY`` is what a training job tells besides. Events come from callers
(``stop``) and from the runner: a phase begins (``Downloading``, ``Training``, ``Uploading``), or the run ends
(``completed``, ``failed``, ``stopped``, ``exceeded``: out of time).

A stopping job may still complete or fail: its process can end by itself before the signal reaches it.
"""

from __future__ import annotations

from ropeway.sandbox.domain.jobs.model import Outcome

__all__ = ["FINAL", "SECONDARY", "STATUS", "IllegalMoveError", "end_event", "next_secondary", "next_status"]

FINAL = frozenset({"Completed", "Failed", "Stopped"})

STATUS: dict[tuple[str, str], str] = {
    ("InProgress", "stop"): "Stopping",
    ("InProgress", "completed"): "Completed",
    ("InProgress", "failed"): "Failed",
    ("InProgress", "stopped"): "Stopped",
    ("InProgress", "exceeded"): "Stopped",
    ("Stopping", "completed"): "Completed",
    ("Stopping", "failed"): "Failed",
    ("Stopping", "stopped"): "Stopped",
    ("Stopping", "exceeded"): "Stopped",
}

_ACTIVE = ("Starting", "Downloading", "Training", "Uploading", "Stopping")

SECONDARY: dict[tuple[str, str], str] = {
    ("Starting", "Downloading"): "Downloading",
    ("Starting", "Training"): "Training",
    ("Downloading", "Training"): "Training",
    ("Training", "Uploading"): "Uploading",
    ("Stopping", "Uploading"): "Uploading",
    ("Starting", "stop"): "Stopping",
    ("Downloading", "stop"): "Stopping",
    ("Training", "stop"): "Stopping",
    ("Uploading", "stop"): "Stopping",
    **{(state, "completed"): "Completed" for state in _ACTIVE},
    **{(state, "failed"): "Failed" for state in _ACTIVE},
    **{(state, "stopped"): "Stopped" for state in _ACTIVE},
    **{(state, "exceeded"): "MaxRuntimeExceeded" for state in _ACTIVE},
}


class IllegalMoveError(Exception):
    """The table has no such move: whoever sent the event does not know the job's state."""


def next_status(status: str, event: str) -> str:
    """The status after an event.

    Raises:
        IllegalMoveError: the event cannot happen in this status.
    """
    return _next(STATUS, status, event)


def next_secondary(secondary: str, event: str) -> str:
    """A training job's SecondaryStatus after an event.

    Raises:
        IllegalMoveError: the event cannot happen in this status.
    """
    return _next(SECONDARY, secondary, event)


def end_event(outcome: Outcome) -> str:
    """The event that an outcome is."""
    if outcome.secondary == "MaxRuntimeExceeded":
        return "exceeded"
    return outcome.status.lower()


def _next(table: dict[tuple[str, str], str], state: str, event: str) -> str:
    try:
        return table[state, event]
    except KeyError:
        raise IllegalMoveError(f"{event!r} cannot happen to a job that is {state}") from None
