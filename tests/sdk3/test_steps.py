"""Steps that are no jobs: Lambda functions, callbacks, loops, cleaning up, what runs after a failure."""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from sagemaker.core.lambda_helper import Lambda
from sagemaker.core.workflow.conditions import ConditionEquals
from sagemaker.core.workflow.functions import Join
from sagemaker.core.workflow.parameters import ParameterInteger
from sagemaker.mlops.workflow.callback_step import CallbackOutput, CallbackOutputTypeEnum, CallbackStep
from sagemaker.mlops.workflow.condition_step import ConditionStep
from sagemaker.mlops.workflow.fail_step import FailStep
from sagemaker.mlops.workflow.lambda_step import LambdaOutput, LambdaOutputTypeEnum, LambdaStep
from sagemaker.mlops.workflow.pipeline import Pipeline


@pytest.fixture(scope="module")
def judging(session: Any, role: str, code: Path) -> Lambda:
    """A function that the pipeline itself creates."""
    return Lambda(
        function_name="judge",
        execution_role_arn=role,
        script=str(code / "judge.py"),
        handler="judge.handler",
        session=session,
        runtime=f"python{sys.version_info.major}.{sys.version_info.minor}",
    )


def test_a_function_is_created_called_and_its_outputs_used(run: Any, judging: Lambda) -> None:
    number = ParameterInteger(name="Number", default_value=4)
    call = LambdaStep(
        name="Judge",
        lambda_func=judging,
        inputs={"number": number},
        outputs=[
            LambdaOutput(output_name="even", output_type=LambdaOutputTypeEnum.Boolean),
            LambdaOutput(output_name="text", output_type=LambdaOutputTypeEnum.String),
        ],
    )
    odd = FailStep(name="Odd", error_message=Join(on=" ", values=["odd:", call.properties.Outputs["text"]]))
    check = ConditionStep(
        name="Check",
        conditions=[ConditionEquals(left=call.properties.Outputs["even"], right=False)],
        if_steps=[odd],
    )
    even = run("judged", [call, check], [number])
    assert even.statuses == {"Judge": "Succeeded", "Check": "Succeeded"}, even.steps
    assert even.metadata("Check") == {"Outcome": "False"}
    assert even.metadata("Judge")["OutputParameters"] == [
        {"Name": "even", "Value": "true"},
        {"Name": "text", "Value": "number 4"},
    ]
    ended = run("judged", [call, check], [number], parameters={"Number": 5})
    assert ended.metadata("Odd") == {"ErrorMessage": "odd: number 5"}


def test_a_callback_is_answered(run: Any, session: Any, pipelines: Any) -> None:
    sqs = session.boto_session.client("sqs")
    queue = sqs.create_queue(QueueName="asked")["QueueUrl"]
    answer = CallbackOutput(output_name="answer", output_type=CallbackOutputTypeEnum.Integer)
    ask = CallbackStep(name="Ask", sqs_queue_url=queue, inputs={"question": "six by seven"}, outputs=[answer])
    wrong = FailStep(name="Wrong", error_message="not 42")
    check = ConditionStep(
        name="Check",
        conditions=[ConditionEquals(left=ask.properties.Outputs["answer"], right=42)],
        else_steps=[wrong],
    )

    def reply() -> None:
        for _ in range(30):
            for message in sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=1).get("Messages", []):
                asked = json.loads(message["Body"])
                assert asked["arguments"] == {"question": "six by seven"}
                session.sagemaker_client.send_pipeline_execution_step_success(
                    CallbackToken=asked["token"], OutputParameters=[{"Name": "answer", "Value": "42"}]
                )
                return

    thread = threading.Thread(target=reply)
    thread.start()
    ran = run("asking", [ask, check])
    thread.join()
    assert ran.statuses == {"Ask": "Succeeded", "Check": "Succeeded"}, ran.steps


def test_executions_are_listed_stopped_and_deleted(session: Any, pipelines: Any, role: str) -> None:
    sqs = session.boto_session.client("sqs")
    queue = sqs.create_queue(QueueName="unanswered")["QueueUrl"]
    waiting = CallbackStep(name="Wait", sqs_queue_url=queue, inputs={}, outputs=[])
    pipeline = Pipeline(name="stoppable", steps=[waiting], sagemaker_session=pipelines)
    pipeline.create(role_arn=role)
    with pytest.raises(Exception, match="already exists"):
        pipeline.create(role_arn=role)
    execution = pipeline.start(execution_display_name="one", execution_description="a trial")
    assert execution.describe()["PipelineExecutionDescription"] == "a trial"
    execution.stop()
    assert execution.describe()["PipelineExecutionStatus"] == "Stopping"
    asked = [json.loads(message["Body"]) for message in received(sqs, queue, 2)]
    assert [message["status"] for message in asked] == ["Executing", "Stopping"]
    session.sagemaker_client.send_pipeline_execution_step_failure(
        CallbackToken=asked[0]["token"], FailureReason="nobody answers"
    )
    listed = pipeline.list_executions()["PipelineExecutionSummaries"]
    assert [(entry["PipelineExecutionArn"], entry["PipelineExecutionStatus"]) for entry in listed] == [
        (execution.arn, "Stopped")
    ]
    pipeline.delete()
    left = session.sagemaker_client.list_pipelines()["PipelineSummaries"]
    assert "stoppable" not in {entry["PipelineName"] for entry in left}


def received(sqs: Any, queue: str, count: int) -> list[Any]:
    """The first messages of a queue."""
    found: list[Any] = []
    for _ in range(20):
        found += sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=1).get("Messages", [])
        if len(found) >= count:
            return found
    raise AssertionError(f"{len(found)} messages of {count}")
