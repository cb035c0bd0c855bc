"""Pipelines whose steps run jobs: values between them, parallelism, failure, stop, retry, caching, a restart."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from ropeway.sandbox.server import Server
from tests.sandbox.sagemaker.pipelines.conftest import (
    IMAGE,
    Lab,
    condition,
    fail,
    get,
    join,
    passing,
    process,
)

OUT = "/opt/ml/processing/out"


@pytest.fixture
def bucket(client: Callable[..., Any]) -> str:
    name = f"pipelines-{uuid.uuid4().hex[:10]}"
    client("s3").create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    return name


def writer(name: str, script: str, bucket: str, **members: Any) -> Any:
    """A processing step that writes into its output ``out``."""
    uri = join(f"s3://{bucket}", get("Execution.PipelineExecutionId"), name, on="/")
    output = {"OutputName": "out", "S3Output": {"S3Uri": uri, "LocalPath": OUT, "S3UploadMode": "EndOfJob"}}
    arguments = {"ProcessingOutputConfig": {"Outputs": [output]}, **members.pop("arguments", {})}
    files = [{"PropertyFileName": "report", "OutputName": "out", "FilePath": "report.json"}]
    return process(name, script, arguments=arguments, PropertyFiles=files, **members)


REPORT = f"import json; json.dump({{'auc': {{'value': 0.75}}}}, open('{OUT}/report.json', 'w'))"


def report_of(step: str) -> Any:
    return {"Std:JsonGet": {"PropertyFile": get(f"Steps.{step}.PropertyFiles.report"), "Path": "auc.value"}}


def test_a_gate_reads_what_a_job_wrote_and_registers_the_model(
    lab: Lab, client: Callable[..., Any], bucket: str
) -> None:
    group = f"g-{uuid.uuid4().hex[:8]}"
    address = get("Steps.Evaluate.ProcessingOutputConfig.Outputs['out'].S3Output.S3Uri")
    container = {"Image": IMAGE, "ModelDataUrl": join(address, "model.tar.gz", on="/")}
    register = {
        "ModelPackageGroupName": group,
        "InferenceSpecification": {"Containers": [container]},
        "ModelMetrics": {"Bias": {}, "Explainability": {}},
    }
    model = {"PrimaryContainer": {"Image": IMAGE, "Environment": {"Auc": join(report_of("Evaluate"))}}}
    gate = condition(
        "Gate",
        {"Type": "GreaterThanOrEqualTo", "LeftValue": report_of("Evaluate"), "RightValue": 0.7},
        then=[
            {"Name": "Register", "Type": "RegisterModel", "Arguments": register},
            {"Name": "Model_it", "Type": "Model", "Arguments": model},
        ],
        otherwise=[fail("TooBad")],
    )
    told = fail(
        "Tell", join(get("Steps.Register.ModelPackageVersion"), get("Steps.Model_it.ModelName"), on=" ")
    )
    execution = lab.run(writer("Evaluate", REPORT, bucket), gate, told)
    arn = execution["PipelineExecutionArn"]
    steps = lab.steps(arn)
    assert list(steps) == ["Tell", "Model_it", "Register", "Gate", "Evaluate"]
    job = steps["Evaluate"]["Metadata"]["ProcessingJob"]["Arn"]
    assert f":processing-job/pipelines-{arn.rpartition('/')[2]}-Evaluate-" in job
    described = lab.sagemaker.describe_processing_job(ProcessingJobName=job.rpartition("/")[2])
    assert described["ProcessingJobStatus"] == "Completed"
    keys = {tag["Key"] for tag in lab.sagemaker.list_tags(ResourceArn=job)["Tags"]}
    assert any(key.startswith("sagemaker:") for key in keys)

    package = lab.sagemaker.describe_model_package(
        ModelPackageName=steps["Register"]["Metadata"]["RegisterModel"]["Arn"]
    )
    assert package["ModelApprovalStatus"] == "PendingManualApproval"
    assert package["ModelPackageGroupName"] == group
    data = package["InferenceSpecification"]["Containers"][0]["ModelDataUrl"]
    assert data == f"s3://{bucket}/{arn.rpartition('/')[2]}/Evaluate/model.tar.gz"
    name = steps["Model_it"]["Metadata"]["Model"]["Arn"].rpartition("/")[2]
    assert lab.sagemaker.describe_model(ModelName=name)["PrimaryContainer"]["Environment"] == {"Auc": "0.75"}
    assert steps["Tell"]["Metadata"]["Fail"]["ErrorMessage"] == f"1 {name}"


def test_a_script_that_fails_fails_its_step_and_others_run_to_their_end(lab: Lab) -> None:
    execution = lab.run(
        process("Bad", "raise SystemExit(3)"),
        process("Slow", "import time; time.sleep(1)"),
        process("Next", DependsOn=["Slow"]),
    )
    assert execution["PipelineExecutionStatus"] == "Failed"
    assert execution["FailureReason"].startswith("Step failure: One or multiple steps failed")
    steps = lab.steps(execution["PipelineExecutionArn"])
    assert steps["Bad"]["FailureReason"].startswith("ClientError: AlgorithmError")
    assert steps["Slow"]["StepStatus"] == "Succeeded"
    assert "Next" not in steps


def test_a_fail_step_stops_what_runs(lab: Lab) -> None:
    execution = lab.run(process("Slow", "import time; time.sleep(60)"), fail("F"))
    assert execution["PipelineExecutionStatus"] == "Failed"
    assert lab.steps(execution["PipelineExecutionArn"])["Slow"]["StepStatus"] == "Stopped"


def test_a_fail_step_lets_nothing_start_beside_it(lab: Lab) -> None:
    execution = lab.run(fail("F"), process("Slow", "import time; time.sleep(60)"))
    assert execution["PipelineExecutionStatus"] == "Failed"
    slow = lab.steps(execution["PipelineExecutionArn"]).get("Slow")
    assert slow is None or slow["StepStatus"] == "Stopped"


def test_no_more_steps_run_at_once_than_allowed(lab: Lab) -> None:
    names = [f"S{number}" for number in range(4)]
    for limit in (1, 4):
        pipeline = lab.create(*(process(name, "import time; time.sleep(0.5)") for name in names))
        arn = lab.start(pipeline, ParallelismConfiguration={"MaxParallelExecutionSteps": limit})
        assert lab.ended(arn)["PipelineExecutionStatus"] == "Succeeded"
        steps = lab.steps(arn).values()
        at_once = [
            sum(other["StartTime"] <= step["StartTime"] < other["EndTime"] for other in steps)
            for step in steps
        ]
        assert max(at_once) == limit


def test_a_stopped_execution_stops_its_jobs_and_a_retry_runs_them_again(lab: Lab) -> None:
    script = "import time; time.sleep(60)"
    arn = lab.start(
        lab.create(passing("Done"), process("Slow", script, DependsOn=["Done"]), process("Other"))
    )
    lab.until(lambda: lab.steps(arn).get("Slow", {}).get("StepStatus") == "Executing")
    lab.until(lambda: lab.steps(arn).get("Other", {}).get("StepStatus") == "Succeeded")
    before = lab.steps(arn)
    lab.sagemaker.stop_pipeline_execution(PipelineExecutionArn=arn)
    assert lab.ended(arn)["PipelineExecutionStatus"] == "Stopped"
    stopped = lab.steps(arn)["Slow"]
    assert stopped["StepStatus"] == "Stopped"
    name = stopped["Metadata"]["ProcessingJob"]["Arn"].rpartition("/")[2]
    assert lab.sagemaker.describe_processing_job(ProcessingJobName=name)["ProcessingJobStatus"] == "Stopped"

    lab.sagemaker.retry_pipeline_execution(PipelineExecutionArn=arn)
    assert lab.describe(arn)["PipelineExecutionStatus"] == "Executing"
    lab.until(lambda: lab.steps(arn).get("Slow", {}).get("StepStatus") == "Executing")
    again = lab.steps(arn)
    assert again["Slow"]["Metadata"] != stopped["Metadata"]
    assert again["Other"] == before["Other"]
    lab.sagemaker.stop_pipeline_execution(PipelineExecutionArn=arn)
    lab.ended(arn)


def test_a_pipeline_that_runs_cannot_be_deleted(lab: Lab) -> None:
    pipeline = lab.create(process("Slow", "import time; time.sleep(60)"))
    arn = lab.start(pipeline)
    with pytest.raises(lab.sagemaker.exceptions.ClientError) as caught:
        lab.sagemaker.delete_pipeline(PipelineName=pipeline)
    assert caught.value.response["Error"]["Code"] == "ConflictException"
    lab.sagemaker.stop_pipeline_execution(PipelineExecutionArn=arn)
    lab.ended(arn)


def test_a_cached_step_takes_over_the_result_of_the_same_arguments(lab: Lab, bucket: str) -> None:
    cache = {"Enabled": True, "ExpireAfter": "30d"}
    arguments = {"Environment": {"SEED": get("Parameters.Seed")}}
    evaluate = writer("Evaluate", REPORT, bucket, CacheConfig=cache, arguments=arguments)
    read = fail("Read", join(report_of("Evaluate")))
    pipeline = lab.create(
        evaluate, read, parameters=[{"Name": "Seed", "Type": "String", "DefaultValue": "1"}]
    )
    arns = [
        lab.ended(lab.start(pipeline, given))["PipelineExecutionArn"] for given in ({}, {}, {"Seed": "2"})
    ]
    first, second, third = (lab.steps(arn) for arn in arns)
    assert "CacheHitResult" not in first["Evaluate"]
    assert second["Evaluate"]["CacheHitResult"] == {"SourcePipelineExecutionArn": arns[0]}
    assert second["Evaluate"]["Metadata"] == first["Evaluate"]["Metadata"]
    assert second["Read"]["Metadata"]["Fail"]["ErrorMessage"] == "0.75"
    assert "CacheHitResult" not in third["Evaluate"]


def test_a_server_that_restarts_goes_on_with_its_executions(tmp_path: Path) -> None:
    def lab_of(server: Server) -> Lab:
        return Lab(
            boto3.client(
                "sagemaker",
                endpoint_url=server.endpoint,
                region_name="eu-west-1",
                aws_access_key_id="111111111111",
                aws_secret_access_key="secret",
                config=Config(retries={"total_max_attempts": 1}),
            )
        )

    first = Server(tmp_path / "state", port=0)
    first.start()
    try:
        lab = lab_of(first)
        arn = lab.start(
            lab.create(process("Slow", "import time; time.sleep(3)"), passing("After", DependsOn=["Slow"]))
        )
        lab.until(lambda: lab.steps(arn)["Slow"]["StepStatus"] == "Executing")
        before = lab.steps(arn)["Slow"]["Metadata"]
    finally:
        first.stop()
    second = Server(tmp_path / "state", port=0)
    second.start()
    try:
        lab = lab_of(second)
        execution = lab.ended(arn)
        steps = lab.steps(arn)
        assert execution["PipelineExecutionStatus"] == "Succeeded", json.dumps(steps, default=str)
        assert list(steps) == ["After", "Slow"]
        assert steps["Slow"]["Metadata"] == before
    finally:
        second.stop()
