"""Data and numbers at their limits: none of them stops the server."""

from __future__ import annotations

from ropeway.sandbox.domain.statemachines.rules import retry
from tests.unit.sandbox.domain.statemachines.runs import TASK, failure, finish, only, run, sheet_of


def test_a_text_is_never_read_as_json_by_a_path() -> None:
    """The result of a state before may be a text that looks like an object, or like nothing at all."""
    for text in ('{"a": 1}', "plain"):
        error = failure(only({"Type": "Pass", "InputPath": "$.a"}), text)
        assert error.error == "States.Runtime"


def test_half_a_surrogate_pair_stops_nothing() -> None:
    assert run(only({"Type": "Task", "Resource": TASK}), {}, lambda start: "\ud800") == "\ud800"


def test_a_task_s_result_beyond_the_limit_fails_it() -> None:
    state = {
        "Type": "Task",
        "Resource": TASK,
        "ResultPath": None,
        "Catch": [{"ErrorEquals": ["States.DataLimitExceeded"], "Next": "B"}],
        "End": True,
    }
    machine = {"StartAt": "A", "States": {"A": state, "B": {"Type": "Pass", "Result": "large", "End": True}}}
    assert run(machine, {}, lambda start: "x" * 262_145) == "large"
    sheet = finish(
        sheet_of(only({k: v for k, v in state.items() if k != "Catch"})), lambda start: "x" * 262_145
    )
    assert [event.type for event in sheet.events][-2:] == ["LambdaFunctionFailed", "ExecutionFailed"]


def test_a_retry_of_many_tries_waits_no_longer_than_it_may() -> None:
    again = retry(
        {"Retry": [{"ErrorEquals": ["E"], "MaxAttempts": 9999, "MaxDelaySeconds": 60}]}, "E", [5000]
    )
    assert again is not None
    assert again.delay == 60
