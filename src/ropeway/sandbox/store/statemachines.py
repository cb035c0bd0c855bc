"""State machines, their versions and aliases, and activities in SQLite."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from typing import Any

from ropeway.sandbox.domain.listing import Listing, Page
from ropeway.sandbox.domain.statemachines.model import Activity, Alias, Machine
from ropeway.sandbox.store.db import Database
from ropeway.sandbox.store.listing import select_page
from ropeway.values.arn import Arn

__all__ = ["SqliteActivities", "SqliteMachines"]

_MACHINE = """
INSERT OR REPLACE INTO machines (arn, account, region, name, definition, role_arn, type, settings, revision, created,
  updated)
VALUES (:arn, :account, :region, :name, :definition, :role_arn, :type, :settings, :revision, :created, :updated)
"""
_VERSION = """
INSERT INTO machine_versions (arn, version, definition, role_arn, type, settings, revision, created, description)
VALUES (:arn, :version, :definition, :role_arn, :type, :settings, :revision, :created, :description)
"""
_ALIAS = """
INSERT OR REPLACE INTO machine_aliases (arn, machine_arn, name, description, routes, created, updated)
VALUES (?, ?, ?, ?, ?, ?, ?)
"""


class SqliteMachines:
    """Implements ``domain.statemachines.ports.MachineStore``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, machine: Machine) -> None:
        """Keep a machine, new or changed."""
        columns = {
            **_columns(machine),
            "account": machine.account,
            "region": machine.region,
            "name": machine.name,
            "updated": machine.updated,
        }
        with self._database.transaction() as connection:
            connection.execute(_MACHINE, columns)

    def get(self, arn: str) -> Machine | None:
        """A machine by its ARN."""
        row = self._database.reader.execute("SELECT * FROM machines WHERE arn = ?", (arn,)).fetchone()
        return None if row is None else _machine(row, row["updated"])

    def delete(self, arn: str) -> None:
        """Forget a machine with its versions and aliases."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM machines WHERE arn = ?", (arn,))
            connection.execute("DELETE FROM machine_versions WHERE arn = ?", (arn,))
            connection.execute("DELETE FROM machine_aliases WHERE machine_arn = ?", (arn,))

    def list(self, account: str, region: str, listing: Listing) -> Page[Machine]:
        """Machines of one account and region."""
        scope: dict[str, str | int] = {"account": account, "region": region}
        rows, cursor = select_page(self._database.reader, "machines", scope, listing)
        return Page([_machine(row, row["updated"]) for row in rows], cursor)

    def put_version(self, version: Machine) -> None:
        """Keep a published version."""
        columns = {**_columns(version), "version": version.version, "description": version.description}
        with self._database.transaction() as connection:
            connection.execute(_VERSION, columns)

    def versions(self, arn: str) -> Sequence[Machine]:
        """A machine's published versions, newest first."""
        rows = self._database.reader.execute(
            "SELECT * FROM machine_versions WHERE arn = ? AND type != '' ORDER BY version DESC", (arn,)
        )
        return [_machine(row, row["created"], row["version"], row["description"]) for row in rows]

    def last_version(self, arn: str) -> int:
        """The number of the newest version that a machine has ever had; 0 without one."""
        row = self._database.reader.execute(
            "SELECT coalesce(max(version), 0) AS last FROM machine_versions WHERE arn = ?", (arn,)
        ).fetchone()
        return int(row["last"])

    def drop_version(self, arn: str, version: int) -> None:
        """Forget a version; its number stays taken."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE machine_versions SET definition = '', type = '', settings = '{}' WHERE arn = ? AND version = ?",
                (arn, version),
            )

    def put_alias(self, alias: Alias) -> None:
        """Keep an alias, new or changed."""
        routes = json.dumps([dict(route) for route in alias.routes])
        with self._database.transaction() as connection:
            connection.execute(
                _ALIAS,
                (
                    alias.arn,
                    alias.machine_arn,
                    alias.name,
                    alias.description,
                    routes,
                    alias.created,
                    alias.updated,
                ),
            )

    def aliases(self, machine_arn: str) -> Sequence[Alias]:
        """A machine's aliases by name."""
        rows = self._database.reader.execute(
            "SELECT * FROM machine_aliases WHERE machine_arn = ? ORDER BY name", (machine_arn,)
        )
        return [
            Alias(
                row["machine_arn"],
                row["name"],
                row["description"],
                json.loads(row["routes"]),
                row["created"],
                row["updated"],
            )
            for row in rows
        ]

    def drop_alias(self, arn: str) -> None:
        """Forget an alias."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM machine_aliases WHERE arn = ?", (arn,))


class SqliteActivities:
    """Implements ``domain.statemachines.ports.ActivityStore``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, activity: Activity) -> None:
        """Keep an activity."""
        arn = Arn.parse(activity.arn)
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO activities (arn, account, region, name, created) VALUES (?, ?, ?, ?, ?)",
                (activity.arn, arn.account, arn.region, activity.name, activity.created),
            )

    def list(self, account: str, region: str) -> Sequence[Activity]:
        """Activities of one account and region by name."""
        rows = self._database.reader.execute(
            "SELECT * FROM activities WHERE account = ? AND region = ? ORDER BY name", (account, region)
        )
        return [Activity(row["arn"], row["created"]) for row in rows]

    def drop(self, arn: str) -> None:
        """Forget an activity."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM activities WHERE arn = ?", (arn,))


def _columns(machine: Machine) -> dict[str, Any]:
    return {
        "arn": machine.arn,
        "definition": machine.definition,
        "role_arn": machine.role_arn,
        "type": machine.type,
        "settings": json.dumps(dict(machine.settings)),
        "revision": machine.revision,
        "created": machine.created,
    }


def _machine(row: sqlite3.Row, updated: float, version: int | None = None, description: str = "") -> Machine:
    return Machine(
        arn=row["arn"],
        definition=row["definition"],
        role_arn=row["role_arn"],
        type=row["type"],
        settings=json.loads(row["settings"]),
        revision=row["revision"],
        created=row["created"],
        updated=updated,
        version=version,
        description=description,
    )
