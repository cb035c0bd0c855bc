"""TestState: a state on its own, with what it gives, where it goes, and what happens to its data on the way."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.stepfunctions.conftest import ROLE, Machines

Client = Callable[..., Any]
ACTIVITY = "arn:aws:states:eu-west-1:111111111111:activity:a"


@pytest.fixture
def states(client: Client) -> Any:
    return client("stepfunctions", config={"inject_host_prefix": False})


def attempt(states: Any, state: Any, data: Any = None, **more: Any) -> Any:
    """What TestState tells of a state."""
    told = states.test_state(
        definition=json.dumps(state), input=json.dumps({} if data is None else data), **more
    )
    del told["ResponseMetadata"]
    return told


def test_a_pass_and_a_choice_tell_where_they_go(states: Any) -> None:
    told = attempt(states, {"Type": "Pass", "Parameters": {"v.$": "$.a"}, "Next": "Z"}, {"a": 1})
    assert told == {"status": "SUCCEEDED", "output": '{"v":1}', "nextState": "Z"}
    choice = {
        "Type": "Choice",
        "Choices": [{"Variable": "$.n", "NumericGreaterThan": 5, "Next": "Big"}],
        "Default": "Small",
    }
    assert attempt(states, choice, {"n": 7})["nextState"] == "Big"
    assert attempt(states, choice, {"n": 3})["nextState"] == "Small"
    assert attempt(states, {"Type": "Succeed"}, {"k": 1}) == {"status": "SUCCEEDED", "output": '{"k":1}'}
    assert attempt(states, {"Type": "Fail", "Error": "E", "Cause": "c"}) == {
        "status": "FAILED",
        "error": "E",
        "cause": "c",
    }
    assert attempt(states, {"Type": "Wait", "Seconds": 3600, "Next": "Z"})["nextState"] == "Z"


def test_a_task_is_really_carried_out(machines: Machines, states: Any) -> None:
    function = machines.function("def handler(event, context):\n    return {'twice': event['n'] * 2}\n")
    state = {
        "Type": "Task",
        "Resource": function,
        "Parameters": {"n.$": "$.a.n"},
        "ResultSelector": {"t.$": "$.twice"},
        "ResultPath": "$.r",
        "Next": "Z",
    }
    told = attempt(states, state, {"a": {"n": 4}}, roleArn=ROLE, inspectionLevel="DEBUG")
    assert json.loads(told["output"]) == {"a": {"n": 4}, "r": {"t": 8}}
    seen = {name: json.loads(value) for name, value in told["inspectionData"].items()}
    assert seen == {
        "input": {"a": {"n": 4}},
        "afterInputPath": {"a": {"n": 4}},
        "afterParameters": {"n": 4},
        "result": {"twice": 8},
        "afterResultSelector": {"t": 8},
    }
    lost = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:ssm:getParameter",
        "Parameters": {"Name": "none"},
    }
    told = attempt(states, lost, roleArn=ROLE)
    assert (told["status"], told["error"]) == ("FAILED", "Ssm.ParameterNotFoundException")


def test_an_error_is_tried_again_or_caught(states: Any) -> None:
    rule = {"ErrorEquals": ["E"], "IntervalSeconds": 4, "BackoffRate": 2, "MaxAttempts": 2}
    state = {
        "Type": "Task",
        "Resource": ACTIVITY,
        "Retry": [{"ErrorEquals": ["F"]}, rule],
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Mend"}],
        "Next": "Z",
    }
    mock = {"errorOutput": {"error": "E", "cause": "c"}}
    told = attempt(states, state, mock=mock, inspectionLevel="DEBUG")
    assert (told["status"], told["error"], told["cause"]) == ("RETRIABLE", "E", "c")
    again = told["inspectionData"]["errorDetails"]
    assert again == {"retryIndex": 1, "retryBackoffIntervalSeconds": 4}
    told = attempt(states, state, mock=mock, stateConfiguration={"retrierRetryCount": 2})
    assert (told["status"], told["nextState"]) == ("CAUGHT_ERROR", "Mend")
    assert json.loads(told["output"]) == {"Error": "E", "Cause": "c"}
    told = attempt(states, {**state, "Retry": [], "Catch": []}, mock=mock)
    assert (told["status"], told["error"]) == ("FAILED", "E")


def test_one_state_of_a_machine_with_variables_and_a_context(states: Any) -> None:
    inner = {
        "StartAt": "I",
        "States": {"I": {"Type": "Pass", "Output": "{% $k & $states.context.Execution.Name %}", "End": True}},
    }
    machine = {
        "QueryLanguage": "JSONata",
        "StartAt": "M",
        "States": {
            "M": {"Type": "Map", "ItemProcessor": inner, "Output": "{% $sum($states.result) %}", "End": True}
        },
    }
    context = json.dumps({"Execution": {"Name": "run"}})
    told = attempt(states, machine, stateName="I", variables='{"k": "x-"}', context=context)
    assert (told["status"], told["output"]) == ("SUCCEEDED", '"x-run"')
    told = attempt(states, machine, [1], stateName="M", mock={"result": "[3, 4]"}, inspectionLevel="DEBUG")
    assert told["output"] == "7"


@pytest.mark.parametrize(
    ("state", "more", "code"),
    [
        ({"Type": "Nap"}, {}, "InvalidDefinition"),
        ([], {}, "InvalidDefinition"),
        ({"Type": "Task", "Resource": ACTIVITY}, {"roleArn": ROLE}, "InvalidDefinition"),
        ({"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage"}, {}, "InvalidArn"),
        ({"Type": "Pass"}, {"input": "{"}, "InvalidExecutionInput"),
        ({"Type": "Pass"}, {"variables": "[]"}, "ValidationException"),
        ({"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}, {"stateName": "B"}, "InvalidDefinition"),
    ],
)
def test_what_cannot_be_tried_is_told(states: Any, state: Any, more: dict[str, Any], code: str) -> None:
    with pytest.raises(ClientError) as caught:
        states.test_state(**{"definition": json.dumps(state), **more})
    assert caught.value.response["Error"]["Code"] == code


def test_what_it_does_not_have_is_refused_by_name(states: Any) -> None:
    with pytest.raises(ClientError, match="mapIterationFailureCount"):
        attempt(states, {"Type": "Pass"}, stateConfiguration={"mapIterationFailureCount": 1})
