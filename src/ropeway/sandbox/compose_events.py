"""The part of the composition root that builds EventBridge: buses, rules, deliveries."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from ropeway.sandbox.domain.events.buses import Buses
from ropeway.sandbox.domain.events.courier import Courier
from ropeway.sandbox.domain.events.model import Delivery
from ropeway.sandbox.domain.events.permissions import Permissions
from ropeway.sandbox.domain.events.relay import Relay
from ropeway.sandbox.domain.events.rules import Rules
from ropeway.sandbox.domain.events.service import Events
from ropeway.sandbox.domain.events.sink import EventSink
from ropeway.sandbox.domain.events.targets import Targets
from ropeway.sandbox.domain.events.watch import StatusEvents
from ropeway.sandbox.domain.ports import Alarms
from ropeway.sandbox.domain.schedules.firing import Firing
from ropeway.sandbox.domain.schedules.service import Schedules
from ropeway.sandbox.domain.tags.service import Tags
from ropeway.sandbox.edge.inner import InnerCalls
from ropeway.sandbox.runners.couriers import Couriers
from ropeway.sandbox.store.db import Database
from ropeway.sandbox.store.events import SqliteBuses, SqliteDeliveries, SqliteRules
from ropeway.sandbox.store.schedules import SqliteScheduleGroups, SqliteSchedules, SqliteTimers
from ropeway.values.clock import Clock, SystemClock
from ropeway.values.ids import Ids

__all__ = ["Eventing", "events_over"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Eventing:
    """EventBridge, put together.

    Attributes:
        events: what operations reach.
        schedules: EventBridge Scheduler.
        firing: what fires schedules; to be ticked once the server is there.
        watch: what tells of changes of status.
        couriers: who delivers; to be started last and closed first.
        calls: the server's own API, to be bound to the edge.
    """

    events: Events
    schedules: Schedules
    firing: Firing
    watch: StatusEvents
    couriers: Couriers
    calls: InnerCalls


def events_over(database: Database, world: tuple[Clock, Ids, Alarms], tags: Tags) -> Eventing:
    """Build EventBridge over a database."""
    clock, ids, alarms = world
    stores = (SqliteBuses(database), SqliteRules(database), SqliteDeliveries(database))
    calls = InnerCalls()
    permissions = Permissions(calls)
    sink = EventSink(stores[1:], database, database, (clock, ids))
    buses = Buses(stores[:2], database, clock, tags)
    planned = SqliteSchedules(database)
    timers = (SqliteTimers(database), stores[1], planned)
    firing = Firing(timers, (database, database), (clock, ids, alarms), sink)
    rules = Rules(stores[1], database, clock, tags, (buses, sink, permissions), firing.rule_changed)
    groups = SqliteScheduleGroups(database)
    schedules = Schedules((groups, planned), database, clock, tags, (firing, permissions))
    relay = Relay(stores[0], sink, permissions)
    targets = Targets(calls, permissions, SystemClock())
    courier = Courier(stores[2], database, (targets, relay), clock, _log_report)
    couriers = Couriers(stores[2], courier.deliver, clock, alarms)
    sink.listen(couriers.wake)
    events = Events(buses, rules, sink)
    return Eventing(events, schedules, firing, StatusEvents(sink, tags), couriers, calls)


def _log_report(delivery: Delivery, metric: str) -> None:
    _log.info("%s: %s", delivery.source, metric)
