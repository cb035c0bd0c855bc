"""Real drift, told from noise.

A plan knows which objects were read otherwise than the state has them, and which it would change. Drift is what is in
both: somebody changed or deleted it, and an apply would bring it back. What is only in the first is noise, such as a
bucket's attribute that a resource of its own filled in after it, or nothing that was read as an empty map; what is only
in the second is a change of the configuration that waits to be applied.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ropeway.infra.stream import Change

__all__ = ["drifted"]

_IDLE = (["no-op"], ["read"])


def drifted(document: Mapping[str, Any]) -> list[Change]:
    """What somebody changed or deleted; ``reason`` names the attributes.

    Args:
        document: a plan, as ``terraform show -json`` gives it.
    """
    planned = {
        each["address"]: each["change"]
        for each in document.get("resource_changes", ())
        if each["change"]["actions"] not in _IDLE
    }
    found = []
    for each in document.get("resource_drift", ()):
        address, change = each["address"], each["change"]
        if address not in planned:
            continue
        if change["actions"] == ["delete"]:
            found.append(Change(address, "delete", each["type"]))
            continue
        names = _differing(change) & _differing(planned[address])
        if names:
            found.append(Change(address, "update", each["type"], ", ".join(sorted(names))))
    return found


def _differing(change: Mapping[str, Any]) -> set[str]:
    """The attributes by which before and after differ."""
    before, after = change.get("before") or {}, change.get("after") or {}
    return {name for name in {*before, *after} if _bare(before.get(name)) != _bare(after.get(name))}


def _bare(value: Any) -> Any:
    """A value without what says nothing."""
    if isinstance(value, dict):
        kept = {name: bare for name, item in value.items() if (bare := _bare(item)) is not None}
        return kept or None
    if isinstance(value, list):
        return [_bare(item) for item in value] or None
    return value or None
