"""The clock, as its commands tell it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

import click

__all__ = ["Duration", "shown"]

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_FORM = re.compile(r"(?:\d+[smhdw])+")
_PART = re.compile(r"(\d+)([smhdw])")


class Duration(click.ParamType):  # type: ignore[type-arg, unused-ignore]
    """A time such as ``1d``, ``90m`` or ``1d12h``, as seconds."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Its seconds."""
        if isinstance(value, float):
            return value
        if not _FORM.fullmatch(str(value)):
            self.fail(f"{value!r} is no duration; write 1d, 12h, 90m or 1d12h", param, ctx)
        return float(sum(int(count) * _UNITS[unit] for count, unit in _PART.findall(str(value))))


def shown(document: Mapping[str, Any]) -> str:
    """The clock in a line or more."""
    lines = [f"{_text(document['now'])}, {_ahead(document.get('ahead'))}"]
    if document.get("next") is not None:
        lines.append(f"next due: {_text(document['next'])}")
    return "\n".join(lines)


def _text(epoch: float) -> str:
    return datetime.fromtimestamp(epoch, tz=timezone.utc).strftime("%Y-%m-%d %H:%M:%S UTC")


def _ahead(seconds: float | None) -> str:
    if not seconds:
        return "the machine's time"
    return f"{timedelta(seconds=round(seconds))} ahead of the machine's"
