"""The conformance set of the Amazon States Language on the sandbox, and that it leaves nothing out."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ropeway.sandbox.domain.statemachines import errors
from ropeway.sandbox.domain.statemachines.choices import COMPARISONS
from ropeway.sandbox.domain.statemachines.intrinsics import FUNCTIONS
from tests.asl.conformance import Case, Runner, load, same

Client = Callable[..., Any]

ROLE = "arn:aws:iam::111111111111:role/RopewayExecutionRole"
GROUPS = sorted({case.group for case in load()})
# By type of state, the fields that somebody may write in it.
FIELDS = {
    "Pass": "InputPath OutputPath ResultPath Parameters Result Assign Output QueryLanguage Comment",
    "Task": (
        "InputPath OutputPath ResultPath Parameters ResultSelector Resource TimeoutSeconds TimeoutSecondsPath "
        "HeartbeatSeconds HeartbeatSecondsPath Retry Catch Assign Arguments Output"
    ),
    "Choice": "Choices Default Assign Output",
    "Wait": "Seconds SecondsPath Timestamp TimestampPath OutputPath Output",
    "Succeed": "InputPath Output",
    "Fail": "Error Cause ErrorPath CausePath",
    "Parallel": "Branches Parameters ResultSelector Retry Catch Arguments Output",
    "Map": (
        "ItemProcessor Iterator ItemsPath Items ItemSelector Parameters MaxConcurrency MaxConcurrencyPath "
        "ResultSelector ResultPath OutputPath Retry Catch Output"
    ),
}


@pytest.mark.parametrize("group", GROUPS)
def test_every_case_goes_as_it_is_told(client: Client, group: str) -> None:
    states = client("stepfunctions", config={"max_pool_connections": 32, "inject_host_prefix": False})
    failed = Runner(states, ROLE, pause=0.02).run_all(load(group), parallel=12)
    assert [f"{case.name}: {told}" for case, told in failed] == []


def test_a_wrong_expectation_is_told(client: Client) -> None:
    runner = Runner(client("stepfunctions"), ROLE, pause=0.02)
    machine = {"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": 1, "End": True}}}
    for expect in (
        {"status": "SUCCEEDED", "output": True},
        {"status": "FAILED"},
        {"refused": "InvalidDefinition"},
        {"status": "SUCCEEDED", "history": ["ExecutionStarted"]},
    ):
        assert runner.run(Case("g", "n", machine, {}, [], expect))
    assert runner.run(Case("g", "n", {}, {}, [], {"status": "SUCCEEDED"})).startswith("refused")
    assert not runner.run(Case("g", "n", machine, {}, [], {"status": "SUCCEEDED", "output": 1.0}))


def test_values_are_the_same_by_kind_too() -> None:
    assert same({"a": [1, None]}, {"a": [1.0, None]})
    for one, other in ((1, True), (0, False), ("1", 1), ([1], [1, 2]), ({"a": 1}, {"b": 1}), (None, 0)):
        assert not same(one, other)


def _states(machine: Any) -> Iterator[tuple[str, Any]]:
    for state in machine.get("States", {}).values():
        yield state["Type"], state
        for inner in (
            *state.get("Branches", ()),
            *(state[each] for each in ("ItemProcessor", "Iterator") if each in state),
        ):
            yield from _states(inner)


def test_every_state_and_field_has_a_case() -> None:
    cases = [case for case in load() if "refused" not in case.expect]
    found = {(kind, name) for case in cases for kind, state in _states(case.machine) for name in state}
    wanted = {(kind, name) for kind, names in FIELDS.items() for name in names.split()}
    assert wanted - found == set()


def test_every_function_comparison_and_error_has_a_case() -> None:
    text = json.dumps([case.machine for case in load()])
    assert [name for name in FUNCTIONS if f"{name}(" not in text] == []
    assert set(COMPARISONS) - set(re.findall(r'"(\w+)": ', text)) == set()
    told = text + json.dumps([case.expect for case in load()])
    names = {
        value
        for name, value in vars(errors).items()
        if isinstance(value, str) and value.startswith("States.")
    }
    assert {name for name in names if name not in told} == set()
