"""Models in SQLite."""

from __future__ import annotations

import json
import sqlite3

from ropeway.sandbox.domain.listing import Listing, Page
from ropeway.sandbox.domain.models.ports import Model
from ropeway.sandbox.store.db import Database
from ropeway.sandbox.store.listing import select_page

__all__ = ["SqliteModels"]


class SqliteModels:
    """Implements ``domain.models.ports.ModelStore``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, model: Model) -> None:
        """Keep a new model."""
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO models (arn, account, region, name, created, request) VALUES (?, ?, ?, ?, ?, ?)",
                (
                    model.arn,
                    model.account,
                    model.region,
                    model.name,
                    model.created,
                    json.dumps(dict(model.request)),
                ),
            )

    def get(self, arn: str) -> Model | None:
        """A model by its ARN."""
        row = self._database.reader.execute("SELECT * FROM models WHERE arn = ?", (arn,)).fetchone()
        return None if row is None else _model(row)

    def delete(self, arn: str) -> None:
        """Forget a model."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM models WHERE arn = ?", (arn,))

    def list(self, account: str, region: str, listing: Listing) -> Page[Model]:
        """Models of one account and region."""
        scope: dict[str, str | int] = {"account": account, "region": region}
        rows, cursor = select_page(self._database.reader, "models", scope, listing)
        return Page([_model(row) for row in rows], cursor)


def _model(row: sqlite3.Row) -> Model:
    return Model(row["account"], row["region"], row["name"], row["created"], json.loads(row["request"]))
