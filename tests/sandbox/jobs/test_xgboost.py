"""The built-in XGBoost: channels in, a model in the image's format out, metrics told."""

from __future__ import annotations

import io
import pickle
import random
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xgboost

from tests.sandbox.jobs.conftest import OLD_XGBOOST, XGBOOST, Build, World, s3_channel

PARAMETERS = {"num_round": "20", "objective": "reg:squarederror", "eta": "0.3", "max_depth": "3"}


def rows(count: int, seed: int = 1) -> str:
    source = random.Random(seed)
    lines = []
    for _ in range(count):
        a, b = source.uniform(0, 10), source.uniform(0, 10)
        lines.append(f"{2 * a - b:.4f},{a:.4f},{b:.4f}")
    return "\n".join(lines) + "\n"


def channels(world: World) -> list[dict[str, Any]]:
    world.put("s3://bucket/train/part-1.csv", rows(300))
    world.put("s3://bucket/train/part-2.csv", rows(100, seed=2))
    world.put("s3://bucket/validation/part.csv", rows(50, seed=3))
    return [s3_channel("train", "s3://bucket/train/"), s3_channel("validation", "s3://bucket/validation/")]


def model(world: World, name: str) -> bytes:
    archive = (world.objects.folder / "bucket/models" / name / "output/model.tar.gz").read_bytes()
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        assert tar.getnames() == ["xgboost-model"]
        member = tar.extractfile("xgboost-model")
        assert member is not None
        return member.read()


def error_of(booster: Any) -> float:
    table = np.array([[float(cell) for cell in line.split(",")] for line in rows(50, seed=9).split()])
    residual = booster.predict(xgboost.DMatrix(table[:, 1:])) - table[:, 0]
    return float((residual**2).mean())


def test_a_model_of_a_current_image_is_in_xgboost_s_own_format(world: World, tmp_path: Path) -> None:
    job = world.training(XGBOOST, PARAMETERS, InputDataConfig=channels(world))
    outcome = world.run(job)
    assert outcome.status == outcome.secondary == "Completed", outcome
    uri = f"s3://bucket/models/{job.name}/output/model.tar.gz"
    assert outcome.result["ModelArtifacts"] == {"S3ModelArtifacts": uri}
    file = tmp_path / "model.ubj"
    file.write_bytes(model(world, job.name))
    assert error_of(xgboost.Booster(model_file=file)) < 1.0
    assert [phase for _, phase in world.reports.phases] == ["Downloading", "Training", "Uploading"]


def test_a_model_of_an_old_image_is_a_pickled_booster(world: World) -> None:
    job = world.training(OLD_XGBOOST, PARAMETERS, InputDataConfig=channels(world))
    assert world.run(job).status == "Completed"
    assert error_of(pickle.loads(model(world, job.name))) < 1.0


def test_metrics_of_the_last_round_are_told_without_definitions(world: World) -> None:
    parameters = {**PARAMETERS, "eval_metric": "mae,rmse"}
    job = world.training(XGBOOST, parameters, InputDataConfig=channels(world))
    metrics = {item["MetricName"]: item["Value"] for item in world.run(job).result["FinalMetricDataList"]}
    assert sorted(metrics) == ["train:mae", "train:rmse", "validation:mae", "validation:rmse"]
    last = [line for line in world.log(job).splitlines() if line.startswith("[19]#011")]
    assert f"validation-rmse:{metrics['validation:rmse']:.5f}" in last[0]


def test_the_same_data_gives_the_same_archive(world: World) -> None:
    data = channels(world)
    jobs = [world.training(XGBOOST, PARAMETERS, InputDataConfig=data) for _ in range(2)]
    contents = []
    for job in jobs:
        assert world.run(job).status == "Completed"
        contents.append(
            (world.objects.folder / "bucket/models" / job.name / "output/model.tar.gz").read_bytes()
        )
    assert contents[0] == contents[1]


def test_training_stops_early_when_the_validation_no_longer_gets_better(world: World) -> None:
    parameters = {**PARAMETERS, "num_round": "500", "eta": "1", "early_stopping_rounds": "2"}
    job = world.training(XGBOOST, parameters, InputDataConfig=channels(world))
    assert world.run(job).status == "Completed"
    assert "[499]" not in world.log(job)


def test_cross_validation_writes_a_model_per_fold(world: World) -> None:
    job = world.training(XGBOOST, {**PARAMETERS, "_kfold": "3"}, InputDataConfig=channels(world))
    outcome = world.run(job)
    assert outcome.status == "Completed", outcome
    archive = world.objects.folder / "bucket/models" / job.name / "output/model.tar.gz"
    with tarfile.open(archive) as tar:
        assert tar.getnames() == [f"xgboost-model-{fold}" for fold in range(3)]


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"num_round": "3", "depth": "3"}, "Extraneous hyperparameter found: depth"),
        ({"eta": "0.3"}, "Missing required hyperparameter: num_round"),
        ({"num_round": "3", "eta": "fast"}, "Hyperparameter eta: 'fast' is not a number in [0, 1]"),
        ({"num_round": "3", "objective": "multi:softmax"}, "num_class"),
        ({"num_round": "3", "objective": "reg:nonsense"}, "reg:nonsense"),
    ],
)
def test_wrong_hyperparameters_fail_the_job_and_say_which(
    world: World, parameters: dict[str, str], words: str
) -> None:
    outcome = world.run(world.training(XGBOOST, parameters, InputDataConfig=channels(world)))
    assert outcome.status == outcome.secondary == "Failed"
    assert outcome.failure_reason is not None
    assert outcome.failure_reason.startswith("AlgorithmError: ")
    assert words in outcome.failure_reason


def test_a_channel_with_a_header_fails_the_job_and_names_the_cell(world: World) -> None:
    world.put("s3://bucket/headed/rows.csv", "y,a,b\n1,2,3\n")
    channel = s3_channel("train", "s3://bucket/headed/")
    outcome = world.run(world.training(XGBOOST, PARAMETERS, InputDataConfig=[channel]))
    assert "rows.csv, row 1: 'y' is not a number" in str(outcome.failure_reason)


def test_a_missing_channel_fails_the_job_and_names_the_address(world: World) -> None:
    channel = s3_channel("train", "s3://bucket/nowhere/")
    outcome = world.run(world.training(XGBOOST, PARAMETERS, InputDataConfig=[channel]))
    assert outcome.status == "Failed"
    assert 'No S3 objects found under S3 URL "s3://bucket/nowhere/"' in str(outcome.failure_reason)


def test_libsvm_is_read_when_no_content_type_is_given(world: World) -> None:
    world.put("s3://bucket/sparse/rows", "".join(f"{i % 2} 0:{i % 2} 3:{i}\n" for i in range(50)))
    channel = s3_channel("train", "s3://bucket/sparse/")
    del channel["ContentType"]
    outcome = world.run(world.training(XGBOOST, PARAMETERS, InputDataConfig=[channel]))
    assert outcome.status == "Completed", outcome


def test_training_runs_without_any_isolation(build: Build) -> None:
    world = build(force="path")
    job = world.training(XGBOOST, PARAMETERS, InputDataConfig=channels(world))
    outcome = world.run(job)
    assert outcome.status == "Completed", (outcome, world.log(job))
    assert len(model(world, job.name)) > 1000
