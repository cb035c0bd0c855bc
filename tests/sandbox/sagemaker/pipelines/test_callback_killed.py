"""Callback steps and a server that is killed: what was acknowledged holds, what was not sent comes."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from tests.sandbox.sagemaker.pipelines.conftest import Lab, passing


@dataclass(frozen=True)
class Machine:
    """A state folder and the port that its servers listen on."""

    state: Path
    port: int

    @contextlib.contextmanager
    def serving(self) -> Iterator[Lab]:
        """A server process, killed at the end."""
        command = [
            sys.executable,
            "-m",
            "ropeway.sandbox",
            "--state",
            str(self.state),
            "--port",
            str(self.port),
        ]
        with (self.state.parent / "server.log").open("ab") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            self._wait(process)
            yield Lab(self.client("sagemaker"))
        finally:
            process.kill()
            process.wait()

    def client(self, service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=f"http://127.0.0.1:{self.port}",
            region_name="eu-west-1",
            aws_access_key_id="111111111111",
            aws_secret_access_key="secret",
            config=Config(retries={"total_max_attempts": 1}),
        )

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + 60
        while True:
            assert process.poll() is None, (self.state.parent / "server.log").read_text()
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            assert time.monotonic() < deadline, "the server does not listen"
            time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def received(machine: Machine, url: str) -> dict[str, Any]:
    answer = machine.client("sqs").receive_message(QueueUrl=url, WaitTimeSeconds=20)
    body: dict[str, Any] = json.loads(answer["Messages"][0]["Body"])
    return body


def test_what_was_acknowledged_outlives_the_server_and_what_was_not_sent_comes(tmp_path: Path) -> None:
    machine = Machine(tmp_path / "state", free_port())
    with machine.serving() as lab:
        urls = [machine.client("sqs").create_queue(QueueName=name)["QueueUrl"] for name in ("one", "two")]
        asks = [
            {"Name": "Ask", "Type": "Callback", "SqsQueueUrl": url, "Arguments": {}, "OutputParameters": []}
            for url in urls
        ]
        answered = lab.start(lab.create(asks[0], passing("After", DependsOn=["Ask"])))
        token = received(machine, urls[0])["token"]
        name = lab.create(asks[1])
        waiting = lab.start(name)
        lab.sagemaker.send_pipeline_execution_step_success(CallbackToken=token)
    with machine.serving() as lab:
        assert lab.ended(answered)["PipelineExecutionStatus"] == "Succeeded"
        step = lab.steps(waiting)["Ask"]
        assert step["StepStatus"] == "Executing"
        message = received(machine, urls[1])
        assert message["token"] == step["Metadata"]["Callback"]["CallbackToken"]
        lab.sagemaker.send_pipeline_execution_step_failure(CallbackToken=message["token"])
        assert lab.ended(waiting)["PipelineExecutionStatus"] == "Failed"
