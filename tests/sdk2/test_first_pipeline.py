"""Preprocess, train, register: the pipeline that everybody writes first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sagemaker import image_uris
from sagemaker.estimator import Estimator
from sagemaker.inputs import TrainingInput
from sagemaker.model import Model
from sagemaker.processing import ProcessingOutput
from sagemaker.sklearn.processing import SKLearnProcessor
from sagemaker.workflow.model_step import ModelStep
from sagemaker.workflow.steps import ProcessingStep, TrainingStep


def test_preprocess_train_register(run: Any, session: Any, pipelines: Any, role: str, code: Path) -> None:
    processor = SKLearnProcessor(
        framework_version="1.2-1",
        role=role,
        instance_type="ml.m5.large",
        instance_count=1,
        sagemaker_session=pipelines,
    )
    train_output = ProcessingOutput(output_name="train", source="/opt/ml/processing/train")
    prepare = ProcessingStep(
        "Prepare", step_args=processor.run(code=str(code / "prepare.py"), outputs=[train_output])
    )
    image = image_uris.retrieve("xgboost", pipelines.boto_region_name, "1.7-1")
    estimator = Estimator(
        image,
        role,
        1,
        "ml.m5.large",
        sagemaker_session=pipelines,
        hyperparameters={"num_round": 5, "objective": "reg:squarederror"},
    )
    data = prepare.properties.ProcessingOutputConfig.Outputs["train"].S3Output.S3Uri
    train = TrainingStep(
        "Train", step_args=estimator.fit({"train": TrainingInput(data, content_type="text/csv")})
    )
    model = Model(
        image_uri=image,
        model_data=train.properties.ModelArtifacts.S3ModelArtifacts,
        role=role,
        sagemaker_session=pipelines,
    )
    registration = model.register(
        content_types=["text/csv"],
        response_types=["text/csv"],
        model_package_group_name="first-models",
        approval_status="PendingManualApproval",
    )
    ran = run("first-pipeline", [prepare, train, ModelStep("Register", step_args=registration)])

    assert ran.statuses == {
        "Prepare": "Succeeded",
        "Train": "Succeeded",
        "Register-RegisterModel": "Succeeded",
    }
    assert ran.status == "Succeeded"
    package = ran.steps["Register-RegisterModel"]["Metadata"]["RegisterModel"]["Arn"]
    found = session.sagemaker_client.describe_model_package(ModelPackageName=package)
    assert found["ModelApprovalStatus"] == "PendingManualApproval"
    artifact = found["InferenceSpecification"]["Containers"][0]["ModelDataUrl"]
    assert artifact == ran.job(session, "Train")["ModelArtifacts"]["S3ModelArtifacts"]
