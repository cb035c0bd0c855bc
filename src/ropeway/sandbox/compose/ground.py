"""What everything in a sandbox stands on: database, clock, moto, sessions, tags, alarms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ropeway.sandbox.domain.schedules.clock import VirtualClock
from ropeway.sandbox.domain.sessions import Sessions
from ropeway.sandbox.domain.tags.service import Tags
from ropeway.sandbox.edge.moto import Moto
from ropeway.sandbox.runners.alarms import ThreadAlarms
from ropeway.sandbox.store.db import Database
from ropeway.sandbox.store.journal import SqliteJournal
from ropeway.sandbox.store.schedules import SqliteOffset
from ropeway.sandbox.store.sessions import SqliteSessions
from ropeway.sandbox.store.tags import SqliteTags
from ropeway.values.clock import Clock
from ropeway.values.ids import Ids

__all__ = ["Ground", "closing", "ground_of"]


@dataclass(frozen=True)
class Ground:
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


def ground_of(state: Path, endpoint: str, machine: Clock, ids: Ids) -> Ground:
    """Open a state folder; ``machine`` is the clock that the sandbox's is ahead of."""
    database = Database(state / "state.sqlite")
    clock = VirtualClock(machine, SqliteOffset(database))
    past = Database(state / "journal.sqlite", schema="journal_migrations")
    moto = Moto(SqliteJournal(past))
    sessions = Sessions(SqliteSessions(database), machine, ids, moto)
    tags = Tags(SqliteTags(database), moto)
    alarms = ThreadAlarms(clock)
    return Ground(state, endpoint, database, past, moto, machine, clock, ids, sessions, tags, alarms)


class Closable(Protocol):
    """What is closed with the sandbox."""

    def close(self) -> None:
        """Let go of what it holds."""


def closing(background: ThreadPoolExecutor, parts: Sequence[Closable]) -> Callable[[], None]:
    """What closes the parts, in their order."""

    def close() -> None:
        background.shutdown(wait=False, cancel_futures=True)
        for part in parts:
            part.close()

    return close
