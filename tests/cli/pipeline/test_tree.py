"""An execution as a tree of steps."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from ropeway.cli.pipeline.tree import change_lines, duration, tree_lines
from ropeway.pipelines.outline import Node
from ropeway.usecases.executions import ExecutionView, StepView

START = datetime(2026, 1, 1, tzinfo=timezone.utc)
NODES = (
    Node("Prepare", "Processing"),
    Node("Train", "Training"),
    Node("Gate", "Condition", children=(Node("Register", "RegisterModel", "if"), Node("No", "Fail", "else"))),
)


def step(name: str, status: str, seconds: float | None = 1, **more: str) -> StepView:
    members = {"reason": None, "cached_from": None, "outcome": None, **more}
    ended = None if seconds is None else START + timedelta(seconds=seconds)
    return StepView(name, "?", status, START, ended, job=None, result=None, **members)


def view(status: str, *steps: StepView) -> ExecutionView:
    ended = None if status == "Executing" else START + timedelta(seconds=75)
    return ExecutionView("arn", "abalone", "x1", status, None, START, ended, steps)


def test_a_running_execution_shows_what_waits() -> None:
    cached = step("Prepare", "Succeeded", cached_from="arn:aws:sagemaker:::pipeline/a/execution/old")
    now = view("Executing", cached, step("Train", "Executing", None))
    assert tree_lines(NODES, now, START + timedelta(seconds=12)) == [
        "abalone/x1  Executing  12 s",
        "├─ ↺ Prepare          Processing     Succeeded  from the cache (old)",
        "├─ ● Train            Training       Executing  12 s",
        "└─ · Gate             Condition      waiting",
        "   ├─ if: · Register  RegisterModel  waiting",
        "   └─ else: · No      Fail           waiting",
    ]


def test_an_execution_that_ended_shows_what_was_not_run() -> None:
    gate = step("Gate", "Succeeded", 0, outcome="False")
    now = view(
        "Failed",
        step("Prepare", "Succeeded"),
        step("Train", "Succeeded"),
        gate,
        step("No", "Failed", reason="bad"),
    )
    assert tree_lines(NODES, now) == [
        "abalone/x1  Failed  1 min 15 s",
        "├─ ✓ Prepare          Processing     Succeeded  1.0 s",
        "├─ ✓ Train            Training       Succeeded  1.0 s",
        "└─ ✓ Gate             Condition      Succeeded  0 ms  outcome False",
        "   ├─ if: - Register  RegisterModel  not run",
        "   └─ else: ✗ No      Fail           Failed  1.0 s  bad",
    ]


def test_only_changes_are_told_line_by_line() -> None:
    before = view("Executing", step("Prepare", "Succeeded"), step("Train", "Executing"))
    now = view("Executing", step("Prepare", "Succeeded"), step("Train", "Failed", reason="no data"))
    assert change_lines(None, before) == ["✓ Prepare  Succeeded  1.0 s", "● Train  Executing  1.0 s"]
    assert change_lines(before, now) == ["✗ Train  Failed  1.0 s  no data"]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, ""),
        (0.0124, "12 ms"),
        (0.44, "0.4 s"),
        (9.94, "9.9 s"),
        (9.96, "10 s"),
        (60, "1 min 00 s"),
        (7440, "2 h 04 min"),
    ],
)
def test_durations_are_read_at_a_glance(seconds: float | None, text: str) -> None:
    assert duration(seconds) == text
