"""Lineage in SQLite: entities with what lists filter by in columns, edges, memberships, metrics."""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Sequence

from ropeway.sandbox.domain.lineage.model import Association, Entity, Metric, Summary
from ropeway.sandbox.domain.listing import Listing, Page
from ropeway.sandbox.store.db import Database
from ropeway.sandbox.store.listing import select_page

__all__ = ["SqliteLineage", "SqliteTrials"]

_PUT = """
INSERT INTO lineage_entities (arn, kind, account, region, name, type, source, parent, created, modified,
  created_by, modified_by, document)
VALUES (:arn, :kind, :account, :region, :name, :type, :source, :parent, :created, :modified,
  :created_by, :modified_by, :document)
ON CONFLICT (arn) DO UPDATE SET type = excluded.type, source = excluded.source, parent = excluded.parent,
  modified = excluded.modified, modified_by = excluded.modified_by, document = excluded.document
"""
_SUMMARIES = """
SELECT name, count(*) AS number, min(value) AS low, max(value) AS high, avg(value) AS mean,
  avg(value * value) AS squares, max(rowid) AS newest
FROM lineage_metrics WHERE component = ? GROUP BY name ORDER BY name
"""


class SqliteLineage:
    """Implements ``domain.lineage.ports.LineageStore``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, entity: Entity) -> None:
        """Keep an entity, new or changed."""
        row = {
            "arn": entity.arn,
            "kind": entity.kind,
            "account": entity.account,
            "region": entity.region,
            "name": entity.name,
            "type": entity.type,
            "source": entity.source,
            "parent": entity.parent,
            "created": entity.created,
            "modified": entity.modified,
            "created_by": json.dumps(dict(entity.created_by)),
            "modified_by": json.dumps(dict(entity.modified_by)),
            "document": json.dumps(dict(entity.document)),
        }
        with self._database.transaction() as connection:
            connection.execute(_PUT, row)

    def get(self, arn: str) -> Entity | None:
        """An entity by its ARN."""
        found = self._database.reader.execute("SELECT * FROM lineage_entities WHERE arn = ?", (arn,))
        row = found.fetchone()
        return None if row is None else _entity(row)

    def delete(self, arn: str) -> None:
        """Forget an entity, its metrics and its memberships."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM lineage_entities WHERE arn = ?", (arn,))
            connection.execute("DELETE FROM lineage_metrics WHERE component = ?", (arn,))
            connection.execute("DELETE FROM lineage_members WHERE trial = ? OR component = ?", (arn, arn))

    def list(self, kind: str, account: str, region: str, listing: Listing) -> Page[Entity]:
        """Entities of a kind in one account and region."""
        scope: dict[str, str | int] = {"account": account, "region": region, "kind": kind}
        rows, cursor = select_page(self._database.reader, "lineage_entities", scope, listing)
        return Page([_entity(row) for row in rows], cursor)

    def put_association(self, association: Association) -> None:
        """Keep an association, new or changed."""
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO lineage_associations (source, destination, type, created, created_by)"
                " VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (source, destination) DO UPDATE SET type = excluded.type",
                (
                    association.source,
                    association.destination,
                    association.type,
                    association.created,
                    json.dumps(dict(association.created_by)),
                ),
            )

    def delete_association(self, source: str, destination: str) -> bool:
        """Forget an association; whether there was one."""
        with self._database.transaction() as connection:
            done = connection.execute(
                "DELETE FROM lineage_associations WHERE source = ? AND destination = ?", (source, destination)
            )
            return done.rowcount > 0

    def associations(
        self, *, source: str | None = None, destination: str | None = None
    ) -> Sequence[Association]:
        """Those that lead from or to an entity, or that do both; oldest first."""
        wanted = {"source": source, "destination": destination}
        given = {column: value for column, value in wanted.items() if value is not None}
        terms = " AND ".join(f"{column} = ?" for column in given)
        rows = self._database.reader.execute(
            f"SELECT * FROM lineage_associations WHERE {terms} ORDER BY created, rowid",  # noqa: S608 - our columns
            tuple(given.values()),
        )
        return [_association(row) for row in rows]

    def all_associations(self, account: str, region: str) -> Sequence[Association]:
        """All of an account and region, oldest first."""
        prefix = f"arn:aws:sagemaker:{region}:{account}:"
        rows = self._database.reader.execute(
            "SELECT * FROM lineage_associations WHERE source >= ? AND source < ? ORDER BY created, rowid",
            (prefix, prefix + "\x7f"),
        )
        return [_association(row) for row in rows]


