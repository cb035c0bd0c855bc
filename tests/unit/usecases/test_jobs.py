"""Jobs of all kinds."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from ropeway.errors import RopewayError, UsageError
from ropeway.usecases.jobs import list_jobs, show, stop
from ropeway.usecases.logs import job_lines
from tests.fakes.aws import ARN, FakeJobs


def at(minute: int) -> datetime:
    return datetime(2026, 11, 21, 10, minute, tzinfo=timezone.utc)


def training(name: str, minute: int = 0, status: str = "Completed", **more: Any) -> dict[str, Any]:
    return {
        "TrainingJobName": name,
        "TrainingJobArn": f"{ARN}:training-job/{name}",
        "TrainingJobStatus": status,
        "CreationTime": at(minute),
        **more,
    }


def tuning(name: str, minute: int = 0, kind: str | None = "Minimize") -> dict[str, Any]:
    objective = {"HyperParameterTuningJobObjective": {"Type": kind, "MetricName": "loss"}} if kind else {}
    return {
        "HyperParameterTuningJobName": name,
        "HyperParameterTuningJobArn": f"{ARN}:hyper-parameter-tuning-job/{name}",
        "HyperParameterTuningJobStatus": "InProgress",
        "CreationTime": at(minute),
        "HyperParameterTuningJobConfig": {"Strategy": "Random", **objective},
    }


def part(name: str, value: float | None, kind: str = "Minimize") -> dict[str, Any]:
    final = {"Type": kind, "MetricName": "loss", "Value": value}
    return {
        "TrainingJobName": name,
        "TrainingJobStatus": "Completed",
        "TunedHyperParameters": {"x": "1"},
        **({} if value is None else {"FinalHyperParameterTuningJobObjectiveMetric": final}),
    }


@pytest.fixture
def jobs() -> FakeJobs:
    jobs = FakeJobs(["Completed"], [["one"]])
    jobs.found = {
        "training": [training("new", 9), training("old", 1, "Failed")],
        "tuning": [tuning("search", 5)],
    }
    return jobs


def test_jobs_of_all_kinds_are_listed_newest_first(jobs: FakeJobs) -> None:
    assert [line.name for line in list_jobs(jobs, status=None, limit=9)] == ["new", "search", "old"]
    assert [line.name for line in list_jobs(jobs, status=None, limit=1)] == ["new"]
    assert [line.name for line in list_jobs(jobs, ["tuning"], status=None, limit=9)] == ["search"]
    assert [line.name for line in list_jobs(jobs, status="Failed", limit=9)] == ["old"]


def test_a_training_job_is_shown_with_what_it_made(jobs: FakeJobs) -> None:
    jobs.found["training"] = [
        training(
            "fit",
            TrainingEndTime=at(3),
            AlgorithmSpecification={"TrainingImage": "image"},
            ModelArtifacts={"S3ModelArtifacts": "s3://b/model.tar.gz"},
            FinalMetricDataList=[{"MetricName": "auc", "Value": 0.9}],
            HyperParameters={"x": "1"},
            TuningJobArn=f"{ARN}:hyper-parameter-tuning-job/search",
        )
    ]
    view = show(jobs, "fit")
    assert (view.kind, view.status, view.image, view.ended) == ("training", "Completed", "image", at(3))
    assert (view.metrics, view.outputs) == ({"auc": 0.9}, {"model": "s3://b/model.tar.gz"})
    assert (view.hyperparameters, view.tuning) == ({"x": "1"}, "search")


def test_processing_and_transform_jobs_are_shown_with_their_outputs(jobs: FakeJobs) -> None:
    output = {"OutputName": "train", "S3Output": {"S3Uri": "s3://b/train"}}
    jobs.found["processing"] = [
        {
            "ProcessingJobName": "prepare",
            "ProcessingJobArn": "arn",
            "ProcessingJobStatus": "Completed",
            "ProcessingOutputConfig": {"Outputs": [output, {"OutputName": "store"}]},
            "AppSpecification": {"ImageUri": "image"},
        }
    ]
    jobs.found["transform"] = [
        {
            "TransformJobName": "predict",
            "TransformJobArn": "arn",
            "TransformJobStatus": "Completed",
            "ModelName": "model",
            "TransformOutput": {"S3OutputPath": "s3://b/out"},
        }
    ]
    assert show(jobs, "prepare").outputs == {"train": "s3://b/train"}
    assert show(jobs, "prepare").image == "image"
    assert show(jobs, "predict").outputs == {"predictions": "s3://b/out"}
    assert show(jobs, "predict").model == "model"


@pytest.mark.parametrize(
    ("kind", "told", "order"),
    [("Minimize", "Minimize", "bca"), ("Maximize", "Maximize", "cba"), ("Maximize", None, "cba")],
)
def test_a_tuning_job_is_shown_with_its_training_jobs_best_first(
    jobs: FakeJobs, kind: str, told: str | None, order: str
) -> None:
    jobs.found["tuning"] = [tuning("search", kind=told)]
    jobs.parts = [part("a", None, kind), part("b", 1.0, kind), part("c", 2.0, kind)]
    assert "".join(trial.name for trial in show(jobs, "search").trials) == order


def test_a_tuning_job_has_its_training_jobs_logs(jobs: FakeJobs) -> None:
    jobs.parts = [part("a", 1.0), part("b", 2.0)]
    lines = list(job_lines(jobs, "search"))
    assert [(line.stream, line.message) for line in lines] == [("a/algo-1", "one"), ("b/algo-1", "one")]


def test_only_what_runs_is_stopped(jobs: FakeJobs) -> None:
    assert stop(jobs, "search").kind == "tuning"
    assert jobs.stopped == [("tuning", "search")]
    with pytest.raises(UsageError, match="training job old has ended: Failed"):
        stop(jobs, "old")
    with pytest.raises(RopewayError, match="there is no job nobody"):
        stop(jobs, "nobody")
