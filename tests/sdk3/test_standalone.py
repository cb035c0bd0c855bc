"""Remote functions, framework processors, models and transforms without a pipeline."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sagemaker.core import image_uris
from sagemaker.core.processing import FrameworkProcessor
from sagemaker.core.remote_function import remote
from sagemaker.core.resources import Model, TrainingJob
from sagemaker.core.shapes import ProcessingInput, ProcessingS3Input
from sagemaker.core.transformer import Transformer
from sagemaker.serve.model_builder import ModelBuilder
from sagemaker.train import ModelTrainer
from sagemaker.train.configs import Compute, InputData


def test_a_remote_function_returns_its_value(role: str, session: Any) -> None:
    @remote(instance_type="ml.m5.large", role=role, sagemaker_session=session)
    def divide(a: float, b: float) -> float:
        return a / b

    assert divide(6, 4) == 1.5
    with pytest.raises(ZeroDivisionError):
        divide(1, 0)


def test_a_framework_processor_runs_a_folder(
    session: Any, role: str, code: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bucket = session.default_bucket()
    session.upload_string_as_file_body("1\n2\n", bucket, "framework/raw.csv")
    processor = FrameworkProcessor(
        image_uri=image_uris.retrieve("sklearn", session.boto_region_name, "1.2-1"),
        command=["python3"],
        role=role,
        instance_count=1,
        instance_type="ml.m5.large",
        sagemaker_session=session,
    )
    raw = ProcessingInput(
        input_name="raw",
        s3_input=ProcessingS3Input(
            s3_uri=f"s3://{bucket}/framework/",
            local_path="/opt/ml/processing/input/raw",
            s3_data_type="S3Prefix",
            s3_input_mode="File",
        ),
    )
    processor.run(
        code="count.py", source_dir=str(code / "framework"), inputs=[raw], arguments=["--unit", "lines"]
    )
    assert "2 lines" in capsys.readouterr().out


def test_a_trained_model_is_built_and_transforms(session: Any, role: str) -> None:
    bucket = session.default_bucket()
    table = "".join(f"{2 * a + b},{a},{b}\n" for a in range(10) for b in range(10))
    session.upload_string_as_file_body(table, bucket, "alone/train/train.csv")
    session.upload_string_as_file_body("1,2\n3,4\n", bucket, "alone/batch/batch.csv")
    image = image_uris.retrieve("xgboost", session.boto_region_name, "1.7-1")
    trainer = ModelTrainer(
        training_image=image,
        compute=Compute(instance_type="ml.m5.large", instance_count=1),
        hyperparameters={"num_round": 5, "objective": "reg:squarederror"},
        role=role,
        base_job_name="alone",
        sagemaker_session=session,
    )
    data = InputData(channel_name="train", data_source=f"s3://{bucket}/alone/train/", content_type="text/csv")
    trainer.train(input_data_config=[data], logs=False)
    job = trainer._latest_training_job
    assert job.training_job_name in {
        each.training_job_name for each in TrainingJob.get_all(session=session.boto_session)
    }
    metrics = {metric.metric_name: metric.value for metric in job.final_metric_data_list or []}
    assert metrics["train:rmse"] > 0
    builder = ModelBuilder(
        s3_model_data_url=job.model_artifacts.s3_model_artifacts,
        image_uri=image,
        role_arn=role,
        sagemaker_session=session,
    )
    built = builder.build(model_name="alone")
    assert isinstance(built, Model)
    assert built.primary_container.model_data_url == job.model_artifacts.s3_model_artifacts
    transformer = Transformer(
        model_name="alone",
        instance_count=1,
        instance_type="ml.m5.large",
        output_path=f"s3://{bucket}/alone/predicted",
        assemble_with="Line",
        accept="text/csv",
        sagemaker_session=session,
    )
    transformer.transform(
        f"s3://{bucket}/alone/batch/", content_type="text/csv", split_type="Line", wait=True, logs=False
    )
    predicted = session.read_s3_file(bucket, "alone/predicted/batch.csv.out")
    assert [float(line) for line in predicted.split()] == pytest.approx([4, 10], abs=4)
    built.delete()
