"""What the facts of a retraining are called at AWS, and how the settings are read."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from ropeway.functions.retraining_aws import Aws
from ropeway.functions.retraining_facts import Settings

NOW = datetime(2026, 11, 21, 23, tzinfo=timezone.utc)
JOB = "arn:aws:sagemaker:eu-west-1:333333333333:processing-job/pipelines-e1-check"
GIVEN = {
    "use_case": "severity",
    "inference": "infer",
    "train": "train",
    "checks": ["Check"],
    "topic": "arn:aws:sns:eu-west-1:333333333333:people",
}


class Pages:
    """A client's paginator."""

    def __init__(self, asked: list[dict[str, Any]], pages: list[dict[str, Any]]) -> None:
        self.asked, self.pages = asked, pages

    def paginate(self, **request: Any) -> Iterator[dict[str, Any]]:
        self.asked.append(request)
        yield from self.pages


class Client:
    """Clients of SageMaker, S3 and SNS at once."""

    def __init__(self, **answers: Any) -> None:
        self.answers = answers
        self.asked: list[dict[str, Any]] = []

    def get_paginator(self, name: str) -> Pages:
        return Pages(self.asked, self.answers[name])

    def __getattr__(self, name: str) -> Any:
        def call(**request: Any) -> Any:
            self.asked.append(request)
            return self.answers[name]

        return call


def aws(**answers: Any) -> tuple[Aws, Client]:
    client = Client(**answers)
    return Aws(client, client, client, "topic"), client


def summary(name: str, hours: float, status: str = "Succeeded") -> dict[str, Any]:
    started = NOW - timedelta(hours=hours)
    return {"PipelineExecutionArn": name, "PipelineExecutionStatus": status, "StartTime": started}


def test_executions_are_told_on_all_pages_newest_first() -> None:
    one, two = summary("a", 1), {**summary("b", 2, "Executing"), "PipelineExecutionDisplayName": "drift-x"}
    pages = [{"PipelineExecutionSummaries": [one]}, {"PipelineExecutionSummaries": [two]}]
    world, client = aws(list_pipeline_executions=pages)
    found = world.since("train", NOW - timedelta(days=1))
    assert [(each.arn, each.name, each.running) for each in found] == [
        ("a", "", False),
        ("b", "drift-x", True),
    ]
    assert client.asked == [
        {
            "PipelineName": "train",
            "CreatedAfter": NOW - timedelta(days=1),
            "SortBy": "CreationTime",
            "SortOrder": "Descending",
        }
    ]


def test_only_ended_executions_are_windows() -> None:
    summaries = [
        summary("self", 0),
        summary("a", 1),
        summary("b", 2, "Stopping"),
        summary("c", 3),
        summary("d", 4),
    ]
    world, _ = aws(list_pipeline_executions=[{"PipelineExecutionSummaries": summaries}])
    assert [each.arn for each in world.ended_before("infer", NOW, 2)] == ["a", "c"]


def test_steps_are_found_by_name() -> None:
    pages = [{"PipelineExecutionSteps": [{"StepName": "Check"}, {"StepName": "Other"}]}]
    world, _ = aws(list_pipeline_execution_steps=pages)
    assert world.checks("arn", frozenset({"Check"})) == [{"StepName": "Check"}]


@pytest.mark.parametrize(
    ("environment", "name", "found"),
    [
        ({"dataset_source": "/opt/in"}, "mine", "s3://data/day.csv"),
        ({"dataset_source": "/opt/elsewhere"}, "baseline_dataset_input", None),
        ({}, "baseline_dataset_input", "s3://data/day.csv"),
        ({}, "dataset", "s3://data/day.csv"),
        ({}, "analysis_config", None),
    ],
)
def test_the_data_are_the_input_that_the_job_was_told(
    environment: dict[str, str], name: str, found: str | None
) -> None:
    place = {"S3Uri": "s3://data/day.csv", "LocalPath": "/opt/in"}
    inputs = [{"InputName": "baseline", "S3Input": {"S3Uri": "s3://x", "LocalPath": "/opt/b"}}]
    inputs.append({"InputName": name, "S3Input": place})
    world, client = aws(describe_processing_job={"ProcessingInputs": inputs, "Environment": environment})
    assert world.data(JOB) == found
    assert client.asked == [{"ProcessingJobName": "pipelines-e1-check"}]


def test_reports_parameters_starts_and_mails_are_aws_calls() -> None:
    definition = json.dumps({"Parameters": [{"Name": "RetrainingReason", "Type": "String"}]})
    world, client = aws(
        get_object={"Body": io.BytesIO(b"{}")},
        describe_pipeline={"PipelineDefinition": definition},
        describe_pipeline_execution={"CreationTime": NOW},
        start_pipeline_execution={"PipelineExecutionArn": "arn"},
        publish={},
    )
    assert world.report("s3://bucket/a/b.json") == b"{}"
    assert world.declared("train") == {"RetrainingReason"}
    assert world.began("execution") == NOW
    assert world.start({"PipelineName": "train"}) == "arn"
    world.tell("subject", "text")
    assert client.asked == [
        {"Bucket": "bucket", "Key": "a/b.json"},
        {"PipelineName": "train"},
        {"PipelineExecutionArn": "execution"},
        {"PipelineName": "train"},
        {"TopicArn": "topic", "Subject": "subject", "Message": "text"},
    ]


def test_settings_are_json_with_defaults() -> None:
    plain = Settings.read(json.dumps(GIVEN))
    assert (plain.windows_needed, plain.windows_of, plain.drift) == (
        1,
        1,
        frozenset({"baseline_drift_check"}),
    )
    more = {"windows": {"needed": 2, "of": 3}, "budget": {"retrainings": 5, "days": 7}, "drift": ["a"]}
    told = Settings.read(json.dumps({**GIVEN, **more}))
    assert (told.windows_needed, told.windows_of, told.budget_retrainings, told.budget_days) == (2, 3, 5, 7)
    assert (told.drift, told.checks) == (frozenset({"a"}), frozenset({"Check"}))


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", json.dumps({**GIVEN, "cooldown": 3}), json.dumps({**GIVEN, "windows": 3})]
)
def test_settings_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="RETRAINING does not describe a retraining"):
        Settings.read(text)
