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
    inner = {"StartAt": "I", "States": {"I": END}}
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
        "C": {"Type": "Parallel", "Branches": [inner, inner], "Next": "E"},
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
        ({"A": END, "B": END}, "UNREACHABLE_STATE", "/States/B"),
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
        ({"A": {"Type": "Map", "End": True}}, "SCHEMA_VALIDATION_FAILED", "/States/A/Iterator"),
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
