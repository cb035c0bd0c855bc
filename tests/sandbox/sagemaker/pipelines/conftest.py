"""Definition documents in a few words, and what to do with them by plain boto3."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

ROLE = "arn:aws:iam::111111111111:role/RopewayExecutionRole"
IMAGE = "141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"
CLUSTER = {"ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.xlarge", "VolumeSizeInGB": 30}}
GOING = {"Executing", "Stopping"}


def get(path: str) -> dict[str, str]:
    """``{"Get": path}``."""
    return {"Get": path}


def join(*values: Any, on: str = "") -> dict[str, Any]:
    """``{"Std:Join": …}``."""
    return {"Std:Join": {"On": on, "Values": list(values)}}


def equals(left: Any, right: Any) -> dict[str, Any]:
    """A condition."""
    return {"Type": "Equals", "LeftValue": left, "RightValue": right}


def process(
    name: str, script: str = "pass", *, arguments: Mapping[str, Any] | None = None, **members: Any
) -> Any:
    """A processing step that runs a script of at most 256 characters."""
    request = {
        "ProcessingResources": CLUSTER,
        "AppSpecification": {"ImageUri": IMAGE, "ContainerEntrypoint": ["python3", "-c", script]},
        "RoleArn": ROLE,
        **(arguments or {}),
    }
    return {"Name": name, "Type": "Processing", "Arguments": request, **members}


def condition(name: str, *conditions: Any, then: Any = (), otherwise: Any = (), **members: Any) -> Any:
    """A condition step."""
    arguments = {"Conditions": list(conditions), "IfSteps": list(then), "ElseSteps": list(otherwise)}
    return {"Name": name, "Type": "Condition", "Arguments": arguments, **members}


def passing(name: str, **members: Any) -> Any:
    """A step that succeeds at once."""
    return condition(name, equals(1, 1), **members)


def fail(name: str, message: Any = None, **members: Any) -> Any:
    """A fail step."""
    return {
        "Name": name,
        "Type": "Fail",
        "Arguments": {} if message is None else {"ErrorMessage": message},
        **members,
    }


def document(*steps: Any, parameters: Any = ()) -> str:
    """A definition document."""
    return json.dumps({"Version": "2020-12-01", "Parameters": list(parameters), "Steps": list(steps)})


@dataclass(frozen=True)
class Lab:
    """A client of SageMaker's pipelines."""

    sagemaker: Any

    def create(self, *steps: Any, parameters: Any = (), **members: Any) -> str:
        """A new pipeline; its name."""
        name = members.pop("PipelineName", f"p-{uuid.uuid4().hex[:10]}")
        definition = members.pop("PipelineDefinition", document(*steps, parameters=parameters))
        self.sagemaker.create_pipeline(
            PipelineName=name, RoleArn=ROLE, PipelineDefinition=definition, **members
        )
        return str(name)

    def start(self, pipeline: str, parameters: Mapping[str, str] | None = None, **members: Any) -> str:
        """Start an execution; its ARN."""
        given = [{"Name": name, "Value": value} for name, value in (parameters or {}).items()]
        answer = self.sagemaker.start_pipeline_execution(
            PipelineName=pipeline, PipelineParameters=given, **members
        )
        return str(answer["PipelineExecutionArn"])

    def run(self, *steps: Any, parameters: Any = (), given: Mapping[str, str] | None = None) -> Any:
        """Create, start, wait: the execution as described."""
        return self.ended(self.start(self.create(*steps, parameters=parameters), given))

    def describe(self, arn: str) -> Any:
        """An execution as it stands."""
        return self.sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)

    def ended(self, arn: str) -> Any:
        """An execution when it has ended."""
        self.until(lambda: self.describe(arn)["PipelineExecutionStatus"] not in GOING)
        return self.describe(arn)

    def steps(self, arn: str) -> dict[str, Any]:
        """An execution's steps by name, newest first."""
        answer = self.sagemaker.list_pipeline_execution_steps(PipelineExecutionArn=arn, MaxResults=100)
        return {step["StepName"]: step for step in answer["PipelineExecutionSteps"]}

    def until(self, holds: Callable[[], bool], seconds: float = 60) -> None:
        """Wait for something."""
        deadline = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < deadline, "it did not happen"
            time.sleep(0.05)


@pytest.fixture
def lab(client: Callable[..., Any]) -> Lab:
    return Lab(client("sagemaker"))
