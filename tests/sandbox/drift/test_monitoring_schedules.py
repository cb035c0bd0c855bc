"""Monitoring schedules: they fire by the clock, run the analyser, tell what it found, and outlive a restart."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import boto3
import pytest

from ropeway.sandbox.server import Server
from tests.sandbox.drift.conftest import HOME, MONITOR, Desk, table
from tests.sandbox.endpoints.conftest import Kit
from tests.sandbox.events.test_clock import clock
from tests.sandbox.sagemaker.pipelines.conftest import CLUSTER, ROLE

HOUR = 3600
Made = Callable[..., Any]


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Server]:
    """A server of its own for each test: they move its clock."""
    server = Server(tmp_path / "state", port=0)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def sagemaker(client: Made) -> Any:
    return client("sagemaker")


def definition(desk: Desk, source: dict[str, Any], **more: Any) -> dict[str, Any]:
    output = {"S3Uri": f"s3://{desk.bucket}/reports", "LocalPath": f"{HOME}/output"}
    return {
        "MonitoringInputs": [source],
        "MonitoringOutputConfig": {"MonitoringOutputs": [{"S3Output": output}]},
        "MonitoringResources": CLUSTER,
        "MonitoringAppSpecification": {"ImageUri": MONITOR},
        "RoleArn": ROLE,
        **more,
    }


def batches(desk: Desk) -> dict[str, Any]:
    return {
        "BatchTransformInput": {
            "DataCapturedDestinationS3Uri": f"s3://{desk.bucket}/batches",
            "DatasetFormat": {"Csv": {"Header": True}},
            "LocalPath": f"{HOME}/input",
        }
    }


def config(job: dict[str, Any], expression: str = "cron(0 * ? * * *)") -> dict[str, Any]:
    schedule = {"ScheduleExpression": expression}
    return {"ScheduleConfig": schedule, "MonitoringJobDefinition": job, "MonitoringType": "DataQuality"}


def baseline(desk: Desk, sagemaker: Any) -> dict[str, Any]:
    """What a job of the analyser's image makes of clean data, as a BaselineConfig."""
    data, place = desk.put("train/train.csv", table(500)), f"s3://{desk.bucket}/base"
    sagemaker.create_processing_job(ProcessingJobName="baseline", **desk.request(data, place))
    ended(lambda: sagemaker.describe_processing_job(ProcessingJobName="baseline")["ProcessingJobStatus"])
    return {
        f"{kind}Resource": {"S3Uri": f"{place}/{kind.lower()}.json"} for kind in ("Constraints", "Statistics")
    }


def ended(status: Callable[[], str]) -> str:
    deadline = time.monotonic() + 60
    while (now := status()) in {"Pending", "InProgress", "Creating", "none"}:
        assert time.monotonic() < deadline, "it did not end"
        time.sleep(0.05)
    return now


