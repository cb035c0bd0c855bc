"""Jobs without a pipeline: the SDK starts them, follows their logs, and waits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sagemaker import image_uris
from sagemaker.analytics import TrainingJobAnalytics
from sagemaker.estimator import Estimator
from sagemaker.exceptions import UnexpectedStatusException
from sagemaker.inputs import TrainingInput
from sagemaker.processing import ProcessingInput, ProcessingOutput
from sagemaker.s3 import S3Downloader, S3Uploader
from sagemaker.sklearn.estimator import SKLearn
from sagemaker.sklearn.processing import SKLearnProcessor


def test_processing_with_its_logs(
    session: Any, role: str, code: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    processor = SKLearnProcessor(
        "1.2-1", role, instance_type="ml.m5.large", instance_count=1, sagemaker_session=session
    )
    (tmp_path / "raw.txt").write_text("raw", encoding="utf-8")
    processor.run(
        code=str(code / "prepare.py"),
        inputs=[
            ProcessingInput(source=str(tmp_path / "raw.txt"), destination="/opt/ml/processing/input/raw")
        ],
        outputs=[ProcessingOutput(source="/opt/ml/processing/train", output_name="train")],
        arguments=["--rows", "7"],
        wait=False,
    )
    session.logs_for_processing_job(processor.latest_job.job_name, wait=True, poll=1)
    assert "prepared 7 rows from ['raw.txt']" in capsys.readouterr().out
    assert processor.latest_job.describe()["ProcessingJobStatus"] == "Completed"


def test_training_predicting_and_registering_by_hand(
    session: Any, role: str, capsys: pytest.CaptureFixture[str]
) -> None:
    place = f"s3://{session.default_bucket()}/standalone"
    rows = "".join(f"{2 * i},{i}\n" for i in range(40))
    S3Uploader.upload_string_as_file_body(rows, f"{place}/train/rows.csv", sagemaker_session=session)
    S3Uploader.upload_string_as_file_body("3\n5\n", f"{place}/batch/rows.csv", sagemaker_session=session)
    estimator = Estimator(
        image_uris.retrieve("xgboost", session.boto_region_name, "1.7-1"),
        role,
        1,
        "ml.m5.large",
        output_path=f"{place}/models",
        hyperparameters={"num_round": 20, "objective": "reg:squarederror"},
        sagemaker_session=session,
    )
    estimator.fit({"train": TrainingInput(f"{place}/train", content_type="text/csv")}, logs="All")
    out = capsys.readouterr().out
    assert "train-rmse" in out
    assert "Training seconds" in out
    metrics = TrainingJobAnalytics(
        estimator.latest_training_job.name, ["train:rmse"], sagemaker_session=session
    )
    assert metrics.name == estimator.latest_training_job.name
    session.logs_for_job(estimator.latest_training_job.name, wait=True)
    assert "train-rmse" in capsys.readouterr().out

    transformer = estimator.transformer(1, "ml.m5.large", output_path=f"{place}/predictions")
    transformer.transform(f"{place}/batch", content_type="text/csv", split_type="Line", wait=False)
    session.logs_for_transform_job(transformer.latest_transform_job.name, wait=True, poll=1)
    lines = S3Downloader.read_file(f"{place}/predictions/rows.csv.out", sagemaker_session=session).split()
    assert [round(float(line)) for line in lines] == [6, 10]

    again = Estimator.attach(estimator.latest_training_job.name, sagemaker_session=session)
    assert again.model_data == estimator.model_data
    package = estimator.create_model().register(
        ["text/csv"], ["text/csv"], model_package_group_name="by-hand"
    )
    assert ":model-package/by-hand/1" in package.model_package_arn


def test_a_failing_job_raises_its_reason(session: Any, role: str, code: Path) -> None:
    place = f"s3://{session.default_bucket()}/standalone/fails"
    S3Uploader.upload_string_as_file_body("1,1\n", f"{place}/rows.csv", sagemaker_session=session)
    estimator = SKLearn(
        entry_point="train.py",
        source_dir=str(code / "training"),
        framework_version="1.2-1",
        role=role,
        instance_type="ml.m5.large",
        hyperparameters={"fail": "on purpose"},
        sagemaker_session=session,
    )
    estimator.fit({"train": place}, wait=False)
    with pytest.raises(UnexpectedStatusException, match="on purpose"):
        session.logs_for_job(estimator.latest_training_job.name, wait=True, poll=1)
