"""Comparisons: typed, with text that reads as a number beside numbers."""

from __future__ import annotations

from typing import Any

import pytest

from ropeway.sandbox.domain.pipelines.conditions import ConditionError, holds


def sides(kind: str, left: Any, right: Any) -> dict[str, Any]:
    return {"Type": kind, "LeftValue": left, "RightValue": right}


@pytest.mark.parametrize(
    ("kind", "left", "right", "outcome"),
    [
        ("Equals", 1, 1.0, True),
        ("Equals", "a", "b", False),
        ("Equals", "10", 10, True),
        ("Equals", "1", "1.0", False),
        ("Equals", True, 1, False),
        ("Equals", True, True, True),
        ("Equals", "true", True, False),
        ("Equals", None, 1, False),
        ("NotEquals", 1, 2, True),
        ("GreaterThan", 2, 1, True),
        ("GreaterThan", 1, 1, False),
        ("GreaterThanOrEqualTo", 1, 1, True),
        ("LessThan", "10", "9", True),
        ("LessThan", 10, "9", False),
        ("LessThanOrEqualTo", 0.1, 0.1, True),
    ],
)
def test_two_sides_compare_by_their_types(kind: str, left: Any, right: Any, outcome: bool) -> None:
    assert holds(sides(kind, left, right)) is outcome


@pytest.mark.parametrize(("left", "right"), [("a", 1), (None, 1), (True, 0), ([1], [2])])
def test_values_of_different_kinds_have_no_order(left: Any, right: Any) -> None:
    with pytest.raises(ConditionError):
        holds(sides("LessThan", left, right))


def test_in_and_not_in_look_for_a_value() -> None:
    assert holds({"Type": "In", "QueryValue": "a", "Values": ["b", "a"]})
    assert not holds({"Type": "In", "QueryValue": "c", "Values": ["b", "a"]})
    assert holds({"Type": "NotIn", "QueryValue": 3, "Values": [1, 2]})


@pytest.mark.parametrize("member", ["Condition", "Expression"])
def test_not_turns_around_however_an_sdk_calls_its_member(member: str) -> None:
    assert holds({"Type": "Not", member: sides("Equals", 1, 2)})
    assert not holds({"Type": "Not", member: sides("Equals", 1, 1)})


def test_or_needs_one() -> None:
    yes, no = sides("Equals", 1, 1), sides("Equals", 1, 2)
    assert holds({"Type": "Or", "Conditions": [no, yes]})
    assert not holds({"Type": "Or", "Conditions": [no, no]})
