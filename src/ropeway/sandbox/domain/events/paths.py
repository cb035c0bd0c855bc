"""JSON paths as EventBridge takes them: ``$.detail.bucket.name``, ``$.resources[0]``, ``$.detail['a b']``, ``[*]``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

__all__ = ["MISSING", "check", "look_up"]

MISSING: Any = object()
"""What a path finds where there is nothing."""

_PART = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]|\['([^']*)'\]|\[\"([^\"]*)\"\]|\[(\*)\]")


def check(path: str) -> bool:
    """Whether a text is a path."""
    return path.startswith("$") and _parts(path) is not None


def look_up(path: str, document: Any) -> Any:
    """What a path leads to, or ``MISSING``."""
    found = document
    for part in _parts(path) or ():
        if part == "*":
            if not isinstance(found, list):
                return MISSING
            continue
        if isinstance(part, int):
            if not isinstance(found, list) or part >= len(found):
                return MISSING
            found = found[part]
        elif isinstance(found, Mapping) and part in found:
            found = found[part]
        elif isinstance(found, list):
            found = [item[part] for item in found if isinstance(item, Mapping) and part in item]
        else:
            return MISSING
    return found


def _parts(path: str) -> list[str | int] | None:
    parts: list[str | int] = []
    position = 1
    while position < len(path):
        match = _PART.match(path, position)
        if match is None:
            return None
        name, index, quoted, double, star = match.groups()
        parts.append(int(index) if index is not None else name or quoted or double or star or "")
        position = match.end()
    return parts
