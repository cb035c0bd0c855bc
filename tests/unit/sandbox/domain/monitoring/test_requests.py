"""The time that an execution's data are of."""

from __future__ import annotations

from datetime import datetime

import pytest

from ropeway.sandbox.domain.errors import Invalid
from ropeway.sandbox.domain.monitoring.requests import previous, seconds
from ropeway.sandbox.domain.schedules.expressions import parse


@pytest.mark.parametrize(
    ("expression", "moment", "before"),
    [
        ("cron(0 * ? * * *)", "2026-11-20T09:00", "2026-11-20T08:00"),
        ("cron(0 9 ? * MON-FRI *)", "2026-11-20T09:00", "2026-11-19T09:00"),
        ("cron(0 9 ? * MON-FRI *)", "2026-11-23T09:00", "2026-11-20T09:00"),
        ("cron(0 8,20 ? * * *)", "2026-11-20T20:00", "2026-11-20T08:00"),
        ("cron(0 0 1 * ? *)", "2026-11-01T00:00", "2026-10-01T00:00"),
        ("rate(1 day)", "2026-11-20T07:13", "2026-11-19T07:13"),
    ],
)
def test_the_moment_before_is_the_schedules(expression: str, moment: str, before: str) -> None:
    at = datetime.fromisoformat(f"{moment}+00:00").timestamp()
    assert previous(parse(expression), at) == datetime.fromisoformat(f"{before}+00:00").timestamp()


def test_offsets_are_those_of_iso() -> None:
    assert seconds("") is None
    assert seconds("-P1DT2H") == -93_600.0
    assert seconds("-PT0H") == 0.0
    with pytest.raises(Invalid, match="'1h' is no offset"):
        seconds("1h")
