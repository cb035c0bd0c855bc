"""Events that wait for their functions, in SQLite."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

from ropeway.sandbox.domain.function_events import FunctionEvent
from ropeway.sandbox.store.db import Database

__all__ = ["SqliteFunctionEvents"]

_PUT = """
INSERT OR REPLACE INTO function_events (id, arn, caller_account, payload, accepted, due, attempts, throttled)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""


class SqliteFunctionEvents:
    """Implements ``domain.function_events.EventStore``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, event: FunctionEvent) -> None:
        """Keep an event, new or changed."""
        row = (
            event.id,
            event.arn,
            event.caller_account,
            json.dumps(event.payload),
            event.accepted,
            event.due,
            event.attempts,
            event.throttled,
        )
        with self._database.transaction() as connection:
            connection.execute(_PUT, row)

    def get(self, event_id: str) -> FunctionEvent | None:
        """An event by its id."""
        row = self._database.reader.execute(
            "SELECT * FROM function_events WHERE id = ?", (event_id,)
        ).fetchone()
        return None if row is None else _event(row)

    def drop(self, event_id: str) -> None:
        """Forget an event."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM function_events WHERE id = ?", (event_id,))

    def all(self) -> Sequence[FunctionEvent]:
        """Every event, in the order in which they are due."""
        rows = self._database.reader.execute("SELECT * FROM function_events ORDER BY due, accepted")
        return [_event(row) for row in rows]

    def count(self) -> int:
        """How many events wait."""
        found: int = self._database.reader.execute("SELECT count(*) FROM function_events").fetchone()[0]
        return found


def _event(row: sqlite3.Row) -> FunctionEvent:
    return FunctionEvent(
        id=row["id"],
        arn=row["arn"],
        caller_account=row["caller_account"],
        payload=json.loads(row["payload"]),
        accepted=row["accepted"],
        due=row["due"],
        attempts=row["attempts"],
        throttled=row["throttled"],
    )
