"""CloudFormation's functions, conditions, parameters and order."""

from __future__ import annotations

from typing import Any

import pytest

from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.domain.stacks.template import read
from ropeway.sandbox.domain.stacks.values import UNKNOWN, Made, Values, order, parameters_of

TEMPLATE = read(
    """
Parameters:
  Name: {Type: String, Default: a}
  Number: {Type: Number, Default: 7, MinLength: 1, MaxLength: 2}
  Date: {Type: String, Default: 2026-11-21}
Conditions:
  IsA: !Equals [!Ref Name, a]
  Both: !And [!Condition IsA, !Equals [!Ref Number, 7]]
  Either: !Or [!Not [!Condition IsA], !Equals [x, y]]
Resources:
  First: {Type: T, Properties: {X: !Sub "${Second.Arn}-${!Name}-${Name}-${Local}"}}
  Second: {Type: T, DependsOn: [Third]}
  Third: {Type: T, Condition: Either}
Outputs:
  Here: {Value: !Ref Second}
  NotHere: {Value: x, Condition: Either}
"""
)


def values(**made: Made) -> Values:
    return Values(TEMPLATE, parameters_of(TEMPLATE, {}, {}), {"AWS::Region": "eu-west-1"}, dict(made))


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ({"Ref": "Name"}, "a"),
        ({"Ref": "AWS::Region"}, "eu-west-1"),
        ({"Ref": "Second"}, "two"),
        ({"Ref": "First"}, UNKNOWN),
        ({"Fn::GetAtt": ["Second", "Arn"]}, "arn:two"),
        ({"Fn::GetAtt": ["First", "Arn"]}, UNKNOWN),
        ({"Fn::Sub": "${Second}/${Second.Arn}/${!Name}/${AWS::Region}"}, "two/arn:two/${Name}/eu-west-1"),
        ({"Fn::Sub": ["${A}-${Name}", {"A": {"Ref": "Number"}}]}, "7-a"),
        ({"Fn::If": ["IsA", "yes", "no"]}, "yes"),
        ({"Fn::If": ["Either", "yes", "no"]}, "no"),
        ({"Fn::If": ["Both", {"Ref": "Name"}, "no"]}, "a"),
        ({"Fn::Join": ["+", ["a", {"Ref": "Number"}]]}, "a+7"),
        ({"Fn::Select": [1, {"Fn::Split": [",", "a,b"]}]}, "b"),
        ({"Fn::Base64": "a"}, "YQ=="),
        ({"a": 1, "b": {"Ref": "AWS::NoValue"}}, {"a": 1}),
        ([1, {"Fn::If": ["IsA", {"Ref": "AWS::NoValue"}, 2]}], [1]),
        ({"Condition": {"Bool": {"x": "y"}}}, {"Condition": {"Bool": {"x": "y"}}}),
        ({"Ref": "Date"}, "2026-11-21"),
    ],
    ids=str,
)
def test_a_function_has_its_value(expression: Any, value: Any) -> None:
    assert values(Second=Made("two", {"Arn": "arn:two"})).of(expression) == value


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ({"Ref": "Nothing"}, "Unresolved resource dependencies [Nothing]"),
        ({"Fn::GetAtt": ["Nothing", "Arn"]}, "undefined resource Nothing"),
        ({"Fn::GetAtt": ["Second", "Name"]}, "(T) does not support attribute type Name"),
        ({"Fn::If": ["Nothing", 1, 2]}, "unresolved condition dependency Nothing"),
        ({"Fn::FindInMap": ["a", "b", "c"]}, "does not evaluate Fn::FindInMap"),
        ({"Fn::Select": [5, ["a"]]}, "nonexistent value at index 5"),
    ],
    ids=str,
)
def test_what_cannot_be_evaluated_is_told(expression: Any, told: str) -> None:
    with pytest.raises(DomainError) as caught:
        values(Second=Made("two")).of(expression)
    assert told in caught.value.message
    assert caught.value.code == "ValidationError"


def test_conditions_choose_resources_and_outputs() -> None:
    found = values(Second=Made("two"))
    assert set(found.wanted()) == {"First", "Second"}
    assert found.outputs() == [{"OutputKey": "Here", "OutputValue": "two"}]


def test_each_comes_behind_what_it_needs() -> None:
    assert order(TEMPLATE["Resources"]) == ["Third", "Second", "First"]


def test_parameters_come_from_the_call_the_stack_or_the_default() -> None:
    given: Any = {"Name": None, "Number": "9"}
    assert parameters_of(TEMPLATE, given, {"Name": "old"}) == {
        "Name": "old",
        "Number": "9",
        "Date": "2026-11-21",
    }
    with pytest.raises(DomainError, match="Parameter 'Number' does not satisfy"):
        parameters_of(TEMPLATE, {"Number": "123"}, {})


def test_a_template_may_be_json() -> None:
    assert read('{"Resources": {"A": {"Type": "T"}}}')["Resources"] == {"A": {"Type": "T"}}
    for text in ("{", "[]", "- a", "!Ref a"):
        with pytest.raises(DomainError):
            read(text)
