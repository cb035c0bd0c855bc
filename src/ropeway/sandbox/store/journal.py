"""The journal of moto's calls, in a database of its own.

It is not in the state's database: a call may be made while a change of the state is being written, and must stay
when that change is taken back.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterator

from ropeway.sandbox.domain.journal import Entry
from ropeway.sandbox.store.db import Database

__all__ = ["SqliteJournal"]

_PAGE = 200


class SqliteJournal:
    """Implements ``domain.journal.Journal``.

    Args:
        database: with the schema ``journal_migrations``.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def append(self, entry: Entry) -> None:
        """Keep a call."""
        digest = hashlib.sha256(entry.body).digest()
        values = (
            entry.service,
            entry.operation,
            entry.account,
            entry.seed,
            entry.method,
            entry.path,
            entry.query,
            json.dumps(dict(entry.headers)),
            digest,
            json.dumps(dict(entry.facts)),
        )
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT OR IGNORE INTO bodies (sha256, content) VALUES (?, ?)",
                (digest, zlib.compress(entry.body, 1)),
            )
            connection.execute(
                "INSERT INTO calls (service, operation, account, seed, method, path, query, headers, body, facts)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                values,
            )

    def entries(self) -> Iterator[Entry]:
        """Every call, the earliest first; those that come while this runs are not missed."""
        last = 0
        while True:
            rows = self._database.reader.execute(
                "SELECT calls.*, bodies.content FROM calls JOIN bodies ON bodies.sha256 = calls.body"
                " WHERE id > ? ORDER BY id LIMIT ?",
                (last, _PAGE),
            ).fetchall()
            for row in rows:
                last = row["id"]
                yield Entry(
                    service=row["service"],
                    operation=row["operation"],
                    account=row["account"],
                    seed=row["seed"],
                    method=row["method"],
                    path=row["path"],
                    query=row["query"],
                    headers=json.loads(row["headers"]),
                    body=zlib.decompress(row["content"]),
                    facts=json.loads(row["facts"]),
                )
            if len(rows) < _PAGE:
                return
