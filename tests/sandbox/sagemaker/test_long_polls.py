"""Waiters that sleep for an hour between two looks, and see the end at the first one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import WaiterError
from botocore.waiter import WaiterModel, create_waiter_with_client

from ropeway.sandbox.server import Server
from tests.sandbox.sagemaker.test_jobs_run import CLUSTER, PYTHON, ROLE

Client = Callable[..., Any]

ONE_LOOK = {"Delay": 3600, "MaxAttempts": 1}
# As the SageMaker SDK's execution.wait() makes its waiter.
EXECUTION_ENDED = {
    "version": 2,
    "waiters": {
        "PipelineExecutionComplete": {
            "delay": 3600,
            "maxAttempts": 1,
            "operation": "DescribePipelineExecution",
            "acceptors": [
                {
                    "expected": status,
                    "matcher": "path",
                    "state": state,
                    "argument": "PipelineExecutionStatus",
                }
                for status, state in (("Succeeded", "success"), ("Failed", "failure"))
            ],
        }
    },
}


def script(gate: Path) -> list[str]:
    """A command that ends when the gate is there."""
    return ["sh", "-c", f"while ! test -e {gate}; do sleep 0.02; done"]


def request(name: str, gate: Path) -> dict[str, Any]:
    return {
        "ProcessingJobName": name,
        "RoleArn": ROLE,
        "AppSpecification": {"ImageUri": PYTHON, "ContainerEntrypoint": script(gate)},
        "ProcessingResources": {"ClusterConfig": CLUSTER},
    }


def open_when_held(server: Server, gate: Path) -> threading.Thread:
    """Let the job end as soon as somebody is held."""

    def watch() -> None:
        for _ in range(3000):
            if server.edge.holds.held:
                break
            threading.Event().wait(0.01)
        gate.touch()

    thread = threading.Thread(target=watch)
    thread.start()
    return thread


def test_a_waiter_sees_the_end_of_a_job_at_its_first_look(
    client: Client, sandbox: Server, tmp_path: Path
) -> None:
    sagemaker = client("sagemaker")
    sagemaker.create_processing_job(**request("held", tmp_path / "gate"))
    thread = open_when_held(sandbox, tmp_path / "gate")
    waiter = sagemaker.get_waiter("processing_job_completed_or_stopped")
    waiter.wait(ProcessingJobName="held", WaiterConfig=ONE_LOOK)
    thread.join()


def test_a_waiter_sees_the_end_of_an_execution_at_its_first_look(
    client: Client, sandbox: Server, tmp_path: Path
) -> None:
    sagemaker = client("sagemaker")
    arguments = request("", tmp_path / "gate")
    del arguments["ProcessingJobName"]
    step = {"Name": "Wait", "Type": "Processing", "Arguments": arguments}
    definition = json.dumps({"Version": "2020-12-01", "Parameters": [], "Steps": [step]})
    sagemaker.create_pipeline(
        PipelineName="waits", RoleArn=ROLE, PipelineDefinition=definition, ClientRequestToken="t" * 32
    )
    arn = sagemaker.start_pipeline_execution(PipelineName="waits")["PipelineExecutionArn"]
    assert sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)["PipelineExecutionStatus"] == (
        "Executing"
    )
    thread = open_when_held(sandbox, tmp_path / "gate")
    model = WaiterModel(EXECUTION_ENDED)
    create_waiter_with_client("PipelineExecutionComplete", model, sagemaker).wait(PipelineExecutionArn=arn)
    thread.join()


@pytest.fixture
def hasty(tmp_path: Path) -> Iterator[Server]:
    """A server that holds no answer."""
    server = Server(tmp_path / "state", port=0, hold=0)
    server.start()
    yield server
    server.stop()


def test_without_holds_one_look_is_not_enough(hasty: Server, tmp_path: Path) -> None:
    sagemaker = boto3.client(
        "sagemaker",
        endpoint_url=hasty.endpoint,
        region_name="eu-west-1",
        aws_access_key_id="111111111111",
        aws_secret_access_key="secret",
        config=Config(retries={"total_max_attempts": 1}),
    )
    gate = tmp_path / "gate"
    sagemaker.create_processing_job(**request("seen-running", gate))
    waiter = sagemaker.get_waiter("processing_job_completed_or_stopped")
    with pytest.raises(WaiterError, match="Max attempts exceeded"):
        waiter.wait(ProcessingJobName="seen-running", WaiterConfig=ONE_LOOK)
    gate.touch()
    soon = {"Delay": 0.05, "MaxAttempts": 400}
    waiter.wait(ProcessingJobName="seen-running", WaiterConfig=soon)


def test_a_setting_that_is_no_number_of_seconds_is_refused(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "ropeway.sandbox", "--state", str(tmp_path), "--port", "0"],
        env={**os.environ, "ROPEWAY_SANDBOX_HOLD": "soon"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode != 0
    assert ended.stderr == (
        "error: ROPEWAY_SANDBOX_HOLD is 'soon'\n"
        "hint: set it to seconds from 0 (hold no answer) to 50, or unset it\n"
    )
