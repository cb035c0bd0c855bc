"""Definitions of state machines are checked before they are kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

GOOD = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}


@pytest.fixture
def states(client: Callable[..., Any]) -> Any:
    return client("stepfunctions")


def test_a_good_definition_is_ok(states: Any) -> None:
    told = states.validate_state_machine_definition(definition=json.dumps(GOOD))
    assert (told["result"], told["diagnostics"], told["truncated"]) == ("OK", [], False)


def test_faults_are_told_with_their_place(states: Any) -> None:
    wrong = {"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}, "C": {"Type": "Nap"}}}
    told = states.validate_state_machine_definition(definition=json.dumps(wrong), maxResults=2)
    assert told["result"] == "FAIL"
    assert told["truncated"] is True
    assert [each["location"] for each in told["diagnostics"]] == ["/States/A/Next", "/States/C/Type"]


def test_a_machine_has_no_published_versions(states: Any) -> None:
    arn = states.create_state_machine(
        name="m", definition=json.dumps(GOOD), roleArn="arn:aws:iam::111111111111:role/m"
    )["stateMachineArn"]
    assert states.list_state_machine_versions(stateMachineArn=arn)["stateMachineVersions"] == []
    with pytest.raises(ClientError, match="StateMachineDoesNotExist"):
        states.list_state_machine_versions(stateMachineArn=arn + "x")
    with pytest.raises(ClientError, match="does not implement stepfunctions PublishStateMachineVersion"):
        states.publish_state_machine_version(stateMachineArn=arn)
