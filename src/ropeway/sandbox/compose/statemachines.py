"""Puts state machines together: their stores, their engine, and the calls that their tasks make."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ropeway.sandbox.domain.endings import Endings
from ropeway.sandbox.domain.ports import Alarms, ObjectStore, Peers
from ropeway.sandbox.domain.sessions import Sessions
from ropeway.sandbox.domain.statemachines.activities import Activities
from ropeway.sandbox.domain.statemachines.aliases import Aliases
from ropeway.sandbox.domain.statemachines.engine import Engine
from ropeway.sandbox.domain.statemachines.executions import MachineExecutions
from ropeway.sandbox.domain.statemachines.logs import ExecutionLogs
from ropeway.sandbox.domain.statemachines.mapruns import MapRuns
from ropeway.sandbox.domain.statemachines.service import Machines
from ropeway.sandbox.domain.tags.service import Tags
from ropeway.sandbox.edge.outgoing import Inward
from ropeway.sandbox.edge.statecalls import StateCalls
from ropeway.sandbox.operations.wire import Request, Response
from ropeway.sandbox.runners.background import Background
from ropeway.sandbox.runners.logqueue import LogQueue
from ropeway.sandbox.runners.statetasks import StateTasks
from ropeway.sandbox.store.db import Database
from ropeway.sandbox.store.machine_executions import SqliteMachineExecutions
from ropeway.sandbox.store.map_runs import SqliteMapRuns
from ropeway.sandbox.store.statemachines import SqliteActivities, SqliteMachines
from ropeway.values.clock import Clock
from ropeway.values.ids import Ids

__all__ = ["StateMachines", "statemachines_over"]

_MAPS = 8  # Map Runs that are looked after at once


@dataclass(frozen=True)
class StateMachines:
    """What there is for state machines."""

    machines: Machines
    aliases: Aliases
    executions: MachineExecutions
    activities: Activities
    engine: Engine
    tasks: StateTasks
    maps: MapRuns
    mapping: Background
    logs: LogQueue


def statemachines_over(
    database: Database,
    world: tuple[Clock, Ids, Alarms],
    credentials: tuple[Sessions, Tags],
    endings: Endings,
    outside: tuple[Callable[[Request], Response], ObjectStore],
    logging: tuple[Peers, Clock],
) -> StateMachines:
    """State machines over a database.

    ``endings`` tells what tasks wait for, ``outside`` has who answers their calls, and S3; ``logging`` has CloudWatch
    Logs and its time.
    """
    handle, objects = outside
    clock, ids, alarms = world
    sessions, tags = credentials
    stores = (SqliteMachines(database), SqliteMachineExecutions(database))
    tasks = StateTasks(StateCalls(Inward(handle, sessions)))
    engine = Engine(stores[1], tasks, (database, clock, ids, alarms))
    engine.changes.listen(lambda execution: endings.tell(execution.arn))
    mapping = Background(_MAPS, "map")
    maps = MapRuns((SqliteMapRuns(database), stores[1]), engine, objects, (clock, ids), mapping)
    engine.map_with(maps)
    engine.changes.listen(maps.ended)
    peers, machine = logging
    logs = LogQueue(peers, "execution-logs")
    engine.read(ExecutionLogs(stores[0].get, logs, machine).tell)
    endings.listen(tasks.ended)
    machines = Machines(stores, database, (clock, ids), tags)
    executions = MachineExecutions(stores[1], machines, engine, endings, (database, clock, ids))
    activities = Activities(SqliteActivities(database), engine, database)
    aliases = Aliases(machines, stores[0], database)
    return StateMachines(machines, aliases, executions, activities, engine, tasks, maps, mapping, logs)
