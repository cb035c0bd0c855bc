"""Archives, what is in them, and replays in SQLite."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ropeway.sandbox.domain.events.archives import Archive, Replay
from ropeway.sandbox.store.db import Database

__all__ = ["SqliteArchives"]


class SqliteArchives:
    """Implements ``domain.events.archives.ArchiveStore``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, arn: str) -> Archive | None:
        """An archive, or None."""
        row = self._database.reader.execute("SELECT * FROM event_archives WHERE arn = ?", (arn,)).fetchone()
        return None if row is None else _archive(row)

    def put(self, archive: Archive) -> None:
        """Keep an archive, new or changed."""
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO event_archives (arn, bus_arn, account, region, name, created, document)"
                " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (arn) DO UPDATE SET document = excluded.document",
                (
                    archive.arn,
                    archive.bus_arn,
                    archive.account,
                    archive.region,
                    archive.name,
                    archive.created,
                    json.dumps(dict(archive.document)),
                ),
            )

    def delete(self, arn: str) -> None:
        """Forget an archive and what is in it."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM event_archives WHERE arn = ?", (arn,))

    def of_bus(self, bus_arn: str) -> Sequence[Archive]:
        """The archives of a bus."""
        rows = self._database.reader.execute("SELECT * FROM event_archives WHERE bus_arn = ?", (bus_arn,))
        return [_archive(row) for row in rows]

    def list(self, account: str, region: str) -> Sequence[Archive]:
        """The archives of an account and region by name."""
        rows = self._database.reader.execute(
            "SELECT * FROM event_archives WHERE account = ? AND region = ? ORDER BY name", (account, region)
        )
        return [_archive(row) for row in rows]

    def keep(self, arn: str, time: float, event: Mapping[str, Any], oldest: float) -> None:
        """Put an event into an archive, and drop those that came before ``oldest``."""
        with self._database.transaction() as connection:
            connection.execute(
                "DELETE FROM archived_events WHERE archive_arn = ? AND time < ?", (arn, oldest)
            )
            connection.execute(
                "INSERT INTO archived_events (archive_arn, time, event) VALUES (?, ?, ?)",
                (arn, time, json.dumps(dict(event))),
            )

    def size(self, arn: str) -> tuple[int, int]:
        """How many events are in an archive, and how many bytes."""
        row = self._database.reader.execute(
            "SELECT count(*) AS found, coalesce(sum(length(event)), 0) AS bytes FROM archived_events"
            " WHERE archive_arn = ?",
            (arn,),
        ).fetchone()
        return int(row["found"]), int(row["bytes"])

    def events(self, arn: str, start: float, end: float) -> Iterator[tuple[float, dict[str, Any]]]:
        """What came into an archive within a time, in order, each with its moment."""
        rows = self._database.reader.execute(
            "SELECT time, event FROM archived_events WHERE archive_arn = ? AND time >= ? AND time < ? ORDER BY number",
            (arn, start, end),
        ).fetchall()
        return ((row["time"], json.loads(row["event"])) for row in rows)

    def replay(self, arn: str) -> Replay | None:
        """A replay, or None."""
        row = self._database.reader.execute("SELECT * FROM event_replays WHERE arn = ?", (arn,)).fetchone()
        return None if row is None else _replay(row)

    def put_replay(self, replay: Replay) -> None:
        """Keep a replay."""
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO event_replays (arn, account, region, name, created, document) VALUES (?, ?, ?, ?, ?, ?)",
                (
                    replay.arn,
                    replay.account,
                    replay.region,
                    replay.name,
                    replay.created,
                    json.dumps(dict(replay.document)),
                ),
            )

    def replays(self, account: str, region: str) -> Sequence[Replay]:
        """The replays of an account and region by name."""
        rows = self._database.reader.execute(
            "SELECT * FROM event_replays WHERE account = ? AND region = ? ORDER BY name", (account, region)
        )
        return [_replay(row) for row in rows]


def _archive(row: sqlite3.Row) -> Archive:
    return Archive(
        row["account"],
        row["region"],
        row["name"],
        row["bus_arn"],
        row["created"],
        json.loads(row["document"]),
    )


def _replay(row: sqlite3.Row) -> Replay:
    return Replay(row["account"], row["region"], row["name"], row["created"], json.loads(row["document"]))
