"""The life of an endpoint, as a table of (status, event) → status. Anything not in it is refused.

Callers ``update`` and ``delete``; the runner reports ``ready``, ``failed`` and ``gone``. An update that fails leaves
what served before in service: ``UpdateRollbackFailed`` cannot happen here, as the old processes never went.
"""

from __future__ import annotations

__all__ = ["STATUS", "IllegalMoveError", "next_status"]

STATUS: dict[tuple[str, str], str] = {
    ("Creating", "ready"): "InService",
    ("Creating", "failed"): "Failed",
    ("InService", "update"): "Updating",
    ("Updating", "ready"): "InService",
    ("Updating", "failed"): "InService",
    ("InService", "delete"): "Deleting",
    ("Failed", "delete"): "Deleting",
    ("Deleting", "gone"): "Gone",
}


class IllegalMoveError(Exception):
    """The table has no such move: whoever sent the event does not know the endpoint's status."""


def next_status(status: str, event: str) -> str:
    """The status after an event; ``Gone`` is no status, but the end.

    Raises:
        IllegalMoveError: the event cannot happen in this status.
    """
    try:
        return STATUS[status, event]
    except KeyError:
        raise IllegalMoveError(f"{event!r} cannot happen to an endpoint that is {status}") from None
