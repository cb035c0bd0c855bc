"""A redriven execution goes on with what did not end well, and with nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from ropeway.sandbox.domain.statemachines import walk
from ropeway.sandbox.domain.statemachines.errors import StateError
from ropeway.sandbox.domain.statemachines.sheet import Sheet
from tests.unit.sandbox.domain.statemachines.runs import TASK, finish, only, sheet_of

STATE = {"Type": "Task", "Resource": TASK, "End": True}
WORK = {"StartAt": "T", "States": {"T": STATE}}


class Worker:
    """Answers with the argument; fails for some as long as they are broken."""

    def __init__(self, *broken: Any) -> None:
        self.broken = set(broken)
        self.seen: list[Any] = []

    def __call__(self, start: Any) -> Any:
        self.seen.append(start.arguments)
        if start.arguments in self.broken:
            raise StateError("E", "broken")
        return start.arguments


def redriven(sheet: Sheet, worker: Worker) -> Any:
    """The output after a redrive with nothing broken; ``seen`` has what ran again."""
    assert sheet.execution.status == "FAILED"
    worker.broken, worker.seen = set(), []
    sheet.starts.clear()
    walk.redrive(sheet)
    finish(sheet, worker)
    assert sheet.execution.status == "SUCCEEDED", (sheet.execution.error, sheet.execution.cause)
    return json.loads(sheet.execution.output or "")


def mapped(**more: Any) -> dict[str, Any]:
    return only({"Type": "Map", "ItemProcessor": WORK, **more})


def test_only_the_branch_that_failed_runs_again() -> None:
    branches = [{"StartAt": "T", "States": {"T": {**STATE, "InputPath": f"$[{n}]"}}} for n in range(3)]
    worker = Worker("c")
    sheet = finish(sheet_of(only({"Type": "Parallel", "Branches": branches}), ["a", "b", "c"]), worker)
    assert worker.seen == ["a", "b", "c"]
    assert redriven(sheet, worker) == ["a", "b", "c"]
    assert worker.seen == ["c"]


def test_items_that_failed_were_stopped_or_had_not_begun_run() -> None:
    worker = Worker(3)
    sheet = finish(sheet_of(mapped(MaxConcurrency=2), [1, 2, 3, 4, 5, 6]), worker)
    assert worker.seen == [1, 2, 3]
    assert len(sheet.stops) == 1
    assert redriven(sheet, worker) == [1, 2, 3, 4, 5, 6]
    assert sorted(worker.seen) == [3, 4, 5, 6]


def test_a_map_within_a_map_keeps_what_is_done() -> None:
    inner = {"StartAt": "M", "States": {"M": {"Type": "Map", "ItemProcessor": WORK, "End": True}}}
    worker = Worker(4)
    state = {"Type": "Map", "MaxConcurrency": 1, "ItemProcessor": inner}
    sheet = finish(sheet_of(only(state), [[1, 2], [3, 4], [5]]), worker)
    assert redriven(sheet, worker) == [[1, 2], [3, 4], [5]]
    assert worker.seen == [4, 5]


def test_a_branch_goes_on_at_the_state_that_failed_with_its_variables() -> None:
    states = {
        "S": {"Type": "Pass", "Assign": {"n": 7}, "Result": "x", "Next": "T"},
        "T": {"Type": "Task", "Resource": TASK, "Next": "U"},
        "U": {"Type": "Pass", "Parameters": {"n.$": "$n", "v.$": "$"}, "End": True},
    }
    worker = Worker("x")
    sheet = finish(
        sheet_of(only({"Type": "Parallel", "Branches": [{"StartAt": "S", "States": states}]})), worker
    )
    assert redriven(sheet, worker) == [{"n": 7, "v": "x"}]
    assert [event.type for event in sheet.events].count("PassStateEntered") == 2


def test_a_state_that_was_tried_again_keeps_nothing_of_the_tries_before() -> None:
    worker = Worker(2)
    rule = {"ErrorEquals": ["E"], "IntervalSeconds": 1, "MaxAttempts": 1}
    sheet = finish(sheet_of(mapped(MaxConcurrency=1, Retry=[rule]), [1, 2]), worker)
    assert worker.seen == [1, 2, 1, 2]
    assert len([frame for frame in sheet.frames.values() if frame.parent == 0]) == 2
    assert redriven(sheet, worker) == [1, 2]
    assert worker.seen == [2]


def test_a_caught_failure_leaves_no_frames() -> None:
    definition = mapped(Catch=[{"ErrorEquals": ["E"], "Next": "B"}])
    definition["States"]["B"] = {"Type": "Succeed"}
    sheet = finish(sheet_of(definition, [1, 2]), Worker(2))
    assert sheet.execution.status == "SUCCEEDED"
    assert list(sheet.frames) == [0]


@pytest.mark.parametrize("how", [lambda sheet: walk.stop(sheet, None, None), walk.expire])
def test_a_stopped_or_expired_execution_goes_on_too(how: Callable[[Sheet], None]) -> None:
    sheet = sheet_of(mapped(MaxConcurrency=2), [1, 2, 3])
    first = sheet.starts.pop(0)
    walk.settle(sheet, first.number, first.token, 1)
    how(sheet)
    assert len(sheet.stops) == 2
    sheet.starts.clear()
    worker = Worker()
    walk.redrive(sheet)
    finish(sheet, worker)
    assert json.loads(sheet.execution.output or "") == [1, 2, 3]
    assert sorted(worker.seen) == [2, 3]


def test_redriven_twice() -> None:
    worker = Worker(2)
    sheet = finish(sheet_of(mapped(), [1, 2]), worker)
    sheet.starts.clear()
    walk.redrive(sheet)
    finish(sheet, worker)
    assert (sheet.execution.status, sheet.execution.redrives) == ("FAILED", 1)
    assert redriven(sheet, worker) == [1, 2]
    assert worker.seen == [2]
