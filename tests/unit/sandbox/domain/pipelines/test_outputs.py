"""Output parameters: what may be declared, and what a value of each type is."""

from __future__ import annotations

from typing import Any

import pytest

from ropeway.errors import DefinitionError
from ropeway.pipelines.definition import StepSpec
from ropeway.sandbox.domain.pipelines.outputs import OutputTypeError, check_outputs, declared, listed, typed


def step(outputs: Any) -> StepSpec:
    return StepSpec("S", "Callback", {}, settings={"OutputParameters": outputs})


@pytest.mark.parametrize(
    ("outputs", "words"),
    [
        (1, "must be a list"),
        ([1], "needs an OutputName"),
        ([{"OutputType": "String"}], "needs an OutputName"),
        ([{"OutputName": "a", "OutputType": "Number"}], "a is of type 'Number'; there are String, Integer"),
        ([{"OutputName": "a", "OutputType": []}], "a is of type"),
        ([{"OutputName": "a"}, {"OutputName": "a"}], "a is declared twice"),
    ],
)
def test_a_wrong_declaration_is_refused(outputs: Any, words: str) -> None:
    with pytest.raises(DefinitionError, match=f"step S: .*{words}"):
        check_outputs(step(outputs))


@pytest.mark.parametrize(
    "outputs", [None, [], [{"OutputName": "a"}, {"OutputName": "b", "OutputType": "Float"}]]
)
def test_a_right_declaration_is_taken(outputs: Any) -> None:
    check_outputs(step(outputs))


def test_a_type_that_is_not_told_is_string() -> None:
    settings = {"OutputParameters": [{"OutputName": "a"}, {"OutputName": "b", "OutputType": "Float"}]}
    assert declared(settings) == {"a": "String", "b": "Float"}
    assert declared({}) == {}


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        ("3", "Integer", 3),
        (3, "Integer", 3),
        ("0.5", "Float", 0.5),
        ("1e3", "Float", 1000.0),
        ("TRUE", "Boolean", True),
        (False, "Boolean", False),
        (True, "String", "true"),
        ({"a": 1}, "String", '{"a": 1}'),
    ],
)
def test_a_value_is_of_its_type(value: Any, kind: str, expected: Any) -> None:
    found = typed("a", value, kind)
    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("3.5", "Integer"),
        (None, "Integer"),
        (float("inf"), "Integer"),
        ("inf", "Float"),
        ("nan", "Float"),
        ([1], "Float"),
        ("yes", "Boolean"),
        (1, "Boolean"),
    ],
)
def test_a_value_of_another_type_is_told(value: Any, kind: str) -> None:
    with pytest.raises(OutputTypeError, match=f"the output 'a' is .*, which is not of type {kind}"):
        typed("a", value, kind)


def test_values_are_listed_as_text() -> None:
    assert listed({"a": 1, "b": True}) == [{"Name": "a", "Value": "1"}, {"Name": "b", "Value": "true"}]
