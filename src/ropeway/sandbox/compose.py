"""The composition root: builds store, runners, domain and edge. Nothing else constructs them."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from ropeway.sandbox.domain.endings import Endings
from ropeway.sandbox.domain.jobs.ports import JobReports, JobRunner
from ropeway.sandbox.domain.jobs.service import Jobs
from ropeway.sandbox.domain.models.service import Models
from ropeway.sandbox.domain.objects.local import LocalObjects
from ropeway.sandbox.domain.objects.s3 import S3, Rows
from ropeway.sandbox.domain.pipelines.contexts import Contexts
from ropeway.sandbox.domain.pipelines.engine import Engine
from ropeway.sandbox.domain.pipelines.executions import Executions
from ropeway.sandbox.domain.pipelines.service import Pipelines
from ropeway.sandbox.domain.pipelines.steps import STEP_TYPES
from ropeway.sandbox.domain.pipelines.steps.base import Services
from ropeway.sandbox.domain.records.service import Records
from ropeway.sandbox.domain.registry.service import Registry
from ropeway.sandbox.domain.registry.tokens import Tokens
from ropeway.sandbox.domain.seeds import Seeds
from ropeway.sandbox.domain.services import Domain
from ropeway.sandbox.domain.sessions import Sessions
from ropeway.sandbox.domain.tags.service import Tags
from ropeway.sandbox.edge.admin import Admin
from ropeway.sandbox.edge.chain import Edge
from ropeway.sandbox.edge.codec.form import form_request
from ropeway.sandbox.edge.holds import LONGEST, Holds
from ropeway.sandbox.edge.moto import Moto
from ropeway.sandbox.operations import s3 as _s3  # noqa: F401 - registers operations
from ropeway.sandbox.operations.lambda_ import invoke as _invoke  # noqa: F401
from ropeway.sandbox.operations.sagemaker import model_package_groups as _model_package_groups  # noqa: F401
from ropeway.sandbox.operations.sagemaker import model_packages as _model_packages  # noqa: F401
from ropeway.sandbox.operations.sagemaker import models as _models  # noqa: F401
from ropeway.sandbox.operations.sagemaker import pipeline_executions as _pipeline_executions  # noqa: F401
from ropeway.sandbox.operations.sagemaker import pipelines as _pipelines  # noqa: F401
from ropeway.sandbox.operations.sagemaker import processing_jobs as _processing_jobs  # noqa: F401
from ropeway.sandbox.operations.sagemaker import studio as _studio  # noqa: F401
from ropeway.sandbox.operations.sagemaker import tags as _tags  # noqa: F401
from ropeway.sandbox.operations.sagemaker import training_jobs as _training_jobs  # noqa: F401
from ropeway.sandbox.operations.sagemaker import transform_jobs as _transform_jobs  # noqa: F401
from ropeway.sandbox.operations.sts import credentials as _sts_credentials  # noqa: F401 - registers operations
from ropeway.sandbox.runners.functions import ProcessFunctions
from ropeway.sandbox.runners.jobs import ProcessJobRunner, RunnerParts
from ropeway.sandbox.runners.lambda_pool import Workplace
from ropeway.sandbox.runners.process import ProcessHost
from ropeway.sandbox.runners.runtimefile import RuntimeFile
from ropeway.sandbox.store.blobs import FileBlobs
from ropeway.sandbox.store.code import FileCode
from ropeway.sandbox.store.db import Database
from ropeway.sandbox.store.executions import SqliteExecutions
from ropeway.sandbox.store.jobs import SqliteJobs
from ropeway.sandbox.store.journal import SqliteJournal
from ropeway.sandbox.store.models import SqliteModels
from ropeway.sandbox.store.objects import SqliteBuckets, SqliteVersions
from ropeway.sandbox.store.pipelines import SqlitePipelines
from ropeway.sandbox.store.records import SqliteRecords
from ropeway.sandbox.store.registry import SqliteGroups, SqlitePackages, SqliteTokens
from ropeway.sandbox.store.sessions import SqliteSessions
from ropeway.sandbox.store.tags import SqliteTags
from ropeway.sandbox.store.uploads import SqliteUploads
from ropeway.values.clock import Clock, SystemClock
from ropeway.values.ids import Ids, RandomIds

__all__ = ["Sandbox", "build"]

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
    clock = clock or SystemClock()
    ids = ids or RandomIds()
    database = Database(state / "state.sqlite")
    past = Database(state / "journal.sqlite", schema="journal_migrations")
    moto = Moto(SqliteJournal(past))
    s3 = _s3_over(state, database, clock, ids)
    sessions = Sessions(SqliteSessions(database), clock, ids, moto)
    processes = ProcessHost(state)
    tags = Tags(SqliteTags(database), moto)
    registry = _registry_over(database, clock, tags)
    models = Models(SqliteModels(database), database, clock, tags, registry)
    runtimes = RuntimeFile(state.resolve().parent / "runtimes.toml")
    parts = RunnerParts(state, endpoint, s3.local, moto, processes, runtimes, sessions, clock)
    runner = _runner_over(parts)
    jobs = Jobs(SqliteJobs(database), database, clock, tags, models.containers, runner)
    code = FileCode(state.resolve() / "code")
    workplace = Workplace(state.resolve() / "functions", endpoint)
    functions = ProcessFunctions(moto, code, sessions, clock, ids, workplace)
    background = ThreadPoolExecutor(_CALLS, thread_name_prefix="call")
    services = Services(jobs, models, registry, functions, form_request, background)
    running = _pipelines_over(database, clock, ids, tags, s3.local, services)
    domain = Domain(
        objects=s3,
        pipelines=running.pipelines,
        executions=running.executions,
        sessions=sessions,
        jobs=jobs,
        models=models,
        registry=registry,
        tags=tags,
        functions=functions,
        code=code,
        records=Records(SqliteRecords(database), database, clock, ids, tags),
    )
    holds = Holds(_endings_of(jobs, running.engine), clock, longest=hold)
    edge = Edge(domain, moto, ids, Admin(status, shutdown), endpoint, Seeds(moto), holds)
    running.engine.recover()
    jobs.recover()  # once everybody who listens to jobs is in place
    parts_to_close = (functions, jobs, processes, moto, past, database)
    return Sandbox(edge=edge, resume=moto.resume, close=_closing(background, parts_to_close))


@dataclass(frozen=True)
class _Running:
    pipelines: Pipelines
    executions: Executions
    engine: Engine


def _pipelines_over(
    database: Database, clock: Clock, ids: Ids, tags: Tags, objects: LocalObjects, services: Services
) -> _Running:
    stores = (SqlitePipelines(database), SqliteExecutions(database))
    contexts = Contexts(stores[1], objects, services, clock, ids, STEP_TYPES)
    engine = Engine(stores[1], database, clock, services, contexts, STEP_TYPES)
    pipelines = Pipelines(stores, database, clock, tags, objects, STEP_TYPES)
    parallelism = os.cpu_count() or 2
    executions = Executions(stores, database, pipelines, engine, (clock, ids), parallelism)
    return _Running(pipelines, executions, engine)


def _endings_of(jobs: Jobs, engine: Engine) -> Endings:
    endings = Endings()
    jobs.listen(lambda job: endings.tell(job.arn))
    engine.listen(lambda execution: endings.tell(execution.arn))
    return endings


def _s3_over(state: Path, database: Database, clock: Clock, ids: Ids) -> S3:
    rows = Rows(SqliteBuckets(database), SqliteVersions(database), SqliteUploads(database))
    return S3.over(rows, FileBlobs(state / "objects", database), database, clock, ids)


def _registry_over(database: Database, clock: Clock, tags: Tags) -> Registry:
    tokens = Tokens(SqliteTokens(database), database, clock)
    stores = (SqliteGroups(database), SqlitePackages(database))
    return Registry(stores, database, clock, tags, tokens)


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
