"""Endpoints in SQLite: what lists filter by in columns, the rest as a document."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from ropeway.sandbox.domain.endpoints.model import Deployment, Endpoint, Variant
from ropeway.sandbox.domain.jobs.model import Container, StepRef
from ropeway.sandbox.domain.listing import Listing, Page
from ropeway.sandbox.store.db import Database
from ropeway.sandbox.store.listing import select_page

__all__ = ["SqliteEndpoints"]


class SqliteEndpoints:
    """Implements ``domain.endpoints.ports.EndpointStore``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, endpoint: Endpoint) -> None:
        """Keep an endpoint; one of its ARN is replaced and keeps its place in lists."""
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO endpoints (arn, account, region, name, status, created, modified, document)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (arn) DO UPDATE SET status = excluded.status, modified = excluded.modified,"
                " document = excluded.document",
                (
                    endpoint.arn,
                    endpoint.account,
                    endpoint.region,
                    endpoint.name,
                    endpoint.status,
                    endpoint.created,
                    endpoint.modified,
                    json.dumps(_document(endpoint)),
                ),
            )

    def get(self, arn: str) -> Endpoint | None:
        """An endpoint by its ARN."""
        row = self._database.reader.execute("SELECT * FROM endpoints WHERE arn = ?", (arn,)).fetchone()
        return None if row is None else _endpoint(row)

    def delete(self, arn: str) -> None:
        """Forget an endpoint."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM endpoints WHERE arn = ?", (arn,))

    def list(self, account: str, region: str, listing: Listing) -> Page[Endpoint]:
        """Endpoints of one account and region."""
        scope: dict[str, str | int] = {"account": account, "region": region}
        rows, cursor = select_page(self._database.reader, "endpoints", scope, listing)
        return Page([_endpoint(row) for row in rows], cursor)

    def all(self) -> Sequence[Endpoint]:
        """Endpoints of all accounts, oldest first."""
        rows = self._database.reader.execute("SELECT * FROM endpoints ORDER BY created, rowid").fetchall()
        return [_endpoint(row) for row in rows]


def _document(endpoint: Endpoint) -> dict[str, Any]:
    return {
        "serving": None if endpoint.serving is None else asdict(endpoint.serving),
        "pending": None if endpoint.pending is None else asdict(endpoint.pending),
        "share": endpoint.share,
        "step": endpoint.step,
        "failure_reason": endpoint.failure_reason,
        "policy": dict(endpoint.policy),
        "step_of": None if endpoint.step_of is None else asdict(endpoint.step_of),
    }


def _endpoint(row: sqlite3.Row) -> Endpoint:
    document = json.loads(row["document"])
    serving, pending = document.pop("serving"), document.pop("pending")
    step_of = document.pop("step_of", None)
    return Endpoint(
        account=row["account"],
        region=row["region"],
        name=row["name"],
        status=row["status"],
        created=row["created"],
        modified=row["modified"],
        serving=None if serving is None else _deployment(serving),
        pending=None if pending is None else _deployment(pending),
        step_of=None if step_of is None else StepRef(**step_of),
        **document,
    )


def _deployment(document: Mapping[str, Any]) -> Deployment:
    variants = tuple(
        Variant(**{**each, "containers": tuple(Container(**given) for given in each["containers"])})
        for each in document["variants"]
    )
    return Deployment(**{**document, "variants": variants})
