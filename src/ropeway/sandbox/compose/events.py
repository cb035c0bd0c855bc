"""The part of the composition root that builds EventBridge: buses, rules, deliveries."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ropeway.sandbox.domain.events.archives import Archives
from ropeway.sandbox.domain.events.buses import Buses
from ropeway.sandbox.domain.events.courier import Courier
from ropeway.sandbox.domain.events.destinations import Destinations
from ropeway.sandbox.domain.events.metrics import Metrics
from ropeway.sandbox.domain.events.objects import ObjectEvents
from ropeway.sandbox.domain.events.permissions import Permissions
from ropeway.sandbox.domain.events.relay import Relay
from ropeway.sandbox.domain.events.rules import Rules
from ropeway.sandbox.domain.events.service import Events
from ropeway.sandbox.domain.events.sink import EventSink
from ropeway.sandbox.domain.events.targets import Targets
from ropeway.sandbox.domain.events.watch import StatusEvents
from ropeway.sandbox.domain.pipelines.model import ACTIVE
from ropeway.sandbox.domain.ports import Alarms
from ropeway.sandbox.domain.schedules.clock import VirtualClock
from ropeway.sandbox.domain.schedules.firing import Firing
from ropeway.sandbox.domain.schedules.service import Schedules
from ropeway.sandbox.domain.statemachines.model import Frame
from ropeway.sandbox.domain.tags.service import Tags
from ropeway.sandbox.edge.inner import InnerCalls
from ropeway.sandbox.edge.memory import Memory
from ropeway.sandbox.runners.advancing import Advancer, Parts
from ropeway.sandbox.runners.alarms import ThreadAlarms
from ropeway.sandbox.runners.couriers import Couriers
from ropeway.sandbox.runners.requests import OUTGOING, OutgoingHttp
from ropeway.sandbox.store.archives import SqliteArchives
from ropeway.sandbox.store.db import Database
from ropeway.sandbox.store.events import SqliteBuses, SqliteDeliveries, SqliteRules
from ropeway.sandbox.store.executions import SqliteExecutions
from ropeway.sandbox.store.function_events import SqliteFunctionEvents
from ropeway.sandbox.store.jobs import SqliteJobs
from ropeway.sandbox.store.machine_executions import SqliteMachineExecutions
from ropeway.sandbox.store.objects import SqliteBuckets
from ropeway.sandbox.store.records import SqliteRecords
from ropeway.sandbox.store.schedules import SqliteScheduleGroups, SqliteSchedules, SqliteTimers
from ropeway.sandbox.store.topics import SqliteTopicDeliveries
from ropeway.sandbox.store.tuning import SqliteTunings
from ropeway.values.clock import Clock, SystemClock
from ropeway.values.ids import Ids

__all__ = ["Eventing", "advancer_over", "events_over"]

Busy = Callable[[], bool]


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


def events_over(database: Database, world: tuple[Clock, Ids, Alarms], tags: Tags, memory: Memory) -> Eventing:
    """Build EventBridge over a database."""
    clock, ids, alarms = world
    stores = (SqliteBuses(database), SqliteRules(database), SqliteDeliveries(database))
    calls = InnerCalls(memory)
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
    hosts = [host.strip() for host in os.environ.get(OUTGOING, "").split(",") if host.strip()]
    destinations = Destinations(SqliteRecords(database).get, OutgoingHttp(hosts), clock)
    targets = Targets(calls, permissions, SystemClock(), destinations)
    courier = Courier(stores[2], database, (targets, relay), clock, Metrics(calls).count)
    couriers = Couriers(stores[2], courier.deliver_together, clock, alarms)
    sink.listen(couriers.wake)
    objects = ObjectEvents(SqliteBuckets(database), sink, (clock, ids))
    archives = Archives(SqliteArchives(database), database, clock, (buses, sink))
    sink.keep(archives)
    events = Events(buses, rules, sink, targets, objects, archives)
    return Eventing(events, schedules, firing, StatusEvents(sink, tags), couriers, calls)


def advancer_over(
    eventing: Eventing,
    clock: VirtualClock,
    alarms: ThreadAlarms,
    database: Database,
    more: Mapping[str, Busy],
) -> Advancer:
    """What moves the clock.

    Args:
        eventing: what fires and delivers.
        clock: the clock.
        alarms: what rings by it.
        database: jobs and executions are asked of it whether any runs.
        more: what else may run, by name.
    """
    jobs, executions, tunings = SqliteJobs(database), SqliteExecutions(database), SqliteTunings(database)
    waiting, machines = SqliteFunctionEvents(database), SqliteMachineExecutions(database)
    messages = SqliteTopicDeliveries(database)
    busy: dict[str, Busy] = {
        "jobs": lambda: bool(jobs.unfinished()),
        "tuning jobs": lambda: bool(tunings.unfinished()),
        "pipeline executions": lambda: any(_moves(executions, each.arn) for each in executions.unfinished()),
        "functions": lambda: any(event.due <= clock.now() for event in waiting.all()),
        "messages of topics": lambda: any(message.due <= clock.now() for message in messages.all()),
        "state machines": lambda: any(
            _calls(frame) for arn in machines.unfinished() for frame in machines.frames(arn)
        ),
    }
    return Advancer(Parts(clock, eventing.firing, alarms, eventing.couriers, {**busy, **more}))


def _calls(frame: Frame) -> bool:
    """Whether a state machine goes on by itself: not while it waits for a moment, an answer, or what it started."""
    return frame.phase in {"ready", "again"} or (frame.phase == "task" and not frame.resource)


def _moves(executions: SqliteExecutions, arn: str) -> bool:
    """Whether an execution goes on by itself: not if it waits for an answer, or for its next try."""
    active = [run for run in executions.steps(arn).values() if run.status in ACTIVE and run.type != "ForEach"]
    return not active or any(run.due is None and run.type != "Callback" for run in active)
