"""``rate(…)``, ``cron(…)`` and ``at(…)``, as EventBridge reads them (user guides, "schedule types").

A cron expression has six fields: minutes, hours, day of month, month, day of week (1 is Sunday), year; one of the two
days is ``?``. It is read in a time zone: a time that the clocks skip in spring does not happen, one that they repeat in
autumn happens once.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from typing import Protocol
from zoneinfo import ZoneInfo

__all__ = ["At", "Cron", "ExpressionError", "Rate", "Schedule", "parse", "zone_of"]

_UNITS = {"minute": 60, "hour": 3600, "day": 86_400}
_FORM = re.compile(r"(rate|cron|at)\((.*)\)")
_MONTHS = {"JAN": 1, "FEB": 2, "MAR": 3, "APR": 4, "MAY": 5, "JUN": 6}
_MONTHS |= {"JUL": 7, "AUG": 8, "SEP": 9, "OCT": 10, "NOV": 11, "DEC": 12}
_DAYS = {"SUN": 1, "MON": 2, "TUE": 3, "WED": 4, "THU": 5, "FRI": 6, "SAT": 7}
_LAST_YEAR = 2199


class ExpressionError(Exception):
    """A text is no schedule."""


class Schedule(Protocol):
    """Says when something is due."""

    def next(self, after: float, anchor: float) -> float | None:
        """The first moment later than ``after``; a rate counts from ``anchor``. Epoch seconds; None for never."""


@dataclass(frozen=True)
class Rate:
    """Every so many seconds from its anchor, which is a moment of it."""

    seconds: int

    def next(self, after: float, anchor: float) -> float | None:
        """The first moment later than ``after``."""
        if after < anchor:
            return anchor
        return anchor + (int((after - anchor) // self.seconds) + 1) * self.seconds


@dataclass(frozen=True)
class At:
    """Once."""

    moment: float

    def next(self, after: float, anchor: float) -> float | None:  # noqa: ARG002 - the protocol's signature
        """The moment, unless it is past."""
        return self.moment if self.moment > after else None


@dataclass(frozen=True)
class Cron:
    """By the calendar."""

    minutes: Sequence[int]
    hours: Sequence[int]
    months: frozenset[int]
    years: frozenset[int]
    day: Callable[[date], bool]
    zone: tzinfo

    def next(self, after: float, anchor: float) -> float | None:  # noqa: ARG002 - the protocol's signature
        """The first moment later than ``after``."""
        day = datetime.fromtimestamp(after, tz=self.zone).date()
        while day.year <= _LAST_YEAR:
            if day.year not in self.years:
                day = date(day.year + 1, 1, 1)
            elif day.month not in self.months:
                day = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
            else:
                found = self._on(day, after) if self.day(day) else None
                if found is not None:
                    return found
                day += timedelta(days=1)
        return None

    def _on(self, day: date, after: float) -> float | None:
        for hour in self.hours:
            for minute in self.minutes:
                wall = datetime.combine(day, time(hour, minute))
                moment = _moment(wall, self.zone)
                if moment is not None and moment > after:
                    return moment
        return None


def parse(text: str, *, zone: tzinfo = timezone.utc, once: bool = False) -> Schedule:
    """A schedule of its text.

    Args:
        text: ``rate(5 minutes)``, ``cron(0 6 * * ? *)``, ``at(2026-11-21T06:00:00)``.
        zone: what cron and at are read in.
        once: whether ``at`` is allowed.

    Raises:
        ExpressionError: it is none.
    """
    form = _FORM.fullmatch(text.strip())
    if form is None or (form.group(1) == "at" and not once):
        raise ExpressionError(text)
    kind, body = form.groups()
    if kind == "rate":
        return _rate(body)
    if kind == "at":
        return _at(body, zone)
    return _cron(body, zone)


def zone_of(name: str) -> tzinfo:
    """A time zone by its IANA name.

    Raises:
        ExpressionError: there is none.
    """
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError) as error:  # a zone that is not found is a KeyError
        raise ExpressionError(name) from error


def _rate(body: str) -> Rate:
    parts = body.split()
    if len(parts) != 2 or not re.fullmatch("[0-9]{1,9}", parts[0]):
        raise ExpressionError(body)
    value, unit = int(parts[0]), parts[1]
    singular = unit.removesuffix("s")
    if value < 1 or singular not in _UNITS or (value == 1) != (unit == singular):
        raise ExpressionError(body)
    return Rate(value * _UNITS[singular])


def _at(body: str, zone: tzinfo) -> At:
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", body):
        raise ExpressionError(body)
    try:
        wall = datetime.strptime(body, "%Y-%m-%dT%H:%M:%S")  # noqa: DTZ007 - the zone is put in below
    except ValueError as error:
        raise ExpressionError(body) from error
    moment = _moment(wall, zone)
    return At(float("-inf") if moment is None else moment)


def _moment(wall: datetime, zone: tzinfo) -> float | None:
    """Epoch seconds of a wall clock's time; None when the clocks skip it."""
    there = wall.replace(tzinfo=zone).astimezone(timezone.utc)
    if there.astimezone(zone).replace(tzinfo=None) != wall:
        return None
    return there.timestamp()


