"""The composition root: builds store, runners, domain and edge. Nothing else constructs them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ropeway.sandbox.domain.services import Domain
from ropeway.sandbox.domain.sessions import Sessions
from ropeway.sandbox.edge.admin import Admin
from ropeway.sandbox.edge.chain import Edge
from ropeway.sandbox.edge.moto import Moto
from ropeway.sandbox.operations.sts import credentials as _sts_credentials  # noqa: F401 - registers operations
from ropeway.sandbox.store.db import Database
from ropeway.sandbox.store.sessions import SqliteSessions
from ropeway.values.clock import Clock, SystemClock
from ropeway.values.ids import Ids, RandomIds

__all__ = ["Sandbox", "build"]


@dataclass(frozen=True)
class Sandbox:
    """A sandbox that is put together and not yet listening."""

    edge: Edge
    close: Callable[[], None]


def build(
    state: Path,
    *,
    endpoint: str,
    status: Callable[[], Mapping[str, Any]],
    shutdown: Callable[[], None],
    clock: Clock | None = None,
    ids: Ids | None = None,
) -> Sandbox:
    """Put a sandbox together over a state folder.

    Args:
        state: the folder that everything durable lives in; made when missing.
        endpoint: the address that the server will listen on.
        status: what the health page tells.
        shutdown: what the shutdown page does.
        clock: the time; the machine's by default.
        ids: names; random by default.
    """
    clock = clock or SystemClock()
    ids = ids or RandomIds()
    database = Database(state / "state.sqlite")
    moto = Moto()
    domain = Domain(sessions=Sessions(SqliteSessions(database), clock, ids))
    edge = Edge(domain=domain, moto=moto, ids=ids, admin=Admin(status, shutdown), endpoint=endpoint)
    return Sandbox(edge=edge, close=database.close)
