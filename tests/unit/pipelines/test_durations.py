"""Durations of caches, in all their spellings."""

from __future__ import annotations

import pytest

from ropeway.pipelines.durations import seconds_of

DAY = 86_400


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30d", 30 * DAY),
        ("P30D", 30 * DAY),
        ("PT1H", 3_600),
        ("T16m", 16 * 60),
        ("30dT5h", 30 * DAY + 5 * 3_600),
        ("P1Y2M3W", (365 + 60 + 21) * DAY),
        ("pt90s", 90),
    ],
)
def test_a_duration_is_read_with_and_without_its_p(text: str, seconds: float) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "P", "PT", "30", "d30", "1h30", "-1d", "soon"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no duration"):
        seconds_of(text)
