"""Executions really run: states, tasks, errors, answers with tokens, stops and redrives."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.stepfunctions.conftest import ROLE, Machines

Client = Callable[..., Any]
IMAGE = "141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"
ECHO = "def handler(event, context):\n    return event\n"


def one(state: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A machine of one state."""
    return {"StartAt": "Only", "States": {"Only": {"End": True, **state}}, **more}


def types(machines: Machines, arn: str) -> list[str]:
    return [event["type"] for event in machines.history(arn)]


def test_a_function_is_invoked_and_its_result_placed(machines: Machines) -> None:
    function = machines.function("def handler(event, context):\n    return {'twice': event['n'] * 2}\n")
    told = machines.run(one({"Type": "Task", "Resource": function, "ResultPath": "$.result"}), {"n": 21})
    assert told["status"] == "SUCCEEDED"
    assert told["output"] == {"n": 21, "result": {"twice": 42}}
    assert types(machines, told["executionArn"]) == [
        "ExecutionStarted",
        "TaskStateEntered",
        "LambdaFunctionScheduled",
        "LambdaFunctionStarted",
        "LambdaFunctionSucceeded",
        "TaskStateExited",
        "ExecutionSucceeded",
    ]


def test_the_integration_of_lambda_wraps_the_payload(machines: Machines) -> None:
    told = machines.run(
        one(
            {
                "Type": "Task",
                "Resource": "arn:aws:states:::lambda:invoke",
                "Parameters": {"FunctionName": machines.function(ECHO), "Payload": {"a.$": "$.b"}},
            }
        ),
        {"b": [1, 2]},
    )
    assert (told["output"]["Payload"], told["output"]["StatusCode"]) == ({"a": [1, 2]}, 200)


def test_a_function_s_error_is_caught_by_its_type(machines: Machines) -> None:
    function = machines.function("def handler(event, context):\n    raise ValueError('too small')\n")
    definition = {
        "StartAt": "Try",
        "States": {
            "Try": {
                "Type": "Task",
                "Resource": function,
                "Retry": [{"ErrorEquals": ["States.Timeout"]}],
                "Catch": [{"ErrorEquals": ["ValueError"], "ResultPath": "$.error", "Next": "Mend"}],
                "End": True,
            },
            "Mend": {"Type": "Pass", "End": True},
        },
    }
    told = machines.run(definition, {"kept": True})
    assert told["output"]["kept"] is True
    assert told["output"]["error"]["Error"] == "ValueError"
    assert json.loads(told["output"]["error"]["Cause"])["errorMessage"] == "too small"


def test_an_error_is_tried_again_as_often_as_said(machines: Machines, client: Client) -> None:
    client("dynamodb").create_table(
        TableName="tries",
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    put = {
        "Type": "Task",
        "Resource": "arn:aws:states:::dynamodb:putItem",
        "Parameters": {
            "TableName": "tries",
            "Item": {"k": {"S": "a"}},
            "ConditionExpression": "attribute_exists(k)",
        },
        "Retry": [
            {
                "ErrorEquals": ["DynamoDB.ConditionalCheckFailedException"],
                "MaxAttempts": 2,
                "IntervalSeconds": 1,
                "BackoffRate": 1.0,
            }
        ],
    }
    told = machines.run(one(put))
    assert (told["status"], told["error"]) == ("FAILED", "DynamoDB.ConditionalCheckFailedException")
    assert types(machines, told["executionArn"]).count("TaskFailed") == 3


def test_a_processing_job_is_waited_for(machines: Machines, client: Client) -> None:
    job = {
        "ProcessingJobName.$": "$.name",
        "RoleArn": ROLE,
        "AppSpecification": {
            "ImageUri": IMAGE,
            "ContainerEntrypoint": ["python3", "-c"],
            "ContainerArguments.$": "States.Array($.code)",
        },
        "ProcessingResources": {
            "ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 10}
        },
    }
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sagemaker:createProcessingJob.sync",
        "Parameters": job,
    }
    told = machines.run(one(state), {"name": "fine", "code": "print('done')"})
    assert told["status"] == "SUCCEEDED"
    assert told["output"]["ProcessingJobStatus"] == "Completed"
    assert "TaskSubmitted" in types(machines, told["executionArn"])
    told = machines.run(one(state), {"name": "bad", "code": "raise SystemExit(3)"})
    assert (told["status"], told["error"]) == ("FAILED", "States.TaskFailed")
    assert json.loads(told["cause"])["ProcessingJobStatus"] == "Failed"
    told = machines.run(one(state), {"name": "fine", "code": ""})
    assert told["error"] == "SageMaker.ResourceInUseException"
    arn = machines.start(one(state), {"name": "long", "code": "import time; time.sleep(600)"})
    jobs = client("sagemaker")
    machines.until(arn, lambda _: "TaskSubmitted" in types(machines, arn))
    machines.states.stop_execution(executionArn=arn, error="Enough", cause="by hand")
    told = machines.ended(arn)
    assert (told["status"], told["error"], told["cause"]) == ("ABORTED", "Enough", "by hand")
    jobs.get_waiter("processing_job_completed_or_stopped").wait(
        ProcessingJobName="long", WaiterConfig={"Delay": 1}
    )
    assert jobs.describe_processing_job(ProcessingJobName="long")["ProcessingJobStatus"] == "Stopped"


