"""The virtual clock: schedules fire in order with their times, what they start ends, a restart keeps it."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import boto3
import pytest

from ropeway.sandbox.server import Server

Client = Callable[..., Any]
ROLE = "arn:aws:iam::111111111111:role/RopewayExecutionRole"
DAY = 86_400


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Server]:
    """A server of its own for each test: they move its clock."""
    server = Server(tmp_path / "state", port=0)
    server.start()
    yield server
    server.stop()


def clock(server: Server, method: str = "GET", **document: Any) -> dict[str, Any]:
    body = json.dumps(document).encode() if document else None
    request = urllib.request.Request(f"{server.endpoint}/_sandbox/clock", method=method, data=body)
    with urllib.request.urlopen(request, timeout=100) as answer:
        told: dict[str, Any] = json.load(answer)
    return told


def epoch(text: str) -> float:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc).timestamp()


def test_a_month_of_days_fires_in_order(sandbox: Server, client: Client, queue: Callable[..., Any]) -> None:
    events, made = client("events"), queue("month")
    for name, hour in (("evening", 18), ("morning", 6)):
        events.put_rule(Name=name, ScheduleExpression=f"cron(0 {hour} * * ? *)")
        events.put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": made.arn}])
    before = clock(sandbox)["now"]
    told = clock(sandbox, "POST", advance=30 * DAY)
    assert (told["fired"], told["running"]) == (60, [])
    assert told["now"] == pytest.approx(before + 30 * DAY, abs=60)
    found = made.events(60)
    times = [epoch(event["time"]) for event in found]
    assert times == sorted(set(times))
    assert {event["time"][11:] for event in found} == {"06:00:00Z", "18:00:00Z"}
    assert {event["detail-type"] for event in found} == {"Scheduled Event"}
    assert len({event["id"] for event in found}) == 60


def test_a_pipeline_of_each_day_ends_before_the_next(
    sandbox: Server, client: Client, listen: Callable[..., Any]
) -> None:
    sagemaker, scheduler = client("sagemaker"), client("scheduler")
    ended = listen(
        "ended", {"source": ["aws.sagemaker"], "detail": {"currentPipelineExecutionStatus": ["Failed"]}}
    )
    definition = {
        "Version": "2020-12-01",
        "Parameters": [{"Name": "Reason", "Type": "String", "DefaultValue": "none"}],
        "Steps": [
            {"Name": "End", "Type": "Fail", "Arguments": {"ErrorMessage": {"Get": "Parameters.Reason"}}}
        ],
    }
    pipeline = sagemaker.create_pipeline(
        PipelineName="daily", PipelineDefinition=json.dumps(definition), RoleArn=ROLE
    )["PipelineArn"]
    scheduler.create_schedule(
        Name="daily",
        ScheduleExpression="cron(30 2 * * ? *)",
        ScheduleExpressionTimezone="Europe/Berlin",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={
            "Arn": pipeline,
            "RoleArn": ROLE,
            "SageMakerPipelineParameters": {
                "PipelineParameterList": [{"Name": "Reason", "Value": "planned"}]
            },
        },
    )
    assert clock(sandbox, "POST", advance=3 * DAY)["fired"] == 3
    executions = sagemaker.list_pipeline_executions(PipelineName="daily")["PipelineExecutionSummaries"]
    assert [each["PipelineExecutionStatus"] for each in executions] == ["Failed"] * 3
    days = [each["StartTime"] for each in executions]
    assert [days[0] - days[1], days[1] - days[2]] == [
        pytest.approx(timedelta(days=1), abs=timedelta(minutes=1)),
        pytest.approx(timedelta(days=1), abs=timedelta(minutes=1)),
    ]
    arn = executions[0]["PipelineExecutionArn"]
    told = sagemaker.list_pipeline_parameters_for_execution(PipelineExecutionArn=arn)["PipelineParameters"]
    assert told == [{"Name": "Reason", "Value": "planned"}]
    assert len(ended.events(3)) == 3


def test_a_restart_keeps_the_clock_and_fires_what_was_missed(tmp_path: Path) -> None:
    def client(server: Server, service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=server.endpoint,
            region_name="eu-west-1",
            aws_access_key_id="111111111111",
            aws_secret_access_key="secret",
        )

    first = Server(tmp_path / "state", port=0)
    first.start()
    client(first, "events").put_rule(Name="yearly", ScheduleExpression="cron(0 0 1 1 ? *)")
    told = clock(first, "POST", advance=10 * DAY)
    first.stop()
    second = Server(tmp_path / "state", port=0)
    second.start()
    again = clock(second)
    assert again["ahead"] == pytest.approx(told["ahead"], abs=1)
    assert again["next"] == told["next"]
    rule = client(second, "events").describe_rule(Name="yearly")
    assert rule["ScheduleExpression"] == "cron(0 0 1 1 ? *)"
    assert clock(second, "DELETE")["ahead"] == 0
    second.stop()


@pytest.mark.parametrize(
    "document", [{"advance": 0}, {"advance": -5}, {"advance": "1d"}, {"advance": 1e12}, {"a": 1}]
)
def test_a_clock_goes_forward_only(sandbox: Server, document: dict[str, Any]) -> None:
    with pytest.raises(urllib.error.HTTPError) as caught:
        clock(sandbox, "POST", **document)
    with caught.value as answer:
        assert answer.code == 400
