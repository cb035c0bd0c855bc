"""Frames of state machines' executions as documents, and those whose work is still to be stopped, in SQLite."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import fields

from ropeway.sandbox.domain.statemachines.model import Frame
from ropeway.sandbox.store.db import Database

__all__ = ["SqliteMachineStops", "document_of", "frame_of"]

_STOP = "INSERT OR REPLACE INTO machine_stops (execution_arn, token, document) VALUES (?, ?, ?)"
_FIELDS = tuple(each.name for each in fields(Frame))


class SqliteMachineStops:
    """Implements ``domain.statemachines.ports.StopStore``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, arn: str, frames: Sequence[Frame]) -> None:
        """Keep what is to be stopped."""
        with self._database.transaction() as connection:
            connection.executemany(_STOP, [(arn, frame.token, document_of(frame)) for frame in frames])

    def all(self) -> Sequence[tuple[str, Frame]]:
        """What has not been stopped yet, with the execution that waited for it."""
        rows = self._database.reader.execute("SELECT execution_arn, document FROM machine_stops")
        return [(row["execution_arn"], frame_of(row["document"])) for row in rows]

    def drop(self, arn: str, token: str) -> None:
        """Something is stopped."""
        with self._database.transaction() as connection:
            connection.execute(
                "DELETE FROM machine_stops WHERE execution_arn = ? AND token = ?", (arn, token)
            )


def document_of(frame: Frame) -> str:
    """A frame as it is kept."""
    return json.dumps({name: getattr(frame, name) for name in _FIELDS})


def frame_of(document: str) -> Frame:
    """A frame that was kept."""
    members = json.loads(document)
    members["place"] = tuple(members["place"])
    members["tries"] = tuple(members["tries"])
    return Frame(**members)
