"""Hyperparameter tuning: as a step with its best models, and by itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sagemaker import image_uris
from sagemaker.estimator import Estimator
from sagemaker.inputs import TrainingInput
from sagemaker.model import Model
from sagemaker.s3 import S3Downloader, S3Uploader
from sagemaker.sklearn.estimator import SKLearn
from sagemaker.tuner import ContinuousParameter, HyperparameterTuner, IntegerParameter
from sagemaker.workflow.model_step import ModelStep
from sagemaker.workflow.steps import TuningStep


@pytest.fixture(scope="module")
def data(session: Any) -> str:
    place = f"s3://{session.default_bucket()}/tuning-data"
    rows = "".join(f"{2 * i},{i}\n" for i in range(40))
    S3Uploader.upload_string_as_file_body(rows, f"{place}/rows.csv", sagemaker_session=session)
    return place


def test_a_tuning_step_gives_its_best_models(
    run: Any, session: Any, pipelines: Any, role: str, data: str
) -> None:
    image = image_uris.retrieve("xgboost", pipelines.boto_region_name, "1.7-1")
    bucket = session.default_bucket()
    estimator = Estimator(
        image,
        role,
        1,
        "ml.m5.large",
        output_path=f"s3://{bucket}/tuned",
        hyperparameters={"num_round": 3, "objective": "reg:squarederror"},
        sagemaker_session=pipelines,
    )
    tuner = HyperparameterTuner(
        estimator,
        "validation:rmse",
        {"max_depth": IntegerParameter(1, 4), "eta": ContinuousParameter(0.1, 0.9)},
        objective_type="Minimize",
        strategy="Random",
        max_jobs=3,
        max_parallel_jobs=3,
    )
    channel = TrainingInput(data, content_type="text/csv")
    tune = TuningStep("Tune", step_args=tuner.fit({"train": channel, "validation": channel}))
    model = Model(
        image_uri=image,
        model_data=tune.get_top_model_s3_uri(top_k=0, s3_bucket=bucket, prefix="tuned"),
        role=role,
        sagemaker_session=pipelines,
    )
    create = ModelStep("Best", step_args=model.create(instance_type="ml.m5.large"))
    ran = run("tuning", [tune, create])
    assert ran.statuses == {"Tune": "Succeeded", "Best-CreateModel": "Succeeded"}, ran.reasons
    name = ran.steps["Tune"]["Metadata"]["TuningJob"]["Arn"].rpartition("/")[2]
    job = session.describe_tuning_job(name)
    assert job["TrainingJobStatusCounters"]["Completed"] == 3
    best = job["BestTrainingJob"]["TrainingJobName"]
    created = ran.steps["Best-CreateModel"]["Metadata"]["Model"]["Arn"].rpartition("/")[2]
    found = session.sagemaker_client.describe_model(ModelName=created)["PrimaryContainer"]["ModelDataUrl"]
    assert found == f"s3://{bucket}/tuned/{best}/output/model.tar.gz"
    assert S3Downloader.list(found, sagemaker_session=session) == [found]


def test_tuning_a_script_by_its_own_metric(session: Any, role: str, code: Path, data: str) -> None:
    estimator = SKLearn(
        entry_point="train.py",
        source_dir=str(code / "training"),
        framework_version="1.2-1",
        role=role,
        instance_type="ml.m5.large",
        sagemaker_session=session,
    )
    tuner = HyperparameterTuner(
        estimator,
        "slope",
        {"factor": ContinuousParameter(1, 3)},
        metric_definitions=[{"Name": "slope", "Regex": "slope=([0-9.]+);"}],
        max_jobs=2,
        max_parallel_jobs=2,
    )
    tuner.fit({"train": data}, wait=False)
    session.wait_for_tuning_job(tuner.latest_tuning_job.name, poll=1)
    table = tuner.analytics().dataframe()
    assert list(table["TrainingJobStatus"]) == ["Completed", "Completed"]
    assert tuner.best_training_job() == table.sort_values("FinalObjectiveValue").iloc[-1]["TrainingJobName"]
    for factor, value in zip(table["factor"], table["FinalObjectiveValue"], strict=True):
        assert value == pytest.approx(2 * factor, abs=0.002)
