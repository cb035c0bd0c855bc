"""Records in SQLite."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

from ropeway.sandbox.domain.listing import Listing, Page
from ropeway.sandbox.domain.records.ports import Record
from ropeway.sandbox.store.db import Database
from ropeway.sandbox.store.listing import select_page

__all__ = ["SqliteRecords"]


class SqliteRecords:
    """Implements ``domain.records.ports.RecordStore``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, arn: str) -> Record | None:
        """A record, or None."""
        row = self._database.reader.execute("SELECT * FROM records WHERE arn = ?", (arn,)).fetchone()
        return None if row is None else _record(row)

    def put(self, record: Record) -> None:
        """Keep a record; one of its ARN is replaced and keeps its place in lists."""
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO records (arn, kind, account, region, name, parent, created, modified, document)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (arn) DO UPDATE SET modified = excluded.modified, document = excluded.document",
                (
                    record.arn,
                    record.kind,
                    record.account,
                    record.region,
                    record.name,
                    record.parent,
                    record.created,
                    record.modified,
                    json.dumps(dict(record.document)),
                ),
            )

    def delete(self, arn: str) -> None:
        """Forget a record."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM records WHERE arn = ?", (arn,))

    def list(self, kind: str, account: str, region: str, listing: Listing) -> Page[Record]:
        """Records of a kind in an account and region."""
        scope: dict[str, str | int] = {"kind": kind, "account": account, "region": region}
        rows, cursor = select_page(self._database.reader, "records", scope, listing)
        return Page([_record(row) for row in rows], cursor)

    def places(self, kind: str) -> Sequence[tuple[str, str]]:
        """The accounts and regions that have records of a kind."""
        rows = self._database.reader.execute(
            "SELECT DISTINCT account, region FROM records WHERE kind = ? ORDER BY account, region", (kind,)
        )
        return [(row["account"], row["region"]) for row in rows]

    def count(self, kind: str, account: str, region: str, parent: str) -> int:
        """How many of a kind live in a parent."""
        row = self._database.reader.execute(
            "SELECT count(*) AS found FROM records WHERE kind = ? AND account = ? AND region = ? AND parent = ?",
            (kind, account, region, parent),
        ).fetchone()
        return int(row["found"])


def _record(row: sqlite3.Row) -> Record:
    return Record(
        arn=row["arn"],
        kind=row["kind"],
        account=row["account"],
        region=row["region"],
        name=row["name"],
        parent=row["parent"],
        created=row["created"],
        modified=row["modified"],
        document=json.loads(row["document"]),
    )
