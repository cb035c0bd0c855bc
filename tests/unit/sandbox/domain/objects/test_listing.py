"""Pages: what they read, not only what they show."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ropeway.sandbox.domain.objects.listing import Query, collect, successor


@dataclass(frozen=True)
class Key:
    key: str


@dataclass
class Keys:
    """Sorted keys that count what is read of them."""

    keys: list[str]
    read: list[str] = field(default_factory=list)

    def scan(self, start: str, stop: str | None, resumed: bool) -> Iterator[Key]:
        for key in self.keys[bisect_left(self.keys, start) :]:
            if stop is not None and key >= stop:
                return
            self.read.append(key)
            yield Key(key)


def test_a_common_prefix_is_jumped_over() -> None:
    keys = Keys(sorted([f"big/{number:06d}" for number in range(100_000)] + ["zoo"]))
    page = collect(Query(delimiter="/"), keys.scan)
    assert (page.prefixes, [item.key for item in page.items]) == (["big/"], ["zoo"])
    assert len(keys.read) == 2


def test_a_page_in_the_middle_reads_only_itself() -> None:
    keys = Keys([f"{number:06d}" for number in range(100_000)])
    page = collect(Query(start="050000", limit=10), keys.scan)
    assert [item.key for item in page.items] == [f"{number:06d}" for number in range(50_000, 50_010)]
    assert page.truncated
    assert len(keys.read) == 11


@pytest.mark.parametrize(
    ("text", "after"),
    [("a", "b"), ("a/", "a0"), ("\ud7ff", "\ue000"), ("a\U0010ffff", "b"), ("\U0010ffff", None)],
)
def test_the_successor_is_behind_all_that_start_so(text: str, after: str | None) -> None:
    assert successor(text) == after


@given(st.lists(st.text("ab/c", max_size=6), unique=True), st.text("ab/", max_size=2), st.integers(1, 4))
def test_pages_show_what_one_page_shows(keys: list[str], prefix: str, limit: int) -> None:
    source = Keys(sorted(keys))
    whole = collect(Query(prefix, "/", limit=1000), source.scan)
    items: list[str] = []
    prefixes: list[str] = []
    start = ""
    while True:
        page = collect(Query(prefix, "/", start, limit), source.scan)
        items += [item.key for item in page.items]
        prefixes += page.prefixes
        if not page.truncated:
            break
        assert page.last is not None
        start = (successor(page.last) or "") if isinstance(page.last, str) else f"{page.last.key}\0"
    assert items == [item.key for item in whole.items]
    assert prefixes == whole.prefixes
