"""Monitoring of a model in production: its quality and its bias, by labels that come later."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

import numpy as np
import pytest

from ropeway.sandbox.server import Server
from tests.sandbox.drift.conftest import CLARIFY, HOME, MONITOR, Desk
from tests.sandbox.endpoints.conftest import Kit
from tests.sandbox.events.test_clock import clock
from tests.sandbox.sagemaker.pipelines.conftest import CLUSTER, ROLE
from tests.unit.drift.test_groundtruth import label, side

HOUR, DAY = 3600, 86_400
Made = Callable[..., Any]


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of this file's own: its clock is moved."""
    server = Server(tmp_path_factory.mktemp("monitored"), port=0)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def sagemaker(client: Made) -> Any:
    return client("sagemaker")


class Watched:
    """An endpoint that captures, what it is said to have been asked, and the labels."""

    def __init__(self, client: Made, sandbox: Server, desk: Desk, name: str) -> None:
        self._sandbox, self._desk, self.name = sandbox, desk, name
        kit = Kit(client)
        capture = {
            "EnableCapture": True,
            "InitialSamplingPercentage": 100,
            "DestinationS3Uri": f"s3://{desk.bucket}/captured",
            "CaptureOptions": [{"CaptureMode": "InputAndOutput"}],
        }
        kit.endpoint(name, kit.config(name, {kit.model(name): 1}, DataCaptureConfig=capture))
        sagemaker = client("sagemaker")
        for _ in range(600):
            if sagemaker.describe_endpoint(EndpointName=name)["EndpointStatus"] == "InService":
                break
            time.sleep(0.05)

    def serve(self, *, skill: float, gap: float = 0.0, seed: int = 1, size: int = 400) -> None:
        """Requests of this hour for a group and a number, each with a probability; and what was true."""
        rng = np.random.default_rng(seed)
        truth, group = rng.integers(0, 2, size), rng.integers(0, 2, size)
        score = np.clip(rng.normal(0.5, 0.15, size) + skill * (truth - 0.5) - gap * group, 0, 1).round(4)
        at = datetime.fromtimestamp(clock(self._sandbox)["now"], tz=timezone.utc)
        if at.minute == 59:  # the hour must not end before the clock is moved
            clock(self._sandbox, "POST", advance=90)
            at += timedelta(seconds=90)
        lines = [
            {
                "captureData": {
                    "endpointInput": side(f"{group[n]},{n}"),
                    "endpointOutput": side(f"{score[n]}"),
                },
                "eventMetadata": {"eventId": f"{seed}-{n}", "inferenceTime": f"{at:%Y-%m-%dT%H:%M:%SZ}"},
            }
            for n in range(size)
        ]
        place = f"captured/{self.name}/{self.name}/{at:%Y/%m/%d/%H}/00-00-000-{seed}.jsonl"
        self._desk.put(place, _lines(lines))
        truths = [label(f"{seed}-{n}", str(truth[n])) for n in range(size)]
        self._desk.put(f"truth-{self.name}/{at:%Y/%m/%d/%H}/{seed}.jsonl", _lines(truths))

    def asked(self, **more: Any) -> dict[str, Any]:
        """The input of a job definition."""
        return {
            "EndpointInput": {
                "EndpointName": self.name,
                "LocalPath": f"{HOME}/input/endpoint",
                "ProbabilityAttribute": "0",
                "ProbabilityThresholdAttribute": 0.5,
                **more,
            },
            "GroundTruthS3Input": {"S3Uri": f"s3://{self._desk.bucket}/truth-{self.name}"},
        }


