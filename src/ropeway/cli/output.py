"""Where everything that a person or a program reads is written: data to stdout, the rest to stderr.

With ``--output json`` a command's data is one JSON document (or one per line where it streams); progress and
errors stay plain lines on stderr.
"""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timezone
from typing import Any

import click

__all__ = ["Output", "moment", "plain", "table"]


class Output:
    """The two streams.

    Attributes:
        form: ``text`` or ``json``.
    """

    def __init__(self, form: str = "text") -> None:
        self.form = form

    @property
    def json(self) -> bool:
        """Whether data goes out as JSON."""
        return self.form == "json"

    def data(self, value: Any, text: str | Callable[[], str] | None = None) -> None:
        """A command's result: ``value`` as JSON, or ``text`` (by default, ``value`` as it is)."""
        if self.json:
            click.echo(json.dumps(plain(value), indent=2))
        elif text is None:
            click.echo(str(value))
        else:
            click.echo(text if isinstance(text, str) else text())

    def line(self, value: Any, text: str) -> None:
        """One piece of a result that streams."""
        click.echo(json.dumps(plain(value)) if self.json else text)

    def progress(self, line: str) -> None:
        """Tell what is going on."""
        click.echo(line, err=True)

    def error(self, message: str, hint: str | None = None) -> None:
        """Tell what went wrong, and what to do about it."""
        click.echo(f"error: {message}", err=True)
        if hint:
            click.echo(f"hint: {hint}", err=True)

    @property
    def live(self) -> bool:
        """Whether progress may redraw itself: stderr is a terminal."""
        return sys.stderr.isatty()


def plain(value: Any) -> Any:
    """A result as JSON-compatible data."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, datetime):
        return value.isoformat()
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return str(value)


def table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Columns under titles, as wide as they need to be."""
    lines = [list(titles), *(list(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(titles))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def moment(at: datetime | None) -> str:
    """A time in UTC, to the second; a dash for none."""
    return at.astimezone(timezone.utc).strftime("%Y-%m-%d %H:%M:%SZ") if at else "-"
