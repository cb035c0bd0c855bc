"""What schedules need of the world: rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ropeway.sandbox.domain.schedules.model import Group, Planned, Timer

__all__ = ["GroupStore", "OffsetStore", "ScheduleStore", "TimerStore"]


class GroupStore(Protocol):
    """Keeps schedule groups; takes part in the caller's transaction."""

    def get(self, arn: str) -> Group | None:
        """A group, or None."""

    def put(self, group: Group) -> None:
        """Keep a group."""

    def delete(self, arn: str) -> None:
        """Forget a group."""

    def list(self, account: str, region: str) -> Sequence[Group]:
        """The groups of an account and region by name."""


class ScheduleStore(Protocol):
    """Keeps schedules; takes part in the caller's transaction."""

    def get(self, arn: str) -> Planned | None:
        """A schedule, or None."""

    def put(self, schedule: Planned) -> None:
        """Keep a schedule, new or changed."""

    def delete(self, arn: str) -> None:
        """Forget a schedule."""

    def list(self, account: str, region: str, group: str | None) -> Sequence[Planned]:
        """The schedules of a group, or of all groups, by group and name."""


class TimerStore(Protocol):
    """Keeps what is due; takes part in the caller's transaction."""

    def put(self, timer: Timer) -> None:
        """Set what is due next of a rule or schedule."""

    def drop(self, arn: str) -> None:
        """Nothing of it is due any more."""

    def all(self) -> Sequence[Timer]:
        """All of them, by due."""

    def first(self) -> Timer | None:
        """The earliest."""


class OffsetStore(Protocol):
    """Keeps how far the sandbox's clock is ahead of the machine's."""

    def load(self) -> float:
        """Seconds; 0 at first."""

    def save(self, seconds: float) -> None:
        """Keep another number of seconds."""
