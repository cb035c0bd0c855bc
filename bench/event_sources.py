"""What tells events, and what is told of them: functions, machines, pipelines, jobs, packages. Not a measurement."""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3

from bench.event_clients import Asked, Server
from bench.fanout import step
from bench.live import ROLE

__all__ = ["function", "measure", "open_queue", "silence", "state_machine"]

_ROUNDS = 30
_QUEUE = "arn:aws:sqs:eu-west-1:111111111111:{}"
_HANDLER = """
import os, time

def handler(event, context):
    with open(os.environ["NOTES"], "a") as notes:
        notes.write(f"{event['id']} {time.time()}\\n")
"""


def open_queue(ask: Asked, url: str, arn: str) -> None:
    """Let EventBridge send to a queue."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    ask("sqs", "SetQueueAttributes", {"QueueUrl": url, "Attributes": {"Policy": policy}})


def function(server: Server, notes: Path) -> str:
    """A function that notes what it is called with, which EventBridge may call."""
    client = _client(server, "lambda")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("app.py", _HANDLER)
    made = client.create_function(
        FunctionName="notes",
        Runtime="python3.11",
        Role=ROLE,
        Handler="app.handler",
        Code={"ZipFile": buffer.getvalue()},
        Environment={"Variables": {"NOTES": str(notes)}},
    )
    client.add_permission(
        FunctionName="notes",
        StatementId="events",
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
    )
    return str(made["FunctionArn"])


def state_machine(server: Server) -> tuple[str, str]:
    """A state machine of one state, and the role that EventBridge starts it as."""
    iam = _client(server, "iam")
    trust = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sts:AssumeRole"}
    role = iam.create_role(RoleName="starts", AssumeRolePolicyDocument=json.dumps({"Statement": [trust]}))
    may = {"Effect": "Allow", "Action": "states:StartExecution", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [may]})
    iam.put_role_policy(RoleName="starts", PolicyName="may", PolicyDocument=document)
    definition = {"StartAt": "Ok", "States": {"Ok": {"Type": "Pass", "End": True}}}
    made = _client(server, "stepfunctions").create_state_machine(
        name="one-state", definition=json.dumps(definition), roleArn=ROLE
    )
    return str(made["stateMachineArn"]), str(role["Role"]["Arn"])


def measure(server: Server) -> Iterator[tuple[str, list[float]]]:
    """Seconds from a change to its message in a queue, by what changed."""
    sagemaker = _client(server, "sagemaker")
    yield "the end of a pipeline's step", list(_steps(server, sagemaker))
    yield "the end of a job", list(_jobs(server, sagemaker))
    yield "an approval", list(_approvals(server, sagemaker))


def silence(moto: Server) -> str:
    """Whether moto's server tells of an approval."""
    sagemaker = _client(moto, "sagemaker")
    url = _listen(moto, "approvals", "SageMaker Model Package State Change", {})
    _approve(sagemaker, _package(sagemaker))
    time.sleep(2)
    told = moto.ask()("sqs", "ReceiveMessage", {"QueueUrl": url})
    return "tells them" if told.get("Messages") else "tells of none (2 s after an approval)"


def _steps(server: Server, sagemaker: Any) -> Iterator[float]:
    detail = {"currentStepStatus": ["Succeeded"], "stepName": ["Root"]}
    url = _listen(server, "steps", "SageMaker Model Building Pipeline Execution Step Status Change", detail)
    document = json.dumps({"Version": "2020-12-01", "Steps": [step("Root")]})
    sagemaker.create_pipeline(
        PipelineName="told", PipelineDefinition=document, RoleArn=ROLE, ClientRequestToken="t" * 32
    )
    for _ in range(_ROUNDS):
        arn = sagemaker.start_pipeline_execution(PipelineName="told")["PipelineExecutionArn"]
        _, came = _next(server, url)
        (ran,) = server.ask()("sagemaker", "ListPipelineExecutionSteps", {"PipelineExecutionArn": arn})[
            "PipelineExecutionSteps"
        ]
        yield came - ran["EndTime"]


def _jobs(server: Server, sagemaker: Any) -> Iterator[float]:
    detail = {"ProcessingJobStatus": ["Completed"], "ProcessingJobName": [{"prefix": "told-"}]}
    url = _listen(server, "jobs", "SageMaker Processing Job State Change", detail)
    arguments = step("Root")["Arguments"]
    for number in range(_ROUNDS):
        sagemaker.create_processing_job(ProcessingJobName=f"told-{number}", **arguments)
        event, came = _next(server, url)
        yield came - event["detail"]["ProcessingEndTime"] / 1000


def _approvals(server: Server, sagemaker: Any) -> Iterator[float]:
    detail = {"ModelApprovalStatus": ["Approved"]}
    url = _listen(server, "approvals", "SageMaker Model Package State Change", detail)
    for _ in range(_ROUNDS):
        arn = _package(sagemaker)
        began = time.time()
        _approve(sagemaker, arn)
        yield _next(server, url)[1] - began


def _package(sagemaker: Any) -> str:
    found = sagemaker.list_model_package_groups()["ModelPackageGroupSummaryList"]
    if not found:
        sagemaker.create_model_package_group(ModelPackageGroupName="told")
    return str(
        sagemaker.create_model_package(
            ModelPackageGroupName="told", ModelApprovalStatus="PendingManualApproval"
        )["ModelPackageArn"]
    )


def _approve(sagemaker: Any, arn: str) -> None:
    sagemaker.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved")


def _listen(server: Server, name: str, detail_type: str, detail: dict[str, Any]) -> str:
    """A queue that gets what a pattern takes."""
    ask = server.ask()
    url: str = ask("sqs", "CreateQueue", {"QueueName": name})["QueueUrl"]
    arn = _QUEUE.format(name)
    open_queue(ask, url, arn)
    pattern = {"detail-type": [detail_type], **({"detail": detail} if detail else {})}
    ask("events", "PutRule", {"Name": name, "EventPattern": json.dumps(pattern)})
    ask("events", "PutTargets", {"Rule": name, "Targets": [{"Id": "queue", "Arn": arn}]})
    return url


def _next(server: Server, url: str) -> tuple[dict[str, Any], float]:
    """The next event of a queue, and when it came."""
    for _ in range(10):
        told = server.ask()(
            "sqs",
            "ReceiveMessage",
            {"QueueUrl": url, "WaitTimeSeconds": 10, "AttributeNames": ["SentTimestamp"]},
        )
        for message in told.get("Messages", []):
            server.ask()("sqs", "DeleteMessage", {"QueueUrl": url, "ReceiptHandle": message["ReceiptHandle"]})
            return json.loads(message["Body"]), int(message["Attributes"]["SentTimestamp"]) / 1000
    raise AssertionError("an event never came")


def _client(server: Server, service: str) -> Any:
    return boto3.client(
        service,
        endpoint_url=server.endpoint,
        region_name="eu-west-1",
        aws_access_key_id="111111111111",
        aws_secret_access_key="secret",
    )
