"""Lists by key: every row once, whatever the order and the ties, and no sorting of a whole table."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from ropeway.sandbox.domain.listing import Cursor, Listing
from ropeway.sandbox.store.db import Database
from ropeway.sandbox.store.listing import select_page

SCOPE: dict[str, str | int] = {"account": "111111111111", "region": "eu-west-1"}
OF_GROUP: dict[str, str | int] = {"group_arn": "group"}


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "state.sqlite")
    yield database
    database.close()


def fill(database: Database, count: int) -> None:
    """Models of which three always share a time, and one of another account."""
    rows = [
        (f"arn{n}", "111111111111", "eu-west-1", f"model-{n % 7}-{n}", float(n // 3), "{}")
        for n in range(count)
    ]
    rows.append(("other", "222222222222", "eu-west-1", "model-other", 0.0, "{}"))
    with database.transaction() as connection:
        connection.executemany(
            "INSERT INTO models (arn, account, region, name, created, request) VALUES (?, ?, ?, ?, ?, ?)",
            rows,
        )


def walk(connection: sqlite3.Connection, sort: str, descending: bool, limit: int) -> list[str]:
    """The ARNs of a list, page by page."""
    found: list[str] = []
    after: Cursor | None = None
    while True:
        listing = Listing(sort=sort, descending=descending, limit=limit, after=after)
        rows, after = select_page(connection, "models", SCOPE, listing)
        assert len(rows) <= limit
        found += [row["arn"] for row in rows]
        if after is None:
            return found


@pytest.mark.parametrize("sort", ["created", "name"])
@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("limit", [1, 2, 5, 30, 31])
def test_pages_of_any_size_give_every_row_once_and_in_order(
    database: Database, sort: str, descending: bool, limit: int
) -> None:
    fill(database, 30)
    expected = [
        row["arn"]
        for row in database.reader.execute(
            f"SELECT arn FROM models WHERE account = '111111111111' ORDER BY {sort}, rowid"
        )
    ]
    assert len(expected) == 30
    assert walk(database.reader, sort, descending, limit) == (expected[::-1] if descending else expected)


def test_a_full_last_page_has_no_successor(database: Database) -> None:
    fill(database, 4)
    rows, after = select_page(database.reader, "models", SCOPE, Listing(limit=4))
    assert (len(rows), after) == (4, None)


def test_a_column_that_no_list_is_sorted_by_is_refused(database: Database) -> None:
    with pytest.raises(AssertionError, match="request"):
        select_page(database.reader, "models", SCOPE, Listing(sort="request; DROP TABLE models"))


@pytest.mark.parametrize(
    ("table", "scope", "listing"),
    [
        ("models", SCOPE, Listing()),
        ("models", SCOPE, Listing(sort="name", descending=False)),
        ("model_package_groups", SCOPE, Listing()),
        ("model_package_groups", SCOPE, Listing(sort="name")),
        ("model_packages", OF_GROUP, Listing()),
        ("model_packages", OF_GROUP, Listing(descending=False, after=Cursor(1.0, 1))),
        ("model_packages", OF_GROUP, Listing(sort="name")),
        ("model_packages", OF_GROUP, Listing(equals={"approval": "Approved"})),
        ("model_packages", {**SCOPE, "versioned": 0}, Listing()),
        ("model_packages", SCOPE, Listing()),
        ("jobs", {**SCOPE, "kind": "training-job"}, Listing()),
        ("jobs", {**SCOPE, "kind": "training-job"}, Listing(sort="name")),
        ("jobs", {**SCOPE, "kind": "training-job"}, Listing(equals={"status": "Completed"})),
    ],
)
def test_a_list_reads_an_index_and_sorts_nothing(
    database: Database, table: str, scope: dict[str, str | int], listing: Listing
) -> None:
    statements: list[str] = []
    connection = database.reader
    connection.set_trace_callback(statements.append)
    select_page(connection, table, scope, listing)
    connection.set_trace_callback(None)
    plan = [row["detail"] for row in connection.execute(f"EXPLAIN QUERY PLAN {statements[-1]}")]
    assert any("USING INDEX" in line for line in plan), plan
    assert not any("TEMP B-TREE" in line for line in plan), plan
