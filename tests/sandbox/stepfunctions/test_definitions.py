"""Definitions of state machines are checked before they are kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.stepfunctions.conftest import ROLE, Machines

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


def test_versions_and_aliases_choose_what_runs(machines: Machines) -> None:
    states = machines.states
    arn = machines.make({"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": 1, "End": True}}})
    assert states.list_state_machine_versions(stateMachineArn=arn)["stateMachineVersions"] == []
    first = states.publish_state_machine_version(stateMachineArn=arn)["stateMachineVersionArn"]
    assert states.publish_state_machine_version(stateMachineArn=arn)["stateMachineVersionArn"] == first
    second = states.update_state_machine(
        stateMachineArn=arn,
        definition=json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": 2, "End": True}}}),
        publish=True,
    )["stateMachineVersionArn"]
    listed = states.list_state_machine_versions(stateMachineArn=arn)["stateMachineVersions"]
    assert [each["stateMachineVersionArn"] for each in listed] == [second, first]
    alias = states.create_state_machine_alias(
        name="live", routingConfiguration=[{"stateMachineVersionArn": first, "weight": 100}]
    )["stateMachineAliasArn"]

    def output(called: str) -> Any:
        started = states.start_execution(stateMachineArn=called)["executionArn"]
        return machines.ended(started)["output"]

    assert (output(arn), output(first), output(alias)) == (2, 1, 1)
    with pytest.raises(ClientError, match="must not be referenced by an alias"):
        states.delete_state_machine_version(stateMachineVersionArn=first)
    states.update_state_machine_alias(
        stateMachineAliasArn=alias, routingConfiguration=[{"stateMachineVersionArn": second, "weight": 100}]
    )
    assert output(alias) == 2
    (run,) = states.list_executions(stateMachineArn=second)["executions"]
    assert (run["stateMachineVersionArn"], run["stateMachineAliasArn"]) == (second, alias)
    assert len(states.list_executions(stateMachineArn=alias)["executions"]) == 2
    assert len(states.list_executions(stateMachineArn=arn, redriveFilter="NOT_REDRIVEN")["executions"]) == 4
    assert states.list_executions(stateMachineArn=arn, redriveFilter="REDRIVEN")["executions"] == []
    told = states.describe_state_machine_alias(stateMachineAliasArn=alias)
    assert told["routingConfiguration"] == [{"stateMachineVersionArn": second, "weight": 100}]
    assert len(states.list_state_machine_aliases(stateMachineArn=arn)["stateMachineAliases"]) == 1
    states.delete_state_machine_version(stateMachineVersionArn=first)
    states.delete_state_machine_alias(stateMachineAliasArn=alias)
    with pytest.raises(ClientError, match="ResourceNotFound"):
        states.describe_state_machine_alias(stateMachineAliasArn=alias)
    states.delete_state_machine_version(stateMachineVersionArn=second)
    assert states.publish_state_machine_version(stateMachineArn=arn)["stateMachineVersionArn"] == f"{arn}:3"
    with pytest.raises(ClientError, match="StateMachineDoesNotExist"):
        states.list_state_machine_versions(stateMachineArn=arn + "x")


def test_a_machine_is_kept_as_sent(machines: Machines) -> None:
    states = machines.states
    logging = {"level": "OFF", "includeExecutionData": True, "destinations": []}
    arn = machines.make(GOOD, loggingConfiguration=logging, tags=[{"key": "a", "value": "b"}])
    told = states.describe_state_machine(stateMachineArn=arn)
    assert (json.loads(told["definition"]), told["loggingConfiguration"]) == (GOOD, logging)
    assert (told["status"], told["type"]) == ("ACTIVE", "STANDARD")
    states.tag_resource(resourceArn=arn, tags=[{"key": "c", "value": "d"}])
    states.untag_resource(resourceArn=arn, tagKeys=["a"])
    assert states.list_tags_for_resource(resourceArn=arn)["tags"] == [{"key": "c", "value": "d"}]
    assert arn in [each["stateMachineArn"] for each in states.list_state_machines()["stateMachines"]]
    run = machines.ended(states.start_execution(stateMachineArn=arn)["executionArn"])
    states.update_state_machine(
        stateMachineArn=arn, definition=json.dumps({**GOOD, "Comment": "new"}), roleArn=ROLE + "2"
    )
    before = states.describe_state_machine_for_execution(executionArn=run["executionArn"])
    assert (json.loads(before["definition"]), before["roleArn"]) == (GOOD, ROLE)
    with pytest.raises(ClientError, match="StateMachineAlreadyExists"):
        states.create_state_machine(name=arn.rpartition(":")[2], definition=json.dumps(GOOD), roleArn=ROLE)
    with pytest.raises(ClientError, match="InvalidArn"):
        states.create_state_machine(name="r", definition=json.dumps(GOOD), roleArn="me")
    states.delete_state_machine(stateMachineArn=arn)
    with pytest.raises(ClientError, match="StateMachineDoesNotExist"):
        states.describe_state_machine(stateMachineArn=arn)


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ({"Type": "Task", "Resource": "arn:aws:states:::telegraph:send"}, "is not recognized"),
        ({"Type": "Task", "Resource": "arn:aws:states:::sns:publish.sync"}, "cannot be waited for"),
        ({"Type": "Pass", "Parameters": {"a.$": "b"}}, "is not a valid path"),
        ({"Type": "Pass", "Parameters": {"a.$": "States.Sum(1)"}}, "no intrinsic function"),
        ({"Type": "Pass", "Output": 1}, "only supported for the .JSONata. QueryLanguage"),
        ({"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% 1 + %}"}, "is not valid"),
        (
            {"Type": "Map", "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED"}, **GOOD}},
            "ExecutionType must be STANDARD or EXPRESS",
        ),
    ],
)
def test_what_cannot_run_is_refused_at_creation(
    machines: Machines, state: dict[str, Any], reason: str
) -> None:
    with pytest.raises(ClientError, match=reason) as caught:
        machines.make({"StartAt": "A", "States": {"A": {**state, "End": True}}})
    assert caught.value.response["Error"]["Code"] == "InvalidDefinition"


def test_history_comes_in_pages_in_both_directions(machines: Machines) -> None:
    run = machines.run(GOOD)
    states, arn = machines.states, run["executionArn"]
    whole = [event["id"] for event in machines.history(arn)]
    assert whole == [1, 2, 3, 4]
    page = states.get_execution_history(executionArn=arn, maxResults=3, reverseOrder=True)
    rest = states.get_execution_history(executionArn=arn, reverseOrder=True, nextToken=page["nextToken"])
    assert [event["id"] for event in page["events"] + rest["events"]] == [4, 3, 2, 1]
    bare = states.get_execution_history(executionArn=arn, includeExecutionData=False)["events"]
    assert "input" not in bare[0]["executionStartedEventDetails"]


def test_an_alias_is_made_once_and_needs_versions(machines: Machines) -> None:
    states = machines.states
    version = states.create_state_machine(
        name="aliased", definition=json.dumps(GOOD), roleArn=ROLE, publish=True
    )["stateMachineVersionArn"]
    routes = [{"stateMachineVersionArn": version, "weight": 100}]
    made = states.create_state_machine_alias(name="live", routingConfiguration=routes)
    again = states.create_state_machine_alias(name="live", routingConfiguration=routes)
    assert again["creationDate"] == made["creationDate"]
    for wrong, code in (
        ({"name": "live", "description": "other"}, "ConflictException"),
        (
            {"routingConfiguration": [{"stateMachineVersionArn": f"{version}9", "weight": 100}]},
            "ResourceNotFound",
        ),
        (
            {"routingConfiguration": [{"stateMachineVersionArn": version[:-2], "weight": 100}]},
            "ValidationException",
        ),
        (
            {"routingConfiguration": [{"stateMachineVersionArn": version, "weight": 99}]},
            "ValidationException",
        ),
    ):
        with pytest.raises(ClientError) as caught:
            states.create_state_machine_alias(**{"name": "new", "routingConfiguration": routes, **wrong})
        assert caught.value.response["Error"]["Code"] == code
    with pytest.raises(ClientError, match="ResourceNotFound"):
        states.delete_state_machine_alias(stateMachineAliasArn=f"{version[:-2]}:none")


def test_the_same_machine_again_is_none_and_nothing_is_no_change(machines: Machines) -> None:
    states, text = machines.states, json.dumps(GOOD)
    arn = states.create_state_machine(name="same", definition=text, roleArn=ROLE)["stateMachineArn"]
    again = states.create_state_machine(name="same", definition=text, roleArn=ROLE + "2")
    assert again["stateMachineArn"] == arn
    assert states.describe_state_machine(stateMachineArn=arn)["roleArn"] == ROLE
    with pytest.raises(ClientError, match="StateMachineAlreadyExists"):
        states.create_state_machine(
            name="same", definition=text, roleArn=ROLE, tracingConfiguration={"enabled": True}
        )
    with pytest.raises(ClientError, match="MissingRequiredParameter"):
        states.update_state_machine(stateMachineArn=arn)


def test_tokens_of_another_kind_are_told_from_late_ones(machines: Machines) -> None:
    for token, code in (("x", "InvalidToken"), ("x" * 64, "TaskTimedOut")):
        with pytest.raises(ClientError, match=code):
            machines.states.send_task_heartbeat(taskToken=token)


def test_a_task_that_was_deleted_with_its_machine_is_offered_to_nobody(machines: Machines) -> None:
    states = machines.states
    activity = states.create_activity(name="left")["activityArn"]
    work = {"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": activity, "End": True}}}
    states.delete_state_machine(
        stateMachineArn=states.describe_execution(executionArn=machines.start(work))["stateMachineArn"]
    )
    machines.start(work, {"second": True})
    assert json.loads(states.get_activity_task(activityArn=activity)["input"]) == {"second": True}
