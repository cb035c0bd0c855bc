"""A Map Run goes on when the server is ended and started again: nothing runs twice, nothing is left out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import boto3

from ropeway.sandbox.server import Server
from tests.sandbox.stepfunctions.conftest import Machines

ROLE = "arn:aws:iam::111111111111:role/RopewayExecutionRole"


def client(server: Server) -> Any:
    return boto3.client(
        "stepfunctions",
        "eu-west-1",
        endpoint_url=server.endpoint,
        aws_access_key_id="111111111111",
        aws_secret_access_key="x",
    )


def test_children_and_run_go_on_after_a_restart(tmp_path: Path) -> None:
    first = Server(tmp_path, port=0)
    first.start()
    states = client(first)
    activity = states.create_activity(name="worker")["activityArn"]
    config = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    work = {"Type": "Task", "Resource": activity, "End": True}
    inner = {"ProcessorConfig": config, "StartAt": "T", "States": {"T": work}}
    state = {"Type": "Map", "MaxConcurrency": 2, "ItemProcessor": inner, "End": True}
    machine = states.create_state_machine(
        name="m", roleArn=ROLE, definition=json.dumps({"StartAt": "M", "States": {"M": state}})
    )["stateMachineArn"]
    arn = states.start_execution(stateMachineArn=machine, input="[1, 2, 3, 4]")["executionArn"]
    done = states.get_activity_task(activityArn=activity)
    states.send_task_success(taskToken=done["taskToken"], output='"done"')
    seen = [done["input"]]
    held = states.get_activity_task(activityArn=activity)  # a worker has it over the restart
    seen.append(held["input"])
    first.stop()

    second = Server(tmp_path, port=0)
    second.start()
    try:
        states = client(second)
        states.send_task_success(taskToken=held["taskToken"], output='"held"')
        while len(seen) < 4:
            task = states.get_activity_task(activityArn=activity)
            seen.append(task["input"])
            states.send_task_success(taskToken=task["taskToken"], output='"later"')
        told = Machines(states, None).ended(arn)
        assert sorted(seen) == ["1", "2", "3", "4"]
        assert (told["status"], sorted(told["output"])) == ("SUCCEEDED", ["done", "held", "later", "later"])
        (run,) = states.list_map_runs(executionArn=arn)["mapRuns"]
        counts = states.describe_map_run(mapRunArn=run["mapRunArn"])["executionCounts"]
        assert (counts["succeeded"], counts["total"]) == (4, 4)
    finally:
        second.stop()
