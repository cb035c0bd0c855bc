"""Executions write what happened to the log group of their machine."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

Client = Callable[..., Any]
GROUP = "/aws/vendedlogs/states/{}"
BREAKS = {
    "StartAt": "Pass",
    "States": {
        "Pass": {"Type": "Pass", "Next": "Break"},
        "Break": {"Type": "Fail", "Error": "Broken", "Cause": "on purpose"},
    },
}


def logging(client: Client, name: str, level: str, **more: Any) -> dict[str, Any]:
    """A LoggingConfiguration with a group of its own."""
    group = GROUP.format(name)
    client("logs").create_log_group(logGroupName=group)
    arn = f"arn:aws:logs:eu-west-1:111111111111:log-group:{group}:*"
    return {"level": level, "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": arn}}], **more}


def told(client: Client, name: str, last: str) -> list[dict[str, Any]]:
    """The lines of a group once an event of some type is among them."""
    deadline = time.monotonic() + 30
    while True:
        events = client("logs").filter_log_events(logGroupName=GROUP.format(name))["events"]
        lines = [json.loads(event["message"]) for event in events]
        if any(line["type"] == last for line in lines):
            return lines
        assert time.monotonic() < deadline, lines
        time.sleep(0.05)


@pytest.mark.parametrize("kind", ["STANDARD", "EXPRESS"])
def test_level_all_tells_the_whole_history(client: Client, machines: Any, kind: str) -> None:
    settings = logging(client, f"all-{kind}", "ALL", includeExecutionData=True)
    arn = machines.make(BREAKS, loggingConfiguration=settings, type=kind)
    run = machines.states.start_execution(stateMachineArn=arn, input='{"n": 1}')["executionArn"]
    lines = told(client, f"all-{kind}", "ExecutionFailed")
    assert [(line["id"], line["previous_event_id"], line["type"]) for line in lines] == [
        ("1", "0", "ExecutionStarted"),
        ("2", "1", "PassStateEntered"),
        ("3", "2", "PassStateExited"),
        ("4", "3", "FailStateEntered"),
        ("5", "4", "ExecutionFailed"),
    ]
    assert {(line["execution_arn"], line["redrive_count"]) for line in lines} == {(run, "0")}
    assert json.loads(lines[1]["details"]["input"]) == {"n": 1}
    assert lines[1]["details"]["inputDetails"] == {"truncated": False}
    assert lines[-1]["details"] == {"error": "Broken", "cause": "on purpose"}
    (stream,) = client("logs").describe_log_streams(logGroupName=GROUP.format(f"all-{kind}"))["logStreams"]
    assert stream["logStreamName"].startswith(f"states/{arn.rpartition(':')[2]}/20")


@pytest.mark.parametrize(
    ("level", "types"),
    [("ERROR", ["FailStateEntered", "ExecutionFailed"]), ("FATAL", ["ExecutionFailed"])],
)
def test_levels_tell_failures_without_data(
    client: Client, machines: Any, level: str, types: list[str]
) -> None:
    arn = machines.make(BREAKS, loggingConfiguration=logging(client, level, level))
    machines.states.start_execution(stateMachineArn=arn, input='{"n": 1}')
    lines = told(client, level, "ExecutionFailed")
    assert [line["type"] for line in lines] == types
    assert not any("input" in line["details"] for line in lines)


def test_a_machine_starts_to_tell_when_it_is_changed(client: Client, machines: Any) -> None:
    settings = logging(client, "changed", "ALL")
    arn = machines.make(BREAKS, loggingConfiguration={**settings, "level": "OFF"})
    first = machines.states.start_execution(stateMachineArn=arn)["executionArn"]
    machines.ended(first)
    machines.states.update_state_machine(stateMachineArn=arn, loggingConfiguration=settings)
    second = machines.states.start_execution(stateMachineArn=arn)["executionArn"]
    lines = told(client, "changed", "ExecutionFailed")
    assert {line["execution_arn"] for line in lines} == {second}


def test_a_group_that_is_gone_stops_no_execution(client: Client, machines: Any) -> None:
    settings = logging(client, "gone", "ALL")
    client("logs").delete_log_group(logGroupName=GROUP.format("gone"))
    arn = machines.make(BREAKS, loggingConfiguration=settings)
    ended = machines.ended(machines.states.start_execution(stateMachineArn=arn)["executionArn"])
    assert ended["status"] == "FAILED"


def test_a_group_without_its_star_is_refused(machines: Any) -> None:
    arn = "arn:aws:logs:eu-west-1:111111111111:log-group:/aws/vendedlogs/states/x"
    for settings in (
        {"level": "ALL"},
        {"level": "ALL", "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": arn}}]},
    ):
        with pytest.raises(machines.states.exceptions.InvalidLoggingConfiguration):
            machines.make(BREAKS, loggingConfiguration=settings)
