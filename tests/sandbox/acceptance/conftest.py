"""A bucket with data, scripts and a role: what a plain boto3 user of SageMaker has, and nothing of Ropeway's."""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

Client = Callable[..., Any]
Address = str | Mapping[str, Any]  # an S3 address, or an expression that a pipeline resolves to one

ROLE = "arn:aws:iam::111111111111:role/RopewayExecutionRole"
SKLEARN = "141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"
XGBOOST = "141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-xgboost:1.7-1"
ENDED = {"Completed", "Failed", "Stopped"}


@dataclass(frozen=True)
class Account:
    """One account's clients and bucket."""

    s3: Any
    sagemaker: Any
    logs: Any
    bucket: str

    def put(self, key: str, content: str | bytes) -> str:
        """Store an object; its address."""
        body = content.encode() if isinstance(content, str) else content
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=body)
        return f"s3://{self.bucket}/{key}"

    def get(self, uri: str) -> bytes:
        """An object's content by its address."""
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        content: bytes = self.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        return content

    def keys(self, prefix: str) -> list[str]:
        """The keys below a prefix."""
        answer = self.s3.list_objects_v2(Bucket=self.bucket, Prefix=prefix)
        return [item["Key"] for item in answer.get("Contents", [])]

    def process(self, script: str, *, image: str = SKLEARN, **extra: Any) -> str:
        """Start a processing job that runs a script; its name."""
        name = f"job-{uuid.uuid4().hex[:12]}"
        code = self.put(f"{name}/code/script.py", script)
        inputs = [processing_input("code", code, "/opt/ml/processing/input/code"), *extra.pop("inputs", [])]
        self.sagemaker.create_processing_job(
            ProcessingJobName=name,
            RoleArn=ROLE,
            AppSpecification={
                "ImageUri": image,
                "ContainerEntrypoint": ["python3", "/opt/ml/processing/input/code/script.py"],
            },
            ProcessingResources=CLUSTER,
            ProcessingInputs=inputs,
            **extra,
        )
        return name

    def processed(self, name: str, seconds: float = 60) -> dict[str, Any]:
        """Wait for a processing job's end; how it is described."""
        return self._wait(
            lambda: self.sagemaker.describe_processing_job(ProcessingJobName=name),
            "ProcessingJobStatus",
            seconds,
        )

    def trained(self, name: str, seconds: float = 60) -> dict[str, Any]:
        """Wait for a training job's end; how it is described."""
        return self._wait(
            lambda: self.sagemaker.describe_training_job(TrainingJobName=name), "TrainingJobStatus", seconds
        )

    def _wait(self, describe: Callable[[], dict[str, Any]], status: str, seconds: float) -> dict[str, Any]:
        deadline = time.monotonic() + seconds
        while (answer := describe())[status] not in ENDED:
            assert time.monotonic() < deadline, f"still {answer[status]} after {seconds} s"
            time.sleep(0.05)
        return answer

    def execute(self, pipeline: str, **parameters: str) -> dict[str, Any]:
        """Start a pipeline and wait for its end; how the execution is described."""
        arn = self.sagemaker.start_pipeline_execution(
            PipelineName=pipeline,
            PipelineParameters=[{"Name": name, "Value": value} for name, value in parameters.items()],
        )["PipelineExecutionArn"]
        return self.executed(arn)

    def executed(self, arn: str, seconds: float = 90) -> dict[str, Any]:
        """Wait for an execution's end; how it is described."""
        deadline = time.monotonic() + seconds
        while True:
            answer: dict[str, Any] = self.sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)
            if answer["PipelineExecutionStatus"] not in {"Executing", "Stopping"}:
                return answer
            assert time.monotonic() < deadline, answer["PipelineExecutionStatus"]
            time.sleep(0.05)

    def steps(self, arn: str) -> dict[str, dict[str, Any]]:
        """An execution's steps by name."""
        answer = self.sagemaker.list_pipeline_execution_steps(PipelineExecutionArn=arn)
        return {step["StepName"]: step for step in answer["PipelineExecutionSteps"]}


CLUSTER = {"ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.xlarge", "VolumeSizeInGB": 30}}


def processing_input(name: str, uri: Address, path: str) -> dict[str, Any]:
    """One S3 input of a processing job."""
    return {
        "InputName": name,
        "S3Input": {"S3Uri": uri, "LocalPath": path, "S3DataType": "S3Prefix", "S3InputMode": "File"},
    }


def processing_output(name: str, uri: Address, path: str) -> dict[str, Any]:
    """One S3 output of a processing job."""
    return {"OutputName": name, "S3Output": {"S3Uri": uri, "LocalPath": path, "S3UploadMode": "EndOfJob"}}


def channel(name: str, uri: Address) -> dict[str, Any]:
    """One CSV channel of a training job."""
    source = {"S3DataType": "S3Prefix", "S3Uri": uri, "S3DataDistributionType": "FullyReplicated"}
    return {"ChannelName": name, "ContentType": "text/csv", "DataSource": {"S3DataSource": source}}


def regression_rows(count: int, seed: int) -> str:
    """Rows ``y,a,b`` with y near 2a - b: something a tree can learn."""
    source = random.Random(seed)
    rows = []
    for _ in range(count):
        a, b = source.uniform(0, 10), source.uniform(0, 10)
        rows.append(f"{2 * a - b + source.gauss(0, 0.1):.4f},{a:.4f},{b:.4f}")
    return "\n".join(rows) + "\n"


@pytest.fixture
def account(client: Client) -> Account:
    """A fresh bucket in the dev account."""
    s3 = client("s3")
    bucket = f"acceptance-{uuid.uuid4().hex[:12]}"
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    return Account(s3=s3, sagemaker=client("sagemaker"), logs=client("logs"), bucket=bucket)
