"""The composition root: builds store, runners, domain and edge. Nothing else constructs them."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from ropeway.sandbox.compose_endpoints import Serving, announce, serving_over
from ropeway.sandbox.compose_events import Eventing, advancer_over, events_over
from ropeway.sandbox.compose_monitoring import monitoring_over
from ropeway.sandbox.compose_statemachines import StateMachines, statemachines_over
from ropeway.sandbox.compose_topics import Notices, topics_over
from ropeway.sandbox.domain.endings import Endings
from ropeway.sandbox.domain.endpoints.deployments import World
from ropeway.sandbox.domain.function_events import FunctionEvents
from ropeway.sandbox.domain.identity.attached import Attached
from ropeway.sandbox.domain.jobs.ports import JobReports, JobRunner
from ropeway.sandbox.domain.jobs.service import Jobs
from ropeway.sandbox.domain.lineage.service import Lineage
from ropeway.sandbox.domain.lineage.tracking import Tracking
from ropeway.sandbox.domain.models.service import Models
from ropeway.sandbox.domain.objects.local import LocalObjects
from ropeway.sandbox.domain.objects.s3 import S3, Rows
from ropeway.sandbox.domain.pipelines.analysis import JobAnalyser
from ropeway.sandbox.domain.pipelines.board import Board
from ropeway.sandbox.domain.pipelines.callbacks import Callbacks
from ropeway.sandbox.domain.pipelines.contexts import Contexts
from ropeway.sandbox.domain.pipelines.engine import Engine
from ropeway.sandbox.domain.pipelines.executions import Executions
from ropeway.sandbox.domain.pipelines.faults import Faults
from ropeway.sandbox.domain.pipelines.service import Pipelines
from ropeway.sandbox.domain.pipelines.steps import STEP_TYPES
from ropeway.sandbox.domain.pipelines.steps.base import Services
from ropeway.sandbox.domain.pipelines.steps.endpoint import reporter as endpoint_reporter
from ropeway.sandbox.domain.pipelines.steps.tuning import reporter as tuning_reporter
from ropeway.sandbox.domain.records.service import Records
from ropeway.sandbox.domain.registry.service import Registry
from ropeway.sandbox.domain.registry.tokens import Tokens
from ropeway.sandbox.domain.schedules.clock import VirtualClock
from ropeway.sandbox.domain.seeds import Seeds
from ropeway.sandbox.domain.services import Domain
from ropeway.sandbox.domain.sessions import Sessions
from ropeway.sandbox.domain.tags.service import Tags
from ropeway.sandbox.domain.tuning.service import Tools, Tunings
from ropeway.sandbox.edge.admin import Admin
from ropeway.sandbox.edge.chain import Edge
from ropeway.sandbox.edge.codec.form import form_request
from ropeway.sandbox.edge.holds import LONGEST, Holds
from ropeway.sandbox.edge.moto import Moto
from ropeway.sandbox.operations.loading import load_all
from ropeway.sandbox.operations.wire import Request, Response
from ropeway.sandbox.runners.alarms import ThreadAlarms
from ropeway.sandbox.runners.background import Background
from ropeway.sandbox.runners.functions import ProcessFunctions
from ropeway.sandbox.runners.jobs import ProcessJobRunner, RunnerParts
from ropeway.sandbox.runners.lambda_pool import Workplace
from ropeway.sandbox.runners.optimiser import BayesianOptimiser
from ropeway.sandbox.runners.process import ProcessHost
from ropeway.sandbox.runners.runtimefile import RuntimeFile
from ropeway.sandbox.runners.tuning import LoggedMetrics, Watch
from ropeway.sandbox.store.blobs import FileBlobs
from ropeway.sandbox.store.callbacks import SqliteCallbacks
from ropeway.sandbox.store.code import FileCode
from ropeway.sandbox.store.db import Database
from ropeway.sandbox.store.executions import SqliteExecutions
from ropeway.sandbox.store.faults import SqliteFaults
from ropeway.sandbox.store.function_events import SqliteFunctionEvents
from ropeway.sandbox.store.jobs import SqliteJobs
from ropeway.sandbox.store.journal import SqliteJournal
from ropeway.sandbox.store.lineage import SqliteLineage, SqliteTrials
from ropeway.sandbox.store.models import SqliteModels
from ropeway.sandbox.store.objects import SqliteBuckets, SqliteVersions
from ropeway.sandbox.store.pipelines import SqlitePipelines
from ropeway.sandbox.store.records import SqliteRecords
from ropeway.sandbox.store.registry import SqliteGroups, SqlitePackages, SqliteTokens
from ropeway.sandbox.store.schedules import SqliteOffset
from ropeway.sandbox.store.sessions import SqliteSessions
from ropeway.sandbox.store.tags import SqliteTags
from ropeway.sandbox.store.tuning import SqliteTunings
from ropeway.sandbox.store.uploads import SqliteUploads
from ropeway.values.clock import Clock, SystemClock
from ropeway.values.ids import Ids, RandomIds

__all__ = ["Sandbox", "build"]

_EVENTS = 16  # functions that run at once for events
_CALLS = 16  # Lambda steps that wait for their functions at once


@dataclass(frozen=True)
class Sandbox:
    """A sandbox that is put together and not yet listening.

    Attributes:
        resume: brings back what is not needed before the first request; for a thread beside the server.
    """

    edge: Edge
    resume: Callable[[], None]
    close: Callable[[], None]


def build(
    state: Path,
    *,
    endpoint: str,
    status: Callable[[], Mapping[str, Any]],
    shutdown: Callable[[], None],
    clock: Clock | None = None,
    ids: Ids | None = None,
    hold: float = LONGEST,
) -> Sandbox:
    """Put a sandbox together over a state folder.

    Args:
        state: the folder that everything durable lives in; made when missing.
        endpoint: the address that the server will listen on.
        status: what the health page tells.
        shutdown: what the shutdown page does.
        clock: the time; the machine's by default.
        ids: names; random by default.
        hold: for how many seconds a describe may be held at most; 0 for not at all.
    """
    load_all()
    ground = _ground_of(state, endpoint, clock or SystemClock(), ids or RandomIds())
    database, moto = ground.database, ground.moto
    world_of = (ground.clock, ground.ids, ground.alarms)
    eventing = events_over(database, world_of, ground.tags)
    notices = topics_over((state, endpoint), database, world_of, ground.tags, eventing.calls)
    s3 = _s3_over(ground)
    registry = _registry_over(ground)
    models = Models(SqliteModels(database), database, ground.clock, ground.tags, registry)
    processes = ProcessHost(state)
    parts = _parts_over(ground, processes, s3.local)
    jobs = _jobs_over(ground, parts, models)
    world = World(ground.clock, ground.ids, ground.alarms, moto)
    serving = serving_over(parts, database, world, ground.tags, models)
    watch = Watch()
    tunings = _tunings_over(ground, jobs, watch)
    code = FileCode(state.resolve() / "code")
    workplace = Workplace(state.resolve() / "functions", endpoint)
    functions = ProcessFunctions(moto, code, ground.sessions, ground.machine, ground.ids, workplace)
    invocations = Background(_EVENTS, "lambda-event")
    function_events = _function_events_over(ground, functions, eventing, invocations)
    background = ThreadPoolExecutor(_CALLS, thread_name_prefix="call")
    services = Services(
        jobs,
        models,
        registry,
        functions,
        form_request,
        background,
        _callbacks_over(ground),
        s3.local,
        tunings,
        _lineage_over(ground, jobs, registry),
        JobAnalyser(jobs, s3.local),
        serving.endpoints,
    )
    running = _pipelines_over(ground, s3.local, services)
    _tell_events(eventing, services, running)
    s3.objects.watch((eventing.events.objects.created, eventing.events.objects.deleted))
    endings = _endings_of(jobs, tunings, running.engine)
    edges: list[Edge] = []  # the edge answers the calls of state machines' tasks, which are made before it
    states = _states_over(ground, endings, lambda request: edges[0].handle(request))
    domain = _domain_of(
        ground, s3, services, running, code, serving, states, eventing, function_events, notices
    )
    serving.endpoints.changes.listen(lambda endpoint: endings.tell(endpoint.arn))
    announce(serving, eventing.watch)
    holds = Holds(endings, ground.clock, longest=hold)
    advancer = advancer_over(eventing, ground.clock, ground.alarms, database, {})
    admin = Admin(status, shutdown, running.faults, advancer, notices.pages)
    edge = Edge(domain, moto, ground.ids, admin, endpoint, Seeds(moto), holds)
    edges.append(edge)
    eventing.calls.bind(edge.handle)
    running.engine.recover()
    jobs.recover()  # once everybody who listens to jobs is in place
    domain.monitoring.recover()
    tunings.recover()
    serving.endpoints.recover()
    states.engine.record(eventing.watch.machine_changed)
    states.engine.recover()
    function_events.recover()
    notices.deliverer.recover()
    watch.start(tunings.look)
    eventing.couriers.start()
    eventing.firing.tick()
    parts_that_run = (
        notices.senders,
        function_events,
        invocations,
        states.tasks,
        functions,
        watch,
        serving.endpoints,
        jobs,
        processes,
    )
    runs = (advancer, eventing.couriers, ground.alarms, *parts_that_run)
    return Sandbox(
        edge=edge, resume=moto.resume, close=_closing(background, (*runs, moto, ground.past, database))
    )


def _domain_of(
    ground: _Ground,
    s3: S3,
    services: Services,
    running: _Running,
    code: FileCode,
    serving: Serving,
    states: StateMachines,
    eventing: Eventing,
    function_events: FunctionEvents,
    notices: Notices,
) -> Domain:
    records = SqliteRecords(ground.database)
    return Domain(
        endpoints=serving.endpoints,
        invocations=serving.invocations,
        objects=s3,
        pipelines=running.pipelines,
        executions=running.executions,
        callbacks=services.callbacks,
        events=eventing.events,
        schedules=eventing.schedules,
        sessions=ground.sessions,
        jobs=services.jobs,
        tunings=services.tunings,
        models=services.models,
        registry=services.registry,
        tags=ground.tags,
        functions=services.functions,
        function_events=function_events,
        topics=notices.topics,
        subscriptions=notices.subscriptions,
        publisher=notices.publisher,
        code=code,
        attached=Attached(ground.moto),
        lineage=services.lineage,
        peers=ground.moto,
        machines=states.machines,
        aliases=states.aliases,
        machine_executions=states.executions,
        activities=states.activities,
        records=Records(records, ground.database, ground.clock, ground.ids, ground.tags),
        monitoring=monitoring_over(
            ground.database,
            (ground.clock, ground.ids, ground.alarms),
            ground.tags,
            services.jobs,
            serving.endpoints,
        ),
    )


def _function_events_over(
    ground: _Ground, functions: ProcessFunctions, eventing: Eventing, background: Background
) -> FunctionEvents:
    world = (ground.database, ground.clock, ground.ids, ground.alarms)
    return FunctionEvents(SqliteFunctionEvents(ground.database), functions, eventing.calls, world, background)


def _tell_events(eventing: Eventing, services: Services, running: _Running) -> None:
    """Have EventBridge told of every change of status, in the transaction of the change."""
    told, tunings = eventing.watch, services.tunings
    services.jobs.changes.watch(told.job_changed)
    services.registry.listen(told.package_made)
    services.registry.watch(told.package_updated)
    tunings.changes.watch(lambda tuning: told.tuning_changed(tuning, tunings.views.describe))
    running.engine.board.watched.watch((told.execution_changed, told.step_changed))


@dataclass(frozen=True)
class _Ground:
    """What everything stands on."""

    state: Path
    endpoint: str
    database: Database
    past: Database
    moto: Moto
    machine: Clock
    clock: VirtualClock
    ids: Ids
    sessions: Sessions
    tags: Tags
    alarms: ThreadAlarms


def _ground_of(state: Path, endpoint: str, machine: Clock, ids: Ids) -> _Ground:
    database = Database(state / "state.sqlite")
    clock = VirtualClock(machine, SqliteOffset(database))
    past = Database(state / "journal.sqlite", schema="journal_migrations")
    moto = Moto(SqliteJournal(past))
    sessions = Sessions(SqliteSessions(database), machine, ids, moto)
    tags = Tags(SqliteTags(database), moto)
    alarms = ThreadAlarms(clock)
    return _Ground(state, endpoint, database, past, moto, machine, clock, ids, sessions, tags, alarms)


def _parts_over(ground: _Ground, processes: ProcessHost, objects: LocalObjects) -> RunnerParts:
    runtimes = RuntimeFile(ground.state.resolve().parent / "runtimes.toml")
    return RunnerParts(
        ground.state,
        ground.endpoint,
        objects,
        ground.moto,
        processes,
        runtimes,
        ground.sessions,
        ground.machine,
    )


def _jobs_over(ground: _Ground, parts: RunnerParts, models: Models) -> Jobs:
    store = SqliteJobs(ground.database)
    return Jobs(store, ground.database, ground.clock, ground.tags, models.containers, _runner_over(parts))


@dataclass(frozen=True)
class _Running:
    pipelines: Pipelines
    executions: Executions
    engine: Engine
    faults: Faults


def _pipelines_over(ground: _Ground, objects: LocalObjects, services: Services) -> _Running:
    database, clock, ids = ground.database, ground.clock, ground.ids
    stores = (SqlitePipelines(database), SqliteExecutions(database))
    contexts = Contexts(stores[1], objects, services, clock, ids, STEP_TYPES)
    board = Board(stores[1], database, clock)
    faults = Faults(SqliteFaults(database), database, (clock, ids))
    engine = Engine(board, (database, clock, ground.alarms), services, contexts, STEP_TYPES, faults)
    pipelines = Pipelines(stores, database, clock, ground.tags, objects, STEP_TYPES)
    parallelism = os.cpu_count() or 2
    executions = Executions(stores, database, pipelines, engine, (clock, ids), parallelism)
    services.callbacks.listen(engine.report)
    services.tunings.changes.listen(tuning_reporter(stores[1], engine.report))
    if services.endpoints is not None:
        services.endpoints.changes.listen(endpoint_reporter(stores[1], engine.report))
    return _Running(pipelines, executions, engine, faults)


def _callbacks_over(ground: _Ground) -> Callbacks:
    stores = (SqliteCallbacks(ground.database), SqliteExecutions(ground.database))
    return Callbacks(stores, ground.database, ground.moto, (ground.clock, ground.ids), ground.alarms)


def _tunings_over(ground: _Ground, jobs: Jobs, watch: Watch) -> Tunings:
    metrics = LoggedMetrics(ground.state)
    tools = Tools(ground.clock, ground.ids, BayesianOptimiser(), metrics, watch.wake)
    return Tunings(SqliteTunings(ground.database), ground.database, jobs, ground.tags, tools)


def _states_over(ground: _Ground, endings: Endings, handle: Callable[[Request], Response]) -> StateMachines:
    world = (ground.clock, ground.ids, ground.alarms)
    return statemachines_over(ground.database, world, (ground.sessions, ground.tags), endings, handle)


def _endings_of(jobs: Jobs, tunings: Tunings, engine: Engine) -> Endings:
    endings = Endings()
    jobs.changes.listen(lambda job: endings.tell(job.arn))
    tunings.changes.listen(lambda tuning: endings.tell(tuning.arn))
    engine.listen(lambda execution: endings.tell(execution.arn))
    return endings


def _lineage_over(ground: _Ground, jobs: Jobs, registry: Registry) -> Lineage:
    stores = (SqliteLineage(ground.database), SqliteTrials(ground.database))
    executions = SqliteExecutions(ground.database)
    tracking = Tracking(stores, executions, ground.database, ground.clock)
    jobs.changes.record(tracking.job_ended)
    registry.listen(tracking.package_made)
    return Lineage(stores, ground.database, ground.clock, ground.tags)


def _s3_over(ground: _Ground) -> S3:
    database = ground.database
    rows = Rows(SqliteBuckets(database), SqliteVersions(database), SqliteUploads(database))
    blobs = FileBlobs(ground.state / "objects", database)
    s3 = S3.over(rows, blobs, database, ground.clock, ground.ids)
    return replace(s3, clock=ground.machine)  # who presigns goes by the machine's time


def _registry_over(ground: _Ground) -> Registry:
    database = ground.database
    tokens = Tokens(SqliteTokens(database), database, ground.clock)
    stores = (SqliteGroups(database), SqlitePackages(database))
    return Registry(stores, database, ground.clock, ground.tags, tokens)


class _Closable(Protocol):
    def close(self) -> None: ...


def _closing(background: ThreadPoolExecutor, parts: Sequence[_Closable]) -> Callable[[], None]:
    def close() -> None:
        background.shutdown(wait=False, cancel_futures=True)
        for part in parts:
            part.close()

    return close


def _runner_over(parts: RunnerParts) -> Callable[[JobReports], JobRunner]:
    return lambda reports: ProcessJobRunner(parts, reports)
