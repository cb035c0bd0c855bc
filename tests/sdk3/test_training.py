"""Jobs without a pipeline: ModelTrainer with source code, processors, what they leave and how they fail."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import pytest
from sagemaker.core import image_uris
from sagemaker.core.processing import ScriptProcessor
from sagemaker.core.resources import TrainingJob
from sagemaker.core.shapes import ProcessingOutput, ProcessingS3Output
from sagemaker.train import ModelTrainer
from sagemaker.train.configs import Compute, InputData, SourceCode

COMPUTE = Compute(instance_type="ml.m5.large", instance_count=1)


def content(session: Any, uri: str) -> bytes:
    """An object's bytes."""
    where = urlparse(uri)
    found = session.boto_session.client("s3").get_object(Bucket=where.netloc, Key=where.path.lstrip("/"))
    return bytes(found["Body"].read())


def trainer(session: Any, role: str, code: Path, **hyperparameters: Any) -> ModelTrainer:
    return ModelTrainer(
        training_image=image_uris.retrieve("sklearn", session.boto_region_name, "1.2-1"),
        source_code=SourceCode(source_dir=str(code / "training"), entry_script="train.py"),
        compute=COMPUTE,
        hyperparameters=hyperparameters,
        environment={"OWN": "mine"},
        base_job_name="trained",
        role=role,
        sagemaker_session=session,
    )


@pytest.fixture(scope="session")
def table(session: Any) -> str:
    """Where a table is."""
    bucket = session.default_bucket()
    session.upload_string_as_file_body("2,1\n4,2\n6,3\n", bucket, "tables/train.csv")
    return f"s3://{bucket}/tables/"


def test_a_trainer_runs_source_code_and_tells_what_came_of_it(
    session: Any, role: str, code: Path, table: str
) -> None:
    fitting = trainer(session, role, code, rounds=4)
    fitting.train(
        input_data_config=[InputData(channel_name="train", data_source=table)], wait=True, logs=True
    )
    job = fitting._latest_training_job
    described = TrainingJob.get(training_job_name=job.training_job_name, session=session.boto_session)
    assert described.training_job_status == "Completed"
    assert described.hyper_parameters == {"rounds": "4"}
    archive = content(session, described.model_artifacts.s3_model_artifacts)
    with tarfile.open(fileobj=io.BytesIO(archive)) as opened:
        member = opened.extractfile("model.json")
        assert member is not None
        model = json.load(member)
    assert model == {"slope": pytest.approx(2.0), "rounds": 4, "own": "mine"}


def test_source_code_that_raises_fails_the_job(session: Any, role: str, code: Path, table: str) -> None:
    failing = trainer(session, role, code, fail="as told")
    with pytest.raises(Exception, match="as told") as caught:
        failing.train(input_data_config=[InputData(channel_name="train", data_source=table)])
    assert "Failed" in str(caught.value)


def test_a_processor_runs_a_script_and_shows_its_log(
    session: Any, role: str, code: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bucket = session.default_bucket()
    processor = ScriptProcessor(
        image_uri=image_uris.retrieve("sklearn", session.boto_region_name, "1.2-1"),
        command=["python3"],
        role=role,
        instance_count=1,
        instance_type="ml.m5.large",
        sagemaker_session=session,
    )
    report = ProcessingOutput(
        output_name="report",
        s3_output=ProcessingS3Output(
            s3_uri=f"s3://{bucket}/reports/one",
            local_path="/opt/ml/processing/report",
            s3_upload_mode="EndOfJob",
        ),
    )
    processor.run(code=str(code / "prepare.py"), outputs=[report], arguments=["--rows", "7", "--mse", "0.5"])
    assert json.loads(content(session, f"s3://{bucket}/reports/one/report.json")) == {"metrics": {"mse": 0.5}}
    assert "prepared 7 rows" in capsys.readouterr().out
    assert processor.latest_job.refresh().processing_job_status == "Completed"
