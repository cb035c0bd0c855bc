"""Lambda steps: the event, typed outputs, and every way to fail."""

from __future__ import annotations

import io
import uuid
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from tests.sandbox.sagemaker.pipelines.conftest import ROLE, Lab, fail, get, join


@pytest.fixture
def function(client: Callable[..., Any]) -> Callable[[str], str]:
    """Makes a function of a source; its ARN."""

    def make(source: str) -> str:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("app.py", source)
        answer = client("lambda").create_function(
            FunctionName=f"f-{uuid.uuid4().hex[:8]}",
            Runtime="python3.11",
            Role=ROLE,
            Handler="app.handler",
            Code={"ZipFile": packed.getvalue()},
        )
        return str(answer["FunctionArn"])

    return make


def call(arn: str, outputs: dict[str, str], **arguments: Any) -> dict[str, Any]:
    declared = [{"OutputName": name, "OutputType": kind} for name, kind in outputs.items()]
    return {
        "Name": "Call",
        "Type": "Lambda",
        "FunctionArn": arn,
        "Arguments": arguments,
        "OutputParameters": declared,
    }


def test_a_function_gets_the_arguments_and_its_answer_becomes_outputs(
    lab: Lab, function: Callable[[str], str]
) -> None:
    arn = function(
        "def handler(event, context):\n"
        "    assert event['id'] and event['n'] == 3\n"
        "    return {'s': event['id'], 'i': 3, 'f': 0.5, 'b': True, 'statusCode': 200}"
    )
    outputs = {"s": "String", "i": "Integer", "f": "Float", "b": "Boolean"}
    step = call(arn, outputs, id=get("Execution.PipelineExecutionId"), n=3)
    told = fail("F", join(*(get(f"Steps.Call.OutputParameters['{name}']") for name in outputs), on=" "))
    execution = lab.run(step, told)["PipelineExecutionArn"]
    identity = execution.rpartition("/")[2]
    steps = lab.steps(execution)
    metadata = steps["Call"]["Metadata"]["Lambda"]
    assert metadata["Arn"] == arn
    values = {entry["Name"]: entry["Value"] for entry in metadata["OutputParameters"]}
    assert values == {"s": identity, "i": "3", "f": "0.5", "b": "true"}
    assert steps["F"]["Metadata"]["Fail"]["ErrorMessage"] == f"{identity} 3 0.5 true"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("raise ValueError('no luck')", "no luck"),
        ("return 'text'", "return"),
        ("return {}", "'n'"),
        ("return {'n': 'many'}", "'n'"),
        ("return {'n': [1]}", "'n'"),
    ],
)
def test_a_function_that_fails_fails_its_step(
    lab: Lab, function: Callable[[str], str], body: str, words: str
) -> None:
    execution = lab.run(call(function(f"def handler(e, c): {body}"), {"n": "Integer"}))
    assert execution["PipelineExecutionStatus"] == "Failed"
    step = lab.steps(execution["PipelineExecutionArn"])["Call"]
    assert step["FailureReason"].startswith("ClientError")
    assert words in step["FailureReason"]


def test_a_function_that_is_not_there_fails_the_step(lab: Lab) -> None:
    execution = lab.run(call("arn:aws:lambda:eu-west-1:111111111111:function:none", {}))
    assert execution["PipelineExecutionStatus"] == "Failed"
    assert "none" in lab.steps(execution["PipelineExecutionArn"])["Call"]["FailureReason"]


def test_what_is_no_function_s_arn_fails_the_step(lab: Lab) -> None:
    execution = lab.run(call("just-a-name", {}))
    assert execution["PipelineExecutionStatus"] == "Failed"
