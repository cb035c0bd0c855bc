"""Schedules, timers and the clock's offset in SQLite."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

from ropeway.sandbox.domain.schedules.model import Group, Planned, Timer
from ropeway.sandbox.store.db import Database

__all__ = ["SqliteOffset", "SqliteScheduleGroups", "SqliteSchedules", "SqliteTimers"]


class SqliteScheduleGroups:
    """Implements ``domain.schedules.ports.GroupStore``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, arn: str) -> Group | None:
        """A group, or None."""
        row = self._database.reader.execute("SELECT * FROM schedule_groups WHERE arn = ?", (arn,)).fetchone()
        return None if row is None else _group(row)

    def put(self, group: Group) -> None:
        """Keep a group."""
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO schedule_groups (arn, account, region, name, created, modified) VALUES (?, ?, ?, ?, ?, ?)",
                (group.arn, group.account, group.region, group.name, group.created, group.modified),
            )

    def delete(self, arn: str) -> None:
        """Forget a group."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM schedule_groups WHERE arn = ?", (arn,))

    def list(self, account: str, region: str) -> Sequence[Group]:
        """The groups of an account and region by name."""
        rows = self._database.reader.execute(
            "SELECT * FROM schedule_groups WHERE account = ? AND region = ? ORDER BY name", (account, region)
        )
        return [_group(row) for row in rows]


class SqliteSchedules:
    """Implements ``domain.schedules.ports.ScheduleStore``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, arn: str) -> Planned | None:
        """A schedule, or None."""
        row = self._database.reader.execute("SELECT * FROM schedules WHERE arn = ?", (arn,)).fetchone()
        return None if row is None else _planned(row)

    def put(self, schedule: Planned) -> None:
        """Keep a schedule, new or changed."""
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO schedules (arn, account, region, group_name, name, created, modified, anchor, document,"
                " token) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (arn) DO UPDATE SET"
                " modified = excluded.modified, anchor = excluded.anchor, document = excluded.document",
                (
                    schedule.arn,
                    schedule.account,
                    schedule.region,
                    schedule.group,
                    schedule.name,
                    schedule.created,
                    schedule.modified,
                    schedule.anchor,
                    json.dumps(dict(schedule.document)),
                    schedule.token,
                ),
            )

    def delete(self, arn: str) -> None:
        """Forget a schedule."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM schedules WHERE arn = ?", (arn,))

    def list(self, account: str, region: str, group: str | None) -> Sequence[Planned]:
        """The schedules of a group, or of all groups, by group and name."""
        rows = self._database.reader.execute(
            "SELECT * FROM schedules WHERE account = ? AND region = ? AND coalesce(?, group_name) = group_name"
            " ORDER BY group_name, name",
            (account, region, group),
        )
        return [_planned(row) for row in rows]


class SqliteTimers:
    """Implements ``domain.schedules.ports.TimerStore``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, timer: Timer) -> None:
        """Set what is due next of a rule or schedule."""
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO timers (arn, scheduled, due) VALUES (?, ?, ?)"
                " ON CONFLICT (arn) DO UPDATE SET scheduled = excluded.scheduled, due = excluded.due",
                (timer.arn, timer.scheduled, timer.due),
            )

    def drop(self, arn: str) -> None:
        """Nothing of it is due any more."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM timers WHERE arn = ?", (arn,))

    def all(self) -> Sequence[Timer]:
        """All of them, by due."""
        rows = self._database.reader.execute("SELECT * FROM timers ORDER BY due, arn")
        return [Timer(row["arn"], row["scheduled"], row["due"]) for row in rows]

    def first(self) -> Timer | None:
        """The earliest."""
        row = self._database.reader.execute("SELECT * FROM timers ORDER BY due, arn LIMIT 1").fetchone()
        return None if row is None else Timer(row["arn"], row["scheduled"], row["due"])


class SqliteOffset:
    """Implements ``domain.schedules.ports.OffsetStore``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def load(self) -> float:
        """Seconds; 0 at first."""
        row = self._database.reader.execute("SELECT seconds FROM clock").fetchone()
        return 0.0 if row is None else float(row["seconds"])

    def save(self, seconds: float) -> None:
        """Keep another number of seconds."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM clock")
            connection.execute("INSERT INTO clock (seconds) VALUES (?)", (seconds,))


def _group(row: sqlite3.Row) -> Group:
    return Group(row["account"], row["region"], row["name"], row["created"], row["modified"])


def _planned(row: sqlite3.Row) -> Planned:
    return Planned(
        account=row["account"],
        region=row["region"],
        group=row["group_name"],
        name=row["name"],
        created=row["created"],
        modified=row["modified"],
        anchor=row["anchor"],
        document=json.loads(row["document"]),
        token=row["token"],
    )
