"""Executions go on when the server is ended and started again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import boto3
import pytest

from ropeway.sandbox.server import Server
from tests.sandbox.stepfunctions.conftest import Machines

IMAGE = "141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"
ROLE = "arn:aws:iam::111111111111:role/RopewayExecutionRole"


def clients(server: Server, *services: str) -> list[Any]:
    return [
        boto3.client(
            service,
            endpoint_url=server.endpoint,
            region_name="eu-west-1",
            aws_access_key_id="111111111111",
            aws_secret_access_key="secret",
        )
        for service in services
    ]


@pytest.mark.timeout(180)
def test_waits_jobs_and_tokens_are_waited_for_after_a_restart(tmp_path: Path) -> None:
    job = {
        "ProcessingJobName": "slow",
        "RoleArn": ROLE,
        "AppSpecification": {
            "ImageUri": IMAGE,
            "ContainerEntrypoint": ["python3", "-c"],
            "ContainerArguments": ["import time; time.sleep(4)"],
        },
        "ProcessingResources": {
            "ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 10}
        },
    }
    states: dict[str, dict[str, Any]] = {
        "job": {
            "Type": "Task",
            "Resource": "arn:aws:states:::sagemaker:createProcessingJob.sync",
            "Parameters": job,
            "ResultSelector": {"status.$": "$.ProcessingJobStatus"},
        },
        "wait": {"Type": "Wait", "Seconds": 3},
        "token": {
            "Type": "Task",
            "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
            "Parameters": {"MessageBody.$": "$$.Task.Token"},
        },
    }
    server = Server(tmp_path, port=0)
    server.start()
    try:
        machines = Machines(*clients(server, "stepfunctions", "lambda"))
        (sqs,) = clients(server, "sqs")
        queue = sqs.create_queue(QueueName="q")["QueueUrl"]
        states["token"]["Parameters"]["QueueUrl"] = queue
        started = {
            name: machines.start({"StartAt": "A", "States": {"A": {**state, "End": True}}})
            for name, state in states.items()
        }
        token = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=20)["Messages"][0]["Body"]
        machines.until(
            started["job"],
            lambda _: any(event["type"] == "TaskSubmitted" for event in machines.history(started["job"])),
        )
        before = {name: machines.history(arn) for name, arn in started.items()}
    finally:
        server.stop()
    server = Server(tmp_path, port=0)
    server.start()
    try:
        machines = Machines(*clients(server, "stepfunctions", "lambda"))
        for name, arn in started.items():
            assert machines.history(arn)[: len(before[name])] == before[name]
        machines.states.send_task_success(taskToken=token, output=json.dumps("answered"))
        ended = {name: machines.ended(arn) for name, arn in started.items()}
    finally:
        server.stop()
    assert {name: told["status"] for name, told in ended.items()} == dict.fromkeys(states, "SUCCEEDED")
    assert (ended["job"]["output"], ended["token"]["output"]) == ({"status": "Completed"}, "answered")
