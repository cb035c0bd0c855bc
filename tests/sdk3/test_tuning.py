"""A search for the best hyperparameter, by itself and as a step whose best model is registered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sagemaker.core import image_uris
from sagemaker.core.parameter import CategoricalParameter
from sagemaker.mlops.workflow.model_step import ModelStep
from sagemaker.mlops.workflow.steps import TuningStep
from sagemaker.serve.model_builder import ModelBuilder
from sagemaker.train import ModelTrainer
from sagemaker.train.configs import Compute, InputData, SourceCode
from sagemaker.train.tuner import HyperparameterTuner


@pytest.fixture(scope="module")
def table(session: Any) -> list[InputData]:
    bucket = session.default_bucket()
    session.upload_string_as_file_body("2,1\n4,2\n", bucket, "tuned/train.csv")
    return [InputData(channel_name="train", data_source=f"s3://{bucket}/tuned/")]


def tuner(session: Any, role: str, code: Path) -> HyperparameterTuner:
    """The loss of the script is the distance of `rounds` from three."""
    trainer = ModelTrainer(
        training_image=image_uris.retrieve("sklearn", session.boto_region_name, "1.2-1"),
        source_code=SourceCode(source_dir=str(code / "training"), entry_script="train.py"),
        compute=Compute(instance_type="ml.m5.large", instance_count=1),
        role=role,
        base_job_name="tuned",
        sagemaker_session=session,
    )
    return HyperparameterTuner(
        trainer,
        objective_metric_name="loss",
        hyperparameter_ranges={"rounds": CategoricalParameter([1, 2, 3, 4])},
        metric_definitions=[{"Name": "loss", "Regex": "loss=([0-9.]+);"}],
        objective_type="Minimize",
        strategy="Grid",
        max_parallel_jobs=2,
    )


def test_a_tuner_finds_the_best(session: Any, role: str, code: Path, table: list[InputData]) -> None:
    tuning = tuner(session, role, code)
    tuning.tune(inputs=table, wait=True)
    described = tuning.describe()
    assert described.hyper_parameter_tuning_job_status == "Completed"
    assert described.training_job_status_counters.completed == 4
    best = described.best_training_job
    assert best.tuned_hyper_parameters == {"rounds": "3"}
    assert tuning.best_training_job() == best.training_job_name
    found = tuning.analytics().dataframe()
    assert sorted(found["FinalObjectiveValue"]) == [0, 1, 1, 2]


def test_the_best_model_of_a_tuning_step_is_registered(
    run: Any, session: Any, pipelines: Any, role: str, code: Path, table: list[InputData]
) -> None:
    tuning = TuningStep("Tune", step_args=tuner(pipelines, role, code).tune(inputs=table))
    bucket = pipelines.default_bucket()
    builder = ModelBuilder(
        s3_model_data_url=tuning.get_top_model_s3_uri(top_k=0, s3_bucket=bucket, prefix="tuned"),
        image_uri=image_uris.retrieve("sklearn", pipelines.boto_region_name, "1.2-1"),
        role_arn=role,
        sagemaker_session=pipelines,
    )
    registering = builder.register(
        model_package_group_name="tuned", content_types=["text/csv"], response_types=["text/csv"]
    )
    ran = run("tuned", [tuning, ModelStep("Register", step_args=registering)])
    assert ran.statuses == {"Tune": "Succeeded", "Register": "Succeeded"}, ran.steps
    package = session.sagemaker_client.describe_model_package(
        ModelPackageName=ran.metadata("Register")["Arn"]
    )
    name = ran.metadata("Tune")["Arn"].rpartition("/")[2]
    job = session.sagemaker_client.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
    best = job["BestTrainingJob"]["TrainingJobName"]
    assert package["InferenceSpecification"]["Containers"][0]["ModelDataUrl"] == (
        f"s3://{bucket}/tuned/{best}/output/model.tar.gz"
    )
