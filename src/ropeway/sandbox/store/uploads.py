"""Uploads in parts, in SQLite; the parts' bytes are staging files."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence

from ropeway.sandbox.domain.objects.model import Bucket, Part, Upload
from ropeway.sandbox.store.db import Database

__all__ = ["SqliteUploads"]

_UPLOAD = "id, bucket, key, created, attributes, tags"


class SqliteUploads:
    """Implements ``domain.objects.ports.UploadRows``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, upload: Upload) -> None:
        """Keep a new upload."""
        values = (
            upload.id,
            upload.bucket,
            upload.key,
            upload.created,
            json.dumps(dict(upload.attributes)),
            json.dumps(dict(upload.tags)),
        )
        with self._database.transaction() as connection:
            connection.execute(f"INSERT INTO uploads ({_UPLOAD}) VALUES (?, ?, ?, ?, ?, ?)", values)  # noqa: S608 - a constant

    def get(self, upload_id: str) -> Upload | None:
        """An upload by id."""
        row = self._database.reader.execute(
            f"SELECT {_UPLOAD} FROM uploads WHERE id = ?",  # noqa: S608 - a constant
            (upload_id,),
        ).fetchone()
        return None if row is None else _upload(row)

    def remove(self, upload_id: str) -> Sequence[str]:
        """Forget an upload and its parts; the parts' files."""
        with self._database.transaction() as connection:
            rows = connection.execute("SELECT file FROM upload_parts WHERE upload = ?", (upload_id,))
            files = [row["file"] for row in rows]
            connection.execute("DELETE FROM uploads WHERE id = ?", (upload_id,))
            return files

    def scan(self, bucket: Bucket, start: str, stop: str | None, after_id: str | None) -> Iterator[Upload]:
        """Uploads by key and id."""
        query = f"SELECT {_UPLOAD} FROM uploads WHERE bucket = ? AND key >= ?"  # noqa: S608 - a constant
        values: tuple[object, ...] = (bucket.id, start)
        if stop is not None:
            query, values = f"{query} AND key < ?", (*values, stop)
        for row in self._database.reader.execute(f"{query} ORDER BY key, id", values):
            if after_id is None or row["key"] != start or row["id"] > after_id:
                yield _upload(row)

    def put_part(self, upload_id: str, part: Part) -> str | None:
        """Keep a part; the file of the part it replaces."""
        with self._database.transaction() as connection:
            old = connection.execute(
                "SELECT file FROM upload_parts WHERE upload = ? AND number = ?", (upload_id, part.number)
            ).fetchone()
            connection.execute(
                "INSERT OR REPLACE INTO upload_parts (upload, number, file, size, md5, checksums, modified) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    upload_id,
                    part.number,
                    part.file,
                    part.size,
                    part.md5,
                    json.dumps(dict(part.checksums)),
                    part.modified,
                ),
            )
            return None if old is None else str(old["file"])

    def parts(self, upload_id: str) -> Sequence[Part]:
        """An upload's parts by number."""
        rows = self._database.reader.execute(
            "SELECT number, file, size, md5, checksums, modified FROM upload_parts WHERE upload = ? ORDER BY number",
            (upload_id,),
        )
        return [
            Part(
                row["number"],
                row["file"],
                row["size"],
                row["md5"],
                json.loads(row["checksums"]),
                row["modified"],
            )
            for row in rows
        ]


def _upload(row: sqlite3.Row) -> Upload:
    identifier, bucket, key, created, attributes, tags = row
    return Upload(identifier, bucket, key, created, json.loads(attributes), json.loads(tags))
