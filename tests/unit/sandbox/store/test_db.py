"""One writer, any number of readers, all or nothing."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ropeway.errors import SandboxError
from ropeway.sandbox.store.db import Database


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "deep" / "state.sqlite")
    with database.transaction() as connection:
        connection.execute("CREATE TABLE notes (text TEXT)")
    yield database
    database.close()


def notes(database: Database) -> list[str]:
    return [row["text"] for row in database.reader.execute("SELECT text FROM notes ORDER BY rowid")]


def add(database: Database, text: str) -> None:
    with database.transaction() as connection:
        connection.execute("INSERT INTO notes VALUES (?)", (text,))


def test_what_is_committed_is_there_after_reopening(tmp_path: Path, database: Database) -> None:
    add(database, "kept")
    database.close()
    reopened = Database(tmp_path / "deep" / "state.sqlite")
    assert notes(reopened) == ["kept"]
    reopened.close()


def test_an_error_takes_the_whole_transaction_back(database: Database) -> None:
    def fail_half_way() -> None:
        with database.transaction():
            add(database, "inner")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_half_way()
    assert notes(database) == []
    add(database, "after")
    assert notes(database) == ["after"]


def test_an_inner_transaction_joins_the_outer_one(database: Database) -> None:
    with database.transaction():
        add(database, "one")
        add(database, "two")
        assert notes(database) == ["one", "two"]
    assert notes(database) == ["one", "two"]


def test_a_writer_sees_its_own_changes_and_others_do_not_yet(database: Database) -> None:
    seen: list[list[str]] = []

    def read() -> None:
        seen.append(notes(database))

    with database.transaction():
        add(database, "draft")
        reader = threading.Thread(target=read)
        reader.start()
        reader.join()
        assert notes(database) == ["draft"]
    assert seen == [[]]


def test_writers_of_several_threads_take_turns(database: Database) -> None:
    def write(name: str) -> None:
        for number in range(25):
            add(database, f"{name}{number}")

    threads = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(notes(database)) == 100


def test_a_reader_cannot_write(database: Database) -> None:
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        database.reader.execute("INSERT INTO notes VALUES ('no')")


def test_a_file_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    newer = Database(tmp_path / "newer.sqlite")
    with newer.transaction() as connection:
        connection.execute("INSERT INTO migrations (name) VALUES ('9999_more.sql')")
    newer.close()
    with pytest.raises(
        SandboxError, match=r"newer\.sqlite was written by a newer version .* 9999_more\.sql"
    ) as caught:
        Database(tmp_path / "newer.sqlite")
    assert caught.value.hint == "use that version, or begin anew: ropeway sandbox reset"


def test_closing_twice_is_harmless(database: Database) -> None:
    database.close()
    database.close()


def test_the_connection_of_a_thread_that_ended_is_the_next_one_s(database: Database) -> None:
    seen: list[sqlite3.Connection] = []

    def read() -> None:
        seen.append(database.reader)
        assert database.reader.execute("SELECT count(*) FROM migrations").fetchone()[0]

    for _ in range(3):
        thread = threading.Thread(target=read)
        thread.start()
        thread.join()
    assert len({id(connection) for connection in seen}) == 1


def test_threads_that_live_at_once_have_connections_of_their_own(database: Database) -> None:
    both = threading.Barrier(2)
    seen: list[sqlite3.Connection] = []

    def read() -> None:
        seen.append(database.reader)
        both.wait(10)

    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen[0] is not seen[1]
