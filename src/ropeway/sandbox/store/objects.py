"""Buckets and object versions in SQLite.

Lists read the partial index of live versions from a key on and stop when the caller has enough: a page costs what
it holds, however many keys there are.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any

from ropeway.sandbox.domain.objects.model import NULL, Bucket, Version
from ropeway.sandbox.store.db import Database

__all__ = ["SqliteBuckets", "SqliteVersions"]

_BUCKET = "id, name, account, region, created, versioning"
_LISTED = "seq, key, version_id, marker, size, etag, sha256, modified"
_VERSION = f"{_LISTED}, attributes, tags"
_CLASS = "json_extract(attributes, '$.StorageClass') AS storage_class"
_INSERT = """
INSERT INTO object_versions
  (bucket, key, version_id, live, marker, size, etag, sha256, modified, attributes, tags)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""


class SqliteBuckets:
    """Implements ``domain.objects.ports.BucketRows``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, name: str, account: str, region: str, created: float) -> bool:
        """Add a bucket; False when the name is taken."""
        with self._database.transaction() as connection:
            cursor = connection.execute(
                "INSERT OR IGNORE INTO buckets (name, account, region, created) VALUES (?, ?, ?, ?)",
                (name, account, region, created),
            )
            return cursor.rowcount == 1

    def get(self, name: str) -> Bucket | None:
        """A bucket by its name."""
        row = self._database.reader.execute(
            f"SELECT {_BUCKET} FROM buckets WHERE name = ?",  # noqa: S608 - constants
            (name,),
        ).fetchone()
        return None if row is None else Bucket(*row)

    def owned_by(self, account: str) -> Sequence[Bucket]:
        """An account's buckets by name."""
        rows = self._database.reader.execute(
            f"SELECT {_BUCKET} FROM buckets WHERE account = ? ORDER BY name",  # noqa: S608 - constants
            (account,),
        )
        return [Bucket(*row) for row in rows]

    def delete(self, bucket: Bucket) -> bool:
        """Delete a bucket; False when it has versions."""
        with self._database.transaction() as connection:
            query = "SELECT 1 FROM object_versions WHERE bucket = ? LIMIT 1"
            if connection.execute(query, (bucket.id,)).fetchone() is not None:
                return False
            connection.execute("DELETE FROM buckets WHERE id = ?", (bucket.id,))
            return True

    def set_versioning(self, bucket: Bucket, status: str) -> None:
        """Switch versioning."""
        with self._database.transaction() as connection:
            connection.execute("UPDATE buckets SET versioning = ? WHERE id = ?", (status, bucket.id))

    def put_document(self, bucket: Bucket, kind: str, id_: str, document: Any) -> None:
        """Keep a JSON document."""
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO bucket_documents (bucket, kind, id, document) VALUES (?, ?, ?, ?)",
                (bucket.id, kind, id_, json.dumps(document)),
            )

    def document(self, bucket: Bucket, kind: str, id_: str = "") -> Any:
        """A JSON document, or None."""
        row = self._database.reader.execute(
            "SELECT document FROM bucket_documents WHERE bucket = ? AND kind = ? AND id = ?",
            (bucket.id, kind, id_),
        ).fetchone()
        return None if row is None else json.loads(row["document"])

    def documents(self, bucket: Bucket, kind: str) -> Sequence[Any]:
        """All documents of a kind by id."""
        rows = self._database.reader.execute(
            "SELECT document FROM bucket_documents WHERE bucket = ? AND kind = ? ORDER BY id",
            (bucket.id, kind),
        )
        return [json.loads(row["document"]) for row in rows]

    def delete_document(self, bucket: Bucket, kind: str, id_: str = "") -> bool:
        """Forget a document; False when there is none."""
        with self._database.transaction() as connection:
            cursor = connection.execute(
                "DELETE FROM bucket_documents WHERE bucket = ? AND kind = ? AND id = ?",
                (bucket.id, kind, id_),
            )
            return cursor.rowcount > 0


