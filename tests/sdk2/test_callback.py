"""Callback steps: a message goes out, an answer comes back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sagemaker.workflow.callback_step import CallbackOutput, CallbackOutputTypeEnum, CallbackStep
from sagemaker.workflow.condition_step import ConditionStep
from sagemaker.workflow.conditions import ConditionEquals
from sagemaker.workflow.fail_step import FailStep
from sagemaker.workflow.parameters import ParameterString
from sagemaker.workflow.pipeline import Pipeline


@pytest.fixture
def queue(session: Any) -> Any:
    sqs = session.boto_session.resource("sqs")
    queue = sqs.create_queue(QueueName="callbacks")
    yield queue
    queue.delete()


def message(queue: Any) -> dict[str, Any]:
    received = queue.receive_messages(WaitTimeSeconds=20, MaxNumberOfMessages=1)
    assert received, "no message came"
    content: dict[str, Any] = json.loads(received[0].body)
    received[0].delete()
    return content


def test_an_answer_ends_the_step_and_its_outputs_flow_on(
    session: Any, pipelines: Any, role: str, queue: Any
) -> None:
    word = ParameterString("Word", default_value="hello")
    said = CallbackOutput("said", CallbackOutputTypeEnum.String)
    ask = CallbackStep("Ask", sqs_queue_url=queue.url, inputs={"word": word}, outputs=[said])
    check = ConditionStep(
        "Check",
        conditions=[ConditionEquals(ask.properties.Outputs["said"], "yes")],
        if_steps=[],
        else_steps=[FailStep("No", error_message="it said no")],
    )
    pipeline = Pipeline("callback", parameters=[word], steps=[ask, check], sagemaker_session=pipelines)
    pipeline.upsert(role_arn=role)
    sagemaker = session.sagemaker_client

    execution = pipeline.start()
    told = message(queue)
    assert told["arguments"] == {"word": "hello"}
    assert told["pipelineExecutionArn"] == execution.arn
    assert told["status"] == "Executing"
    sagemaker.send_pipeline_execution_step_success(
        CallbackToken=told["token"], OutputParameters=[{"Name": "said", "Value": "yes"}]
    )
    execution.wait()
    steps = {step["StepName"]: step for step in execution.list_steps()}
    assert steps["Check"]["Metadata"]["Condition"]["Outcome"] == "True"
    assert steps["Ask"]["Metadata"]["Callback"]["OutputParameters"] == [{"Name": "said", "Value": "yes"}]

    refused = pipeline.start(parameters={"Word": "again"})
    told = message(queue)
    sagemaker.send_pipeline_execution_step_failure(CallbackToken=told["token"], FailureReason="not today")
    with pytest.raises(Exception, match="Waiter PipelineExecutionComplete failed"):
        refused.wait()
    assert "not today" in refused.list_steps()[0]["FailureReason"]
