"""What a caller asks of a list, and what it gets: filters, order and a place to go on from.

Lists go on by key, not by offset: a page starts behind the last row of the one before it, so that page one
thousand costs what page one costs, and rows that appear meanwhile shift nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

__all__ = ["Cursor", "Listing", "Page"]

T = TypeVar("T")


@dataclass(frozen=True)
class Cursor:
    """The last row of a page: its value in the column sorted by, and its number, which breaks ties."""

    value: str | float
    row: int


@dataclass(frozen=True)
class Listing:
    """Which rows, in which order, how many.

    Attributes:
        sort: ``created``, ``modified``, ``name`` or ``status``.
        after: the row to start behind, or None for the first page.
        name_contains: a part of the name, as written.
        created_after, created_before, modified_after, modified_before: epoch seconds; the bounds are excluded.
        equals: columns that must have exactly this value.
    """

    sort: str = "created"
    descending: bool = True
    limit: int = 10
    after: Cursor | None = None
    name_contains: str | None = None
    created_after: float | None = None
    created_before: float | None = None
    modified_after: float | None = None
    modified_before: float | None = None
    equals: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of a list; ``next`` is None on the last one."""

    items: Sequence[T]
    next: Cursor | None
