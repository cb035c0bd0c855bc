"""Lines for CloudWatch Logs, as those who have some reach them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

__all__ = ["LogPlace", "LogSink"]


@dataclass(frozen=True)
class LogPlace:
    """A stream of a log group.

    Attributes:
        makes_group: whether the group is made where it is missing, as for functions.
    """

    account: str
    region: str
    group: str
    stream: str
    makes_group: bool = True


class LogSink(Protocol):
    """Takes lines; they are written soon, in order."""

    def put(self, place: LogPlace, lines: Sequence[tuple[int, str]]) -> None:
        """Queue lines, each with its time in milliseconds."""
