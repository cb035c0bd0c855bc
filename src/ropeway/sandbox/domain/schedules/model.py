"""What schedules and their groups are, as they are kept."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ropeway.sandbox.domain.schedules.expressions import At, Rate, Schedule, parse, zone_of
from ropeway.values.arn import Arn

__all__ = ["SCHEDULER", "Group", "Planned", "Timer", "group_arn", "schedule_arn"]

SCHEDULER = "scheduler.amazonaws.com"
"""Who delivers what schedules send."""


@dataclass(frozen=True)
class Timer:
    """What is due next.

    Attributes:
        arn: of a rule or a schedule.
        scheduled: the moment that its expression names.
        due: when it fires: later than that within a flexible window.
    """

    arn: str
    scheduled: float
    due: float


@dataclass(frozen=True)
class Group:
    """A schedule group; every account and region has one called ``default``."""

    account: str
    region: str
    name: str
    created: float
    modified: float

    @property
    def arn(self) -> str:
        """The group's ARN."""
        return group_arn(self.account, self.region, self.name)


@dataclass(frozen=True)
class Planned:
    """A schedule of EventBridge Scheduler.

    Attributes:
        document: CreateSchedule's members, times as epoch seconds.
        created, modified: epoch seconds.
        anchor: what a rate counts from.
    """

    account: str
    region: str
    group: str
    name: str
    created: float
    modified: float
    anchor: float
    document: Mapping[str, Any] = field(default_factory=dict)
    token: str = ""

    @property
    def arn(self) -> str:
        """The schedule's ARN."""
        return schedule_arn(self.account, self.region, self.group, self.name)

    @property
    def enabled(self) -> bool:
        """It is to fire."""
        return bool(self.document.get("State", "ENABLED") == "ENABLED")

    @property
    def schedule(self) -> Schedule:
        """When it is due."""
        zone = zone_of(self.document.get("ScheduleExpressionTimezone", "UTC"))
        return parse(self.document["ScheduleExpression"], zone=zone, once=True)

    def timer(self, after: float) -> Timer | None:
        """What is due later than a moment, within start and end."""
        schedule = self.schedule
        start = self.document.get("StartDate")
        if start is not None and not isinstance(schedule, At):
            after = max(after, start - 0.001)
        if isinstance(schedule, Rate):
            after = max(after, self.anchor - 0.001)
        scheduled = schedule.next(after, self.anchor)
        end = self.document.get("EndDate")
        if scheduled is None or (end is not None and not isinstance(schedule, At) and scheduled > end):
            return None
        return Timer(self.arn, scheduled, scheduled + self._late(scheduled))

    def _late(self, scheduled: float) -> float:
        """How long after its moment it fires: the same share of the window for the same moment, always."""
        window = self.document.get("FlexibleTimeWindow", {})
        if window.get("Mode") != "FLEXIBLE":
            return 0.0
        digest = hashlib.sha256(f"{self.arn} {scheduled}".encode()).digest()
        minutes = int(window["MaximumWindowInMinutes"])
        return int.from_bytes(digest[:4], "big") / 2**32 * minutes * 60


def group_arn(account: str, region: str, name: str) -> str:
    """The ARN of a group."""
    return str(Arn("scheduler", region, account, f"schedule-group/{name}"))


def schedule_arn(account: str, region: str, group: str, name: str) -> str:
    """The ARN of a schedule."""
    return str(Arn("scheduler", region, account, f"schedule/{group}/{name}"))
