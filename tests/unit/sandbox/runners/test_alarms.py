"""Alarms: in order, at their time, whatever the work does."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Iterator

import pytest

from ropeway.sandbox.runners.alarms import ThreadAlarms
from ropeway.values.clock import SystemClock
from tests.fakes.clock import FakeClock


@pytest.fixture
def made() -> Iterator[Callable[..., ThreadAlarms]]:
    alarms: list[ThreadAlarms] = []

    def make(clock: FakeClock | SystemClock, longest: float = 0.01) -> ThreadAlarms:
        alarms.append(ThreadAlarms(clock, longest))
        return alarms[-1]

    yield make
    for each in alarms:
        each.close()


def test_what_is_due_comes_in_the_order_of_its_moments(made: Callable[..., ThreadAlarms]) -> None:
    clock = FakeClock(0.0)
    alarms, heard = made(clock), queue.Queue[str]()
    alarms.at(30, lambda: heard.put("third"))
    alarms.at(10, lambda: heard.put("first"))
    alarms.at(20, lambda: heard.put("second"))
    alarms.at(99, lambda: heard.put("never"))
    clock.time = 50
    assert [heard.get(timeout=10) for _ in range(3)] == ["first", "second", "third"]
    assert heard.empty()


def test_an_alarm_of_the_past_rings_at_once(made: Callable[..., ThreadAlarms]) -> None:
    heard = threading.Event()
    made(SystemClock(), 60.0).at(0, heard.set)
    assert heard.wait(10)


def test_an_earlier_alarm_is_not_kept_waiting_by_a_later_one(made: Callable[..., ThreadAlarms]) -> None:
    clock = SystemClock()
    alarms, heard = made(clock, 3600.0), threading.Event()
    alarms.at(clock.now() + 3600, lambda: None)
    alarms.at(clock.now() + 0.01, heard.set)
    assert heard.wait(10)


def test_work_that_fails_is_told_and_stops_nothing(
    made: Callable[..., ThreadAlarms], caplog: pytest.LogCaptureFixture
) -> None:
    alarms, heard = made(SystemClock()), threading.Event()

    def fail() -> None:
        raise RuntimeError("no")

    with caplog.at_level(logging.ERROR):
        alarms.at(0, fail)
        alarms.at(1, heard.set)
        assert heard.wait(10)
    assert "an alarm's work failed" in caplog.text


def test_after_closing_nothing_rings(made: Callable[..., ThreadAlarms]) -> None:
    clock = FakeClock(0.0)
    alarms, heard = made(clock), threading.Event()
    alarms.at(1, heard.set)
    alarms.close()
    clock.time = 2
    alarms.at(1, heard.set)
    assert not heard.is_set()
