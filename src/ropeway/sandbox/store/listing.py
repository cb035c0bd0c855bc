"""Lists by key: one SELECT for every table that has ``name``, ``created`` and, where asked for, further columns.

A table that is listed has an index over its scope and each column it sorts by; the row number breaks ties, as it
does in every SQLite index, so the order needs no sorting step.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

from ropeway.sandbox.domain.listing import Cursor, Listing

__all__ = ["select_page"]

_SORTABLE = frozenset({"created", "modified", "name", "status"})


def select_page(
    connection: sqlite3.Connection, table: str, scope: Mapping[str, str | int], listing: Listing
) -> tuple[list[sqlite3.Row], Cursor | None]:
    """The rows of one page and where the next one starts.

    Args:
        connection: for reading.
        table: a table's name, from our own code.
        scope: columns (from our own code) with the values that bound the list: account, region, …
        listing: filters, order and size.
    """
    if listing.sort not in _SORTABLE:
        raise AssertionError(f"no list is sorted by {listing.sort}")
    terms, values = _terms(scope, listing)
    direction = "DESC" if listing.descending else "ASC"
    if listing.after is not None:
        sign = "<" if listing.descending else ">"
        terms.append(f"({listing.sort}, rowid) {sign} (?, ?)")
        values += [listing.after.value, listing.after.row]
    sql = (
        f"SELECT rowid AS row_number, * FROM {table} WHERE {' AND '.join(terms)} "  # noqa: S608 - names are ours
        f"ORDER BY {listing.sort} {direction}, rowid {direction} LIMIT ?"
    )
    rows = connection.execute(sql, (*values, listing.limit + 1)).fetchall()
    if len(rows) <= listing.limit:
        return rows, None
    last = rows[listing.limit - 1]
    return rows[: listing.limit], Cursor(last[listing.sort], last["row_number"])


def _terms(scope: Mapping[str, str | int], listing: Listing) -> tuple[list[str], list[str | float | int]]:
    terms: list[str] = []
    values: list[str | float | int] = []
    for column, value in {**scope, **listing.equals}.items():
        terms.append(f"{column} = ?")
        values.append(value)
    bounds = (
        ("created > ?", listing.created_after),
        ("created < ?", listing.created_before),
        ("modified > ?", listing.modified_after),
        ("modified < ?", listing.modified_before),
        ("instr(lower(name), lower(?)) > 0", listing.name_contains),
    )
    for term, bound in bounds:
        if bound is not None:
            terms.append(term)
            values.append(bound)
    return terms, values
