"""Map Runs of state machines in SQLite: documents, with the inputs of their children beside them."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from ropeway.sandbox.domain.statemachines.model import MapRun
from ropeway.sandbox.store.db import Database

__all__ = ["SqliteMapRuns"]

_PUT = "INSERT OR REPLACE INTO machine_map_runs (arn, execution_arn, started, document, inputs) VALUES (?, ?, ?, ?, ?)"


class SqliteMapRuns:
    """Implements ``domain.statemachines.ports.MapRunStore``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, run: MapRun, inputs: list[list[Any]] | None = None) -> None:
        """Keep a run, new (with its inputs and the number of items of each) or changed."""
        document = json.dumps(asdict(run))
        with self._database.transaction() as connection:
            if inputs is None:
                connection.execute(
                    "UPDATE machine_map_runs SET document = ? WHERE arn = ?", (document, run.arn)
                )
            else:
                row = (run.arn, run.execution_arn, run.started, document, json.dumps(inputs))
                connection.execute(_PUT, row)

    def get(self, arn: str) -> MapRun | None:
        """A run."""
        row = self._database.reader.execute(
            "SELECT document FROM machine_map_runs WHERE arn = ?", (arn,)
        ).fetchone()
        return None if row is None else MapRun(**json.loads(row["document"]))

    def inputs(self, arn: str) -> list[list[Any]]:
        """A run's inputs."""
        row = self._database.reader.execute(
            "SELECT inputs FROM machine_map_runs WHERE arn = ?", (arn,)
        ).fetchone()
        found: list[list[Any]] = [] if row is None else json.loads(row["inputs"])
        return found

    def of(self, execution_arn: str) -> list[MapRun]:
        """The runs of an execution, newest first."""
        rows = self._database.reader.execute(
            "SELECT document FROM machine_map_runs WHERE execution_arn = ? ORDER BY started DESC, rowid DESC",
            (execution_arn,),
        )
        return [MapRun(**json.loads(row["document"])) for row in rows]
