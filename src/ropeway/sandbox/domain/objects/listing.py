"""Pages of keys, versions and uploads: prefix, delimiter, markers.

A page reads from its marker on by the index. Where a delimiter folds keys into a common prefix, the scan jumps
behind the prefix instead of reading what it covers, so a page costs what it shows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

__all__ = ["Page", "Query", "collect", "successor"]

_LAST = "\U0010ffff"


class Keyed(Protocol):
    """Something with a key."""

    @property
    def key(self) -> str:
        """Its place in the order."""


Item = TypeVar("Item", bound=Keyed)
# From a key on, before another (or to the end); ``resumed`` tells that it is the page's first scan.
Scan = Callable[[str, "str | None", bool], Iterator[Item]]


@dataclass(frozen=True)
class Query:
    """What a page is to show.

    Attributes:
        start: the first key that may be shown (already behind the marker).
        limit: keys and common prefixes together.
    """

    prefix: str = ""
    delimiter: str = ""
    start: str = ""
    limit: int = 1000


@dataclass
class Page(Generic[Item]):
    """Items and common prefixes in key order.

    Attributes:
        last: the last item, or common prefix, shown: where the next page goes on; None when there is none.
    """

    items: list[Item] = field(default_factory=list)
    prefixes: list[str] = field(default_factory=list)
    truncated: bool = False
    last: Item | str | None = None

    @property
    def count(self) -> int:
        """Items and common prefixes."""
        return len(self.items) + len(self.prefixes)


def collect(query: Query, scan: Scan[Item]) -> Page[Item]:
    """Fill a page."""
    page: Page[Item] = Page()
    if query.limit == 0:
        return page
    stop = successor(query.prefix) if query.prefix else None
    start = max(query.start, query.prefix)
    resumed = True
    while True:
        folded = _fill(page, query, scan(start, stop, resumed))
        if folded is None:
            return page
        after = successor(folded)
        if after is None:
            return page
        start, resumed = after, False


def _fill(page: Page[Item], query: Query, items: Iterator[Item]) -> str | None:
    """Take items until a common prefix comes up (its name), or the page is full or the keys are over (None)."""
    for item in items:
        if page.count == query.limit:
            page.truncated = True
            return None
        cut = item.key.find(query.delimiter, len(query.prefix)) if query.delimiter else -1
        if cut >= 0:
            prefix = item.key[: cut + len(query.delimiter)]
            page.prefixes.append(prefix)
            page.last = prefix
            return prefix
        page.items.append(item)
        page.last = item
    return None


def successor(text: str) -> str | None:
    """The first string behind all that start with ``text``; None when there is none."""
    stem = text.rstrip(_LAST)
    if not stem:
        return None
    code = ord(stem[-1]) + 1
    if 0xD800 <= code <= 0xDFFF:
        code = 0xE000
    return stem[:-1] + chr(code)
