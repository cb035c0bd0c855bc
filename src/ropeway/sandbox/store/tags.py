"""Tags in SQLite."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ropeway.sandbox.store.db import Database

__all__ = ["SqliteTags"]


class SqliteTags:
    """Implements ``domain.tags.ports.TagStore``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, arn: str) -> dict[str, str]:
        """All tags of a resource, in the order in which their keys were first set."""
        rows = self._database.reader.execute(
            "SELECT key, value FROM tags WHERE arn = ? ORDER BY rowid", (arn,)
        )
        return {row["key"]: row["value"] for row in rows}

    def put(self, arn: str, tags: Mapping[str, str]) -> None:
        """Add tags; a key that is there takes the new value."""
        with self._database.transaction() as connection:
            connection.executemany(
                "INSERT INTO tags (arn, key, value) VALUES (?, ?, ?) "
                "ON CONFLICT (arn, key) DO UPDATE SET value = excluded.value",
                [(arn, key, value) for key, value in tags.items()],
            )

    def remove(self, arn: str, keys: Sequence[str]) -> None:
        """Take tags away."""
        with self._database.transaction() as connection:
            connection.executemany("DELETE FROM tags WHERE arn = ? AND key = ?", [(arn, key) for key in keys])

    def clear(self, arn: str) -> None:
        """Take all tags of a resource away."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM tags WHERE arn = ?", (arn,))

    def everything(self, account: str, region: str) -> dict[str, dict[str, str]]:
        """All tags of one account and region, by ARN."""
        rows = self._database.reader.execute(
            "SELECT arn, key, value FROM tags WHERE arn LIKE ? ORDER BY arn, rowid",
            (f"arn:%:%:{region}:{account}:%",),
        )
        found: dict[str, dict[str, str]] = {}
        for row in rows:
            found.setdefault(row["arn"], {})[row["key"]] = row["value"]
        return found
