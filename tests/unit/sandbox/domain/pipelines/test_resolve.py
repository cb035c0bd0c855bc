"""Expressions become values, or fail with where they lead to nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

import pytest

from ropeway.pipelines.definition import parse
from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.domain.pipelines.resolve import Resolver, UnresolvedError, text_of
from ropeway.values.s3uri import S3Uri

FILE = {"PropertyFileName": "report", "OutputName": "out", "FilePath": "a/report.json"}
DEFINITION = parse(
    json.dumps(
        {
            "Version": "2020-12-01",
            "Parameters": [],
            "Steps": [{"Name": "P", "Type": "Processing", "Arguments": {}, "PropertyFiles": [FILE]}],
        }
    )
)
DESCRIBED: dict[str, Any] = {
    "ProcessingOutputConfig": {
        "Outputs": [{"OutputName": "out", "S3Output": {"S3Uri": "s3://bucket/out"}}],
    },
    "InputDataConfig": [{"ChannelName": "train", "ContentType": "text/csv"}, {"ChannelName": "test"}],
    "FinalMetricDataList": [{"MetricName": "validation:rmse", "Value": 0.25}],
    "CreationTime": datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc),
    "Text": "abc",
}
OBJECTS = {
    "s3://bucket/out/a/report.json": b'{"metrics": {"mse": {"value": 1.5}}, "rows": [{"n": true}], "a b": 3}',
    "s3://bucket/broken.json": b"{",
}


def read(uri: S3Uri) -> bytes:
    if str(uri) not in OBJECTS:
        raise DomainError("The specified key does not exist.", code="NoSuchKey", status=404)
    return OBJECTS[str(uri)]


def properties(step: str) -> Mapping[str, Any]:
    if step != "P":
        raise UnresolvedError(f"step {step} has no result")
    return DESCRIBED


def resolve(value: Any) -> Any:
    parameters = {"Text": "x", "Whole": 3, "Small": 1e-05, "Flag": False, "None": None}
    resolver = Resolver(DEFINITION, parameters, {"PipelineName": "pipe"}, properties, read)
    return resolver.resolve(value)


def get(path: str) -> dict[str, str]:
    return {"Get": path}


def json_get(path: str) -> dict[str, Any]:
    return {"Std:JsonGet": {"PropertyFile": get("Steps.P.PropertyFiles.report"), "Path": path}}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("Parameters.Whole", 3),
        ("Execution.PipelineName", "pipe"),
        ("Steps.P.ProcessingOutputConfig.Outputs['out'].S3Output.S3Uri", "s3://bucket/out"),
        ("Steps.P.InputDataConfig['train'].ContentType", "text/csv"),
        ("Steps.P.InputDataConfig[1].ChannelName", "test"),
        ("Steps.P.FinalMetricDataList['validation:rmse'].Value", 0.25),
        ("Steps.P.CreationTime", "2026-01-02T03:04:05+00:00"),
    ],
)
def test_a_get_gives_the_value_of_its_type(path: str, value: Any) -> None:
    assert resolve(get(path)) == value


def test_expressions_are_replaced_wherever_they_are() -> None:
    value = {
        "a": [get("Parameters.Text"), {"b": get("Parameters.Whole")}],
        "c": 1,
        "gone": get("Parameters.None"),
    }
    assert resolve(value) == {"a": ["x", {"b": 3}], "c": 1}


def test_a_join_writes_booleans_small_and_whole_numbers_without_a_point() -> None:
    values = ["returns:", get("Parameters.Flag"), get("Parameters.Whole"), get("Parameters.Small"), True]
    assert resolve({"Std:Join": {"On": " ", "Values": values}}) == "returns: false 3 1e-05 true"


def test_a_join_without_a_separator_puts_values_side_by_side() -> None:
    nested = {"Std:Join": {"On": "-", "Values": [1, 2]}}
    assert resolve({"Std:Join": {"Values": ["a", nested]}}) == "a1-2"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("metrics.mse.value", 1.5),
        ("$.metrics.mse.value", 1.5),
        ("rows[0].n", True),
        ("['a b']", 3),
        ("metrics", {"mse": {"value": 1.5}}),
    ],
)
def test_a_json_file_gives_typed_values(path: str, value: Any) -> None:
    assert resolve(json_get(path)) == value


def test_a_json_file_may_be_named_by_its_address() -> None:
    uri = {"Std:Join": {"On": "/", "Values": ["s3://bucket/out", "a", "report.json"]}}
    assert resolve({"Std:JsonGet": {"S3Uri": uri, "Path": "rows[0].n"}}) is True


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (get("Execution.TrainingJobName"), "has no value in this step"),
        (get("Steps.Q.Arn"), "step Q"),
        (get("Steps.P.Nothing"), "Steps.P has no 'Nothing'"),
        (get("Steps.P.InputDataConfig[5]"), "has no 5"),
        (get("Steps.P.InputDataConfig['none']"), "has no 'none'"),
        (get("Steps.P.Text.more"), "has no 'more'"),
        (json_get("metrics.auc"), "has no 'auc'"),
        ({"Std:JsonGet": {"S3Uri": "s3://bucket/none.json", "Path": "a"}}, "cannot be read"),
        ({"Std:JsonGet": {"S3Uri": "s3://bucket/broken.json", "Path": "a"}}, "is not JSON"),
    ],
)
def test_what_leads_nowhere_says_where_it_stopped(value: Any, words: str) -> None:
    with pytest.raises(UnresolvedError, match=words):
        resolve(value)


def test_text_of_lists_and_objects_is_json() -> None:
    assert text_of([1, "a"]) == '[1, "a"]'
    assert text_of({"a": 1}) == '{"a": 1}'
    assert text_of(2.5) == "2.5"
