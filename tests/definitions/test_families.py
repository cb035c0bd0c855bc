"""Families of definition documents that SDKs emit: each runs on one sandbox, or is refused when it is created."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.definitions.conftest import BUCKET, World
from tests.unit.sandbox.domain.pipelines.steps import families

SUBMITTED = f"s3://{BUCKET}/code/infer.tar.gz"


def submitted(step: Any) -> Any:
    """A container's variables with the archive of its script, as a repacked model has them."""
    arguments = step["Arguments"]
    specification = arguments.get("InferenceSpecification", {})
    container = arguments.get("PrimaryContainer") or specification["Containers"][0]
    container["Environment"]["SAGEMAKER_SUBMIT_DIRECTORY"] = SUBMITTED
    return step


def test_a_trained_model_with_a_script_of_its_own_is_created(world: World) -> None:
    train, create = families.model()
    made = world.succeeded(train, submitted(create))
    name = made["it-CreateModel"]["Model"]["Arn"].rpartition("/")[2]
    container = world.sagemaker.describe_model(ModelName=name)["PrimaryContainer"]
    artifacts = world.training(made["train"])["ModelArtifacts"]["S3ModelArtifacts"]
    assert container["ModelDataUrl"] == artifacts
    assert container["Environment"]["SAGEMAKER_SUBMIT_DIRECTORY"] == SUBMITTED


def test_a_trained_model_with_a_script_of_its_own_is_registered(world: World) -> None:
    train, register = families.registered()
    made = world.succeeded(train, submitted(register))
    arn = made["it-RegisterModel"]["RegisterModel"]["Arn"]
    package = world.sagemaker.describe_model_package(ModelPackageName=arn)
    assert package["ModelApprovalStatus"] == "PendingManualApproval"
    assert package["CustomerMetadataProperties"] == {"a": "b"}
    (container,) = package["InferenceSpecification"]["Containers"]
    artifacts = world.training(made["train"])["ModelArtifacts"]["S3ModelArtifacts"]
    assert (container["ModelDataUrl"], container["Framework"]) == (artifacts, "XGBOOST")


def test_a_training_script_in_xgboost_s_image_leaves_its_model_and_metrics(world: World) -> None:
    made = world.succeeded(families.training())
    job = world.training(made["train"])
    assert world.unpacked(job["ModelArtifacts"]["S3ModelArtifacts"]) == {"model.txt": "eta=0.5 rate=0.1"}
    assert job["EnableManagedSpotTraining"] is True


def refused() -> list[Any]:
    return [pytest.param(*families.REFUSED[family], id=family) for family in ("automl", "emr")]


@pytest.mark.parametrize(("steps", "kind"), refused())
def test_what_cannot_run_is_refused_at_creation_by_step_and_type(world: World, steps: Any, kind: str) -> None:
    definition = families.document(steps())
    with pytest.raises(ClientError, match=rf"ValidationException.*step odd: .*{kind}"):
        world.create(PipelineName=f"refused-{kind}", PipelineDefinition=definition)
    with pytest.raises(ClientError, match="ResourceNotFound"):
        world.sagemaker.describe_pipeline(PipelineName=f"refused-{kind}")


def test_a_trainer_runs_the_driver_and_the_code_of_its_channels(world: World) -> None:
    made = world.succeeded(*families.model_trainer())
    files = world.unpacked(world.training(made["train"])["ModelArtifacts"]["S3ModelArtifacts"])
    assert files["all.txt"].startswith("1,2\n2,3\n")
    assert "argparse" in files["all.txt"]
    assert json.loads(files["parameters.json"]) == {"a": "1", "rate": "0.1"}


def test_a_function_a_message_and_conditions_lead_to_a_fail_step(world: World) -> None:
    arn = world.start(world.create(PipelineDefinition=families.document(families.asking())))
    (message,) = world.clients["sqs"].receive_message(
        QueueUrl=world.clients["sqs"].get_queue_url(QueueName="q")["QueueUrl"], WaitTimeSeconds=20
    )["Messages"]
    asked = json.loads(message["Body"])
    assert asked["arguments"] == {"x": arn.rpartition("/")[2]}
    world.sagemaker.send_pipeline_execution_step_success(
        CallbackToken=asked["token"], OutputParameters=[{"Name": "c1", "Value": "2"}]
    )
    execution, steps = world.ended(arn), world.steps(arn)
    assert execution["PipelineExecutionStatus"] == "Failed"
    assert list(steps) == ["end", "gate", "ask", "call"]
    assert steps["gate"]["Metadata"] == {"Condition": {"Outcome": "True"}}
    assert steps["end"]["FailureReason"].startswith("x red 20")
