"""The report: whole, escaped, self-contained."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import numpy as np

from ropeway.drift.checks import check
from ropeway.drift.report import render
from tests.unit.drift.tables import normal, profile


class Balanced(HTMLParser):
    """Knows which tags are open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def page() -> str:
    baseline = profile(
        x=normal(500), n=np.arange(500) % 40, c=["a", "<b>&"] * 250, gone=np.zeros(500), same=np.ones(500)
    )
    data = profile(
        x=normal(90, mean=2),
        n=np.arange(90) % 40,
        c=["<b>&", "<script>"] * 45,
        new=np.zeros(90),
        same=np.ones(90),
    )
    return render(check(data, baseline), "<data>")


def test_every_tag_is_closed_and_every_text_escaped() -> None:
    told = page()
    parser = Balanced()
    parser.feed(told)
    assert parser.open == []
    assert "<script" not in told
    assert "&lt;data&gt;" in told


def test_what_is_not_drawn_is_told_in_words() -> None:
    texts = [f"k{index % 40:02d}" for index in range(400)]
    told = render(check(profile(c=texts), profile(c=texts)))
    assert told.count("<rect") == 32
    assert ">24 more: 60% and 60%</text>" in told


def test_scales_and_links_tell_names_and_numbers_apart() -> None:
    baseline = profile(**{"a%20b": normal(500) + 1e6})
    told = render(check(baseline, baseline))
    labels = re.findall(r'class="label"[^>]*>([^<]*)<', told)
    assert len(set(labels)) == 5
    assert "href='#a%2520b'" in told


def test_nothing_is_fetched() -> None:
    assert re.findall(r"(?:src|href)=['\"](?!#)", page()) == []
    assert "url(" not in page()


def test_columns_in_violation_come_first_and_all_have_an_article() -> None:
    told = page()
    names = re.findall(r"<article id='([^']+)'", told)
    assert set(names) == {"x", "n", "c", "gone", "new", "same"}
    assert set(names[:4]) == {"x", "c", "gone", "new"}
    assert told.count("<svg") == 4  # gone and new have nothing to compare with
    assert "nan" not in told
