"""Conditions, parameters, joins, Fail and Lambda steps: how values flow between steps."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sagemaker.lambda_helper import Lambda
from sagemaker.processing import Processor
from sagemaker.workflow.condition_step import ConditionStep
from sagemaker.workflow.conditions import (
    ConditionEquals,
    ConditionGreaterThanOrEqualTo,
    ConditionIn,
    ConditionNot,
    ConditionOr,
)
from sagemaker.workflow.execution_variables import ExecutionVariables
from sagemaker.workflow.fail_step import FailStep
from sagemaker.workflow.functions import Join
from sagemaker.workflow.lambda_step import LambdaOutput, LambdaOutputTypeEnum, LambdaStep
from sagemaker.workflow.parameters import (
    ParameterBoolean,
    ParameterFloat,
    ParameterInteger,
    ParameterString,
)
from sagemaker.workflow.steps import ProcessingStep


@pytest.fixture
def say(pipelines: Any, role: str) -> Any:
    """`say(name, *words)`: a step that only prints."""

    def step(name: str, *words: Any, **options: Any) -> Any:
        processor = Processor(
            role=role,
            image_uri="python:3.11",
            entrypoint=["echo"],
            instance_type="ml.m5.large",
            instance_count=1,
            sagemaker_session=pipelines,
        )
        return ProcessingStep(name, step_args=processor.run(arguments=list(words)), **options)

    return step


def arguments(session: Any, ran: Any, step: str) -> list[str]:
    found: list[str] = ran.job(session, step)["AppSpecification"]["ContainerArguments"]
    return found


def test_parameters_and_joins(run: Any, session: Any, say: Any) -> None:
    text = ParameterString("Text", default_value="some", enum_values=["some", "other"])
    whole = ParameterInteger("Whole", default_value=3)
    real = ParameterFloat("Real", default_value=0.5)
    flag = ParameterBoolean("Flag", default_value=True)
    joined = Join("-", [text, whole, real, flag, ExecutionVariables.PIPELINE_NAME])
    declared = [text, whole, real, flag]
    ran = run(
        "joins", [say("Say", joined, whole.to_string())], declared, parameters={"Flag": False, "Real": 1e-05}
    )
    assert arguments(session, ran, "Say") == ["some-3-1e-05-false-joins", "3"]
    listed = {
        entry["Name"]: entry["Value"] for entry in ran.execution.list_parameters()["PipelineParameters"]
    }
    assert {"Flag", "Real"} <= set(listed)
    with pytest.raises(Exception, match="ValidationException"):
        ran.pipeline.start(parameters={"Unknown": "1"})
    with pytest.raises(Exception, match="ValidationException"):
        ran.pipeline.start(parameters={"Text": "neither"})


@pytest.mark.parametrize(("number", "taken"), [(5, "Yes"), (1, "No")])
def test_conditions_take_one_branch(run: Any, say: Any, number: int, taken: str) -> None:
    count, name = ParameterInteger("Count", 5), ParameterString("Name", "b")
    yes, no = say("Yes", "yes"), say("No", "no")
    after = say("After", "after", depends_on=["Choose"])
    choose = ConditionStep(
        "Choose",
        conditions=[
            ConditionGreaterThanOrEqualTo(count, 5),
            ConditionIn(name, ["a", "b"]),
            ConditionNot(ConditionEquals(name, "z")),
            ConditionOr([ConditionEquals(name, "x"), ConditionEquals(count, number)]),
        ],
        if_steps=[yes],
        else_steps=[no],
    )
    ran = run("choose", [choose, after], [count, name], parameters={"Count": number})
    assert ran.statuses == {"Choose": "Succeeded", taken: "Succeeded", "After": "Succeeded"}
    assert ran.steps["Choose"]["Metadata"]["Condition"]["Outcome"] == str(taken == "Yes")


def test_a_fail_step_fails_the_execution_with_its_message(run: Any) -> None:
    code = ParameterInteger("Code", 7)
    ran = run("fails", [FailStep("Stop", error_message=Join(" ", ["code", code]))], [code])
    assert ran.status == "Failed"
    assert ran.steps["Stop"]["Metadata"]["Fail"]["ErrorMessage"] == "code 7"
    with pytest.raises(Exception, match="Waiter PipelineExecutionComplete failed"):
        ran.execution.wait(delay=1, max_attempts=2)


def test_the_sdk_creates_a_function_and_its_outputs_flow_on(
    run: Any, session: Any, say: Any, role: str, tmp_path: Path
) -> None:
    script = tmp_path / "handler.py"
    script.write_text(
        "def handler(event, context):\n"
        "    return {'double': 2 * int(event['number']), 'told': event['word'], 'statusCode': 200}\n",
        encoding="utf-8",
    )
    function = Lambda(
        function_name="double",
        execution_role_arn=role,
        script=str(script),
        handler="handler.handler",
        timeout=30,
        memory_size=128,
        session=session,
    )
    number = ParameterInteger("Number", 21)
    double = LambdaOutput("double", LambdaOutputTypeEnum.Integer)
    told = LambdaOutput("told", LambdaOutputTypeEnum.String)
    call = LambdaStep(
        "Call", lambda_func=function, inputs={"number": number, "word": "yes"}, outputs=[double, told]
    )
    after = say("After", Join("", [call.properties.Outputs["double"], call.properties.Outputs["told"]]))
    ran = run("calls", [call, after], [number])
    assert ran.status == "Succeeded", ran.reasons
    outputs = {o["Name"]: o["Value"] for o in ran.steps["Call"]["Metadata"]["Lambda"]["OutputParameters"]}
    assert outputs == {"double": "42", "told": "yes"}
    assert arguments(session, ran, "After") == ["42yes"]
    assert json.loads(function.invoke()["Payload"].read())["errorType"] == "KeyError"
    function.delete()
