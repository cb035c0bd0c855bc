"""Real drift, told from noise: after a first apply Terraform reports that nothing became an empty map, and the like.

A resource counts when an attribute differs by more than absent, empty, false and zero differ among themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ropeway.infra.stream import Change

__all__ = ["drifted"]


def drifted(document: Mapping[str, Any]) -> list[Change]:
    """What differs from the state; ``reason`` names the attributes.

    Args:
        document: a refresh-only plan, as ``terraform show -json`` gives it.
    """
    found = []
    for each in document.get("resource_drift", ()):
        change = each["change"]
        if change["actions"] == ["delete"]:
            found.append(Change(each["address"], "delete", each["type"]))
            continue
        before, after = change.get("before") or {}, change.get("after") or {}
        names = [
            name for name in sorted({*before, *after}) if _bare(before.get(name)) != _bare(after.get(name))
        ]
        if names:
            found.append(Change(each["address"], "update", each["type"], ", ".join(names)))
    return found


def _bare(value: Any) -> Any:
    """A value without what says nothing."""
    if isinstance(value, dict):
        kept = {name: bare for name, item in value.items() if (bare := _bare(item)) is not None}
        return kept or None
    if isinstance(value, list):
        return [_bare(item) for item in value] or None
    return value or None
