"""Retry policies seen at work: faults on order, tries counted, waits that outlive the server."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from ropeway.sandbox.server import Server
from tests.sandbox.sagemaker.pipelines.conftest import Lab, passing, process

CAPACITY = "SageMaker.CAPACITY_ERROR"
THROTTLING = "Step.THROTTLING"
SOON = {"IntervalSeconds": 0}


def policy(*kinds: str, **members: Any) -> dict[str, Any]:
    return {"ExceptionType": list(kinds), "BackoffRate": 1.0, **SOON, **members}


def model(name: str, **members: Any) -> dict[str, Any]:
    """A step that makes something in an instant."""
    return {"Name": name, "Type": "Model", "Arguments": {"PrimaryContainer": {"Image": "none"}}, **members}


class Faults:
    """The page of faults."""

    def __init__(self, endpoint: str) -> None:
        self._page = f"{endpoint}/_sandbox/faults"

    def ask(self, method: str, document: Any = None) -> Any:
        data = None if document is None else json.dumps(document).encode()
        request = urllib.request.Request(self._page, method=method, data=data)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def add(self, kind: str, **members: Any) -> Any:
        return self.ask("POST", {"kind": kind, **members})

    @property
    def left(self) -> list[int]:
        return [fault["left"] for fault in self.ask("GET")["faults"]]


@pytest.fixture
def faults(sandbox: Server) -> Iterator[Faults]:
    page = Faults(sandbox.endpoint)
    yield page
    page.ask("DELETE")


def test_a_step_is_tried_again_and_its_tries_are_counted(lab: Lab, faults: Faults) -> None:
    name = lab.create(
        process("Work", "print(1)", RetryPolicies=[policy(CAPACITY, MaxAttempts=3)]),
        passing("After", DependsOn=["Work"]),
    )
    faults.add(CAPACITY, count=2, pipeline=name, step="Work")
    execution = lab.ended(lab.start(name))
    assert execution["PipelineExecutionStatus"] == "Succeeded"
    steps = lab.steps(execution["PipelineExecutionArn"])
    assert steps["Work"]["AttemptCount"] == 3
    assert "FailureReason" not in steps["Work"]
    assert steps["After"]["AttemptCount"] == 1
    assert faults.left == []


def test_the_last_try_fails_the_step_and_a_retry_of_the_execution_goes_on_counting(
    lab: Lab, faults: Faults
) -> None:
    name = lab.create(model("Make", RetryPolicies=[policy(CAPACITY, MaxAttempts=2)]))
    faults.add(CAPACITY, count=4, pipeline=name)
    arn = lab.start(name)
    assert lab.ended(arn)["PipelineExecutionStatus"] == "Failed"
    step = lab.steps(arn)["Make"]
    assert step["AttemptCount"] == 3
    assert step["FailureReason"].startswith("CapacityError: ")
    assert faults.left == [1]
    lab.sagemaker.retry_pipeline_execution(PipelineExecutionArn=arn)
    assert lab.ended(arn)["PipelineExecutionStatus"] == "Succeeded"
    assert lab.steps(arn)["Make"]["AttemptCount"] == 5


def test_only_faults_that_a_policy_names_are_tried_again(lab: Lab, faults: Faults) -> None:
    policies = [policy(THROTTLING, MaxAttempts=5)]
    name = lab.create(model("Make", RetryPolicies=policies), process("Mine", "1/0", RetryPolicies=policies))
    faults.add("SageMaker.RESOURCE_LIMIT", pipeline=name, type="Model")
    steps = lab.steps(lab.ended(lab.start(name))["PipelineExecutionArn"])
    assert steps["Make"]["AttemptCount"] == 1
    assert steps["Make"]["FailureReason"].startswith("ResourceLimitExceeded: ")
    if "Mine" in steps:
        assert steps["Mine"]["AttemptCount"] == 1


def test_the_service_retries_throttling_without_a_policy(lab: Lab, faults: Faults) -> None:
    name = lab.create(model("Make"))
    faults.add(THROTTLING, pipeline=name)
    arn = lab.start(name)
    assert lab.ended(arn)["PipelineExecutionStatus"] == "Succeeded"
    assert lab.steps(arn)["Make"]["AttemptCount"] == 2


def test_a_step_that_waits_is_stopped_at_once(lab: Lab, faults: Faults) -> None:
    name = lab.create(model("Make", RetryPolicies=[policy(CAPACITY, IntervalSeconds=3600)]))
    faults.add(CAPACITY, pipeline=name)
    arn = lab.start(name)
    assert lab.steps(arn)["Make"]["StepStatus"] == "Starting"
    lab.sagemaker.stop_pipeline_execution(PipelineExecutionArn=arn)
    assert lab.ended(arn)["PipelineExecutionStatus"] == "Stopped"
    assert lab.steps(arn)["Make"]["StepStatus"] == "Stopped"


def test_no_retry_starts_after_the_policy_has_expired(lab: Lab, faults: Faults) -> None:
    late = policy(CAPACITY, IntervalSeconds=61, ExpireAfterMin=1)
    name = lab.create(model("Make", RetryPolicies=[late]))
    faults.add(CAPACITY, pipeline=name)
    execution = lab.ended(lab.start(name))
    assert execution["PipelineExecutionStatus"] == "Failed"
    assert lab.steps(execution["PipelineExecutionArn"])["Make"]["AttemptCount"] == 1


def test_a_wait_outlives_the_server(tmp_path: Path) -> None:
    def lab_of(server: Server) -> Lab:
        keys = {"aws_access_key_id": "111111111111", "aws_secret_access_key": "secret"}
        return Lab(boto3.client("sagemaker", endpoint_url=server.endpoint, region_name="eu-west-1", **keys))

    first = Server(tmp_path, port=0)
    first.start()
    try:
        lab = lab_of(first)
        name = lab.create(model("Make", RetryPolicies=[policy(CAPACITY, IntervalSeconds=2)]))
        Faults(first.endpoint).add(CAPACITY, count=1, pipeline=name)
        arn = lab.start(name)
        assert lab.steps(arn)["Make"]["StepStatus"] == "Starting"
    finally:
        first.stop()
    second = Server(tmp_path, port=0)
    second.start()
    try:
        lab = lab_of(second)
        assert lab.ended(arn)["PipelineExecutionStatus"] == "Succeeded"
        assert lab.steps(arn)["Make"]["AttemptCount"] == 2
    finally:
        second.stop()


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({}, "None is no kind of fault"),
        ({"kind": "Step.WEATHER"}, "'Step.WEATHER' is no kind of fault; there are Step.SERVICE_FAULT"),
        ({"kind": CAPACITY, "count": 0}, "count must be a whole number"),
        ({"kind": CAPACITY, "type": "Fail"}, "Fail steps create nothing"),
        (
            {"kind": CAPACITY, "type": "Train"},
            "'Train' is no type of step; there are Callback, ClarifyCheck, ",
        ),
        ({"kind": CAPACITY, "steps": "A"}, "a fault has no 'steps'"),
        ({"kind": CAPACITY, "step": 1}, "step must be a name"),
        ([], "the request must be a JSON object"),
    ],
)
def test_a_wrong_order_is_refused(faults: Faults, document: Any, words: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        faults.ask("POST", document)
    with refused.value as answer:
        assert answer.code == 400
        assert words in json.load(answer)["message"]
    assert faults.left == []


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (policy("Step.WEATHER"), "ExceptionType 'Step.WEATHER' is not known"),
        (policy(CAPACITY, MaxAttempts=21), "MaxAttempts must be a number from 1 to 20, not 21"),
        (policy(CAPACITY, MaxAttempts=1, ExpireAfterMin=1), "MaxAttempts or ExpireAfterMin, not both"),
        (policy(CAPACITY, IntervalSeconds="1"), "IntervalSeconds must be a number of at least 0, not '1'"),
        ({}, "a retry policy needs a list of ExceptionType"),
    ],
)
def test_a_wrong_policy_is_refused_with_its_step(lab: Lab, entry: Any, words: str) -> None:
    with pytest.raises(ClientError, match="Unable to parse") as refused:
        lab.create(model("Make", RetryPolicies=[entry]))
    assert "step Make: " in str(refused.value)
    assert words in str(refused.value)
