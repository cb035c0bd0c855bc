"""JSON lines whose cells change their type, which pyarrow does not read: line by line, by the standard library.

Such cells are what a check is there to find, so they are no failure: a column of numbers and texts is read as texts.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from ropeway.drift.faults import DriftError

__all__ = ["alike", "members", "read_lines"]


def read_lines(content: bytes, where: str) -> dict[str, Any]:
    """The columns as pyarrow arrays; members of objects within are named ``outer.inner``.

    Raises:
        DriftError: a line is no JSON object.
    """
    import pyarrow as pa  # noqa: PLC0415

    cells: dict[str, list[Any]] = {}
    rows = 0
    for number, line in enumerate(content.splitlines(), 1):
        if not line.strip():
            continue
        for name, value in members(_object(line, f"{where}, line {number}"), ""):
            column = cells.setdefault(name, [])
            column += [None] * (rows - len(column))
            column.append(value)
        rows += 1
    for column in cells.values():
        column += [None] * (rows - len(column))
    return {name: pa.array(alike(column)) for name, column in cells.items()}


def _object(line: bytes, where: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError as error:
        raise DriftError(f"{where}: JSON parse error: {error}") from error
    if not isinstance(found, dict):
        raise DriftError(f"{where}: this is no JSON object", hint="JSON lines have one object in each line")
    return found


def members(found: dict[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    """The members of an object and of those within."""
    for name, value in found.items():
        if isinstance(value, dict):
            yield from members(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value


def alike(column: list[Any]) -> list[Any]:
    """A column of numbers where all are numbers, else of texts."""
    present = [value for value in column if value is not None]
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in present):
        return (
            [value if value is None else float(value) for value in column]
            if any(isinstance(value, float) or abs(value) >= 1 << 63 for value in present)
            else column
        )
    return [value if value is None else _text(value) for value in column]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
