"""JSON lines whose cells change their type, which pyarrow does not read: line by line, by the standard library.

Such cells are what a check is there to find, so they are no failure: a column of numbers and texts is read as texts.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ropeway.drift.faults import DriftError

__all__ = ["alike", "members", "read_lines"]

_HINT = "JSON lines have one object in each line"


def read_lines(content: bytes, path: Path, first: int = 1) -> dict[str, Any]:
    """The columns as pyarrow arrays; members of objects within are named ``outer.inner``.

    Args:
        content: whole lines.
        path: of their file.
        first: the number of the first line.

    Raises:
        DriftError: a line is no JSON object.
    """
    cells: dict[str, list[Any]] = {}
    rows = 0
    for number, line in enumerate(content.split(b"\n"), first):
        if not line.strip():
            continue
        for name, value in members(_object(line, f"{path}, line {number}"), ""):
            column = cells.setdefault(name, [])
            column += [None] * (rows - len(column))
            column.append(value)
        rows += 1
    for column in cells.values():
        column += [None] * (rows - len(column))
    return {name: _array(alike(column)) for name, column in cells.items()}


def _array(column: list[Any]) -> Any:
    import pyarrow as pa  # noqa: PLC0415

    try:
        return pa.array(column)
    except UnicodeEncodeError:  # half of a character that needs two
        texts = [value if value is None else value.encode("utf-8", "replace").decode() for value in column]
        return pa.array(texts)


def _object(line: bytes, where: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError as error:
        raise DriftError(f"{where}: JSON parse error: {error}", hint=_HINT) from error
    if not isinstance(found, dict):
        raise DriftError(f"{where}: this is no JSON object", hint=_HINT)
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