def test_an_answer_with_the_token_ends_a_task(machines: Machines, client: Client) -> None:
    queue = client("sqs").create_queue(QueueName="asked")["QueueUrl"]
    definition = one(
        {
            "Type": "Task",
            "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
            "Parameters": {
                "QueueUrl": queue,
                "MessageBody": {"question": "approve?", "token.$": "$$.Task.Token"},
            },
            "HeartbeatSeconds": 600,
        }
    )
    arn = machines.start(definition)
    message = client("sqs").receive_message(QueueUrl=queue, WaitTimeSeconds=20)["Messages"][0]
    body = json.loads(message["Body"])
    machines.states.send_task_heartbeat(taskToken=body["token"])
    machines.states.send_task_success(taskToken=body["token"], output='{"approved": true}')
    assert machines.ended(arn)["output"] == {"approved": True}
    with pytest.raises(ClientError, match="TaskTimedOut"):
        machines.states.send_task_success(taskToken=body["token"], output="{}")
    arn = machines.start(definition)
    message = client("sqs").receive_message(QueueUrl=queue, WaitTimeSeconds=20)["Messages"][0]
    token = json.loads(message["Body"])["token"]
    machines.states.send_task_failure(taskToken=token, error="Refused", cause="not good enough")
    assert machines.ended(arn)["error"] == "Refused"


def test_a_task_that_takes_too_long_times_out(machines: Machines) -> None:
    function = machines.function("import time\ndef handler(event, context):\n    time.sleep(30)\n")
    told = machines.run(
        one(
            {
                "Type": "Task",
                "Resource": function,
                "TimeoutSeconds": 1,
                "Catch": [{"ErrorEquals": ["States.Timeout"], "Next": "Late"}],
            }
        )
        | {
            "States": {
                "Only": {
                    "Type": "Task",
                    "Resource": function,
                    "TimeoutSeconds": 1,
                    "Catch": [{"ErrorEquals": ["States.Timeout"], "Next": "Late"}],
                    "End": True,
                },
                "Late": {"Type": "Pass", "Result": "late", "End": True},
            }
        }
    )
    assert told["output"] == "late"


def test_a_map_keeps_the_order_of_its_items(machines: Machines) -> None:
    function = machines.function(ECHO)
    told = machines.run(
        one(
            {
                "Type": "Map",
                "ItemsPath": "$.numbers",
                "ItemSelector": {"n.$": "$$.Map.Item.Value", "base.$": "$.base"},
                "MaxConcurrency": 2,
                "ItemProcessor": {
                    "StartAt": "Item",
                    "States": {"Item": {"Type": "Task", "Resource": function, "End": True}},
                },
            }
        ),
        {"numbers": [3, 1, 2], "base": 10},
    )
    assert told["output"] == [{"n": 3, "base": 10}, {"n": 1, "base": 10}, {"n": 2, "base": 10}]


def test_jsonata_computes_everything(machines: Machines) -> None:
    definition = one(
        {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Arguments": {
                "FunctionName": machines.function(ECHO),
                "Payload": {"sum": "{% $sum($states.input.parts) %}"},
            },
            "Output": "{% $states.result.Payload.sum %}",
        },
        QueryLanguage="JSONata",
    )
    assert machines.run(definition, {"parts": [1, 2, 3]})["output"] == 6


def test_another_machine_is_run_and_waited_for(machines: Machines) -> None:
    inner = machines.make(one({"Type": "Pass", "Result": {"x": 1}}))
    call = {"Type": "Task", "Parameters": {"StateMachineArn": inner, "Input": {"a": 1}}}
    for suffix, output in (("sync", '{"x":1}'), ("sync:2", {"x": 1})):
        told = machines.run(one({**call, "Resource": f"arn:aws:states:::states:startExecution.{suffix}"}))
        assert told["output"]["Output"] == output
    failing = machines.make(one({"Type": "Pass"}) | {"States": {"Only": {"Type": "Fail", "Error": "E"}}})
    told = machines.run(
        one(
            {
                "Type": "Task",
                "Resource": "arn:aws:states:::states:startExecution.sync:2",
                "Parameters": {"StateMachineArn": failing},
            }
        )
    )
    assert told["error"] == "States.TaskFailed"
    assert json.loads(told["cause"])["Status"] == "FAILED"