def _lines(records: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


def output(desk: Desk, name: str) -> dict[str, Any]:
    place = {"S3Uri": f"s3://{desk.bucket}/{name}", "LocalPath": f"{HOME}/output"}
    return {"MonitoringOutputs": [{"S3Output": place}]}


def schedule(sagemaker: Any, name: str, kind: str) -> None:
    config = {
        "ScheduleConfig": {"ScheduleExpression": "cron(0 * ? * * *)"},
        "MonitoringJobDefinitionName": name,
        "MonitoringType": kind,
    }
    sagemaker.create_monitoring_schedule(MonitoringScheduleName=name, MonitoringScheduleConfig=config)


def last(sagemaker: Any, name: str) -> dict[str, Any]:
    found: dict[str, Any] = sagemaker.list_monitoring_executions(MonitoringScheduleName=name)[
        "MonitoringExecutionSummaries"
    ][0]
    return found


def results(desk: Desk, folder: str, endpoint: str, execution: Mapping[str, Any], name: str) -> Any:
    when = f"{execution['ScheduledTime'].astimezone(timezone.utc):%Y/%m/%d/%H}"
    place = f"s3://{desk.bucket}/{folder}/{endpoint}/{execution['MonitoringScheduleName']}/{when}"
    return desk.get(f"{place}/{name}")


def told(client: Made, space: str, metric: str, **dimensions: str) -> list[float]:
    """What CloudWatch has of a metric."""
    now = datetime.now(timezone.utc)
    points = client("cloudwatch").get_metric_statistics(
        Namespace=space,
        MetricName=metric,
        Dimensions=[{"Name": name, "Value": value} for name, value in dimensions.items()],
        StartTime=now - timedelta(hours=1),
        EndTime=now + timedelta(hours=1),
        Period=60,
        Statistics=["Maximum"],
    )["Datapoints"]
    return [point["Maximum"] for point in points]


def test_a_model_that_got_worse_is_found_by_its_labels(
    sandbox: Server, client: Made, desk: Desk, sagemaker: Any
) -> None:
    watched = Watched(client, sandbox, desk, "quality")
    definition: dict[str, Any] = {
        "ModelQualityAppSpecification": {"ImageUri": MONITOR, "ProblemType": "BinaryClassification"},
        "ModelQualityJobInput": watched.asked(),
        "ModelQualityJobOutputConfig": output(desk, "quality"),
        "JobResources": CLUSTER,
        "RoleArn": ROLE,
    }
    sagemaker.create_model_quality_job_definition(JobDefinitionName="first", **definition)
    (listed,) = sagemaker.list_model_quality_job_definitions()["JobDefinitionSummaries"]
    assert (listed["MonitoringJobDefinitionName"], listed["EndpointName"]) == ("first", "quality")
    schedule(sagemaker, "first", "ModelQuality")
    watched.serve(skill=0.4, seed=1)
    clock(sandbox, "POST", advance=HOUR)
    execution = last(sagemaker, "first")
    assert (execution["MonitoringExecutionStatus"], execution["MonitoringType"]) == (
        "Completed",
        "ModelQuality",
    )
    found = results(desk, "quality", "quality", execution, "statistics.json")
    auc = found["binary_classification_metrics"]["auc"]
    assert found["dataset"]["item_count"] == 400
    assert auc["value"] > 0.9
    assert 0 < auc["standard_deviation"] < 0.1
    space = "aws/sagemaker/Endpoints/model-metrics"
    assert told(client, space, "auc", Endpoint="quality", MonitoringSchedule="first") == [auc["value"]]
    sagemaker.delete_monitoring_schedule(MonitoringScheduleName="first")
    constraints = results(desk, "quality", "quality", execution, "constraints.json")
    held = desk.put("held/constraints.json", json.dumps(constraints))
    assert constraints["binary_classification_constraints"]["auc"] == {
        "threshold": auc["value"],
        "comparison_operator": "LessThanThreshold",
    }
    sagemaker.create_model_quality_job_definition(
        JobDefinitionName="held",
        ModelQualityBaselineConfig={"ConstraintsResource": {"S3Uri": held}},
        **definition,
    )
    schedule(sagemaker, "held", "ModelQuality")
    watched.serve(skill=0.4, seed=2)
    clock(sandbox, "POST", advance=HOUR)
    assert last(sagemaker, "held")["MonitoringExecutionStatus"] == "Completed"
    watched.serve(skill=0.1, seed=3)
    clock(sandbox, "POST", advance=HOUR)
    execution = last(sagemaker, "held")
    assert execution["MonitoringExecutionStatus"] == "CompletedWithViolations"
    broken = results(desk, "quality", "quality", execution, "constraint_violations.json")["violations"]
    assert {"auc", "accuracy"} <= {each["metric_name"] for each in broken}
    assert {each["constraint_check_type"] for each in broken} <= {
        "LessThanThreshold",
        "GreaterThanThreshold",
    }
    clock(sandbox, "POST", advance=HOUR)  # nobody asked anything in this hour
    execution = last(sagemaker, "held")
    assert execution["MonitoringExecutionStatus"] == "Failed"
    assert "none of 0 predictions has one of" in execution["FailureReason"]
    sagemaker.delete_monitoring_schedule(MonitoringScheduleName="held")
    for name in ("first", "held"):
        sagemaker.delete_model_quality_job_definition(JobDefinitionName=name)
    with pytest.raises(sagemaker.exceptions.ResourceNotFound):
        sagemaker.describe_model_quality_job_definition(JobDefinitionName="first")


def test_labels_that_come_a_day_later_are_waited_for(
    sandbox: Server, client: Made, desk: Desk, sagemaker: Any
) -> None:
    watched = Watched(client, sandbox, desk, "later")
    sagemaker.create_model_quality_job_definition(
        JobDefinitionName="later",
        ModelQualityAppSpecification={"ImageUri": MONITOR, "ProblemType": "Regression"},
        ModelQualityJobInput=watched.asked(
            StartTimeOffset="-P1DT1H", EndTimeOffset="-P1D", InferenceAttribute="0"
        ),
        ModelQualityJobOutputConfig=output(desk, "later"),
        JobResources=CLUSTER,
        RoleArn=ROLE,
    )
    watched.serve(skill=0.4, seed=7)
    clock(sandbox, "POST", advance=DAY - HOUR)
    schedule(sagemaker, "later", "ModelQuality")
    clock(sandbox, "POST", advance=2 * HOUR)
    ended = sagemaker.list_monitoring_executions(MonitoringScheduleName="later", SortOrder="Ascending")
    statuses = [each["MonitoringExecutionStatus"] for each in ended["MonitoringExecutionSummaries"]]
    assert sorted(statuses) == [
        "Completed",
        "Failed",
    ]  # one of the two hours has the requests of a day before
    sagemaker.delete_monitoring_schedule(MonitoringScheduleName="later")


def test_a_model_that_is_unfair_is_found_by_its_labels(
    sandbox: Server, client: Made, desk: Desk, sagemaker: Any
) -> None:
    watched = Watched(client, sandbox, desk, "bias")
    analysis = {
        "headers": ["group", "n", "label"],
        "label": "label",
        "label_values_or_threshold": [1],
        "facet": [{"name_or_index": "group", "value_or_threshold": [1]}],
        "methods": {"post_training_bias": {"methods": ["DPPL", "AD"]}},
    }
    place = desk.put("config/analysis_config.json", json.dumps(analysis))
    definition: dict[str, Any] = {
        "ModelBiasAppSpecification": {"ImageUri": CLARIFY, "ConfigUri": place},
        "ModelBiasJobInput": watched.asked(),
        "ModelBiasJobOutputConfig": output(desk, "bias"),
        "JobResources": CLUSTER,
        "RoleArn": ROLE,
    }
    sagemaker.create_model_bias_job_definition(JobDefinitionName="fair", **definition)
    described = sagemaker.describe_model_bias_job_definition(JobDefinitionName="fair")
    assert described["ModelBiasAppSpecification"]["ConfigUri"] == place
    schedule(sagemaker, "fair", "ModelBias")
    watched.serve(skill=0.4, seed=11)
    clock(sandbox, "POST", advance=HOUR)
    execution = last(sagemaker, "fair")
    assert execution["MonitoringExecutionStatus"] == "Completed"
    before = results(desk, "bias", "bias", execution, "analysis.json")
    (facet,) = before["post_training_bias_metrics"]["facets"]["group"]
    measured = {each["name"]: each["value"] for each in facet["metrics"]}
    stage = {"BiasStage": "Post-Training", "Label": "label", "LabelValue": "1"}
    where = {"Facet": "group", "FacetValue": "1", "Endpoint": "bias", "MonitoringSchedule": "fair"}
    space = "aws/sagemaker/Endpoints/bias-metrics"
    assert told(client, space, "bias_metric_DPPL", **stage, **where) == [measured["DPPL"]]
    sagemaker.delete_monitoring_schedule(MonitoringScheduleName="fair")
    held = desk.put("held/analysis.json", json.dumps(before))
    sagemaker.create_model_bias_job_definition(
        JobDefinitionName="unfair",
        ModelBiasBaselineConfig={"ConstraintsResource": {"S3Uri": held}},
        **definition,
    )
    assert len(sagemaker.list_model_bias_job_definitions()["JobDefinitionSummaries"]) == 2
    schedule(sagemaker, "unfair", "ModelBias")
    watched.serve(skill=0.4, gap=0.35, seed=12)
    clock(sandbox, "POST", advance=HOUR)
    execution = last(sagemaker, "unfair")
    assert execution["MonitoringExecutionStatus"] == "CompletedWithViolations"
    broken = results(desk, "bias", "bias", execution, "constraint_violations.json")["violations"]
    assert ("group", "DPPL") in {(each["facet"], each["metric_name"]) for each in broken}
    sagemaker.delete_monitoring_schedule(MonitoringScheduleName="unfair")
    for name in ("fair", "unfair"):
        sagemaker.delete_model_bias_job_definition(JobDefinitionName=name)


def test_a_batch_that_names_its_rows_is_measured(
    sandbox: Server, desk: Desk, client: Made, sagemaker: Any
) -> None:
    rng = np.random.default_rng(5)
    truth = rng.normal(10, 2, 300).round(3)
    said = (truth + rng.normal(0, 0.5, 300)).round(3)
    rows = [f"{said[n]},row-{n}" for n in range(300)]
    desk.put("batch/out.csv", "\n".join(["said,SageMakerInferenceId", *rows]) + "\n")
    desk.put("labels/l.jsonl", _lines([label(f"row-{n}", str(truth[n])) for n in range(300)]))
    sagemaker.create_model_quality_job_definition(
        JobDefinitionName="batch",
        ModelQualityAppSpecification={"ImageUri": MONITOR, "ProblemType": "Regression"},
        ModelQualityJobInput={
            "BatchTransformInput": {
                "DataCapturedDestinationS3Uri": f"s3://{desk.bucket}/batch",
                "DatasetFormat": {"Csv": {"Header": True}},
                "LocalPath": f"{HOME}/input",
                "InferenceAttribute": "said",
            },
            "GroundTruthS3Input": {"S3Uri": f"s3://{desk.bucket}/labels"},
        },
        ModelQualityJobOutputConfig=output(desk, "out"),
        JobResources=CLUSTER,
        RoleArn=ROLE,
    )
    schedule(sagemaker, "batch", "ModelQuality")
    clock(sandbox, "POST", advance=HOUR)
    execution = last(sagemaker, "batch")
    assert execution["MonitoringExecutionStatus"] == "Completed"
    when = f"{execution['ScheduledTime'].astimezone(timezone.utc):%Y/%m/%d/%H}"
    found = desk.get(f"s3://{desk.bucket}/out/batch/{when}/statistics.json")["regression_metrics"]
    assert abs(found["rmse"]["value"] - 0.5) < 0.1
    assert found["r2"]["value"] > 0.9
    space = "aws/sagemaker/ModelMonitoring/model-metrics"
    assert told(client, space, "rmse", MonitoringSchedule="batch") == [found["rmse"]["value"]]
    sagemaker.delete_monitoring_schedule(MonitoringScheduleName="batch")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"GroundTruthS3Input": {}}, "GroundTruthS3Input needs an S3Uri"),
        ({"offset": "yesterday"}, "is no offset of time"),
        ({"problem": None}, "needs a ProblemType"),
    ],
    ids=["truth", "offset", "problem"],
)
def test_what_cannot_be_monitored_is_refused(
    client: Made, desk: Desk, sagemaker: Any, change: dict[str, Any], words: str
) -> None:
    name = f"wrong-{words[:3].strip()}"
    asked: dict[str, Any] = {"EndpointName": "quality", "LocalPath": f"{HOME}/input"}
    if "offset" in change:
        asked["StartTimeOffset"] = "-Pyesterday"
    application = {"ImageUri": MONITOR, "ProblemType": "Regression"}
    if "problem" in change:
        del application["ProblemType"]
    truth = change.get("GroundTruthS3Input", {"S3Uri": f"s3://{desk.bucket}/truth"})
    sagemaker.create_model_quality_job_definition(
        JobDefinitionName=name,
        ModelQualityAppSpecification=application,
        ModelQualityJobInput={"EndpointInput": asked, "GroundTruthS3Input": truth},
        ModelQualityJobOutputConfig=output(desk, "wrong"),
        JobResources=CLUSTER,
        RoleArn=ROLE,
    )
    with pytest.raises(sagemaker.exceptions.ClientError, match=words):
        schedule(sagemaker, name, "ModelQuality")
