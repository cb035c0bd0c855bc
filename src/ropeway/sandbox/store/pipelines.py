"""Pipelines and their versions in SQLite."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import replace

from ropeway.sandbox.domain.listing import Listing, Page
from ropeway.sandbox.domain.pipelines.model import Pipeline, Version
from ropeway.sandbox.store.db import Database
from ropeway.sandbox.store.listing import select_page

__all__ = ["SqlitePipelines"]


class SqlitePipelines:
    """Implements ``domain.pipelines.ports.PipelineStore``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, pipeline: Pipeline) -> None:
        """Keep a new pipeline."""
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO pipelines VALUES (:arn, :account, :region, :name, :created, :modified, :document, "
                ":version, :last_run, :token)",
                _columns(pipeline),
            )

    def update(self, pipeline: Pipeline) -> None:
        """Write what has changed of a pipeline."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE pipelines SET modified = :modified, document = :document, version = :version, "
                "last_run = :last_run WHERE arn = :arn",
                _columns(pipeline),
            )

    def get(self, arn: str) -> Pipeline | None:
        """A pipeline by its ARN."""
        row = self._database.reader.execute("SELECT * FROM pipelines WHERE arn = ?", (arn,)).fetchone()
        return None if row is None else _pipeline(row)

    def delete(self, arn: str) -> None:
        """Forget a pipeline, its versions and its executions."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM pipelines WHERE arn = ?", (arn,))

    def list(self, account: str, region: str, prefix: str | None, listing: Listing) -> Page[Pipeline]:
        """Pipelines of one account and region whose name starts with the prefix."""
        scope = {"account": account, "region": region}
        connection = self._database.reader
        if not prefix:
            rows, cursor = select_page(connection, "pipelines", scope, listing)
            return Page([_pipeline(row) for row in rows], cursor)
        items: list[Pipeline] = []
        # A name that contains the prefix may not start with it, so a page may take several looks.
        narrowed = replace(listing, name_contains=prefix)
        while True:
            rows, cursor = select_page(connection, "pipelines", scope, narrowed)
            items += [_pipeline(row) for row in rows if row["name"].startswith(prefix)]
            if cursor is None or len(items) >= listing.limit:
                return Page(items, cursor)
            narrowed = replace(narrowed, after=cursor, limit=listing.limit - len(items))

    def put_version(self, version: Version) -> None:
        """Keep a version, new or changed."""
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO pipeline_versions VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
                "document = excluded.document, last_execution = excluded.last_execution",
                (
                    version.pipeline_arn,
                    version.number,
                    version.created,
                    version.definition,
                    json.dumps(dict(version.document)),
                    version.last_execution,
                ),
            )

    def version(self, arn: str, number: int) -> Version | None:
        """One version of a pipeline."""
        row = self._database.reader.execute(
            "SELECT * FROM pipeline_versions WHERE pipeline_arn = ? AND number = ?", (arn, number)
        ).fetchone()
        return None if row is None else _version(row)

    def versions(self, arn: str, listing: Listing) -> Page[Version]:
        """A pipeline's versions."""
        rows, cursor = select_page(self._database.reader, "pipeline_versions", {"pipeline_arn": arn}, listing)
        return Page([_version(row) for row in rows], cursor)

    def aliases(self, arn: str) -> Mapping[str, int]:
        """The versions of a pipeline that have an alias, by alias."""
        rows = self._database.reader.execute(
            "SELECT alias, number FROM pipeline_aliases WHERE pipeline_arn = ?", (arn,)
        )
        return {row["alias"]: row["number"] for row in rows}

    def set_alias(self, arn: str, alias: str, number: int | None) -> None:
        """Give an alias to a version, or to none."""
        with self._database.transaction() as connection:
            if number is None:
                connection.execute(
                    "DELETE FROM pipeline_aliases WHERE pipeline_arn = ? AND alias = ?", (arn, alias)
                )
            else:
                connection.execute(
                    "INSERT OR REPLACE INTO pipeline_aliases VALUES (?, ?, ?)", (arn, alias, number)
                )


def _columns(pipeline: Pipeline) -> dict[str, object]:
    return {
        "arn": pipeline.arn,
        "account": pipeline.account,
        "region": pipeline.region,
        "name": pipeline.name,
        "created": pipeline.created,
        "modified": pipeline.modified,
        "document": json.dumps(dict(pipeline.document)),
        "version": pipeline.version,
        "last_run": pipeline.last_run,
        "token": pipeline.token,
    }


def _pipeline(row: sqlite3.Row) -> Pipeline:
    return Pipeline(
        account=row["account"],
        region=row["region"],
        name=row["name"],
        created=row["created"],
        modified=row["modified"],
        document=json.loads(row["document"]),
        version=row["version"],
        last_run=row["last_run"],
        token=row["token"],
    )


def _version(row: sqlite3.Row) -> Version:
    return Version(
        pipeline_arn=row["pipeline_arn"],
        number=row["number"],
        created=row["created"],
        definition=row["definition"],
        document=json.loads(row["document"]),
        last_execution=row["last_execution"],
    )
