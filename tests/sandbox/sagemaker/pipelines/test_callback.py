"""Callback steps: the message, the answers, stopping, and a restart in between."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from ropeway.sandbox.server import Server
from tests.sandbox.sagemaker.pipelines.conftest import Lab, fail, get, join, passing

OUTPUTS = {"s": "String", "i": "Integer", "f": "Float", "b": "Boolean"}


@dataclass(frozen=True)
class Queue:
    """An SQS queue and what comes out of it."""

    sqs: Any
    url: str

    def receive(self) -> dict[str, Any]:
        answer = self.sqs.receive_message(QueueUrl=self.url, WaitTimeSeconds=20)
        (message,) = answer["Messages"]
        self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
        body: dict[str, Any] = json.loads(message["Body"])
        return body

    @property
    def empty(self) -> bool:
        return "Messages" not in self.sqs.receive_message(QueueUrl=self.url)


def queue_of(sqs: Any, suffix: str = "", **attributes: str) -> Queue:
    made = sqs.create_queue(QueueName=f"q-{uuid.uuid4().hex[:8]}{suffix}", Attributes=attributes)
    return Queue(sqs, made["QueueUrl"])


@pytest.fixture
def queue(client: Callable[..., Any]) -> Queue:
    return queue_of(client("sqs"))


def ask(url: Any, arguments: Any = None, outputs: dict[str, str] | None = None, **members: Any) -> Any:
    declared = [{"OutputName": name, "OutputType": kind} for name, kind in (outputs or {}).items()]
    return {
        "Name": "Ask",
        "Type": "Callback",
        "SqsQueueUrl": url,
        "Arguments": arguments or {},
        "OutputParameters": declared,
        **members,
    }


def given(**values: str) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in values.items()]


def test_a_message_with_a_token_is_answered_and_its_outputs_are_typed(lab: Lab, queue: Queue) -> None:
    told = fail("F", join(*(get(f"Steps.Ask.OutputParameters['{name}']") for name in OUTPUTS), on=" "))
    step = ask(queue.url, {"id": get("Execution.PipelineExecutionId"), "n": 3}, OUTPUTS)
    execution = lab.start(lab.create(step, told))
    message = queue.receive()
    assert message == {
        "token": message["token"],
        "pipelineExecutionArn": execution,
        "arguments": {"id": execution.rpartition("/")[2], "n": 3},
        "status": "Executing",
    }
    waiting = lab.steps(execution)["Ask"]
    assert waiting["StepStatus"] == "Executing"
    assert waiting["Metadata"] == {"Callback": {"CallbackToken": message["token"], "SqsQueueUrl": queue.url}}
    values = {"s": "text", "i": "3", "f": "0.5", "b": "true"}
    answer = lab.sagemaker.send_pipeline_execution_step_success(
        CallbackToken=message["token"], OutputParameters=given(**values)
    )
    assert answer["PipelineExecutionArn"] == execution
    lab.ended(execution)
    steps = lab.steps(execution)
    assert steps["Ask"]["StepStatus"] == "Succeeded"
    assert steps["Ask"]["Metadata"]["Callback"]["OutputParameters"] == given(**values)
    assert steps["F"]["Metadata"]["Fail"]["ErrorMessage"] == "text 3 0.5 true"


def test_a_failure_fails_the_step_with_its_reason(lab: Lab, queue: Queue) -> None:
    execution = lab.start(lab.create(ask(queue.url), passing("After", DependsOn=["Ask"])))
    token = queue.receive()["token"]
    lab.sagemaker.send_pipeline_execution_step_failure(CallbackToken=token, FailureReason="nobody is in")
    assert lab.ended(execution)["PipelineExecutionStatus"] == "Failed"
    steps = lab.steps(execution)
    assert steps["Ask"]["FailureReason"] == "nobody is in"
    assert "After" not in steps


@pytest.mark.parametrize(
    ("outputs", "words"),
    [
        (given(i="many"), "'i'.*Integer"),
        (given(f="nan"), "'f'.*Float"),
        (given(b="yes"), "'b'.*Boolean"),
        (given(other="1"), "other.*not declared"),
        (given(i="1") * 2, "i is given twice"),
    ],
)
def test_a_wrong_output_is_refused_and_the_step_waits_on(
    lab: Lab, queue: Queue, outputs: Any, words: str
) -> None:
    execution = lab.start(lab.create(ask(queue.url, outputs=OUTPUTS)))
    token = queue.receive()["token"]
    with pytest.raises(ClientError, match=words) as caught:
        lab.sagemaker.send_pipeline_execution_step_success(CallbackToken=token, OutputParameters=outputs)
    assert caught.value.response["Error"]["Code"] == "ValidationException"
    assert lab.steps(execution)["Ask"]["StepStatus"] == "Executing"
    lab.sagemaker.send_pipeline_execution_step_success(CallbackToken=token)
    assert lab.ended(execution)["PipelineExecutionStatus"] == "Succeeded"


def test_an_answer_counts_once_and_its_repetition_is_harmless(lab: Lab, queue: Queue) -> None:
    execution = lab.start(lab.create(ask(queue.url, outputs=OUTPUTS)))
    token = queue.receive()["token"]
    answer = {"CallbackToken": token, "ClientRequestToken": "a" * 32, "OutputParameters": given(i="1")}
    for _ in range(2):
        told = lab.sagemaker.send_pipeline_execution_step_success(**answer)
        assert told["PipelineExecutionArn"] == execution
    assert lab.ended(execution)["PipelineExecutionStatus"] == "Succeeded"
    with pytest.raises(ClientError) as caught:
        lab.sagemaker.send_pipeline_execution_step_failure(CallbackToken=token)
    assert caught.value.response["Error"]["Code"] == "ConflictException"


def test_a_token_of_nobody_or_of_another_account_is_not_found(
    lab: Lab, queue: Queue, client: Callable[..., Any]
) -> None:
    execution = lab.start(lab.create(ask(queue.url)))
    token = queue.receive()["token"]
    other = client("sagemaker", account="222222222222")
    for sagemaker, unknown in ((lab.sagemaker, "0123456789"), (other, token)):
        for send in (
            sagemaker.send_pipeline_execution_step_success,
            sagemaker.send_pipeline_execution_step_failure,
        ):
            with pytest.raises(ClientError) as caught:
                send(CallbackToken=unknown)
            assert caught.value.response["Error"]["Code"] == "ResourceNotFound"
    assert lab.steps(execution)["Ask"]["StepStatus"] == "Executing"


@pytest.mark.parametrize("succeeds", [True, False])
def test_a_stop_sends_word_and_waits_for_the_answer(lab: Lab, queue: Queue, succeeds: bool) -> None:
    execution = lab.start(lab.create(ask(queue.url, {"n": 1}), passing("After", DependsOn=["Ask"])))
    first = queue.receive()
    lab.sagemaker.stop_pipeline_execution(PipelineExecutionArn=execution)
    assert queue.receive() == {**first, "status": "Stopping"}
    assert lab.describe(execution)["PipelineExecutionStatus"] == "Stopping"
    assert lab.steps(execution)["Ask"]["StepStatus"] == "Stopping"
    lab.sagemaker.stop_pipeline_execution(PipelineExecutionArn=execution)
    if succeeds:
        lab.sagemaker.send_pipeline_execution_step_success(CallbackToken=first["token"])
    else:
        lab.sagemaker.send_pipeline_execution_step_failure(CallbackToken=first["token"])
    assert lab.ended(execution)["PipelineExecutionStatus"] == "Stopped"
    steps = lab.steps(execution)
    assert steps["Ask"]["StepStatus"] == ("Succeeded" if succeeds else "Failed")
    assert "After" not in steps
    assert queue.empty


@pytest.mark.parametrize(
    "url", ["https://sqs.eu-west-1.amazonaws.com/111111111111/none", "none", "https://x/q"]
)
def test_a_queue_that_is_not_there_fails_the_step(lab: Lab, url: str) -> None:
    execution = lab.run(ask(url))
    assert execution["PipelineExecutionStatus"] == "Failed"
    reason = lab.steps(execution["PipelineExecutionArn"])["Ask"]["FailureReason"]
    assert reason.startswith(f"ClientError: {url}: ")


def test_a_retry_sends_a_new_token_and_the_old_one_is_done(lab: Lab, queue: Queue) -> None:
    execution = lab.start(lab.create(ask(queue.url)))
    first = queue.receive()["token"]
    lab.sagemaker.send_pipeline_execution_step_failure(CallbackToken=first)
    lab.ended(execution)
    lab.sagemaker.retry_pipeline_execution(PipelineExecutionArn=execution)
    second = queue.receive()["token"]
    assert second != first
    with pytest.raises(ClientError) as caught:
        lab.sagemaker.send_pipeline_execution_step_success(CallbackToken=first)
    assert caught.value.response["Error"]["Code"] == "ConflictException"
    lab.sagemaker.send_pipeline_execution_step_success(CallbackToken=second)
    assert lab.ended(execution)["PipelineExecutionStatus"] == "Succeeded"


def test_the_queue_may_come_from_a_parameter_and_be_a_fifo(lab: Lab, client: Callable[..., Any]) -> None:
    fifo = queue_of(client("sqs"), ".fifo", FifoQueue="true")
    parameters = [{"Name": "Queue", "Type": "String"}]
    name = lab.create(ask(get("Parameters.Queue")), parameters=parameters)
    execution = lab.start(name, {"Queue": fifo.url})
    lab.sagemaker.send_pipeline_execution_step_success(CallbackToken=fifo.receive()["token"])
    assert lab.ended(execution)["PipelineExecutionStatus"] == "Succeeded"


def test_a_fail_step_beside_it_sends_word_too_and_the_execution_waits(lab: Lab, queue: Queue) -> None:
    first = ask(queue.url, Name="First")
    execution = lab.start(lab.create(first, ask(queue.url), fail("F", "no", DependsOn=["First"])))
    tokens = {queue.receive()["token"] for _ in range(2)}
    steps = lab.steps(execution)
    token = steps["First"]["Metadata"]["Callback"]["CallbackToken"]
    lab.sagemaker.send_pipeline_execution_step_success(CallbackToken=token)
    (other,) = tokens - {token}
    message = queue.receive()
    assert (message["token"], message["status"]) == (other, "Stopping")
    assert lab.describe(execution)["PipelineExecutionStatus"] == "Executing"
    lab.sagemaker.send_pipeline_execution_step_failure(CallbackToken=other, FailureReason="stopped")
    assert lab.ended(execution)["PipelineExecutionStatus"] == "Failed"
    assert lab.steps(execution)["Ask"]["FailureReason"] == "stopped"


def test_every_item_of_a_loop_asks_for_itself(lab: Lab, queue: Queue) -> None:
    body = ask(queue.url, {"item": get("ForEach.CurrentItem")}, {"i": "Integer"})
    arguments = {"IterableItems": ["a", "b"], "MaxConcurrency": 2, "ForEachBody": [body]}
    execution = lab.start(lab.create({"Name": "Each", "Type": "ForEach", "Arguments": arguments}))
    for message in [queue.receive() for _ in range(2)]:
        answer = given(i=str("ab".index(message["arguments"]["item"])))
        lab.sagemaker.send_pipeline_execution_step_success(
            CallbackToken=message["token"], OutputParameters=answer
        )
    assert lab.ended(execution)["PipelineExecutionStatus"] == "Succeeded"
    steps = lab.steps(execution)
    for index in range(2):
        outputs = steps[f"Ask-{index}"]["Metadata"]["Callback"]["OutputParameters"]
        assert outputs == given(i=str(index))


def clients_of(server: Server) -> Callable[[str], Any]:
    def make(service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=server.endpoint,
            region_name="eu-west-1",
            aws_access_key_id="111111111111",
            aws_secret_access_key="secret",
            config=Config(retries={"total_max_attempts": 1}),
        )

    return make


def test_a_callback_waits_through_a_restart(tmp_path: Path) -> None:
    first = Server(tmp_path, port=0)
    first.start()
    try:
        make = clients_of(first)
        queue = queue_of(make("sqs"))
        lab = Lab(make("sagemaker"))
        execution = lab.start(lab.create(ask(queue.url, outputs={"i": "Integer"})))
        token = queue.receive()["token"]
    finally:
        first.stop()
    second = Server(tmp_path, port=0)
    second.start()
    try:
        make = clients_of(second)
        lab = Lab(make("sagemaker"))
        assert lab.steps(execution)["Ask"]["StepStatus"] == "Executing"
        lab.sagemaker.stop_pipeline_execution(PipelineExecutionArn=execution)
        stopping = Queue(make("sqs"), queue.url).receive()
        assert (stopping["token"], stopping["status"]) == (token, "Stopping")
        lab.sagemaker.send_pipeline_execution_step_success(CallbackToken=token, OutputParameters=given(i="7"))
        assert lab.ended(execution)["PipelineExecutionStatus"] == "Stopped"
        assert lab.steps(execution)["Ask"]["Metadata"]["Callback"]["OutputParameters"] == given(i="7")
    finally:
        second.stop()
