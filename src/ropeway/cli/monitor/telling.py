"""A check in a terminal."""

from __future__ import annotations

from typing import Any

from ropeway.cli.output import table
from ropeway.drift.findings import ColumnResult, Result
from ropeway.usecases.monitor import Checked, shown

__all__ = ["as_data", "as_text", "named"]

_MARKS = {"error": "VIOLATION", "warning": "warning", "ok": "ok"}

_WIDE = 48


def named(column: str) -> str:
    """A column's name in a table: on one line, and no wider than leaves room for the rest."""
    told = "".join(letter if letter.isprintable() else "?" for letter in column)
    return told if len(told) <= _WIDE else f"{told[: _WIDE - 1]}…"


def as_text(checked: Checked) -> str:
    """The columns in a table, then what was found."""
    result = checked.result
    rows = [
        [
            named(column.name),
            _MARKS[column.state],
            column.after.type if column.after else "-",
            f"{column.after.completeness:.1%}" if column.after else "-",
            column.method or "-",
            shown(column.distance),
            shown(column.threshold),
            shown(column.p),
        ]
        for column in result.columns
    ]
    titles = ["COLUMN", "STATE", "TYPE", "COMPLETE", "DISTANCE", "VALUE", "FROM", "P"]
    found = [
        f"{'violation' if each.severity == 'error' else each.severity}: {each.column}: {each.text}"
        for each in result.findings
    ]
    ends = [*found, f"{result.rows[1]} rows against {result.rows[0]}: {_verdict(result)}"]
    return "\n".join([table(titles, rows), "", *ends])


def as_data(checked: Checked) -> dict[str, Any]:
    """The same for programs."""
    result = checked.result
    return {
        "rows": {"baseline": result.rows[0], "data": result.rows[1]},
        "alpha": result.alpha,
        "correction": result.correction,
        "tests": result.tests,
        "violations": len(result.violations),
        "columns": [_column(column) for column in result.columns],
        "files": list(checked.files),
    }


def _column(column: ColumnResult) -> dict[str, Any]:
    distances = column.comparison.distances if column.comparison else {}
    return {
        "name": column.name,
        "state": column.state,
        "type": column.after.type if column.after else None,
        "completeness": column.after.completeness if column.after else None,
        "method": column.method,
        "distance": column.distance,
        "threshold": column.threshold,
        "p": column.p,
        "distances": {name: {"value": each.value, "p": each.p} for name, each in distances.items()},
        "findings": [
            {"check": each.check, "type": each.type, "severity": each.severity, "text": each.text}
            for each in column.findings
        ],
    }


def _verdict(result: Result) -> str:
    errors = len(result.violations)
    warnings = len(result.findings) - errors
    words = f"{errors} violation{'' if errors == 1 else 's'}" if errors else "no violations"
    return f"{words}, {warnings} warning{'' if warnings == 1 else 's'}" if warnings else words
