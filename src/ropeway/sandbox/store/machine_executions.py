"""Executions of state machines, with frames and history, in SQLite: documents beside the columns that are looked up."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, replace

from ropeway.sandbox.domain.listing import Listing, Page
from ropeway.sandbox.domain.statemachines.model import Event, Execution, Frame
from ropeway.sandbox.store.db import Database
from ropeway.sandbox.store.listing import select_page
from ropeway.sandbox.store.machine_frames import SqliteMachineStops, document_of, frame_of

__all__ = ["SqliteMachineExecutions"]

_EXECUTION = """
INSERT OR REPLACE INTO machine_executions (arn, machine_arn, name, status, created, document) VALUES (?, ?, ?, ?, ?, ?)
"""
_FRAME = "INSERT OR REPLACE INTO machine_frames (execution_arn, number, token, document) VALUES (?, ?, ?, ?)"
_EVENT = "INSERT INTO machine_events (execution_arn, number, document) VALUES (?, ?, ?)"
# What lists are narrowed to beside columns.
_LOOKED = {
    "called": "json_extract(document, '$.called')",
    "redrives": "iif(json_extract(document, '$.redrives') > 0, 'REDRIVEN', 'NOT_REDRIVEN')",
    "version": "json_extract(document, '$.version')",
}
_BEYOND = 2**62  # the number of no event


class SqliteMachineExecutions:
    """Implements ``domain.statemachines.ports.ExecutionStore``."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.stops = SqliteMachineStops(database)

    def put(self, execution: Execution) -> None:
        """Keep an execution, new or changed."""
        row = (
            execution.arn,
            execution.map_run or execution.machine_arn,
            execution.name,
            execution.status,
            execution.started,
            json.dumps(asdict(execution)),
        )
        with self._database.transaction() as connection:
            connection.execute(_EXECUTION, row)

    def get(self, arn: str) -> Execution | None:
        """An execution by its ARN."""
        row = self._database.reader.execute(
            "SELECT document FROM machine_executions WHERE arn = ?", (arn,)
        ).fetchone()
        return None if row is None else Execution(**json.loads(row["document"]))

    def list(self, machine_arn: str, listing: Listing) -> Page[Execution]:
        """A machine's executions, or a Map Run's."""
        scope: dict[str, str | int] = {"machine_arn": machine_arn}
        listing = replace(
            listing, equals={_LOOKED.get(name, name): value for name, value in listing.equals.items()}
        )
        rows, cursor = select_page(self._database.reader, "machine_executions", scope, listing)
        return Page([Execution(**json.loads(row["document"])) for row in rows], cursor)

    def unfinished(self) -> Sequence[str]:
        """ARNs of the executions that run."""
        rows = self._database.reader.execute(
            "SELECT arn FROM machine_executions WHERE status = 'RUNNING' ORDER BY created"
        )
        return [row["arn"] for row in rows]

    def put_frames(self, arn: str, frames: Sequence[Frame], removed: Sequence[int]) -> None:
        """Write frames, new or changed, and drop others."""
        with self._database.transaction() as connection:
            connection.executemany(
                _FRAME, [(arn, frame.number, frame.token, document_of(frame)) for frame in frames]
            )
            connection.executemany(
                "DELETE FROM machine_frames WHERE execution_arn = ? AND number = ?",
                [(arn, number) for number in removed],
            )

    def frames(self, arn: str) -> Sequence[Frame]:
        """An execution's frames."""
        rows = self._database.reader.execute(
            "SELECT document FROM machine_frames WHERE execution_arn = ? ORDER BY number", (arn,)
        )
        return [frame_of(row["document"]) for row in rows]

    def find(self, token: str) -> tuple[str, int] | None:
        """The execution and the frame that wait for an answer with a token."""
        if not token:
            return None
        row = self._database.reader.execute(
            "SELECT execution_arn, number FROM machine_frames WHERE token = ?", (token,)
        ).fetchone()
        return None if row is None else (row["execution_arn"], row["number"])

    def add_events(self, arn: str, events: Sequence[Event]) -> None:
        """Append to an execution's history."""
        with self._database.transaction() as connection:
            connection.executemany(_EVENT, [(arn, event.number, json.dumps(vars(event))) for event in events])

    def events(self, arn: str, *, after: int, limit: int, newest_first: bool) -> Sequence[Event]:
        """A part of an execution's history, from behind the event ``after`` (0 for the first part)."""
        # A bound, not a condition: the index leads to it.
        bound, order = ("<", "DESC") if newest_first else (">", "ASC")
        sql = (
            f"SELECT document FROM machine_events WHERE execution_arn = ? AND number {bound} ? "  # noqa: S608 - ours
            f"ORDER BY number {order} LIMIT ?"
        )
        rows = self._database.reader.execute(sql, (arn, after or (_BEYOND if newest_first else 0), limit))
        return [Event(**json.loads(row["document"])) for row in rows]

    def forget(self, machine_arn: str) -> None:
        """Drop a machine's executions that have ended, with all that belongs to them."""
        runs = (
            "SELECT arn FROM machine_map_runs WHERE execution_arn IN "
            "(SELECT arn FROM machine_executions WHERE machine_arn = ? AND status != 'RUNNING')"
        )
        for row in self._database.reader.execute(runs, (machine_arn,)).fetchall():
            self.forget(row["arn"])
            with self._database.transaction() as connection:
                connection.execute("DELETE FROM machine_map_runs WHERE arn = ?", (row["arn"],))
        ended = "SELECT arn FROM machine_executions WHERE machine_arn = ? AND status != 'RUNNING'"
        with self._database.transaction() as connection:
            for table in ("machine_frames", "machine_events"):
                connection.execute(
                    f"DELETE FROM {table} WHERE execution_arn IN ({ended})",  # noqa: S608 - names are ours
                    (machine_arn,),
                )
            connection.execute(
                "DELETE FROM machine_executions WHERE machine_arn = ? AND status != 'RUNNING'", (machine_arn,)
            )
