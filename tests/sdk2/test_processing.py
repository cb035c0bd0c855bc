"""Processing steps: every kind of processor, inputs, outputs, property files, failures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sagemaker.processing import (
    FrameworkProcessor,
    ProcessingInput,
    ProcessingOutput,
    Processor,
    ScriptProcessor,
)
from sagemaker.s3 import S3Downloader, S3Uploader
from sagemaker.sklearn.estimator import SKLearn
from sagemaker.sklearn.processing import SKLearnProcessor
from sagemaker.workflow.condition_step import ConditionStep
from sagemaker.workflow.conditions import ConditionLessThanOrEqualTo
from sagemaker.workflow.execution_variables import ExecutionVariables
from sagemaker.workflow.fail_step import FailStep
from sagemaker.workflow.functions import Join, JsonGet
from sagemaker.workflow.parameters import ParameterFloat, ParameterInteger, ParameterString
from sagemaker.workflow.properties import PropertyFile
from sagemaker.workflow.steps import ProcessingStep


def test_a_script_with_inputs_arguments_environment_and_a_property_file(
    run: Any, session: Any, pipelines: Any, role: str, code: Path
) -> None:
    bucket = session.default_bucket()
    raw = S3Uploader.upload_string_as_file_body("x", f"s3://{bucket}/raw/x.txt", sagemaker_session=session)
    mse = ParameterFloat("Mse", default_value=7.5)
    count = ParameterInteger("Rows", default_value=20)
    processor = SKLearnProcessor(
        framework_version="1.2-1",
        role=role,
        instance_type=ParameterString("InstanceType", default_value="ml.m5.large"),
        instance_count=1,
        env={"SEED": "3"},
        sagemaker_session=pipelines,
    )
    report = PropertyFile("Report", output_name="report", path="report.json")
    target = Join("/", [f"s3://{bucket}", ExecutionVariables.PIPELINE_EXECUTION_ID, "report"])
    step = ProcessingStep(
        "Prepare",
        step_args=processor.run(
            code=str(code / "prepare.py"),
            inputs=[ProcessingInput(source=raw, destination="/opt/ml/processing/input/raw")],
            outputs=[
                ProcessingOutput("/opt/ml/processing/report", destination=target, output_name="report"),
                ProcessingOutput("/opt/ml/processing/train", output_name="train"),
            ],
            arguments=["--rows", count.to_string(), "--mse", mse.to_string()],
        ),
        property_files=[report],
    )
    value = JsonGet(step.name, report, "metrics.mse")
    too_bad = FailStep("TooBad", error_message=Join(" ", ["mse is", value, "which is more than 5"]))
    check = ConditionStep(
        "Check", conditions=[ConditionLessThanOrEqualTo(value, 5.0)], if_steps=[], else_steps=[too_bad]
    )
    parameters = [mse, count, processor.instance_type]

    ran = run("processing", [step, check], parameters)
    assert ran.status == "Failed"
    assert ran.steps["TooBad"]["FailureReason"] == "mse is 7.5 which is more than 5"
    outputs = ran.job(session, "Prepare")["ProcessingOutputConfig"]["Outputs"]
    execution = ran.execution.arn.rpartition("/")[2]
    assert outputs[0]["S3Output"]["S3Uri"] == f"s3://{bucket}/{execution}/report"
    told = S3Downloader.read_file(f"s3://{bucket}/{execution}/report/report.json", sagemaker_session=session)
    assert json.loads(told) == {"metrics": {"mse": 7.5}, "given": ["x.txt"]}
    table = S3Downloader.read_file(outputs[1]["S3Output"]["S3Uri"] + "/train.csv", sagemaker_session=session)
    assert len(table.splitlines()) == 20

    fine = run("processing", [step, check], parameters, parameters={"Mse": 2.5})
    assert fine.statuses == {"Prepare": "Succeeded", "Check": "Succeeded"}
    assert fine.steps["Check"]["Metadata"]["Condition"]["Outcome"] == "True"


def test_a_script_in_an_image_of_ones_own(
    run: Any, session: Any, pipelines: Any, role: str, code: Path
) -> None:
    processor = ScriptProcessor(
        role=role,
        image_uri="python:3.11",
        command=["python3"],
        instance_type="ml.t3.medium",
        instance_count=1,
        base_job_name="own-image",
        sagemaker_session=pipelines,
    )
    outputs = [ProcessingOutput(output_name="report", source="/opt/ml/processing/report")]
    step = ProcessingStep("Own", step_args=processor.run(code=str(code / "prepare.py"), outputs=outputs))
    ran = run("own-image", [step])
    assert ran.statuses == {"Own": "Succeeded"}
    job = ran.job(session, "Own")
    assert job["AppSpecification"]["ContainerEntrypoint"] == [
        "python3",
        "/opt/ml/processing/input/code/prepare.py",
    ]
    assert job["ProcessingJobStatus"] == "Completed"


def test_a_framework_processor_brings_modules_and_requirements(
    run: Any, session: Any, pipelines: Any, role: str, code: Path
) -> None:
    processor = FrameworkProcessor(
        estimator_cls=SKLearn,
        framework_version="1.2-1",
        role=role,
        instance_type="ml.m5.large",
        instance_count=1,
        sagemaker_session=pipelines,
    )
    arguments = processor.run(
        code="main.py",
        source_dir=str(code / "framework"),
        outputs=[ProcessingOutput(output_name="found", source="/opt/ml/processing/output")],
        arguments=["--all"],
    )
    ran = run("framework-processor", [ProcessingStep("Framework", step_args=arguments)])
    assert ran.statuses == {"Framework": "Succeeded"}, ran.reasons
    place = ran.job(session, "Framework")["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]["S3Uri"]
    found = json.loads(S3Downloader.read_file(f"{place}/found.json", sagemaker_session=session))
    assert found == {"answer": 42, "tinydb": "4.8.2", "arguments": ["--all"]}


def test_a_failing_program_fails_its_step_with_the_reason(
    run: Any, session: Any, pipelines: Any, role: str
) -> None:
    program = "echo why > /opt/ml/output/failure; exit 3"
    processor = Processor(
        role=role,
        image_uri="python:3.11",
        entrypoint=["/bin/sh", "-c", program],
        instance_type="ml.m5.large",
        instance_count=1,
        sagemaker_session=pipelines,
    )
    ran = run("failing", [ProcessingStep("Fails", step_args=processor.run())])
    assert ran.status == "Failed"
    assert ran.steps["Fails"]["FailureReason"] == "ClientError: AlgorithmError: why, exit code: 3"
    assert "Step failure: One or multiple steps failed" in ran.execution.describe()["FailureReason"]


def test_an_image_that_nothing_stands_for_is_named(run: Any, pipelines: Any, role: str) -> None:
    processor = Processor(
        role=role,
        image_uri="111111111111.dkr.ecr.eu-west-1.amazonaws.com/team/own:1",
        entrypoint=["true"],
        instance_type="ml.m5.large",
        instance_count=1,
        sagemaker_session=pipelines,
    )
    ran = run("unknown-image", [ProcessingStep("Unknown", step_args=processor.run())])
    assert "team/own:1" in ran.steps["Unknown"]["FailureReason"]
