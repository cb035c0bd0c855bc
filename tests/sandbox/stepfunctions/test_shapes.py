"""What integrations answer, in the shapes and with the errors that AWS gives: optimised ones, and those of the SDK."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.stepfunctions.conftest import Machines

Client = Callable[..., Any]
BUCKET = "shapes"


def task(resource: str, parameters: Any, **more: Any) -> dict[str, Any]:
    state = {
        "Type": "Task",
        "Resource": f"arn:aws:states:::{resource}",
        "Parameters": parameters,
        "End": True,
    }
    return {"StartAt": "A", "States": {"A": {**state, **more}}}


def test_optimised_calls_tell_how_they_were_answered(machines: Machines, client: Client) -> None:
    queue = client("sqs").create_queue(QueueName="shapes")["QueueUrl"]
    output = machines.run(task("sqs:sendMessage", {"QueueUrl": queue, "MessageBody": {"a": 1}}))["output"]
    assert set(output) == {"MD5OfMessageBody", "MessageId", "SdkHttpMetadata", "SdkResponseMetadata"}
    assert output["SdkHttpMetadata"]["HttpStatusCode"] == 200
    assert output["SdkResponseMetadata"]["RequestId"]
    output = machines.run(task("aws-sdk:sqs:sendMessage", {"QueueUrl": queue, "MessageBody": "a"}))["output"]
    assert set(output) == {"MD5OfMessageBody", "MessageId"}


def test_content_is_json_to_optimised_calls_and_text_to_the_sdk(machines: Machines, client: Client) -> None:
    function = machines.function("def handler(event, context):\n    return {'got': event['a']}\n")
    call = {"FunctionName": function, "Payload": {"a": 1}}
    assert machines.run(task("lambda:invoke", call))["output"]["Payload"] == {"got": 1}
    assert json.loads(machines.run(task("aws-sdk:lambda:invoke", call))["output"]["Payload"]) == {"got": 1}
    client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    machines.run(task("aws-sdk:s3:putObject", {"Bucket": BUCKET, "Key": "k", "Body": {"a": 1}}))
    read = task(
        "aws-sdk:s3:getObject",
        {"Bucket": BUCKET, "Key": "k"},
        ResultSelector={"a.$": "States.StringToJson($.Body)"},
    )
    assert machines.run(read)["output"] == {"a": {"a": 1}}


def test_only_an_optimised_call_of_a_function_fails_with_it(machines: Machines) -> None:
    function = machines.function("def handler(event, context):\n    raise KeyError('no')\n")
    call = {"FunctionName": function, "Payload": {}}
    assert machines.run(task("lambda:invoke", call))["error"] == "KeyError"
    assert machines.run(task("aws-sdk:lambda:invoke", call))["output"]["FunctionError"] == "Unhandled"


@pytest.mark.parametrize(
    ("resource", "parameters", "error"),
    [
        (
            "sqs:sendMessage",
            {"QueueUrl": "http://sqs/111111111111/none", "MessageBody": "a"},
            "SQS.QueueDoesNotExistException",
        ),
        (
            "sns:publish",
            {"TopicArn": "arn:aws:sns:eu-west-1:111111111111:none", "Message": "a"},
            "SNS.NotFoundException",
        ),
        ("sns:publish", {"TopicArn": 1, "Message": "a"}, "States.Runtime"),
        ("dynamodb:getItem", {"TableName": "t"}, "States.Runtime"),
        (
            "sagemaker:createEndpoint",
            {"EndpointName": "a b", "EndpointConfigName": "c"},
            "SageMaker.AmazonSageMakerException",
        ),
        (
            "aws-sdk:sagemakerruntime:invokeEndpoint",
            {"EndpointName": "none", "Body": "1"},
            "SageMakerRuntime.",
        ),
        (
            "aws-sdk:cloudwatchlogs:getLogEvents",
            {"logGroupName": "n", "logStreamName": "s"},
            "CloudWatchLogs.",
        ),
    ],
)
def test_errors_have_aws_s_names(
    machines: Machines, resource: str, parameters: dict[str, Any], error: str
) -> None:
    assert machines.run(task(resource, parameters))["error"].startswith(error)


@pytest.mark.parametrize(
    ("resource", "reason", "kind"),
    [
        ("sagemaker:listTrainingJobs", "is not recognized", "STANDARD"),
        ("dynamodb:query", "is not recognized", "STANDARD"),
        ("dynamodb:putItem.waitForTaskToken", "cannot be waited for", "STANDARD"),
        ("sagemaker:createModel.sync", "cannot be waited for", "STANDARD"),
        ("aws-sdk:s3:putObject.sync", "cannot be waited for", "STANDARD"),
        ("sagemaker:createTrainingJob.sync", "does not support '.sync' service integration", "EXPRESS"),
        ("sqs:sendMessage.waitForTaskToken", "'.waitForTaskToken' service integration", "EXPRESS"),
    ],
)
def test_patterns_that_aws_has_not_are_refused(
    machines: Machines, resource: str, reason: str, kind: str
) -> None:
    with pytest.raises(ClientError, match=reason):
        machines.make(task(resource, {}), type=kind)
