"""A fresh sandbox with clients, started as a user would start it. Not a measurement."""

from __future__ import annotations

import http.client
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.waiter import WaiterModel, create_waiter_with_client

from bench.cold import sandbox

__all__ = ["BUCKET", "ROLE", "Live", "Raw", "best", "live", "median", "processor_seconds"]

BUCKET = "bench"
ROLE = "arn:aws:iam::111111111111:role/RopewayExecutionRole"
_ENDED = WaiterModel(
    {
        "version": 2,
        "waiters": {
            "ExecutionEnded": {
                "operation": "DescribePipelineExecution",
                "delay": 0.01,
                "maxAttempts": 1000,
                "acceptors": [
                    {
                        "matcher": "path",
                        "argument": "PipelineExecutionStatus",
                        "expected": end,
                        "state": "success",
                    }
                    for end in ("Succeeded", "Failed", "Stopped")
                ],
            }
        },
    }
)
_ACCOUNT, _REGION = "111111111111", "eu-west-1"


@dataclass(frozen=True)
class Live:
    """A running sandbox.

    Attributes:
        pid: its server's.
        start: seconds that its start took.
    """

    folder: Path
    endpoint: str
    pid: int
    start: float

    def processor_seconds(self) -> float:
        """What the server has used so far; other load on the machine hardly changes it."""
        return processor_seconds(self.pid)

    def client(self, service: str) -> Any:
        """A boto3 client."""
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=_REGION,
            aws_access_key_id=_ACCOUNT,
            aws_secret_access_key="secret",
            config=Config(retries={"total_max_attempts": 1}, read_timeout=600),
        )

    def run_pipeline(self, name: str, steps: list[Mapping[str, Any]], **start: Any) -> float:
        """Make a pipeline and run it; the seconds from its start to its end."""
        sagemaker = self.client("sagemaker")
        text = json.dumps({"Version": "2020-12-01", "Parameters": [], "Steps": steps})
        sagemaker.create_pipeline(
            PipelineName=name, PipelineDefinition=text, ClientRequestToken=name.ljust(32, "0"), RoleArn=ROLE
        )
        return self.run_again(name, len(steps), **start)

    def run_again(self, name: str, count: int, **start: Any) -> float:
        """Run a pipeline that is there; every step must succeed.

        Its end is waited for by a waiter, as the SDKs do, whose call the server holds: asking again and again would
        cost the server, and the two processors, as much as the steps do.
        """
        sagemaker = self.client("sagemaker")
        began = time.perf_counter()
        arn = sagemaker.start_pipeline_execution(PipelineName=name, **start)["PipelineExecutionArn"]
        create_waiter_with_client("ExecutionEnded", _ENDED, sagemaker).wait(PipelineExecutionArn=arn)
        seconds = time.perf_counter() - began
        pages = sagemaker.get_paginator("list_pipeline_execution_steps").paginate(PipelineExecutionArn=arn)
        statuses = [step["StepStatus"] for page in pages for step in page["PipelineExecutionSteps"]]
        assert statuses == ["Succeeded"] * count, statuses
        return seconds


class Raw:
    """The API without a client library: bytes over one connection, so that what is timed is the server."""

    def __init__(self, endpoint: str) -> None:
        address = urlsplit(endpoint)
        self._connection = http.client.HTTPConnection(str(address.hostname), address.port)

    def __call__(self, operation: str, params: Mapping[str, Any]) -> Any:
        """One SageMaker call."""
        scope = f"Credential={_ACCOUNT}/20260101/{_REGION}/sagemaker/aws4_request"
        headers = {
            "X-Amz-Target": f"SageMaker.{operation}",
            "Content-Type": "application/x-amz-json-1.1",
            "Authorization": f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=0",
        }
        self._connection.request("POST", "/", json.dumps(params), headers)
        response = self._connection.getresponse()
        body = response.read()
        assert response.status == 200, body
        return json.loads(body)


@contextmanager
def live(folder: Path) -> Iterator[Live]:
    """A sandbox below a folder, with a bucket."""
    with sandbox(folder) as start:
        told = json.loads((folder / ".ropeway" / "sandbox" / "server.json").read_text(encoding="utf-8"))
        running = Live(folder, told["endpoint"], told["pid"], start)
        place = {"LocationConstraint": _REGION}
        running.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration=place)
        yield running


def processor_seconds(pid: int) -> float:
    """What a process has used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def best(action: Callable[[], object], rounds: int) -> float:
    """The shortest of several times, in seconds."""
    return min(_timed(action) for _ in range(rounds))


def median(action: Callable[[], object], rounds: int) -> float:
    """The middle of several times, in seconds."""
    return sorted(_timed(action) for _ in range(rounds))[rounds // 2]


def _timed(action: Callable[[], object]) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began
