"""One SQLite database: any number of readers, one writer at a time, schema as named migrations.

Write-ahead logging lets readers go on while somebody writes. Writes take a lock and one connection; a write
inside a write of the same thread joins it, so a use of several repositories is one transaction. A thread that
is writing reads through the writing connection and so sees its own changes. A commit is on its way to disk
before the caller is answered: killing the process loses nothing that was acknowledged (``synchronous=NORMAL``:
only a power cut may take the last commits, never the database's integrity).
"""

from __future__ import annotations

import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

from ropeway.errors import SandboxError

__all__ = ["Database"]

_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=NORMAL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=10000",
    "PRAGMA temp_store=MEMORY",
)


class _Lease:
    """A connection for as long as a thread lives; the next thread takes it over, as jobs have threads of their own."""

    def __init__(self, free: deque[sqlite3.Connection], make: Callable[[], sqlite3.Connection]) -> None:
        self._free = free
        try:
            self.connection = free.pop()
        except IndexError:
            self.connection = make()

    def __del__(self) -> None:
        if hasattr(self, "connection"):
            self._free.append(self.connection)


class Database:
    """A SQLite file with its migrations applied.

    Rows come back as ``sqlite3.Row``; SQL stays in the repositories of this package.

    Args:
        schema: the folder of this package with the file's migrations.

    Raises:
        SandboxError: a newer version wrote the file, whose tables mean what this one cannot know.
    """

    def __init__(self, path: Path, *, schema: str = "migrations") -> None:
        self._path = path
        self._schema = schema
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._local = threading.local()
        self._readers: list[sqlite3.Connection] = []
        self._free: deque[sqlite3.Connection] = deque()  # those of threads that have ended
        self._closed = False
        self._writer = self._open()
        self._migrate()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Write: all of it, or nothing when an exception leaves the block."""
        with self._lock:
            depth = getattr(self._local, "depth", 0)
            if depth:
                self._local.depth = depth + 1
                try:
                    yield self._writer
                finally:
                    self._local.depth = depth
                return
            self._writer.execute("BEGIN IMMEDIATE")
            self._local.depth = 1
            self._local.afterwards = []
            try:
                yield self._writer
            except BaseException:
                self._writer.execute("ROLLBACK")
                raise
            else:
                self._writer.execute("COMMIT")
            finally:
                self._local.depth = 0
        for work in self._local.afterwards:
            work()

    def after_commit(self, work: Callable[[], None]) -> None:
        """Have a function called once the thread's transaction is committed, never if it is undone; now if none."""
        if getattr(self._local, "depth", 0):
            if work not in self._local.afterwards:
                self._local.afterwards.append(work)
        else:
            work()

    @property
    def reader(self) -> sqlite3.Connection:
        """The calling thread's connection for reading (the writing one inside a transaction)."""
        if getattr(self._local, "depth", 0):
            return self._writer
        lease: _Lease | None = getattr(self._local, "lease", None)
        if lease is None:
            lease = self._local.lease = _Lease(self._free, self._reading)
        return lease.connection

    def close(self) -> None:
        """Close every connection; the database is not used afterwards."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            for connection in tuple(self._readers):
                connection.close()
            self._writer.close()

    def _reading(self) -> sqlite3.Connection:
        connection = self._open()
        connection.execute("PRAGMA query_only=ON")
        self._readers.append(connection)
        return connection

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
        connection.row_factory = sqlite3.Row
        for pragma in _PRAGMAS:
            connection.execute(pragma)
        return connection

    def _migrate(self) -> None:
        folder = resources.files("ropeway.sandbox.store") / self._schema
        scripts = sorted(
            (entry for entry in folder.iterdir() if entry.name.endswith(".sql")), key=lambda entry: entry.name
        )
        self._writer.execute("CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY) STRICT")
        done = {row["name"] for row in self._writer.execute("SELECT name FROM migrations")}
        if newer := done - {script.name for script in scripts}:
            self._writer.close()
            raise SandboxError(
                f"{self._path} was written by a newer version of Ropeway: it has {max(newer)}",
                hint="use that version, or begin anew: ropeway sandbox reset",
            )
        for script in scripts:
            if script.name in done:
                continue
            # executescript() commits on its own, so the script carries its transaction.
            self._writer.executescript(
                f"BEGIN;\n{script.read_text(encoding='utf-8')}\n"
                f"INSERT INTO migrations (name) VALUES ('{script.name}');\nCOMMIT;"
            )
