"""Changes of status as events: of pipelines, steps, jobs, packages; to queues and functions."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

Client = Callable[..., Any]
ROLE = "arn:aws:iam::111111111111:role/RopewayExecutionRole"
FAILS = {
    "Version": "2020-12-01",
    "Steps": [{"Name": "End", "Type": "Fail", "Arguments": {"ErrorMessage": "on purpose"}}],
}
EXECUTION = "SageMaker Model Building Pipeline Execution Status Change"
STEP = "SageMaker Model Building Pipeline Execution Step Status Change"
KEEPS = """
import boto3, json, os

def handler(event, context):
    boto3.client("sqs").send_message(QueueUrl=os.environ["QUEUE"], MessageBody=json.dumps(event))
"""


def run(client: Client, name: str, **start: Any) -> str:
    sagemaker = client("sagemaker")
    sagemaker.create_pipeline(PipelineName=name, PipelineDefinition=json.dumps(FAILS), RoleArn=ROLE)
    arn: str = sagemaker.start_pipeline_execution(PipelineName=name, **start)["PipelineExecutionArn"]
    return arn


def test_an_execution_tells_its_start_and_its_end(client: Client, listen: Callable[..., Any]) -> None:
    pipeline = "arn:aws:sagemaker:eu-west-1:111111111111:pipeline/told"
    queue = listen(
        "execution", {"source": ["aws.sagemaker"], "detail-type": [EXECUTION], "resources": [pipeline]}
    )
    arn = run(client, "told", PipelineExecutionDisplayName="first")
    began, ended = queue.events(2)
    assert began["detail"]["currentPipelineExecutionStatus"] == "Executing"
    assert began["detail"]["previousPipelineExecutionStatus"] is None
    assert ended["detail"] == {
        "pipelineExecutionDisplayName": "first",
        "currentPipelineExecutionStatus": "Failed",
        "previousPipelineExecutionStatus": "Executing",
        "executionStartTime": began["detail"]["executionStartTime"],
        "executionEndTime": ended["time"],
        "pipelineArn": pipeline,
        "pipelineExecutionArn": arn,
    }
    assert ended["resources"] == [pipeline, arn]
    assert (ended["account"], ended["region"], ended["version"]) == ("111111111111", "eu-west-1", "0")


def test_a_step_tells_why_it_failed(client: Client, listen: Callable[..., Any]) -> None:
    queue = listen("step", {"detail-type": [STEP], "detail": {"pipelineArn": [{"suffix": "/stepped"}]}})
    run(client, "stepped")
    events = queue.events(2)
    assert [event["detail"]["currentStepStatus"] for event in events] == ["Starting", "Failed"]
    assert "on purpose" in events[1]["detail"]["failureReason"]
    assert (events[1]["detail"]["stepName"], events[1]["detail"]["stepType"]) == ("End", "Fail")


def test_a_function_gets_the_event(client: Client, queue: Callable[..., Any]) -> None:
    heard = queue("heard")
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("app.py", KEEPS)
    function = client("lambda").create_function(
        FunctionName="hears",
        Runtime="python3.11",
        Handler="app.handler",
        Role=ROLE,
        Timeout=20,
        Code={"ZipFile": content.getvalue()},
        Environment={"Variables": {"QUEUE": heard.url}},
    )["FunctionArn"]
    events = client("events")
    pattern = {"detail-type": [EXECUTION], "detail": {"currentPipelineExecutionStatus": ["Failed"]}}
    rule = events.put_rule(Name="to-function", EventPattern=json.dumps(pattern))["RuleArn"]
    events.put_targets(Rule="to-function", Targets=[{"Id": "function", "Arn": function}])
    client("lambda").add_permission(
        FunctionName="hears",
        StatementId="events",
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
        SourceArn=rule,
    )
    arn = run(client, "fails-for-function")
    assert [event["detail"]["pipelineExecutionArn"] for event in heard.events(1, 30)] == [arn]


def test_an_approval_is_an_event(client: Client, listen: Callable[..., Any]) -> None:
    detail = {"ModelPackageGroupName": ["told"], "ModelApprovalStatus": ["Approved"]}
    queue = listen("approved", {"detail-type": ["SageMaker Model Package State Change"], "detail": detail})
    sagemaker = client("sagemaker")
    sagemaker.create_model_package_group(ModelPackageGroupName="told")
    arn = sagemaker.create_model_package(ModelPackageGroupName="told")["ModelPackageArn"]
    sagemaker.update_model_package(
        ModelPackageArn=arn, ModelApprovalStatus="Approved", ApprovalDescription="good"
    )
    (event,) = queue.events(1)
    assert event["resources"] == [arn]
    assert event["detail"]["ModelPackageVersion"] == 1
    assert event["detail"]["UpdatedModelPackageFields"] == ["ModelApprovalStatus", "ApprovalDescription"]
    assert event["detail"]["ModelPackageStatusDetails"] == {"ValidationStatuses": [], "ImageScanStatuses": []}


def test_a_job_tells_every_phase(client: Client, listen: Callable[..., Any]) -> None:
    queue = listen("job", {"detail-type": ["SageMaker Processing Job State Change"]})
    client("sagemaker").create_processing_job(
        ProcessingJobName="told",
        RoleArn=ROLE,
        AppSpecification={"ImageUri": "nobody/knows:1"},
        ProcessingResources={
            "ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 1}
        },
        Tags=[{"Key": "team", "Value": "risk"}],
    )
    began, ended = queue.events(2)
    assert began["detail"]["ProcessingJobStatus"] == "InProgress"
    assert ended["detail"]["ProcessingJobStatus"] == "Failed"
    assert "nobody/knows" in ended["detail"]["FailureReason"]
    assert ended["detail"]["Tags"] == {"team": "risk"}
    assert isinstance(ended["detail"]["CreationTime"], int)


def test_a_state_machine_tells_its_end(client: Client, listen: Callable[..., Any]) -> None:
    queue = listen("machine", {"source": ["aws.states"], "detail": {"status": ["SUCCEEDED"]}})
    definition = {"StartAt": "Ok", "States": {"Ok": {"Type": "Pass", "Result": {"x": 1}, "End": True}}}
    states = client("stepfunctions")
    machine = states.create_state_machine(name="tells", definition=json.dumps(definition), roleArn=ROLE)
    arn = states.start_execution(stateMachineArn=machine["stateMachineArn"], input="{}")["executionArn"]
    (event,) = queue.events(1)
    assert event["detail-type"] == "Step Functions Execution Status Change"
    assert (event["resources"], event["detail"]["executionArn"]) == ([arn], arn)
    assert json.loads(event["detail"]["output"]) == {"x": 1}
    assert event["detail"]["stopDate"] >= event["detail"]["startDate"]
