"""Which documents an expression selects."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

import pytest

from ropeway.sandbox.domain.errors import Invalid
from ropeway.sandbox.domain.search.expression import check, matches, ordered, required
from ropeway.sandbox.domain.search.properties import Properties, values_of

PROPERTIES = Properties(
    {
        "Name": "text",
        "Version": "number",
        "CreationTime": "time",
        "Spot": "flag",
        "Inputs.Channel": "text",
        "Inputs.Source.Uri": "text",
        "ExperimentName": "text",
    },
    frozenset({"Tags", "HyperParameters", "Metrics"}),
    frozenset({"Inputs"}),
)
DOCUMENT: Mapping[str, Any] = {
    "Name": "abalone-7",
    "Version": 7,
    "CreationTime": datetime(2026, 3, 1, 12, tzinfo=timezone.utc),
    "Spot": False,
    "Inputs": [
        {"Channel": "train", "Source": {"Uri": "s3://b/train"}},
        {"Channel": "test", "Source": {"Uri": "s3://b/test"}},
    ],
    "Tags": {"team": "ml", "a.dotted.key": "x"},
    "HyperParameters": {"eta": "0.20", "objective": "reg:squarederror"},
    "Metrics": {"validation:rmse": {"Min": 0.5, "Max": 2.0}},
}


def one(name: str, operator: str | None = None, value: str | None = None) -> dict[str, Any]:
    entry = {"Name": name}
    if operator is not None:
        entry["Operator"] = operator
    if value is not None:
        entry["Value"] = value
    return {"Filters": [entry]}


def selects(expression: Mapping[str, Any]) -> bool:
    check(expression, PROPERTIES)
    return matches(expression, DOCUMENT, PROPERTIES)


@pytest.mark.parametrize(
    ("name", "operator", "value", "selected"),
    [
        ("Name", None, "abalone-7", True),
        ("Name", "Equals", "abalone", False),
        ("Name", "NotEquals", "abalone", True),
        ("Name", "Contains", "lone-", True),
        ("Name", "In", "other, abalone-7", True),
        ("Name", "In", "other", False),
        ("Version", "Equals", "7.0", True),
        ("Version", "GreaterThan", "10", False),
        ("Version", "GreaterThanOrEqualTo", "7", True),
        ("Version", "LessThan", "10", True),
        ("Version", "LessThanOrEqualTo", "6", False),
        ("CreationTime", "GreaterThan", "2026-03-01T11:59:59", True),
        ("CreationTime", "LessThan", "2026-03-01T12:30:00+01:00", False),
        ("CreationTime", "Equals", "2026-03-01T12:00:00Z", True),
        ("Spot", "Equals", "False", True),
        ("Inputs.Channel", "Equals", "test", True),
        ("Tags.team", "Equals", "ml", True),
        ("Tags.team", "NotEquals", "ml", False),
        ("Tags.other", "NotEquals", "ml", True),
        ("Tags.other", "Exists", None, False),
        ("Tags.other", "NotExists", None, True),
        ("Tags.a.dotted.key", "Equals", "x", True),
        ("HyperParameters.eta", "Equals", "0.2", True),
        ("HyperParameters.eta", "LessThan", "1", True),
        ("HyperParameters.objective", "Contains", "squared", True),
        ("HyperParameters.objective", "GreaterThan", "a", True),
        ("metrics.validation:rmse.min", "LessThan", "1", True),
        ("ExperimentName", "Exists", None, False),
    ],
)
def test_filters_compare(name: str, operator: str | None, value: str | None, selected: bool) -> None:
    assert selects(one(name, operator, value)) is selected


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        (one("Nom", "Equals", "x"), "Unknown property name: Nom"),
        (one("Name", "Equals"), "Filter value must be given with operator Equals"),
        (one("Name", "Exists", "x"), "must not be given with operator Exists"),
        (one("Name", "GreaterThan", "x"), "GreaterThan is not supported for property Name"),
        (one("Version", "Contains", "7"), "Contains is not supported for property Version"),
        (one("Version", "Equals", "seven"), "must be a number: seven"),
        (one("CreationTime", "LessThan", "yesterday"), "must be a time as in"),
        ({"NestedFilters": [{"NestedPropertyName": "Outputs", "Filters": []}]}, "Unknown nested property"),
        (
            {"SubExpressions": [one("Name", "Contains", "a"), one("Name", "Contains", "b")]},
            "'CONTAINS' operator usage limit of 1 has been exceeded",
        ),
    ],
)
def test_what_means_nothing_is_refused(expression: Mapping[str, Any], message: str) -> None:
    with pytest.raises(Invalid, match=message):
        check(expression, PROPERTIES)


def test_experiments_may_be_searched_by_several_parts() -> None:
    check(
        {"Filters": [*one("ExperimentName", "Contains", "a")["Filters"]] * 2},
        PROPERTIES,
    )


def test_a_nested_filter_asks_one_element_for_everything() -> None:
    def nested(channel: str, uri: str) -> dict[str, Any]:
        filters = [
            {"Name": "Inputs.Channel", "Value": channel},
            {"Name": "Inputs.Source.Uri", "Operator": "Contains", "Value": uri},
        ]
        return {"NestedFilters": [{"NestedPropertyName": "Inputs", "Filters": filters}]}

    assert selects(nested("train", "b/train"))
    assert not selects(nested("train", "b/test"))


def test_expressions_join_by_and_unless_they_say_or() -> None:
    right, wrong = one("Version", "Equals", "7"), one("Version", "Equals", "8")
    both = [*right["Filters"], *wrong["Filters"]]
    assert selects({})
    assert not selects({"Filters": both})
    assert selects({"Filters": both, "Operator": "Or"})
    assert selects({"SubExpressions": [right, {"SubExpressions": [wrong, right], "Operator": "Or"}]})
    assert not selects({"Filters": right["Filters"], "SubExpressions": [wrong]})


def test_what_every_result_must_equal_is_known() -> None:
    expression = one("Name", "Equals", "a")
    assert required(expression, "Name") == "a"
    assert required(expression, "Version") is None
    assert required({**expression, "Operator": "Or"}, "Name") is None
    assert required(one("Name", "Contains", "a"), "Name") is None


def test_documents_without_the_property_come_last() -> None:
    documents: list[Mapping[str, Any]] = [
        {"Name": "b", "Version": 2},
        {"Name": "none"},
        {"Name": "a", "Version": 10},
    ]
    assert [entry["Name"] for entry in ordered(documents, "Version", descending=True)] == ["a", "b", "none"]
    assert [entry["Name"] for entry in ordered(documents, "Name", descending=False)] == ["a", "b", "none"]
    late = {"Name": "late", "CreationTime": datetime(2026, 3, 2, tzinfo=timezone.utc)}
    changed = {"Name": "changed", "LastModifiedTime": datetime(2026, 3, 3, tzinfo=timezone.utc)}
    assert ordered([late, changed], "LastModifiedTime", descending=True) == [changed, late]


def test_values_of_lists_and_structures() -> None:
    assert list(values_of(DOCUMENT, "Inputs.Source.Uri")) == ["s3://b/train", "s3://b/test"]
    assert list(values_of(DOCUMENT, "Inputs.Source")) == []
    assert list(values_of({"A": None}, "A")) == []


def test_suggestions_contain_the_hint() -> None:
    assert PROPERTIES.suggestions("name") == ["ExperimentName", "Name"]
    assert "Tags.*" in PROPERTIES.suggestions("")