def test_any_call_of_the_sdk_is_made(machines: Machines, client: Client) -> None:
    client("ssm").put_parameter(Name="/a", Value="b", Type="String")
    told = machines.run(
        one(
            {
                "Type": "Task",
                "Resource": "arn:aws:states:::aws-sdk:ssm:getParameter",
                "Parameters": {"Name": "/a"},
                "ResultSelector": {"value.$": "$.Parameter.Value"},
            }
        )
    )
    assert told["output"] == {"value": "b"}
    told = machines.run(
        one(
            {
                "Type": "Task",
                "Resource": "arn:aws:states:::aws-sdk:ssm:getParameter",
                "Parameters": {"Name": "/none"},
            }
        )
    )
    assert told["error"] == "Ssm.ParameterNotFoundException"


def test_what_the_sandbox_lacks_fails_by_name(machines: Machines) -> None:
    told = machines.run(
        one(
            {
                "Type": "Task",
                "Resource": "arn:aws:states:::glue:startJobRun.sync",
                "Parameters": {"JobName": "j"},
            }
        )
    )
    assert told["error"] == "Glue.NotAvailable"
    assert "runs in an AWS account only" in told["cause"]


def test_an_activity_is_taken_by_a_worker(machines: Machines) -> None:
    activity = machines.states.create_activity(name="sign")["activityArn"]
    assert machines.states.describe_activity(activityArn=activity)["name"] == "sign"
    taken: dict[str, Any] = {}

    def work() -> None:
        taken.update(machines.states.get_activity_task(activityArn=activity, workerName="w"))
        machines.states.send_task_success(taskToken=taken["taskToken"], output='"signed"')

    worker = threading.Thread(target=work)
    worker.start()
    told = machines.run(one({"Type": "Task", "Resource": activity}), {"paper": 1})
    worker.join()
    assert (json.loads(taken["input"]), told["output"]) == ({"paper": 1}, "signed")
    assert [each["name"] for each in machines.states.list_activities()["activities"]] == ["sign"]
    machines.states.delete_activity(activityArn=activity)
    with pytest.raises(ClientError, match="ActivityDoesNotExist"):
        machines.states.describe_activity(activityArn=activity)


def test_a_failed_execution_is_redriven_where_it_failed(machines: Machines, client: Client) -> None:
    parameter = "/late"
    definition = {
        "StartAt": "First",
        "States": {
            "First": {"Type": "Pass", "Result": {"name": parameter}, "Next": "Second"},
            "Second": {
                "Type": "Task",
                "Resource": "arn:aws:states:::aws-sdk:ssm:getParameter",
                "Parameters": {"Name.$": "$.name"},
                "End": True,
            },
        },
    }
    told = machines.run(definition)
    assert told["status"] == "FAILED"
    assert told["redriveStatus"] == "REDRIVABLE"
    client("ssm").put_parameter(Name=parameter, Value="here", Type="String")
    machines.states.redrive_execution(executionArn=told["executionArn"])
    again = machines.ended(told["executionArn"])
    assert (again["status"], again["redriveCount"]) == ("SUCCEEDED", 1)
    assert types(machines, told["executionArn"]).count("PassStateEntered") == 1
    with pytest.raises(ClientError, match="ExecutionNotRedrivable"):
        machines.states.redrive_execution(executionArn=told["executionArn"])


def test_an_express_machine_answers_at_once(machines: Machines) -> None:
    arn = machines.make(one({"Type": "Pass", "Result": 7}), type="EXPRESS")
    told = machines.states.start_sync_execution(stateMachineArn=arn)
    assert (told["status"], told["output"]) == ("SUCCEEDED", "7")
    standard = machines.make(one({"Type": "Pass"}))
    with pytest.raises(ClientError, match="StateMachineTypeNotSupported"):
        machines.states.start_sync_execution(stateMachineArn=standard)


def test_a_machine_s_time_runs_out(machines: Machines) -> None:
    told = machines.run(one({"Type": "Wait", "Seconds": 600}, TimeoutSeconds=1))
    assert (told["status"], told["error"]) == ("TIMED_OUT", "States.Timeout")


def test_names_are_taken_once(machines: Machines) -> None:
    arn = machines.make(one({"Type": "Wait", "Seconds": 600}))
    first = machines.states.start_execution(stateMachineArn=arn, name="n", input='{"a": 1}')
    again = machines.states.start_execution(stateMachineArn=arn, name="n", input='{"a":1}')
    assert again["executionArn"] == first["executionArn"]
    with pytest.raises(ClientError, match="ExecutionAlreadyExists"):
        machines.states.start_execution(stateMachineArn=arn, name="n", input="{}")
    for wrong, code in (({"name": "a b"}, "InvalidName"), ({"input": "{"}, "InvalidExecutionInput")):
        with pytest.raises(ClientError, match=code):
            machines.states.start_execution(stateMachineArn=arn, **wrong)
    listed = machines.states.list_executions(stateMachineArn=arn, statusFilter="RUNNING")["executions"]
    assert [each["name"] for each in listed] == ["n"]
    machines.states.delete_state_machine(stateMachineArn=arn)
    with pytest.raises(ClientError, match="ExecutionDoesNotExist"):
        machines.states.describe_execution(executionArn=first["executionArn"])
