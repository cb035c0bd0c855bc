"""Faults on order in SQLite."""

from __future__ import annotations

from collections.abc import Sequence

from ropeway.sandbox.domain.pipelines.faults import Fault
from ropeway.sandbox.store.db import Database

__all__ = ["SqliteFaults"]


class SqliteFaults:
    """Implements ``domain.pipelines.faults.FaultStore``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, fault: Fault) -> None:
        """Keep a fault, new or changed; one that is used up is forgotten."""
        with self._database.transaction() as connection:
            if fault.left <= 0:
                connection.execute("DELETE FROM faults WHERE id = ?", (fault.id,))
                return
            connection.execute(
                'INSERT INTO faults VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET "left" = excluded."left"',
                (fault.id, fault.kind, fault.pipeline, fault.step, fault.type, fault.left, fault.created),
            )

    def list(self) -> Sequence[Fault]:
        """All of them, oldest first."""
        rows = self._database.reader.execute("SELECT * FROM faults ORDER BY created, rowid")
        return [Fault(**{name: row[name] for name in row.keys()}) for row in rows]  # noqa: SIM118 - a Row's keys

    def clear(self) -> int:
        """Forget all of them; how many there were."""
        with self._database.transaction() as connection:
            return connection.execute("DELETE FROM faults").rowcount