def _cron(body: str, zone: tzinfo) -> Cron:
    fields = body.split()
    if len(fields) != 6:
        raise ExpressionError(body)
    minutes, hours, day, month, weekday, year = (field.upper() for field in fields)
    if (day == "?") == (weekday == "?"):
        raise ExpressionError(body)
    return Cron(
        minutes=sorted(_values(minutes, 0, 59)),
        hours=sorted(_values(hours, 0, 23)),
        months=frozenset(_values(month, 1, 12, _MONTHS)),
        years=frozenset(_values(year, 1970, _LAST_YEAR)),
        day=_day_of_month(day) if weekday == "?" else _day_of_week(weekday),
        zone=zone,
    )


def _values(field: str, low: int, high: int, names: Mapping[str, int] | None = None) -> set[int]:
    found: set[int] = set()
    for part in field.split(","):
        span, slash, step_text = part.partition("/")
        if slash and not re.fullmatch("[0-9]{1,4}", step_text):
            raise ExpressionError(field)
        step = int(step_text) if slash else 1
        first, dash, last = span.partition("-")
        if span == "*":
            start, end = low, high
        else:
            start = _number(first, low, high, names)
            end = _number(last, low, high, names) if dash else (high if slash else start)
        if step < 1:
            raise ExpressionError(field)
        if start > end:  # FRI-MON goes round
            found |= set(range(start, high + 1, step)) | set(range(low, end + 1, step))
        else:
            found |= set(range(start, end + 1, step))
    return found


def _number(text: str, low: int, high: int, names: Mapping[str, int] | None) -> int:
    if names and text in names:
        return names[text]
    if not re.fullmatch("[0-9]{1,4}", text) or not low <= int(text) <= high:
        raise ExpressionError(text)
    return int(text)


def _day_of_month(field: str) -> Callable[[date], bool]:
    if field == "L":
        return lambda day: day.day == _last(day)
    if field == "LW":
        return lambda day: day.day == _near_weekday(day, _last(day))
    nearest = re.fullmatch("([0-9]{1,2})W", field)
    if nearest:
        wanted = _number(nearest.group(1), 1, 31, None)
        return lambda day: wanted <= _last(day) and day.day == _near_weekday(day, wanted)
    values = _values(field, 1, 31)
    return lambda day: day.day in values


def _day_of_week(field: str) -> Callable[[date], bool]:
    nth = re.fullmatch("([0-9A-Z]{1,3})#([1-5])", field)
    if nth:
        wanted, count = _number(nth.group(1), 1, 7, _DAYS), int(nth.group(2))
        return lambda day: _weekday(day) == wanted and (day.day - 1) // 7 + 1 == count
    last = re.fullmatch("([0-9A-Z]{1,3})L", field)
    if last:
        wanted = _number(last.group(1), 1, 7, _DAYS)
        return lambda day: _weekday(day) == wanted and day.day + 7 > _last(day)
    values = {7} if field == "L" else _values(field, 1, 7, _DAYS)
    return lambda day: _weekday(day) in values


def _weekday(day: date) -> int:
    return day.isoweekday() % 7 + 1


def _last(day: date) -> int:
    return calendar.monthrange(day.year, day.month)[1]


def _near_weekday(day: date, wanted: int) -> int:
    """The working day nearest to a day of the month, within the month."""
    target = day.replace(day=wanted)
    if target.isoweekday() == 6:
        return wanted - 1 if wanted > 1 else wanted + 2
    if target.isoweekday() == 7:
        return wanted + 1 if wanted < _last(day) else wanted - 2
    return wanted
