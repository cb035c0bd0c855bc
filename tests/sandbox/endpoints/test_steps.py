"""Pipelines that put a model into service."""

from __future__ import annotations

import json
from typing import Any

from tests.sandbox.endpoints.conftest import BUCKET, ROLE, Kit
from tests.sandbox.jobs.conftest import SKLEARN
from tests.sandbox.sagemaker.pipelines.conftest import Lab


def run(kit: Kit, name: str, model: str) -> dict[str, dict[str, Any]]:
    """Deploy a model by a pipeline; the steps by name."""
    container = {
        "Image": SKLEARN,
        "ModelDataUrl": f"s3://{BUCKET}/{model}/model.tar.gz",
        "Environment": {"SAGEMAKER_PROGRAM": "inference.py"},
    }
    variant = {
        "VariantName": "all",
        "ModelName": {"Get": "Steps.Model.ModelName"},
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 1,
    }
    endpoint = {"EndpointName": name, "EndpointConfigName": {"Get": "Steps.Config.EndpointConfigName"}}
    steps = [
        {"Name": "Model", "Type": "Model", "Arguments": {"PrimaryContainer": container}},
        {"Name": "Config", "Type": "EndpointConfig", "Arguments": {"ProductionVariants": [variant]}},
        {"Name": "Deploy", "Type": "Endpoint", "Arguments": endpoint},
    ]
    document = json.dumps({"Version": "2020-12-01", "Steps": steps})
    pipeline = f"deploys-{name}-{model}"
    kit.sagemaker.create_pipeline(PipelineName=pipeline, PipelineDefinition=document, RoleArn=ROLE)
    arn = kit.sagemaker.start_pipeline_execution(PipelineName=pipeline)["PipelineExecutionArn"]
    Lab(kit.sagemaker).ended(arn)
    found = kit.sagemaker.list_pipeline_execution_steps(PipelineExecutionArn=arn)["PipelineExecutionSteps"]
    return {step["StepName"]: step for step in found}


def test_a_pipeline_deploys_and_then_updates(kit: Kit) -> None:
    kit.model("first")
    kit.model("second")
    steps = run(kit, "deployed", "first")
    assert [step["StepStatus"] for step in steps.values()] == ["Succeeded"] * 3
    arn = "arn:aws:sagemaker:eu-west-1:111111111111:endpoint/deployed"
    assert steps["Deploy"]["Metadata"] == {"Endpoint": {"Arn": arn}}
    assert kit.ask("deployed")["Body"] == "first:hello"
    steps = run(kit, "deployed", "second")
    assert steps["Deploy"]["StepStatus"] == "Succeeded"
    assert kit.ask("deployed")["Body"] == "second:hello"


def test_a_model_that_does_not_load_fails_the_step(kit: Kit) -> None:
    kit.model("broken", name="broken-step")
    steps = run(kit, "never", "broken-step")
    assert steps["Deploy"]["StepStatus"] == "Failed"
    assert "did not pass the ping health check" in steps["Deploy"]["FailureReason"]
