"""Fires what is due: in time order, each moment once, and sets what is due next in the same transaction.

A moment that passed while no server ran fires at the next start, with its scheduled time; if several of one schedule
passed, the first of them does, once, and the schedule goes on from now.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

from ropeway.sandbox.domain.errors import Invalid
from ropeway.sandbox.domain.events.model import Delivery, Fact, Rule, envelope, timestamp
from ropeway.sandbox.domain.events.ports import Commits, RuleStore
from ropeway.sandbox.domain.events.sink import EventSink
from ropeway.sandbox.domain.ports import Alarms, Transactions
from ropeway.sandbox.domain.schedules.expressions import ExpressionError, parse
from ropeway.sandbox.domain.schedules.model import SCHEDULER, Planned, Timer
from ropeway.sandbox.domain.schedules.ports import ScheduleStore, TimerStore
from ropeway.values.clock import Clock
from ropeway.values.ids import Ids

__all__ = ["Firing"]


class Firing:
    """Looks after timers.

    Args:
        stores: timers, rules, schedules.
        world: transactions, and who tells of commits (one database).
        sources: the time, ids, what rings.
        sink: where events go in.

    Attributes:
        fired: how often something fired since the server started.
    """

    def __init__(
        self,
        stores: tuple[TimerStore, RuleStore, ScheduleStore],
        world: tuple[Transactions, Commits],
        sources: tuple[Clock, Ids, Alarms],
        sink: EventSink,
    ) -> None:
        self._timers, self._rules, self._schedules = stores
        self._transactions, self._commits = world
        self._clock, self._ids, self._alarms = sources
        self._sink = sink
        self._lock = threading.Lock()
        self._armed: float | None = None
        self.fired = 0

    def rule_changed(self, arn: str, rule: Rule | None) -> None:
        """A rule was written or deleted, in the caller's transaction.

        Raises:
            Invalid: its schedule is none.
        """
        timer = self._of_rule(rule, self._clock.now()) if rule is not None else None
        self._set(arn, timer)

    def schedule_changed(self, arn: str, planned: Planned | None) -> None:
        """A schedule was written or deleted, in the caller's transaction."""
        after = self._clock.now()
        if planned is not None and planned.anchor >= planned.modified:  # new, so that a rate begins at once
            after = planned.anchor - 0.001
        self._set(arn, planned.timer(after) if planned is not None and planned.enabled else None)

    def rebuild(self) -> None:
        """Set every schedule's timer anew from now: the clock went back."""
        now = self._clock.now()
        with self._transactions.transaction():
            for timer in self._timers.all():
                rule, planned = self._rules.get(timer.arn), self._schedules.get(timer.arn)
                if rule is not None:
                    self._replace(rule.arn, self._of_rule(rule, now))
                elif planned is not None:
                    self._replace(planned.arn, planned.timer(now))
        self.tick()

    def tick(self) -> None:
        """Fire what is due now."""
        with self._lock:
            self._armed = None
            while (timer := self._timers.first()) is not None and timer.due <= self._clock.now():
                self._fire(timer)
                self.fired += 1
        self._arm()

    def _fire(self, timer: Timer) -> None:
        with self._transactions.transaction():
            rule, planned = self._rules.get(timer.arn), self._schedules.get(timer.arn)
            if rule is not None and rule.state != "DISABLED":
                self._sink.fire(rule, timer.scheduled)
                self._replace(timer.arn, self._next(timer, lambda after: self._of_rule(rule, after)))
            elif planned is not None and planned.enabled:
                self._sink.queue(self._delivery(planned, timer))
                following = self._next(timer, planned.timer)
                self._replace(timer.arn, following)
                if following is None and planned.document.get("ActionAfterCompletion") == "DELETE":
                    self._schedules.delete(planned.arn)
            else:
                self._timers.drop(timer.arn)

    def _next(self, timer: Timer, after: Callable[[float], Timer | None]) -> Timer | None:
        following = after(timer.scheduled)
        now = self._clock.now()
        return after(now) if following is not None and following.due <= now else following

    def _delivery(self, planned: Planned, timer: Timer) -> Delivery:
        now = self._clock.now()
        target = planned.document["Target"]
        execution = self._ids.uuid()
        place = (planned.account, planned.region)
        fact = Fact(*place, "aws.scheduler", "Scheduled Event", [planned.arn], {}, timer.scheduled)
        event: dict[str, Any] = {**envelope(fact, execution, now), "detail": "{}"}
        text = _filled(target["Input"], planned.arn, timer, execution) if "Input" in target else None
        bus = target.get("EventBridgeParameters")
        if bus is not None:
            fact = Fact(
                *place, bus["Source"], bus["DetailType"], [planned.arn], _detail(text), timer.scheduled
            )
            event = envelope(fact, execution, now)
        return Delivery(
            id=execution,
            source=planned.arn,
            principal=SCHEDULER,
            account=planned.account,
            region=planned.region,
            target=target,
            payload=text if text is not None else json.dumps(event, separators=(",", ":")),
            event=event,
            created=now,
            due=now,
        )

    def _of_rule(self, rule: Rule, after: float) -> Timer | None:
        if not rule.schedule:
            return None
        try:
            schedule = parse(rule.schedule)
        except ExpressionError as error:
            raise Invalid("Parameter ScheduleExpression is not valid.") from error
        if rule.state == "DISABLED":
            return None
        scheduled = schedule.next(max(after, rule.created), rule.created)
        return None if scheduled is None else Timer(rule.arn, scheduled, scheduled)

    def _set(self, arn: str, timer: Timer | None) -> None:
        with self._transactions.transaction():
            self._replace(arn, timer)
            self._commits.after_commit(self._arm)

    def _replace(self, arn: str, timer: Timer | None) -> None:
        if timer is None:
            self._timers.drop(arn)
        else:
            self._timers.put(timer)

    def _arm(self) -> None:
        """Have the next moment rung for."""
        first = self._timers.first()
        if first is not None and (self._armed is None or first.due < self._armed):
            self._armed = first.due
            self._alarms.at(first.due, self.tick)


def _filled(text: str, arn: str, timer: Timer, execution: str) -> str:
    """An Input with Scheduler's own variables."""
    known = {
        "schedule-arn": arn,
        "scheduled-time": timestamp(timer.scheduled),
        "execution-id": execution,
        "attempt-number": "1",
    }
    for name, value in known.items():
        text = text.replace(f"<aws.scheduler.{name}>", value)
    return text


def _detail(text: str | None) -> dict[str, Any]:
    try:
        found = json.loads(text or "{}")
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {"Input": text}
