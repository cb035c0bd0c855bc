"""Schedules: when they are due, and what is none."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from ropeway.sandbox.domain.schedules.expressions import ExpressionError, parse, zone_of


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc).timestamp()


def following(expression: str, after: str, count: int, zone: str = "UTC") -> list[str]:
    schedule = parse(expression, zone=zone_of(zone), once=True)
    moment, found = at(after), []
    for _ in range(count):
        due = schedule.next(moment, at(after))
        if due is None:
            break
        found.append(datetime.fromtimestamp(due, tz=timezone.utc).strftime("%Y-%m-%d %H:%M"))
        moment = due
    return found


@pytest.mark.parametrize(
    ("expression", "after", "wanted"),
    [
        ("rate(5 minutes)", "2026-11-21T10:00", ["2026-11-21 10:05", "2026-11-21 10:10"]),
        ("rate(1 day)", "2026-11-21T10:00", ["2026-11-22 10:00", "2026-11-23 10:00"]),
        ("cron(0 14 ? * SAT *)", "2026-11-21T14:00", ["2026-11-28 14:00", "2026-12-05 14:00"]),
        ("cron(0 6 * * ? *)", "2026-12-31T06:00", ["2027-01-01 06:00", "2027-01-02 06:00"]),
        ("cron(0/20 8-9 ? * MON-FRI *)", "2026-11-20T09:30", ["2026-11-20 09:40", "2026-11-23 08:00"]),
        ("cron(0 0 L * ? *)", "2028-02-01T00:00", ["2028-02-29 00:00", "2028-03-31 00:00"]),
        ("cron(0 0 LW * ? *)", "2026-10-01T00:00", ["2026-10-30 00:00", "2026-11-30 00:00"]),
        ("cron(0 0 15W * ? *)", "2026-11-01T00:00", ["2026-11-16 00:00", "2026-12-15 00:00"]),
        ("cron(0 0 1W * ? *)", "2026-07-31T00:00", ["2026-08-03 00:00", "2026-09-01 00:00"]),
        ("cron(0 0 ? * 6#3 *)", "2026-11-01T00:00", ["2026-11-20 00:00", "2026-12-18 00:00"]),
        ("cron(0 0 ? * FRIL *)", "2026-11-01T00:00", ["2026-11-27 00:00", "2026-12-25 00:00"]),
        ("cron(0 0 ? * L *)", "2026-11-21T00:00", ["2026-11-28 00:00", "2026-12-05 00:00"]),
        ("cron(0 0 1 1,jul ? 2027/2)", "2026-11-21T00:00", ["2027-01-01 00:00", "2027-07-01 00:00"]),
        ("cron(0 0 ? * SAT-MON *)", "2026-11-20T00:00", ["2026-11-21 00:00", "2026-11-22 00:00"]),
        ("cron(0 0 29 2 ? 2027)", "2026-11-21T00:00", []),
        ("at(2026-12-24T18:00:00)", "2026-11-21T00:00", ["2026-12-24 18:00"]),
        ("at(2026-11-20T18:00:00)", "2026-11-21T00:00", []),
    ],
)
def test_when_it_is_due(expression: str, after: str, wanted: list[str]) -> None:
    assert following(expression, after, 2) == wanted


def test_a_time_that_the_clocks_skip_does_not_happen() -> None:
    assert following("cron(30 2 * * ? *)", "2027-03-27T12:00", 2, "Europe/Berlin") == [
        "2027-03-29 00:30",
        "2027-03-30 00:30",
    ]


def test_a_time_that_the_clocks_repeat_happens_once() -> None:
    assert following("cron(30 2 * * ? *)", "2026-10-24T12:00", 2, "Europe/Berlin") == [
        "2026-10-25 00:30",
        "2026-10-26 01:30",
    ]


BAD = [
    "",
    "every day",
    "rate(5)",
    "rate(0 minutes)",
    "rate(1 minutes)",
    "rate(5 minute)",
    "rate(-1 days)",
    "rate(5 weeks)",
    "cron(0 6 * * *)",
    "cron(0 6 * * * *)",
    "cron(0 6 ? * ? *)",
    "cron(60 6 * * ? *)",
    "cron(0 24 * * ? *)",
    "cron(0 6 0 * ? *)",
    "cron(0 6 ? * 8 *)",
    "cron(0 6 ? * MON#6 *)",
    "cron(0 6 * 13 ? *)",
    "cron(0 6 * * ? 1969)",
    "cron(0/0 6 * * ? *)",
    "cron(a 6 * * ? *)",
    "at(2026-13-01T00:00:00)",
    "at(tomorrow)",
]


@pytest.mark.parametrize("expression", BAD)
def test_what_is_no_schedule(expression: str) -> None:
    with pytest.raises(ExpressionError):
        parse(expression, once=True)


def test_once_is_not_for_rules() -> None:
    with pytest.raises(ExpressionError):
        parse("at(2026-12-24T18:00:00)")
    with pytest.raises(ExpressionError):
        zone_of("Europe/Atlantis")
