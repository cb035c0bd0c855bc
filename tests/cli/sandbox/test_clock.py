"""The sandbox's clock by command."""

from __future__ import annotations

import json

import pytest

from tests.cli.conftest import Shell


def test_the_clock_is_shown_advanced_and_reset(shell: Shell) -> None:
    shell("sandbox", "start", "--port", "0")
    assert "the machine's time" in shell("sandbox", "clock", "show").stdout
    moved = shell("sandbox", "clock", "advance", "1d12h")
    assert moved.returncode == 0, moved.stderr
    first, *rest = moved.stdout.splitlines()
    assert first.endswith("1 day, 12:00:00 ahead of the machine's")
    assert rest[-1] == "fired: 0"
    told = json.loads(shell("sandbox", "clock", "show", "--output", "json").stdout)
    assert told["ahead"] == pytest.approx(129_600, abs=60)
    assert "the machine's time" in shell("sandbox", "clock", "reset").stdout


@pytest.mark.parametrize("duration", ["tomorrow", "-1d", "0s", "400d"])
def test_what_is_no_way_forward_is_told(shell: Shell, duration: str) -> None:
    shell("sandbox", "start", "--port", "0")
    wrong = shell("sandbox", "clock", "advance", "--", duration)
    assert wrong.returncode == 2
    assert wrong.stdout == ""
