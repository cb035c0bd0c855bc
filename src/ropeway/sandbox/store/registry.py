"""Model package groups, model packages and client tokens in SQLite."""

from __future__ import annotations

import json
import sqlite3

from ropeway.sandbox.domain.listing import Listing, Page
from ropeway.sandbox.domain.registry.model import Group, Package
from ropeway.sandbox.store.db import Database
from ropeway.sandbox.store.listing import select_page

__all__ = ["SqliteGroups", "SqlitePackages", "SqliteTokens"]

_DAY = 86_400
_INSERT_GROUP = """
INSERT INTO model_package_groups
  (arn, account, region, name, created, created_by, description, policy, configuration, last_version)
VALUES (:arn, :account, :region, :name, :created, :created_by, :description, :policy, :configuration, :last_version)
"""
_INSERT_PACKAGE = """
INSERT INTO model_packages (arn, account, region, name, group_name, group_arn, versioned, version, approval, status,
  created, created_by, modified, modified_by, document)
VALUES (:arn, :account, :region, :name, :group_name, :group_arn, :versioned, :version, :approval, :status,
  :created, :created_by, :modified, :modified_by, :document)
"""
_UPDATE_PACKAGE = """
UPDATE model_packages SET approval = :approval, status = :status, modified = :modified,
  modified_by = :modified_by, document = :document
WHERE arn = :arn
"""


class SqliteGroups:
    """Implements ``domain.registry.ports.GroupStore``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, group: Group) -> None:
        """Keep a new group."""
        row = {
            "arn": group.arn,
            "account": group.account,
            "region": group.region,
            "name": group.name,
            "created": group.created,
            "created_by": json.dumps(dict(group.created_by)),
            "description": group.description,
            "policy": group.policy,
            "configuration": json.dumps(dict(group.configuration)),
            "last_version": group.last_version,
        }
        with self._database.transaction() as connection:
            connection.execute(_INSERT_GROUP, row)

    def update(self, group: Group) -> None:
        """Write a group's description, policy and last version."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE model_package_groups SET description = ?, policy = ?, last_version = ? WHERE arn = ?",
                (group.description, group.policy, group.last_version, group.arn),
            )

    def get(self, arn: str) -> Group | None:
        """A group by its ARN, in any case."""
        row = self._database.reader.execute(
            "SELECT * FROM model_package_groups WHERE arn = ?", (arn,)
        ).fetchone()
        return None if row is None else _group(row)

    def delete(self, arn: str) -> None:
        """Forget a group."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM model_package_groups WHERE arn = ?", (arn,))

    def list(self, account: str, region: str, listing: Listing) -> Page[Group]:
        """Groups of one account and region."""
        scope: dict[str, str | int] = {"account": account, "region": region}
        rows, cursor = select_page(self._database.reader, "model_package_groups", scope, listing)
        return Page([_group(row) for row in rows], cursor)


class SqlitePackages:
    """Implements ``domain.registry.ports.PackageStore``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, package: Package) -> None:
        """Keep a new package."""
        row = {
            "account": package.account,
            "region": package.region,
            "name": package.name,
            "group_name": package.group,
            "group_arn": package.group_arn,
            "versioned": int(bool(package.group)),
            "version": package.version,
            "created": package.created,
            "created_by": json.dumps(dict(package.created_by)),
            **_changing(package),
        }
        with self._database.transaction() as connection:
            connection.execute(_INSERT_PACKAGE, row)

    def update(self, package: Package) -> None:
        """Write what has changed of a package."""
        with self._database.transaction() as connection:
            connection.execute(_UPDATE_PACKAGE, _changing(package))

    def get(self, arn: str) -> Package | None:
        """A package by its ARN, in any case."""
        row = self._database.reader.execute("SELECT * FROM model_packages WHERE arn = ?", (arn,)).fetchone()
        return None if row is None else _package(row)

    def delete(self, arn: str) -> None:
        """Forget a package."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM model_packages WHERE arn = ?", (arn,))

    def any_in(self, group_arn: str) -> bool:
        """Whether a group has packages."""
        row = self._database.reader.execute(
            "SELECT 1 FROM model_packages WHERE group_arn = ? LIMIT 1", (group_arn,)
        ).fetchone()
        return row is not None

    def list(
        self, account: str, region: str, listing: Listing, *, group_arn: str | None, versioned: bool | None
    ) -> Page[Package]:
        """Packages of a group, or of one account and region."""
        scope: dict[str, str | int] = {"account": account, "region": region}
        if group_arn is not None:
            scope = {"group_arn": group_arn}
        elif versioned is not None:
            scope["versioned"] = int(versioned)
        rows, cursor = select_page(self._database.reader, "model_packages", scope, listing)
        return Page([_package(row) for row in rows], cursor)


class SqliteTokens:
    """Implements ``domain.registry.ports.TokenStore``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, scope: str, token: str) -> tuple[str, str] | None:
        """The digest of the request that used a token, and the ARN it was answered with."""
        row = self._database.reader.execute(
            "SELECT digest, arn FROM client_tokens WHERE scope = ? AND token = ?", (scope, token)
        ).fetchone()
        return None if row is None else (row["digest"], row["arn"])

    def put(self, scope: str, token: str, digest: str, arn: str, now: float) -> None:
        """Remember a token; those of yesterday go."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM client_tokens WHERE created < ?", (now - _DAY,))
            connection.execute(
                "INSERT INTO client_tokens (scope, token, digest, arn, created) VALUES (?, ?, ?, ?, ?)",
                (scope, token, digest, arn, now),
            )


def _changing(package: Package) -> dict[str, object]:
    return {
        "arn": package.arn,
        "approval": package.approval,
        "status": package.status,
        "modified": package.modified,
        "modified_by": json.dumps(dict(package.modified_by)),
        "document": json.dumps(dict(package.document)),
    }


def _group(row: sqlite3.Row) -> Group:
    return Group(
        account=row["account"],
        region=row["region"],
        name=row["name"],
        created=row["created"],
        created_by=json.loads(row["created_by"]),
        description=row["description"],
        policy=row["policy"],
        configuration=json.loads(row["configuration"]),
        last_version=row["last_version"],
    )


def _package(row: sqlite3.Row) -> Package:
    return Package(
        account=row["account"],
        region=row["region"],
        name=row["name"],
        group=row["group_name"],
        version=row["version"],
        approval=row["approval"],
        status=row["status"],
        created=row["created"],
        created_by=json.loads(row["created_by"]),
        modified=row["modified"],
        modified_by=json.loads(row["modified_by"]),
        document=json.loads(row["document"]),
    )