def executions(sagemaker: Any, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = sagemaker.list_monitoring_executions(
        MonitoringScheduleName=name, SortOrder="Ascending"
    )["MonitoringExecutionSummaries"]
    return found


def test_an_hourly_schedule_finds_the_batch_that_drifted(sandbox: Server, desk: Desk, sagemaker: Any) -> None:
    desk.put("batches/a.csv", table(100, seed=3))
    job = definition(desk, batches(desk), BaselineConfig=baseline(desk, sagemaker))
    sagemaker.create_monitoring_schedule(
        MonitoringScheduleName="Hourly", MonitoringScheduleConfig=config(job)
    )
    assert clock(sandbox, "POST", advance=HOUR)["running"] == []
    desk.put("batches/a.csv", table(100, shift=1.5, seed=3))
    clock(sandbox, "POST", advance=HOUR)
    first, second = executions(sagemaker, "Hourly")
    assert first["MonitoringExecutionStatus"] == "Completed"
    assert second["MonitoringExecutionStatus"] == "CompletedWithViolations"
    assert second["FailureReason"].startswith("CompletedWithViolations: Job completed successfully with ")
    assert (second["ScheduledTime"] - first["ScheduledTime"]).total_seconds() == HOUR
    assert second["ScheduledTime"].minute == 0
    told = sagemaker.describe_monitoring_schedule(MonitoringScheduleName="Hourly")
    assert (told["MonitoringScheduleStatus"], told["MonitoringType"]) == ("Scheduled", "DataQuality")
    assert told["LastMonitoringExecutionSummary"] == second
    when = f"{second['ScheduledTime'].astimezone(timezone.utc):%Y/%m/%d/%H}"
    found = desk.get(f"s3://{desk.bucket}/reports/Hourly/{when}/constraint_violations.json")
    assert {each["feature_name"] for each in found["violations"]} == {"x"}
    only = sagemaker.list_monitoring_executions(
        MonitoringScheduleName="Hourly", StatusEquals="CompletedWithViolations"
    )
    assert only["MonitoringExecutionSummaries"] == [second]


def test_a_schedule_is_stopped_started_changed_and_deleted(
    sandbox: Server, desk: Desk, sagemaker: Any
) -> None:
    desk.put("batches/a.csv", table(20))
    job = definition(desk, batches(desk))
    create = {"MonitoringScheduleName": "s", "MonitoringScheduleConfig": config(job)}
    arn = sagemaker.create_monitoring_schedule(**create)["MonitoringScheduleArn"]
    with pytest.raises(sagemaker.exceptions.ResourceInUse):
        sagemaker.create_monitoring_schedule(**create)
    sagemaker.stop_monitoring_schedule(MonitoringScheduleName="s")
    (listed,) = sagemaker.list_monitoring_schedules(StatusEquals="Stopped")["MonitoringScheduleSummaries"]
    assert (listed["MonitoringScheduleArn"], listed["MonitoringScheduleName"]) == (arn, "s")
    again = config(job, "cron(30 * ? * * *)")
    sagemaker.update_monitoring_schedule(MonitoringScheduleName="s", MonitoringScheduleConfig=again)
    clock(sandbox, "POST", advance=3 * HOUR)
    assert executions(sagemaker, "s") == []
    sagemaker.start_monitoring_schedule(MonitoringScheduleName="s")
    daily = config(job, "cron(30 5 ? * * *)")
    sagemaker.update_monitoring_schedule(MonitoringScheduleName="s", MonitoringScheduleConfig=daily)
    clock(sandbox, "POST", advance=24 * HOUR)
    (execution,) = executions(sagemaker, "s")
    assert f"{execution['ScheduledTime'].astimezone(timezone.utc):%H:%M}" == "05:30"
    sagemaker.delete_monitoring_schedule(MonitoringScheduleName="s")
    for call in (sagemaker.describe_monitoring_schedule, sagemaker.stop_monitoring_schedule):
        with pytest.raises(sagemaker.exceptions.ResourceNotFound):
            call(MonitoringScheduleName="s")
    assert sagemaker.list_monitoring_executions()["MonitoringExecutionSummaries"] == []


def test_once_now_with_a_named_definition(desk: Desk, sagemaker: Any) -> None:
    desk.put("batches/a.csv", table(20))
    output = {"S3Uri": f"s3://{desk.bucket}/reports", "LocalPath": f"{HOME}/output"}
    sagemaker.create_data_quality_job_definition(
        JobDefinitionName="named",
        DataQualityAppSpecification={"ImageUri": MONITOR},
        DataQualityJobInput=batches(desk),
        DataQualityJobOutputConfig={"MonitoringOutputs": [{"S3Output": output}]},
        JobResources=CLUSTER,
        RoleArn=ROLE,
    )
    sagemaker.create_monitoring_schedule(
        MonitoringScheduleName="once",
        MonitoringScheduleConfig={
            "ScheduleConfig": {
                "ScheduleExpression": "NOW",
                "DataAnalysisStartTime": "-P2D",
                "DataAnalysisEndTime": "-PT0H",
            },
            "MonitoringJobDefinitionName": "named",
            "MonitoringType": "DataQuality",
        },
    )

    def status() -> str:
        found = executions(sagemaker, "once")
        return str(found[0]["MonitoringExecutionStatus"]) if found else "none"

    assert ended(status) == "Completed"
    (execution,) = executions(sagemaker, "once")
    job = execution["ProcessingJobArn"].rpartition("/")[2]
    told = sagemaker.describe_processing_job(ProcessingJobName=job)["Environment"]
    start, end = (datetime.fromisoformat(told[f"{name}_time"][:19]) for name in ("start", "end"))
    assert (end - start).total_seconds() == 48 * HOUR


def test_a_job_that_cannot_be_made_fails_its_execution(sandbox: Server, desk: Desk, sagemaker: Any) -> None:
    job = definition(desk, batches(desk))
    job["MonitoringAppSpecification"] = {"ImageUri": MONITOR, "RecordPreprocessorSourceUri": "s3://b/x.py"}
    desk.put("batches/a.csv", table(20))
    sagemaker.create_monitoring_schedule(MonitoringScheduleName="f", MonitoringScheduleConfig=config(job))
    clock(sandbox, "POST", advance=HOUR)
    (execution,) = executions(sagemaker, "f")
    assert execution["MonitoringExecutionStatus"] == "Failed"
    assert "record_preprocessor_script is not supported" in execution["FailureReason"]


def test_what_is_wrong_is_refused(desk: Desk, sagemaker: Any) -> None:
    job = definition(desk, batches(desk))
    wrong: list[tuple[dict[str, Any], str]] = [
        (config(job, "every day"), "is not valid"),
        (
            {
                **config(job),
                "ScheduleConfig": {"ScheduleExpression": "NOW", "DataAnalysisStartTime": "2h"},
            },
            "'2h' is no offset of time",
        ),
        ({"MonitoringType": "DataQuality"}, "Give either MonitoringJobDefinition or"),
        ({**config(job), "MonitoringType": "ModelExplainability"}, "not of ModelExplainability"),
        ({**config(job), "MonitoringType": "ModelBias"}, "of ModelBias needs a MonitoringJobDefinitionName"),
        ({"MonitoringJobDefinitionName": "none"}, "Job definition none does not exist"),
        (
            config(
                definition(desk, {"EndpointInput": {"EndpointName": "none", "LocalPath": f"{HOME}/input"}})
            ),
            "none",
        ),
    ]
    for settings, words in wrong:
        with pytest.raises(sagemaker.exceptions.ClientError, match=words):
            sagemaker.create_monitoring_schedule(
                MonitoringScheduleName="w", MonitoringScheduleConfig=settings
            )
    assert sagemaker.list_monitoring_schedules()["MonitoringScheduleSummaries"] == []


def test_schedules_outlive_a_restart(tmp_path: Path) -> None:
    first = Server(tmp_path / "own", port=0)
    first.start()

    def clients(server: Server) -> Any:
        settings: dict[str, Any] = {
            "endpoint_url": server.endpoint,
            "region_name": "eu-west-1",
            "aws_access_key_id": "111111111111",
            "aws_secret_access_key": "x",
        }
        return boto3.client("s3", **settings), boto3.client("sagemaker", **settings)

    s3, sagemaker = clients(first)
    s3.create_bucket(Bucket="kept", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    desk = Desk(s3, "kept")
    desk.put("batches/a.csv", table(20))
    job = definition(desk, batches(desk))
    sagemaker.create_monitoring_schedule(MonitoringScheduleName="s", MonitoringScheduleConfig=config(job))
    first.stop()
    second = Server(tmp_path / "own", port=0)
    second.start()
    try:
        _, sagemaker = clients(second)
        clock(second, "POST", advance=HOUR)
        (execution,) = executions(sagemaker, "s")
        assert execution["MonitoringExecutionStatus"] == "Completed"
    finally:
        second.stop()


def test_captured_requests_of_an_endpoint_are_checked(
    sandbox: Server, desk: Desk, client: Made, sagemaker: Any
) -> None:
    kit = Kit(client)
    capture = {
        "EnableCapture": True,
        "InitialSamplingPercentage": 100,
        "DestinationS3Uri": f"s3://{desk.bucket}/captured",
        "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
    }
    kit.endpoint("watched", kit.config("watched", {kit.model("yes"): 1}, DataCaptureConfig=capture))
    ended(lambda: sagemaker.describe_endpoint(EndpointName="watched")["EndpointStatus"])
    at = datetime.fromtimestamp(clock(sandbox)["now"], tz=timezone.utc)
    side = {"data": "1,2.5\n", "encoding": "CSV", "observedContentType": "text/csv", "mode": "INPUT"}
    record = {
        "captureData": {"endpointInput": side, "endpointOutput": {**side, "data": "0.5"}},
        "eventMetadata": {"inferenceTime": f"{at:%Y-%m-%dT%H:%M:%SZ}"},
    }
    desk.put(f"captured/watched/yes/{at:%Y/%m/%d/%H}/00-00-000-x.jsonl", json.dumps(record) + "\n")
    job = definition(desk, {"EndpointInput": {"EndpointName": "watched", "LocalPath": f"{HOME}/input"}})
    sagemaker.create_monitoring_schedule(MonitoringScheduleName="e", MonitoringScheduleConfig=config(job))
    clock(sandbox, "POST", advance=HOUR)
    (execution,) = executions(sagemaker, "e")
    assert (execution["EndpointName"], execution["MonitoringExecutionStatus"]) == ("watched", "Completed")
    when = f"{execution['ScheduledTime'].astimezone(timezone.utc):%Y/%m/%d/%H}"
    found = desk.get(f"s3://{desk.bucket}/reports/watched/e/{when}/statistics.json")
    assert (found["dataset"]["item_count"], len(found["features"])) == (1, 3)
