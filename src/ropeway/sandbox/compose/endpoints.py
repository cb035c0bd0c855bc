"""The part of the composition root that puts endpoints together."""

from __future__ import annotations

import random
from dataclasses import dataclass

from ropeway.sandbox.domain.endpoints.configs import Configs
from ropeway.sandbox.domain.endpoints.deployments import Deployments, World
from ropeway.sandbox.domain.endpoints.describe import announced
from ropeway.sandbox.domain.endpoints.invocations import Invocations
from ropeway.sandbox.domain.endpoints.moves import Moves
from ropeway.sandbox.domain.endpoints.service import Catalog, Endpoints
from ropeway.sandbox.domain.events.watch import ENDPOINT, StatusEvents
from ropeway.sandbox.domain.models.service import Models
from ropeway.sandbox.domain.records.service import Records
from ropeway.sandbox.domain.tags.service import Tags
from ropeway.sandbox.runners.captures import CaptureFiles
from ropeway.sandbox.runners.endpoints import ProcessServings
from ropeway.sandbox.runners.jobs import RunnerParts
from ropeway.sandbox.store.db import Database
from ropeway.sandbox.store.endpoints import SqliteEndpoints
from ropeway.sandbox.store.records import SqliteRecords

__all__ = ["Serving", "announce", "serving_over"]


@dataclass(frozen=True)
class Serving:
    """Endpoints, and those who ask them."""

    endpoints: Endpoints
    invocations: Invocations


def serving_over(parts: RunnerParts, database: Database, world: World, tags: Tags, models: Models) -> Serving:
    """Put endpoints together."""
    store = SqliteEndpoints(database)
    captures = CaptureFiles(parts.state.resolve() / "captures", parts.objects, world.clock, world.ids)
    moves = Moves(store, database, world.clock)
    deployments = Deployments(moves, world, tags, lambda reports: ProcessServings(parts, captures, reports))
    servings = deployments.servings

    records = Records(SqliteRecords(database), database, world.clock, world.ids, tags)
    configs = Configs(records, models.describe)
    return Serving(
        Endpoints(moves, world, tags, Catalog(configs, models.containers, models.describe), servings),
        Invocations(store, servings, captures, world.clock, world.ids, random.random),
    )


def announce(serving: Serving, told: StatusEvents) -> None:
    """Have EventBridge told of every change of status, in the transaction of the change."""
    serving.endpoints.changes.record(
        lambda endpoint: told.described(ENDPOINT, endpoint.arn, announced(endpoint))
    )
