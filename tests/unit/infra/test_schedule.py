"""Work on roots: in order, beside each other, stopped by failures and interrupts."""

from __future__ import annotations

import threading

from ropeway.errors import RopewayError
from ropeway.infra.roots import Root, select
from ropeway.infra.schedule import Outcome, work
from tests.unit.config.examples import platform
from tests.unit.infra.test_roots import TWO


def told(outcomes: list[Outcome[str]]) -> dict[str, str]:
    return {each.root.name: str(each.value or each.error or each.skipped) for each in outcomes}


def test_each_root_comes_after_what_it_needs() -> None:
    begun: list[str] = []

    def task(root: Root) -> str:
        assert all(name in begun for name in root.needs)
        begun.append(root.name)
        return "done"

    outcomes = work(select(platform(TWO)), task, stop=threading.Event())
    assert set(told(outcomes).values()) == {"done"}
    assert [each.root.name for each in outcomes][:2] == ["retail/operations", "retail/dev"]


def test_units_go_side_by_side() -> None:
    together = threading.Barrier(2, timeout=20)

    def task(root: Root) -> str:
        if root.site.is_operations:
            together.wait()  # breaks unless both units are at it
        return "done"

    assert all(each.well for each in work(select(platform(TWO)), task, stop=threading.Event()))


def test_a_failure_stops_what_comes_after_it_and_no_other_unit() -> None:
    def task(root: Root) -> str:
        if root.name == "retail/dev":
            raise RopewayError("no")
        return "done"

    assert told(work(select(platform(TWO)), task, stop=threading.Event())) == {
        "retail/operations": "done",
        "retail/dev": "no",
        "retail/preprod": "retail/dev",
        "retail/prod": "retail/preprod",
        "lending/operations": "done",
        "lending/lab": "done",
        "lending/prod": "done",
    }


def test_after_an_interrupt_nothing_more_is_begun() -> None:
    stop = threading.Event()

    def task(root: Root) -> str:
        stop.set()
        return "done"

    outcomes = told(work(select(platform(), "retail"), task, stop=stop))
    assert outcomes["retail/operations"] == "done"
    assert outcomes["retail/prod"] == "interrupted"
