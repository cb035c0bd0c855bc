"""Bad definitions and bad calls: AWS's error codes with the place, never a 5xx."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.sagemaker.pipelines.conftest import (
    CLUSTER,
    ROLE,
    Lab,
    condition,
    document,
    equals,
    fail,
    get,
    passing,
    process,
)


def step(kind: str, arguments: Any = None, **members: Any) -> dict[str, Any]:
    return {"Name": "S", "Type": kind, "Arguments": arguments or {}, **members}


def deep(levels: int) -> str:
    return document(fail("S")).replace(
        '"Arguments": {}', f'"Arguments": {{"a": {"[" * levels}{"]" * levels}}}'
    )


@pytest.mark.parametrize(
    ("definition", "words"),
    [
        ("{", "not JSON"),
        ("[]", "JSON object"),
        (document(), "at least one step"),
        (document(step("Tuning")), "step S: .*Tuning"),
        (document(step("Callback")), "step S: .*Callback"),
        (document(step("EMR")), "step S: .*EMR"),
        (document(passing("A"), passing("A")), "A: the name is used twice"),
        (document(fail("A", DependsOn=["B"]), fail("B", DependsOn=["A"])), "wait for each other"),
        (document(fail("A", get("Parameters.None"))), "step A: .*'None'"),
        (document(fail("A", get("Steps.B.Arn"))), "step A: .*'B'"),
        (document(fail("A", get("Nowhere.B"))), "step A: .*no reference"),
        (document(step("Fail", get("Execution.PipelineName"))), "S"),
        (document(step("Processing")), "step S: .*ProcessingResources"),
        (document(step("Processing", {"ProcessingResources": CLUSTER})), "step S: .*AppSpecification"),
        (document(step("Training")), "step S: .*AlgorithmSpecification"),
        (document(step("Transform")), "step S: .*ModelName"),
        (document(step("Model")), "step S: .*PrimaryContainer"),
        (document(step("RegisterModel")), "step S: .*ModelPackageGroupName"),
        (document(step("Lambda")), "step S: .*FunctionArn"),
        (document(step("Condition")), "step S: .*Conditions"),
        (document(condition("S", {"Type": "Similar"})), "step S: .*Similar"),
        (document(condition("S", {"Type": "Equals", "LeftValue": 1})), "step S: .*RightValue"),
        (document(condition("S", {"Type": ["Equals"]})), "step S: "),
        (document(condition("S", {"Type": "Not"})), "step S: "),
        (document(condition("S", {"Type": "Or", "Conditions": 1})), "step S: "),
        (document(condition("S", {"Type": "In", "QueryValue": 1, "Values": 1})), "step S: .*Values"),
        (document(step("Lambda", FunctionArn="f", OutputParameters=1)), "step S: .*OutputParameters"),
        (document(step("Processing", PropertyFiles=1)), "step S: .*property file"),
        (deep(600), "nested too deep"),
        (deep(940), "Unable to parse"),
    ],
)
def test_a_wrong_definition_is_a_validation_exception(lab: Lab, definition: str, words: str) -> None:
    with pytest.raises(ClientError, match=words) as caught:
        lab.create(PipelineDefinition=definition)
    assert caught.value.response["Error"]["Code"] == "ValidationException"


def test_a_definition_over_one_mebibyte_is_refused(lab: Lab) -> None:
    with pytest.raises(ClientError) as caught:
        lab.create(PipelineDefinition=document(fail("A", "x" * 1024 * 1024)))
    assert caught.value.response["Error"]["Code"] == "ValidationException"


def test_an_update_is_checked_like_a_creation(lab: Lab) -> None:
    name = lab.create(passing("A"))
    with pytest.raises(ClientError, match=r"step S: .*Tuning"):
        lab.sagemaker.update_pipeline(PipelineName=name, PipelineDefinition=document(step("Tuning")))
    assert json.loads(lab.sagemaker.describe_pipeline(PipelineName=name)["PipelineDefinition"])["Steps"]


PARAMETERS = [
    {"Name": "Size", "Type": "Integer", "DefaultValue": 1},
    {"Name": "Color", "Type": "String", "DefaultValue": "red", "EnumValues": ["red", "blue"]},
    {"Name": "Needed", "Type": "Boolean"},
]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"Needed": "true", "Unknown": "1"}, "Unknown"),
        ({"Needed": "true", "Size": "big"}, "Size"),
        ({"Needed": "true", "Color": "green"}, "Color"),
        ({"Needed": "perhaps"}, "Needed"),
        ({}, "Needed"),
    ],
)
def test_a_start_with_wrong_parameters_is_refused(lab: Lab, given: dict[str, str], words: str) -> None:
    name = lab.create(passing("A"), parameters=PARAMETERS)
    with pytest.raises(ClientError, match=words) as caught:
        lab.start(name, given)
    assert caught.value.response["Error"]["Code"] == "ValidationException"
    assert lab.sagemaker.list_pipeline_executions(PipelineName=name)["PipelineExecutionSummaries"] == []


def test_what_does_not_exist_is_resource_not_found(lab: Lab) -> None:
    pipeline = f"none-{uuid.uuid4().hex[:6]}"
    execution = f"arn:aws:sagemaker:eu-west-1:111111111111:pipeline/{pipeline}/execution/abcdefabcdef"
    calls: list[Callable[[], Any]] = [
        lambda: lab.start(pipeline),
        lambda: lab.sagemaker.describe_pipeline(PipelineName=pipeline),
        lambda: lab.sagemaker.update_pipeline(PipelineName=pipeline, PipelineDescription="x"),
        lambda: lab.sagemaker.delete_pipeline(PipelineName=pipeline),
        lambda: lab.sagemaker.list_pipeline_executions(PipelineName=pipeline),
        lambda: lab.sagemaker.list_pipeline_versions(PipelineName=pipeline),
        lambda: lab.describe(execution),
        lambda: lab.steps(execution),
        lambda: lab.sagemaker.stop_pipeline_execution(PipelineExecutionArn=execution),
        lambda: lab.sagemaker.retry_pipeline_execution(PipelineExecutionArn=execution),
        lambda: lab.sagemaker.list_pipeline_parameters_for_execution(PipelineExecutionArn=execution),
        lambda: lab.sagemaker.describe_pipeline_definition_for_execution(PipelineExecutionArn=execution),
        lambda: lab.sagemaker.update_pipeline_execution(PipelineExecutionArn=execution),
    ]
    for call in calls:
        with pytest.raises(ClientError) as caught:
            call()
        assert caught.value.response["Error"]["Code"] == "ResourceNotFound"


def test_an_arn_of_nothing_known_is_a_client_error(lab: Lab) -> None:
    for arn in ("arn:aws:sagemaker:x", "no-arn"):
        with pytest.raises(ClientError) as caught:
            lab.describe(arn)
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_one_source_of_the_definition_must_be_given(lab: Lab) -> None:
    for members in (
        {},
        {"PipelineDefinition": document(fail("A")), "PipelineDefinitionS3Location": LOCATION},
    ):
        with pytest.raises(ClientError) as caught:
            lab.sagemaker.create_pipeline(PipelineName="either", RoleArn=ROLE, **members)
        assert caught.value.response["Error"]["Code"] == "ValidationException"


LOCATION = {"Bucket": "no-such-bucket-here", "ObjectKey": "pipeline.json"}


def test_a_definition_is_read_from_s3(lab: Lab, client: Any) -> None:
    s3 = client("s3")
    bucket = f"definitions-{uuid.uuid4().hex[:8]}"
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket=bucket, Key="pipeline.json", Body=document(equal := passing("A")))
    name = f"p-{uuid.uuid4().hex[:8]}"
    location = {"Bucket": bucket, "ObjectKey": "pipeline.json"}
    lab.sagemaker.create_pipeline(PipelineName=name, RoleArn=ROLE, PipelineDefinitionS3Location=location)
    described = lab.sagemaker.describe_pipeline(PipelineName=name)
    assert json.loads(described["PipelineDefinition"])["Steps"] == [equal]
    for wrong in (LOCATION, {"Bucket": bucket, "ObjectKey": "none.json"}):
        with pytest.raises(ClientError) as caught:
            lab.sagemaker.update_pipeline(PipelineName=name, PipelineDefinitionS3Location=wrong)
        assert caught.value.response["Error"]["Code"] == "ValidationException"


def test_a_version_of_a_definition_is_read_from_s3(lab: Lab, client: Any) -> None:
    s3 = client("s3")
    bucket = f"definitions-{uuid.uuid4().hex[:8]}"
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    ids = [
        s3.put_object(Bucket=bucket, Key="pipeline.json", Body=document(passing(name)))["VersionId"]
        for name in ("Old", "New")
    ]
    name = f"p-{uuid.uuid4().hex[:8]}"
    location = {"Bucket": bucket, "ObjectKey": "pipeline.json", "VersionId": ids[0]}
    lab.sagemaker.create_pipeline(PipelineName=name, RoleArn=ROLE, PipelineDefinitionS3Location=location)
    described = lab.sagemaker.describe_pipeline(PipelineName=name)
    assert json.loads(described["PipelineDefinition"])["Steps"] == [passing("Old")]
    with pytest.raises(ClientError) as caught:
        lab.sagemaker.update_pipeline(
            PipelineName=name, PipelineDefinitionS3Location={**location, "VersionId": "none"}
        )
    assert caught.value.response["Error"]["Code"] == "ValidationException"


def test_values_that_cannot_be_compared_fail_the_step_not_the_call(lab: Lab) -> None:
    execution = lab.run(condition("C", {"Type": "LessThan", "LeftValue": "a", "RightValue": 1}))
    assert execution["PipelineExecutionStatus"] == "Failed"
    assert lab.steps(execution["PipelineExecutionArn"])["C"]["FailureReason"].startswith("ClientError")


def test_the_values_of_in_must_be_a_list(lab: Lab) -> None:
    wrong = {"Type": "In", "QueryValue": 1, "Values": get("Parameters.P")}
    with pytest.raises(ClientError, match="a list of Values") as caught:
        lab.create(condition("C", wrong), parameters=[{"Name": "P", "Type": "Integer", "DefaultValue": 1}])
    assert caught.value.response["Error"]["Code"] == "ValidationException"


def test_a_request_that_the_service_model_refuses_fails_the_step(lab: Lab) -> None:
    wrong = process("P", arguments={"StoppingCondition": {"MaxRuntimeInSeconds": "soon"}})
    execution = lab.run(wrong, condition("C", equals(1, 1)))
    assert execution["PipelineExecutionStatus"] == "Failed"
    step_of = lab.steps(execution["PipelineExecutionArn"])["P"]
    assert step_of["StepStatus"] == "Failed"
    assert (
        "MaxRuntimeInSeconds" in step_of["FailureReason"] or "maxRuntimeInSeconds" in step_of["FailureReason"]
    )
