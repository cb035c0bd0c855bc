"""Calls of tasks that were under way when something happened: a stop, or the server's death."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from ropeway.sandbox.domain.statemachines.errors import StateError
from ropeway.sandbox.domain.statemachines.ports import Task
from ropeway.sandbox.domain.statemachines.resources import parse
from ropeway.sandbox.runners.statetasks import StateTasks

MACHINE = "arn:aws:states:eu-west-1:111111111111:stateMachine:m"
RUN = "arn:aws:states:eu-west-1:111111111111:execution:m:e"
ROLE = "arn:aws:iam::111111111111:role/r"
SECONDS = 20

Answer = Callable[[str, Any], Mapping[str, Any]]


class Api:
    """Answers calls by a function, and notes them."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self.calls: list[tuple[str, Any]] = []

    def call(self, task: Task, operation: str, params: Any) -> dict[str, Any]:
        """One call."""
        del task
        self.calls.append((operation, params))
        return dict(self._answer(operation, params))

    @property
    def operations(self) -> list[str]:
        return [operation for operation, _ in self.calls]


class Reports:
    """What has become of one task."""

    def __init__(self, *, waits: bool = True) -> None:
        self.waits = waits
        self.result: Any = None
        self.error: StateError | None = None
        self.submissions: list[str] = []
        self._done = threading.Event()

    def settle(self, task: Task, result: Any) -> None:
        """It succeeded."""
        del task
        self.result = result
        self._done.set()

    def fail(self, task: Task, error: StateError) -> None:
        """It failed."""
        del task
        self.error = error
        self._done.set()

    def submitted(self, task: Task, resource: str, output: Mapping[str, Any]) -> bool:
        """Its call is answered."""
        del task, output
        self.submissions.append(resource)
        return self.waits

    def ended(self) -> Reports:
        assert self._done.wait(SECONDS)
        return self


def task(resource: str, arguments: Any) -> Task:
    read = parse(f"arn:aws:states:::{resource}")
    assert read is not None
    return Task(RUN, 0, "token", read, arguments, ROLE, "111111111111", "eu-west-1")


def resumed(api: Api, resource: str, arguments: Any) -> Reports:
    """What has become of a task whose call was under way when the server died."""
    reports = Reports()
    tasks = StateTasks(api)
    tasks.resume(task(resource, arguments), "", reports)
    reports.ended()
    tasks.close()
    return reports


def test_what_was_started_while_its_execution_was_stopped_is_stopped() -> None:
    stopped = threading.Event()

    def answer(operation: str, params: Any) -> Mapping[str, Any]:
        if operation == "StopTrainingJob":
            assert params == {"TrainingJobName": "t"}
            stopped.set()
        return {"TrainingJobArn": "arn:aws:sagemaker:eu-west-1:111111111111:training-job/t"}

    tasks = StateTasks(Api(answer))
    tasks.start(task("sagemaker:createTrainingJob.sync", {"TrainingJobName": "t"}), Reports(waits=False))
    assert stopped.wait(SECONDS)
    tasks.close()


def test_an_execution_that_was_started_and_has_ended_is_no_second_one() -> None:
    child = f"{MACHINE.replace('stateMachine', 'execution')}:c"

    def answer(operation: str, params: Any) -> Mapping[str, Any]:
        if operation == "StartExecution":
            raise StateError(
                "StepFunctions.ExecutionAlreadyExistsException", f"Execution Already Exists: '{child}'"
            )
        assert params == {"ExecutionArn": child}
        return {"ExecutionArn": child, "StartDate": 1, "Status": "SUCCEEDED", "Output": "{}", "Input": "{}"}

    api = Api(answer)
    reports = resumed(api, "states:startExecution.sync", {"StateMachineArn": MACHINE})
    assert (reports.result["Status"], reports.submissions) == ("SUCCEEDED", [child])
    again = Api(answer)
    resumed(again, "states:startExecution.sync", {"StateMachineArn": MACHINE})
    assert api.calls == again.calls, "the name that it is given is the same each time"
    assert api.calls[0][1]["Name"]


def test_what_a_lost_call_names_is_looked_up_before_it_is_made() -> None:
    api = Api(lambda operation, params: {"ModelArn": f"{operation} {params['ModelName']}"})
    assert resumed(api, "sagemaker:createModel", {"ModelName": "m"}).result == {"ModelArn": "DescribeModel m"}
    assert api.operations == ["DescribeModel"]

    def absent(operation: str, params: Any) -> Mapping[str, Any]:
        if operation == "DescribeModel":
            raise StateError("SageMaker.AmazonSageMakerException", "Could not find model")
        return {"ModelArn": params["ModelName"]}

    assert resumed(Api(absent), "sagemaker:createModel", {"ModelName": "m"}).result == {"ModelArn": "m"}


@pytest.mark.parametrize(
    "resource", ["dynamodb:getItem", "aws-sdk:sagemaker:listModels", "sagemaker:startPipelineExecution"]
)
def test_calls_that_may_be_made_twice_are(resource: str) -> None:
    assert resumed(Api(lambda operation, _: {"O": operation}), resource, {}).result["O"]


@pytest.mark.parametrize(
    ("resource", "error"),
    [
        ("dynamodb:putItem", "DynamoDB.SdkClientException"),
        ("lambda:invoke", "Lambda.SdkClientException"),
        ("sqs:sendMessage.waitForTaskToken", "SQS.SdkClientException"),
    ],
)
def test_other_calls_are_lost(resource: str, error: str) -> None:
    api = Api(lambda operation, params: {})
    reports = resumed(api, resource, {})
    assert reports.error is not None
    assert (reports.error.error, api.calls) == (error, [])


def test_the_job_of_a_lost_call_that_nobody_waits_for_is_stopped_by_its_name() -> None:
    stopped = threading.Event()
    api = Api(lambda operation, params: {})
    tasks = StateTasks(api)
    tasks.abandon(task("sagemaker:createTrainingJob.sync", {"TrainingJobName": "t"}), stopped.set)
    assert stopped.wait(SECONDS)
    assert api.calls == [("StopTrainingJob", {"TrainingJobName": "t"})]
    stopped.clear()
    tasks.abandon(task("states:startExecution.sync", {"StateMachineArn": MACHINE}), stopped.set)
    assert stopped.is_set()
    tasks.close()
