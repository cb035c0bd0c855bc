"""A few kills of every kind, each followed by every check. ``python -m bench.chaos`` does the same for hours."""

from __future__ import annotations

import pytest

from bench.chaos import Campaign, campaign


@pytest.mark.parametrize("seed", [1])
def test_nothing_is_lost_done_twice_or_left_behind(seed: int) -> None:
    result = campaign(Campaign(kills=6, seed=seed, longest=2.0))
    assert result.wrong == []
    assert result.counts["executions"] > 0
    assert result.counts["objects"] > 0
    assert sum(result.kills.values()) == 6
