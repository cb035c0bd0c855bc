"""The composition root: builds store, runners, domain and edge. Nothing else constructs them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ropeway.sandbox.compose.endpoints import Serving, announce, serving_over
from ropeway.sandbox.compose.events import Eventing, advancer_over, events_over
from ropeway.sandbox.compose.ground import Ground, closing, ground_of
from ropeway.sandbox.compose.monitoring import monitoring_over
from ropeway.sandbox.compose.pipelines import (
    Running,
    callbacks_over,
    endings_of,
    lineage_over,
    pipelines_over,
    tell_events,
)
from ropeway.sandbox.compose.statemachines import StateMachines, statemachines_over
from ropeway.sandbox.compose.topics import Notices, topics_over
from ropeway.sandbox.domain.endings import Endings
from ropeway.sandbox.domain.endpoints.deployments import World
from ropeway.sandbox.domain.function_events import FunctionEvents
from ropeway.sandbox.domain.identity.attached import Attached
from ropeway.sandbox.domain.jobs.ports import JobReports, JobRunner
from ropeway.sandbox.domain.jobs.service import Jobs
from ropeway.sandbox.domain.keys.service import Keys
from ropeway.sandbox.domain.models.service import Models
from ropeway.sandbox.domain.objects.local import LocalObjects
from ropeway.sandbox.domain.objects.s3 import S3, Rows
from ropeway.sandbox.domain.pipelines.analysis import JobAnalyser
from ropeway.sandbox.domain.pipelines.steps.base import Services
from ropeway.sandbox.domain.records.service import Records
from ropeway.sandbox.domain.registry.service import Registry
from ropeway.sandbox.domain.registry.tokens import Tokens
from ropeway.sandbox.domain.seeds import Seeds
from ropeway.sandbox.domain.services import Domain
from ropeway.sandbox.domain.tuning.service import Tools, Tunings
from ropeway.sandbox.edge.admin import Admin
from ropeway.sandbox.edge.chain import Edge
from ropeway.sandbox.edge.codec.form import form_request
from ropeway.sandbox.edge.holds import LONGEST, Holds
from ropeway.sandbox.operations.loading import load_all
from ropeway.sandbox.operations.wire import Request, Response
from ropeway.sandbox.runners.background import Background
from ropeway.sandbox.runners.functions import ProcessFunctions
from ropeway.sandbox.runners.jobs import ProcessJobRunner, RunnerParts
from ropeway.sandbox.runners.lambda_pool import Workplace
from ropeway.sandbox.runners.optimiser import BayesianOptimiser
from ropeway.sandbox.runners.process import ProcessHost
from ropeway.sandbox.runners.runtimefile import RuntimeFile
from ropeway.sandbox.runners.tuning import LoggedMetrics, Watch
from ropeway.sandbox.store.blobs import FileBlobs
from ropeway.sandbox.store.code import FileCode
from ropeway.sandbox.store.function_events import SqliteFunctionEvents
from ropeway.sandbox.store.jobs import SqliteJobs
from ropeway.sandbox.store.models import SqliteModels
from ropeway.sandbox.store.objects import SqliteBuckets, SqliteVersions
from ropeway.sandbox.store.records import SqliteRecords
from ropeway.sandbox.store.registry import SqliteGroups, SqlitePackages, SqliteTokens
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
    ground = ground_of(state, endpoint, clock or SystemClock(), ids or RandomIds())
    made = _made_over(ground)
    eventing, running = made.eventing, made.running
    states = _states_over(ground, made.endings, (eventing.calls.handle, made.s3.local))
    states.engine.changes.watch(eventing.watch.machine_changed)
    domain = _domain_of(ground, made, states)
    holds = Holds(made.endings, ground.clock, longest=hold)
    advancer = advancer_over(eventing, ground.clock, ground.alarms, ground.database, {})
    admin = Admin(status, shutdown, running.faults, advancer, made.notices.pages)
    edge = Edge(domain, ground.moto, ground.ids, admin, endpoint, Seeds(ground.moto), holds)
    eventing.calls.bind(edge.handle)
    _recover(made, states, domain)
    ends = (
        made.notices.senders,
        made.function_events,
        made.invocations,
        states.mapping,
        states.tasks,
        states.logs,
        made.functions,
    )
    runs = (advancer, eventing.couriers, ground.alarms, *ends, made.watch, made.serving.endpoints)
    parts = (*runs, made.services.jobs, made.processes, ground.moto, ground.past, ground.database)
    return Sandbox(edge=edge, resume=ground.moto.resume, close=closing(made.background, parts))


@dataclass(frozen=True)
class _Made:
    """What is made before the edge is."""

    eventing: Eventing
    notices: Notices
    s3: S3
    processes: ProcessHost
    serving: Serving
    watch: Watch
    code: FileCode
    functions: ProcessFunctions
    invocations: Background
    function_events: FunctionEvents
    background: ThreadPoolExecutor
    services: Services
    running: Running
    endings: Endings


def _made_over(ground: Ground) -> _Made:
    database, state = ground.database, ground.state
    sources = (ground.clock, ground.ids, ground.alarms)
    eventing = events_over(database, sources, ground.tags, ground.moto.memory)
    notices = topics_over((state, ground.endpoint), database, sources, ground.tags, eventing.calls)
    s3 = _s3_over(ground)
    registry = _registry_over(ground)
    models = Models(SqliteModels(database), database, ground.clock, ground.tags, registry)
    processes = ProcessHost(state)
    parts = _parts_over(ground, processes, s3.local)
    jobs = _jobs_over(ground, parts, models)
    serving = serving_over(parts, database, World(*sources, ground.moto), ground.tags, models)
    watch = Watch()
    tunings = _tunings_over(ground, jobs, watch)
    code = FileCode(state.resolve() / "code")
    workplace = Workplace(state.resolve() / "functions", ground.endpoint)
    functions = ProcessFunctions(ground.moto, code, ground.sessions, ground.machine, ground.ids, workplace)
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
        callbacks_over(ground),
        s3.local,
        tunings,
        lineage_over(ground, jobs, registry),
        JobAnalyser(jobs, s3.local),
        serving.endpoints,
    )
    running = pipelines_over(ground, s3.local, services)
    tell_events(eventing, services, running)
    announce(serving, eventing.watch)
    s3.objects.watch((eventing.events.objects.created, eventing.events.objects.deleted))
    endings = endings_of(jobs, tunings, running.engine)
    serving.endpoints.changes.listen(lambda endpoint: endings.tell(endpoint.arn))
    work = (watch, code, functions, invocations, function_events, background)
    return _Made(eventing, notices, s3, processes, serving, *work, services, running, endings)


def _recover(made: _Made, states: StateMachines, domain: Domain) -> None:
    """Go on with what the server before left, once everybody who listens is in place."""
    made.running.engine.recover()
    made.services.jobs.recover()
    domain.monitoring.recover()
    made.services.tunings.recover()
    made.serving.endpoints.recover()
    states.engine.recover()
    made.function_events.recover()
    made.notices.deliverer.recover()
    made.watch.start(made.services.tunings.look)
    made.eventing.couriers.start()
    made.eventing.firing.tick()


def _domain_of(ground: Ground, made: _Made, states: StateMachines) -> Domain:
    services, running, notices = made.services, made.running, made.notices
    records = SqliteRecords(ground.database)
    return Domain(
        endpoints=made.serving.endpoints,
        invocations=made.serving.invocations,
        objects=made.s3,
        keys=Keys(ground.moto),
        pipelines=running.pipelines,
        executions=running.executions,
        callbacks=services.callbacks,
        events=made.eventing.events,
        schedules=made.eventing.schedules,
        sessions=ground.sessions,
        jobs=services.jobs,
        tunings=services.tunings,
        models=services.models,
        registry=services.registry,
        tags=ground.tags,
        functions=services.functions,
        function_events=made.function_events,
        topics=notices.topics,
        subscriptions=notices.subscriptions,
        publisher=notices.publisher,
        code=made.code,
        attached=Attached(ground.moto),
        lineage=services.lineage,
        peers=ground.moto,
        machines=states.machines,
        aliases=states.aliases,
        machine_executions=states.executions,
        map_runs=states.maps,
        activities=states.activities,
        records=Records(records, ground.database, ground.clock, ground.ids, ground.tags),
        monitoring=monitoring_over(
            ground.database,
            (ground.clock, ground.ids, ground.alarms),
            ground.tags,
            services.jobs,
            made.serving.endpoints,
        ),
    )


def _function_events_over(
    ground: Ground, functions: ProcessFunctions, eventing: Eventing, background: Background
) -> FunctionEvents:
    world = (ground.database, ground.clock, ground.ids, ground.alarms)
    return FunctionEvents(SqliteFunctionEvents(ground.database), functions, eventing.calls, world, background)


def _parts_over(ground: Ground, processes: ProcessHost, objects: LocalObjects) -> RunnerParts:
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


def _jobs_over(ground: Ground, parts: RunnerParts, models: Models) -> Jobs:
    store = SqliteJobs(ground.database)
    return Jobs(store, ground.database, ground.clock, ground.tags, models.containers, _runner_over(parts))


def _tunings_over(ground: Ground, jobs: Jobs, watch: Watch) -> Tunings:
    metrics = LoggedMetrics(ground.state)
    tools = Tools(ground.clock, ground.ids, BayesianOptimiser(), metrics, watch.wake)
    return Tunings(SqliteTunings(ground.database), ground.database, jobs, ground.tags, tools)


def _states_over(
    ground: Ground, endings: Endings, outside: tuple[Callable[[Request], Response], LocalObjects]
) -> StateMachines:
    world = (ground.clock, ground.ids, ground.alarms)
    logging = (ground.moto, ground.machine)
    return statemachines_over(
        ground.database, world, (ground.sessions, ground.tags), endings, outside, logging
    )


def _s3_over(ground: Ground) -> S3:
    database = ground.database
    rows = Rows(SqliteBuckets(database), SqliteVersions(database), SqliteUploads(database), ground.moto)
    blobs = FileBlobs(ground.state / "objects", database)
    s3 = S3.over(rows, blobs, database, ground.clock, ground.ids)
    return replace(s3, clock=ground.machine)  # who presigns goes by the machine's time


def _registry_over(ground: Ground) -> Registry:
    database = ground.database
    tokens = Tokens(SqliteTokens(database), database, ground.clock)
    stores = (SqliteGroups(database), SqlitePackages(database))
    return Registry(stores, database, ground.clock, ground.tags, tokens)


def _runner_over(parts: RunnerParts) -> Callable[[JobReports], JobRunner]:
    return lambda reports: ProcessJobRunner(parts, reports)
