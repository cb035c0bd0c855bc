"""What is wrong with a definition, and where."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ropeway.sandbox.domain.statemachines.check import check

END: dict[str, Any] = {"Type": "Succeed"}


def faults(states: Any, start: str | None = "A") -> list[tuple[str, str]]:
    document = {"States": states, **({"StartAt": start} if start else {})}
    return [(each.code, each.location) for each in check(json.dumps(document))]


def test_every_type_of_state_can_be_right() -> None:
    branches = [{"StartAt": name, "States": {name: END}} for name in ("I", "J")]
    inner = {"StartAt": "K", "States": {"K": END}}
    states = {
        "A": {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Next": "B",
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Z"}],
        },
        "B": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.x", "IsPresent": True, "Next": "C"}],
            "Default": "D",
        },
        "C": {"Type": "Parallel", "Branches": branches, "Next": "E"},
        "D": {"Type": "Map", "ItemProcessor": inner, "Next": "E"},
        "E": {"Type": "Wait", "Seconds": 1, "Next": "F"},
        "F": {"Type": "Pass", "Next": "G"},
        "G": END,
        "Z": {"Type": "Fail"},
    }
    assert faults(states) == []


@pytest.mark.parametrize(
    ("states", "code", "location"),
    [
        ({}, "SCHEMA_VALIDATION_FAILED", "/States"),
        ({"A": 1}, "SCHEMA_VALIDATION_FAILED", "/States/A"),
        ({"A": {"Type": "Nap"}}, "SCHEMA_VALIDATION_FAILED", "/States/A/Type"),
        ({"A": {"Type": ["Pass"]}}, "SCHEMA_VALIDATION_FAILED", "/States/A/Type"),
        ({"A": {"Type": "Pass"}}, "SCHEMA_VALIDATION_FAILED", "/States/A"),
        ({"A": {"Type": "Pass", "Next": "A", "End": True}}, "SCHEMA_VALIDATION_FAILED", "/States/A"),
        ({"A": {"Type": "Pass", "Next": "B"}}, "MISSING_TRANSITION_TARGET", "/States/A/Next"),
        ({"A": END, "B": END}, "MISSING_TRANSITION_TARGET", "/States/B"),
        ({"A": {"Type": "Task", "End": True}}, "SCHEMA_VALIDATION_FAILED", "/States/A/Resource"),
        ({"A": {"Type": "Wait", "End": True}}, "SCHEMA_VALIDATION_FAILED", "/States/A"),
        ({"A": {"Type": "Choice"}}, "SCHEMA_VALIDATION_FAILED", "/States/A/Choices"),
        ({"A": {"Type": "Choice", "Choices": [{}]}}, "SCHEMA_VALIDATION_FAILED", "/States/A/Choices[0]"),
        (
            {"A": {"Type": "Choice", "Choices": [{"Next": "X"}]}},
            "MISSING_TRANSITION_TARGET",
            "/States/A/Choices[0]/Next",
        ),
        ({"A": {"Type": "Parallel", "End": True}}, "SCHEMA_VALIDATION_FAILED", "/States/A/Branches"),
        (
            {"A": {"Type": "Parallel", "Branches": [{"StartAt": "X", "States": {"Y": END}}], "End": True}},
            "MISSING_TRANSITION_TARGET",
            "/States/A/Branches[0]/StartAt",
        ),
        ({"A": {"Type": "Map", "End": True}}, "SCHEMA_VALIDATION_FAILED", "/States/A/ItemProcessor"),
    ],
)
def test_a_fault_is_told_with_its_place(states: Any, code: str, location: str) -> None:
    assert (code, location) in faults(states)


def test_a_start_is_needed_and_must_be_there() -> None:
    assert faults({"A": END}, None) == [("SCHEMA_VALIDATION_FAILED", "/StartAt")]
    assert ("MISSING_TRANSITION_TARGET", "/StartAt") in faults({"A": END}, "B")


@pytest.mark.parametrize("text", ["", "{", "[]", "1", "null"])
def test_what_is_no_machine_is_told(text: str) -> None:
    assert len(check(text)) == 1


CHOICE = {"Type": "Choice", "Default": "B"}
TASK = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": True}
PASS = {"Type": "Pass", "End": True}
NAMED = {"ErrorEquals": ["E"]}


@pytest.mark.parametrize(
    ("state", "message", "location"),
    [
        ({**PASS, "Paramters": {}}, "Field 'Paramters' is not supported", ""),
        ({**PASS, "Catch": [{**NAMED, "Next": "B"}]}, "Field 'Catch' is not supported", ""),
        ({"Type": "Fail", "End": True}, "Field 'End' is not supported", ""),
        (
            {**TASK, "TimeoutSeconds": "5"},
            "The field 'TimeoutSeconds' must be a whole number",
            "/TimeoutSeconds",
        ),
        ({**TASK, "TimeoutSeconds": 5, "HeartbeatSeconds": 5}, "must be smaller than", ""),
        ({**TASK, "TimeoutSeconds": 5, "TimeoutSecondsPath": "$.t"}, "Only one of 'TimeoutSeconds'", ""),
        ({**TASK, "Retry": 1}, "The field 'Retry' must be an array", "/Retry"),
        ({**TASK, "Retry": [NAMED, 1]}, "A rule is an object", "/Retry[1]"),
        ({**TASK, "Retry": [{**NAMED, "MaxAttempts": {}}]}, "'MaxAttempts' must be", "/Retry[0]/MaxAttempts"),
        ({**TASK, "Retry": [{**NAMED, "BackoffRate": 0.5}]}, "from 1 on", "/Retry[0]/BackoffRate"),
        ({**TASK, "Retry": [{**NAMED, "Next": "B"}]}, "Field 'Next' is not supported", "/Retry[0]"),
        ({**TASK, "Catch": [NAMED]}, "The field 'Next' is required", "/Catch[0]"),
        ({**TASK, "Credentials": "$$"}, "'Credentials' must be an object", "/Credentials"),
        ({**CHOICE, "Choices": 1}, "'Choices' must be an array", "/Choices"),
        ({**CHOICE, "Choices": [{"And": 1, "Next": "B"}]}, "'And' must be an array", "/Choices[0]/And"),
        (
            {**CHOICE, "Choices": [{"Variable": "$.n", "StringMatches": 1, "Next": "B"}]},
            "'StringMatches' must be a text",
            "/Choices[0]/StringMatches",
        ),
        (
            {**CHOICE, "Choices": [{"Not": {"Variable": "$.n", "IsNull": True, "Next": "B"}, "Next": "B"}]},
            "Field 'Next' is not supported",
            "/Choices[0]/Not",
        ),
        ({"Type": "Fail", "ErrorPath": 1}, "is not a valid path", "/ErrorPath"),
        ({"Type": "Wait", "Timestamp": "noon", "End": True}, "'Timestamp' must be a time", "/Timestamp"),
        ({**PASS, "Output": 1}, "only supported for the 'JSONata' QueryLanguage", ""),
    ],
)
def test_a_field_is_of_its_kind(state: dict[str, Any], message: str, location: str) -> None:
    found = check(json.dumps({"StartAt": "A", "States": {"A": state, "B": END}}))
    told = [(each.code, each.location) for each in found if message in each.message]
    assert told == [("SCHEMA_VALIDATION_FAILED", f"/States/A{location}")], found


def test_jsonata_computes_where_it_may() -> None:
    wait = {"Type": "Wait", "Seconds": "{% 5 %}", "End": True}
    assert check(json.dumps({"QueryLanguage": "JSONata", "StartAt": "A", "States": {"A": wait}})) == []
    state = {**PASS, "QueryLanguage": "JSONPath"}
    (found,) = check(json.dumps({"QueryLanguage": "JSONata", "StartAt": "A", "States": {"A": state}}))
    assert "'QueryLanguage' can not be 'JSONPath'" in found.message


def test_a_machine_ends_and_names_each_state_once() -> None:
    assert [
        str(each) for each in check('{"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "A"}}}')
    ] == ["MISSING_END_STATE: Workflow has no terminal state at null"]
    branch = {"StartAt": "A", "States": {"A": END}}
    assert faults({"A": {"Type": "Parallel", "Branches": [branch], "End": True}}) == [
        ("DUPLICATE_STATE_NAME", "/States/A/Branches[0]/States/A")
    ]
    twice = '{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}, "A": {"Type": "Succeed"}}}'
    assert [each.code for each in check(twice)] == ["DUPLICATE_STATE_NAME"]
