"""The part of the composition root that builds pipelines, and who hears of what they and jobs do."""

from __future__ import annotations

import os
from dataclasses import dataclass

from ropeway.sandbox.compose.events import Eventing
from ropeway.sandbox.compose.ground import Ground
from ropeway.sandbox.domain.endings import Endings
from ropeway.sandbox.domain.jobs.service import Jobs
from ropeway.sandbox.domain.lineage.service import Lineage
from ropeway.sandbox.domain.lineage.tracking import Tracking
from ropeway.sandbox.domain.objects.local import LocalObjects
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
from ropeway.sandbox.domain.registry.service import Registry
from ropeway.sandbox.domain.tuning.service import Tunings
from ropeway.sandbox.store.callbacks import SqliteCallbacks
from ropeway.sandbox.store.executions import SqliteExecutions
from ropeway.sandbox.store.faults import SqliteFaults
from ropeway.sandbox.store.lineage import SqliteLineage, SqliteTrials
from ropeway.sandbox.store.pipelines import SqlitePipelines

__all__ = ["Running", "callbacks_over", "endings_of", "lineage_over", "pipelines_over", "tell_events"]


@dataclass(frozen=True)
class Running:
    """What runs pipelines."""

    pipelines: Pipelines
    executions: Executions
    engine: Engine
    faults: Faults


def pipelines_over(ground: Ground, objects: LocalObjects, services: Services) -> Running:
    """Build what runs pipelines, and have it hear of what its steps wait for."""
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
    return Running(pipelines, executions, engine, faults)


def callbacks_over(ground: Ground) -> Callbacks:
    """Build what callback steps wait for."""
    stores = (SqliteCallbacks(ground.database), SqliteExecutions(ground.database))
    return Callbacks(stores, ground.database, ground.moto, (ground.clock, ground.ids), ground.alarms)


def endings_of(jobs: Jobs, tunings: Tunings, engine: Engine) -> Endings:
    """Build what tells of ends."""
    endings = Endings()
    jobs.changes.listen(lambda job: endings.tell(job.arn))
    tunings.changes.listen(lambda tuning: endings.tell(tuning.arn))
    engine.listen(lambda execution: endings.tell(execution.arn))
    return endings


def lineage_over(ground: Ground, jobs: Jobs, registry: Registry) -> Lineage:
    """Build lineage, and have it written for jobs and model packages."""
    stores = (SqliteLineage(ground.database), SqliteTrials(ground.database))
    executions = SqliteExecutions(ground.database)
    tracking = Tracking(stores, executions, ground.database, ground.clock)
    jobs.changes.record(tracking.job_ended)
    registry.listen(tracking.package_made)
    return Lineage(stores, ground.database, ground.clock, ground.tags)


def tell_events(eventing: Eventing, services: Services, running: Running) -> None:
    """Have EventBridge told of every change of status, in the transaction of the change."""
    told, tunings = eventing.watch, services.tunings
    services.jobs.changes.watch(told.job_changed)
    services.registry.listen(told.package_made)
    services.registry.watch(told.package_updated)
    tunings.changes.watch(lambda tuning: told.tuning_changed(tuning, tunings.views.describe))
    running.engine.board.watched.watch((told.execution_changed, told.step_changed))
