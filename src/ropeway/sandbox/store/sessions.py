"""Sessions in SQLite."""

from __future__ import annotations

from ropeway.sandbox.domain.sessions import Session
from ropeway.sandbox.store.db import Database

__all__ = ["SqliteSessions"]

_COLUMNS = "access_key, secret_key, token, account, role_arn, name, role_id, expires"


class SqliteSessions:
    """Implements ``domain.sessions.SessionStore``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, session: Session) -> None:
        """Keep a session; those that expired a week before it does go."""
        values = (
            session.access_key,
            session.secret_key,
            session.token,
            session.account,
            session.role_arn,
            session.name,
            session.role_id,
            session.expires,
        )
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM sessions WHERE expires < ?", (session.expires - 604_800,))
            connection.execute(f"INSERT INTO sessions ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)  # noqa: S608 - a constant

    def get(self, access_key: str) -> Session | None:
        """The session of a key."""
        row = self._database.reader.execute(
            f"SELECT {_COLUMNS} FROM sessions WHERE access_key = ?",  # noqa: S608 - a constant
            (access_key,),
        ).fetchone()
        return None if row is None else Session(**dict(row))
