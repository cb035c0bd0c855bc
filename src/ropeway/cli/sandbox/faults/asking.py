"""The sandbox's page of faults, asked over HTTP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ropeway.cli.app import App
from ropeway.cli.output import table
from ropeway.cli.sandbox import asking

__all__ = ["ask", "listed"]


def ask(app: App, method: str, document: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What the page answers; the errors are those of ``cli.sandbox.asking``."""
    return asking.ask(app, "faults", method, document)


def listed(faults: Sequence[Mapping[str, Any]]) -> str:
    """Faults as a table."""
    rows = [
        [
            each["kind"],
            str(each["left"]),
            *(each[name] or "any" for name in ("pipeline", "step", "type")),
        ]
        for each in faults
    ]
    return table(["kind", "left", "pipeline", "step", "type"], rows) if rows else "no faults are on order"