class SqliteTrials:
    """Implements ``domain.lineage.ports.TrialStore``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def join(self, trial: str, component: str) -> None:
        """Make a trial component part of a trial."""
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT OR IGNORE INTO lineage_members (trial, component) VALUES (?, ?)", (trial, component)
            )

    def leave(self, trial: str, component: str) -> bool:
        """Take a trial component out of a trial; whether it was in there."""
        with self._database.transaction() as connection:
            done = connection.execute(
                "DELETE FROM lineage_members WHERE trial = ? AND component = ?", (trial, component)
            )
            return done.rowcount > 0

    def components(self, trial: str) -> Sequence[str]:
        """The ARNs of a trial's components."""
        rows = self._database.reader.execute(
            "SELECT component FROM lineage_members WHERE trial = ? ORDER BY rowid", (trial,)
        )
        return [row["component"] for row in rows]

    def trials(self, component: str) -> Sequence[str]:
        """The ARNs of the trials that a component is part of."""
        rows = self._database.reader.execute(
            "SELECT trial FROM lineage_members WHERE component = ? ORDER BY rowid", (component,)
        )
        return [row["trial"] for row in rows]

    def add_metrics(self, component: str, metrics: Sequence[Metric]) -> None:
        """Keep values of a component's metrics."""
        with self._database.transaction() as connection:
            connection.executemany(
                "INSERT INTO lineage_metrics (component, name, time, value, step) VALUES (?, ?, ?, ?, ?)",
                [(component, each.name, each.timestamp, each.value, each.step) for each in metrics],
            )

    def metrics(self, component: str, name: str) -> Sequence[Metric]:
        """A metric's values in the order in which they came."""
        rows = self._database.reader.execute(
            "SELECT * FROM lineage_metrics WHERE component = ? AND name = ? ORDER BY rowid", (component, name)
        )
        return [Metric(row["name"], row["time"], row["value"], row["step"]) for row in rows]

    def summaries(self, component: str) -> Sequence[Summary]:
        """A component's metrics in figures."""
        reader = self._database.reader
        found = []
        for row in reader.execute(_SUMMARIES, (component,)).fetchall():
            last = reader.execute(
                "SELECT time, value FROM lineage_metrics WHERE rowid = ?", (row["newest"],)
            ).fetchone()
            deviation = math.sqrt(max(0.0, row["squares"] - row["mean"] ** 2))
            found.append(
                Summary(
                    row["name"],
                    last["time"],
                    row["number"],
                    row["low"],
                    row["high"],
                    last["value"],
                    row["mean"],
                    deviation,
                )
            )
        return found


def _entity(row: sqlite3.Row) -> Entity:
    return Entity(
        kind=row["kind"],
        account=row["account"],
        region=row["region"],
        name=row["name"],
        created=row["created"],
        modified=row["modified"],
        type=row["type"],
        source=row["source"],
        parent=row["parent"],
        document=json.loads(row["document"]),
        created_by=json.loads(row["created_by"]),
        modified_by=json.loads(row["modified_by"]),
    )


def _association(row: sqlite3.Row) -> Association:
    return Association(
        row["source"], row["destination"], row["type"], row["created"], json.loads(row["created_by"])
    )