class SqliteVersions:
    """Implements ``domain.objects.ports.VersionRows``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def latest(self, bucket: Bucket, key: str) -> Version | None:
        """The newest version of a key."""
        row = self._database.reader.execute(
            f"SELECT {_VERSION} FROM object_versions WHERE bucket = ? AND key = ? ORDER BY seq DESC LIMIT 1",  # noqa: S608 - constants
            (bucket.id, key),
        ).fetchone()
        return None if row is None else _full(row, latest=True)

    def get(self, bucket: Bucket, key: str, version_id: str) -> Version | None:
        """One version."""
        row = self._database.reader.execute(
            f"SELECT {_VERSION} FROM object_versions WHERE bucket = ? AND key = ? AND version_id = ?",  # noqa: S608 - constants
            (bucket.id, key, version_id),
        ).fetchone()
        if row is None:
            return None
        newest = self._database.reader.execute(
            "SELECT max(seq) FROM object_versions WHERE bucket = ? AND key = ?", (bucket.id, key)
        ).fetchone()[0]
        return _full(row, latest=row["seq"] == newest)

    def add(self, bucket: Bucket, version: Version) -> None:
        """Make a version the newest of its key; a ``null`` version takes the place of the one before."""
        with self._database.transaction() as connection:
            if version.version_id == NULL:
                connection.execute(
                    "DELETE FROM object_versions WHERE bucket = ? AND key = ? AND version_id = ?",
                    (bucket.id, version.key, NULL),
                )
            connection.execute(
                "UPDATE object_versions SET live = 0 WHERE bucket = ? AND key = ? AND live = 1",
                (bucket.id, version.key),
            )
            values = (
                bucket.id,
                version.key,
                version.version_id,
                int(not version.marker),
                int(version.marker),
                version.size,
                version.etag,
                version.sha256,
                version.modified,
                json.dumps(dict(version.attributes)),
                json.dumps(dict(version.tags)),
            )
            connection.execute(_INSERT, values)

    def remove(self, bucket: Bucket, version: Version) -> None:
        """Remove one version; the one before it becomes the newest."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM object_versions WHERE seq = ?", (version.seq,))
            connection.execute(
                "UPDATE object_versions SET live = 1 WHERE marker = 0 AND seq = "
                "(SELECT max(seq) FROM object_versions WHERE bucket = ? AND key = ?)",
                (bucket.id, version.key),
            )

    def update(self, version: Version) -> None:
        """Write a version's attributes and tags."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE object_versions SET attributes = ?, tags = ? WHERE seq = ?",
                (json.dumps(dict(version.attributes)), json.dumps(dict(version.tags)), version.seq),
            )

    def scan(self, bucket: Bucket, start: str, stop: str | None) -> Iterator[Version]:
        """Objects by key; of their attributes only the storage class."""
        query = f"SELECT {_LISTED}, {_CLASS} FROM object_versions WHERE bucket = ? AND live = 1 AND key >= ?"  # noqa: S608 - constants
        values: tuple[object, ...] = (bucket.id, start)
        if stop is not None:
            query, values = f"{query} AND key < ?", (*values, stop)
        for row in self._database.reader.execute(f"{query} ORDER BY key", values):
            yield _listed(row, latest=True)

    def scan_versions(
        self, bucket: Bucket, start: str, stop: str | None, below: int | None
    ) -> Iterator[Version]:
        """Versions by key, newest first."""
        query = f"SELECT {_LISTED}, {_CLASS} FROM object_versions WHERE bucket = ? AND key >= ?"  # noqa: S608 - constants
        values: tuple[object, ...] = (bucket.id, start)
        if stop is not None:
            query, values = f"{query} AND key < ?", (*values, stop)
        previous = None if below is None else start
        for row in self._database.reader.execute(f"{query} ORDER BY key, seq DESC", values):
            if below is not None and row["key"] == start and row["seq"] >= below:
                continue
            yield _listed(row, latest=row["key"] != previous)
            previous = row["key"]


def _listed(row: sqlite3.Row, *, latest: bool) -> Version:
    seq, key, version_id, marker, size, etag, sha256, modified = tuple(row)[:8]
    attributes = {"StorageClass": row["storage_class"]} if row["storage_class"] else {}
    return Version(key, version_id, bool(marker), latest, size, etag, sha256, modified, attributes, seq=seq)


def _full(row: sqlite3.Row, *, latest: bool) -> Version:
    seq, key, version_id, marker, size, etag, sha256, modified, attributes, tags = row
    return Version(
        key=key,
        version_id=version_id,
        marker=bool(marker),
        latest=latest,
        size=size,
        etag=etag,
        sha256=sha256,
        modified=modified,
        attributes=json.loads(attributes),
        tags=json.loads(tags),
        seq=seq,
    )
