"""Prepare, train, judge, build, register, transform: a model's life in one pipeline, and with a resource each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sagemaker.core import image_uris
from sagemaker.core.processing import ScriptProcessor
from sagemaker.core.resources import ModelPackage
from sagemaker.core.shapes import ProcessingOutput, ProcessingS3Output
from sagemaker.core.transformer import Transformer
from sagemaker.core.workflow.conditions import ConditionLessThanOrEqualTo
from sagemaker.core.workflow.execution_variables import ExecutionVariables
from sagemaker.core.workflow.functions import Join, JsonGet
from sagemaker.core.workflow.parameters import ParameterFloat, ParameterString
from sagemaker.core.workflow.properties import PropertyFile
from sagemaker.mlops.workflow.condition_step import ConditionStep
from sagemaker.mlops.workflow.fail_step import FailStep
from sagemaker.mlops.workflow.model_step import ModelStep
from sagemaker.mlops.workflow.steps import CacheConfig, ProcessingStep, TrainingStep, TransformStep
from sagemaker.serve.model_builder import ModelBuilder
from sagemaker.train import ModelTrainer
from sagemaker.train.configs import Compute, InputData

COMPUTE = Compute(instance_type="ml.m5.large", instance_count=1)


def output(bucket: str, name: str) -> ProcessingOutput:
    uri = Join(on="/", values=["s3:/", bucket, "lives", ExecutionVariables.PIPELINE_EXECUTION_ID, name])
    return ProcessingOutput(
        output_name=name,
        s3_output=ProcessingS3Output(
            s3_uri=uri, local_path=f"/opt/ml/processing/{name}", s3_upload_mode="EndOfJob"
        ),
    )


def preparing(pipelines: Any, role: str, code: Path, mse: Any) -> tuple[ProcessingStep, PropertyFile]:
    processor = ScriptProcessor(
        image_uri=image_uris.retrieve("sklearn", pipelines.boto_region_name, "1.2-1"),
        command=["python3"],
        role=role,
        instance_count=1,
        instance_type="ml.m5.large",
        sagemaker_session=pipelines,
    )
    report = PropertyFile(name="Report", output_name="report", path="report.json")
    arguments = processor.run(
        code=str(code / "prepare.py"),
        outputs=[output(pipelines.default_bucket(), name) for name in ("train", "batch", "report")],
        arguments=["--mse", mse.to_string()],
    )
    caching = CacheConfig(enable_caching=True, expire_after="P1D")
    return ProcessingStep(
        "Prepare", step_args=arguments, property_files=[report], cache_config=caching
    ), report


@pytest.fixture(scope="module")
def declared() -> list[Any]:
    return [
        ParameterFloat(name="Mse", default_value=1.5),
        ParameterString(name="Approval", default_value="PendingManualApproval"),
    ]


@pytest.fixture(scope="module")
def steps(pipelines: Any, role: str, code: Path, declared: list[Any]) -> list[Any]:
    mse, approval = declared
    prepare, report = preparing(pipelines, role, code, mse)
    outputs = prepare.properties.ProcessingOutputConfig.Outputs
    image = image_uris.retrieve("xgboost", pipelines.boto_region_name, "1.7-1")
    trainer = ModelTrainer(
        training_image=image,
        compute=COMPUTE,
        hyperparameters={"num_round": 5, "objective": "reg:squarederror"},
        role=role,
        base_job_name="life",
        sagemaker_session=pipelines,
    )
    train_data = InputData(
        channel_name="train", data_source=outputs["train"].S3Output.S3Uri, content_type="text/csv"
    )
    train = TrainingStep("Train", step_args=trainer.train(input_data_config=[train_data]))
    builder = ModelBuilder(
        s3_model_data_url=train.properties.ModelArtifacts.S3ModelArtifacts,
        image_uri=image,
        role_arn=role,
        sagemaker_session=pipelines,
    )
    create = ModelStep("Create", step_args=builder.build())
    register = ModelStep(
        "Register",
        step_args=builder.register(
            model_package_group_name="lives",
            content_types=["text/csv"],
            response_types=["text/csv"],
            approval_status=approval,
        ),
    )
    transformer = Transformer(
        model_name=create.properties.ModelName,
        instance_count=1,
        instance_type="ml.m5.large",
        output_path=f"s3://{pipelines.default_bucket()}/lives/predicted",
        assemble_with="Line",
        accept="text/csv",
        sagemaker_session=pipelines,
    )
    transform = TransformStep(
        "Predict",
        step_args=transformer.transform(
            outputs["batch"].S3Output.S3Uri, content_type="text/csv", split_type="Line"
        ),
    )
    judge = ConditionStep(
        name="Judge",
        conditions=[
            ConditionLessThanOrEqualTo(
                left=JsonGet(step_name="Prepare", property_file=report, json_path="metrics.mse"), right=6.0
            )
        ],
        if_steps=[create, register, transform],
        else_steps=[FailStep(name="TooBad", error_message="the error is too large")],
    )
    return [prepare, train, judge]


def test_a_good_model_is_created_registered_and_used(
    run: Any, session: Any, steps: list[Any], declared: list[Any]
) -> None:
    ran = run("life", steps, declared, parameters={"Approval": "Approved"})
    assert ran.status == "Succeeded", ran.steps
    assert set(ran.statuses) == {"Prepare", "Train", "Judge", "Create", "Register", "Predict"}
    package = ModelPackage.get(
        model_package_name=ran.metadata("Register")["Arn"], session=session.boto_session
    )
    assert (package.model_approval_status, package.model_package_version) == ("Approved", 1)
    bucket = session.default_bucket()
    predicted = session.read_s3_file(bucket, "lives/predicted/batch.csv.out")
    assert len(predicted.split()) == 10

    again = run("life", steps, declared)
    assert again.steps["Prepare"]["CacheHitResult"]["SourcePipelineExecutionArn"] == ran.execution.arn
    assert again.status == "Succeeded"


def test_a_bad_model_ends_the_execution(run: Any, steps: list[Any], declared: list[Any]) -> None:
    ran = run("life", steps, declared, parameters={"Mse": 6.5})
    assert ran.status == "Failed"
    assert ran.statuses["TooBad"] == "Failed"
    assert ran.metadata("TooBad") == {"ErrorMessage": "the error is too large"}
    assert not {"Create", "Register", "Predict"} & set(ran.statuses)
