"""State machines that are made, started and waited for."""

from __future__ import annotations

import io
import itertools
import json
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

ROLE = "arn:aws:iam::111111111111:role/RopewayExecutionRole"
_names = itertools.count()


@dataclass
class Machines:
    """Makes machines and runs them to their end."""

    states: Any
    functions: Any

    def make(self, definition: dict[str, Any], **more: Any) -> str:
        """A machine's ARN."""
        made = self.states.create_state_machine(
            name=f"machine-{next(_names)}", definition=json.dumps(definition), roleArn=ROLE, **more
        )
        return str(made["stateMachineArn"])

    def start(self, definition: dict[str, Any], data: Any = None) -> str:
        """The ARN of a new machine's execution."""
        return str(
            self.states.start_execution(
                stateMachineArn=self.make(definition), input=json.dumps({} if data is None else data)
            )["executionArn"]
        )

    def run(self, definition: dict[str, Any], data: Any = None) -> dict[str, Any]:
        """How a new machine's execution ended; its output is read."""
        return self.ended(self.start(definition, data))

    def ended(self, arn: str) -> dict[str, Any]:
        """How an execution ended."""
        told: dict[str, Any] = self.until(arn, lambda told: told["status"] != "RUNNING")
        if "output" in told:
            told["output"] = json.loads(told["output"])
        return told

    def until(self, arn: str, there: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """An execution's description once it is as wanted."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            told: dict[str, Any] = self.states.describe_execution(executionArn=arn)
            if there(told):
                return told
            time.sleep(0.02)
        raise AssertionError(self.history(arn))

    def history(self, arn: str) -> list[dict[str, Any]]:
        """All events of an execution."""
        pages = self.states.get_paginator("get_execution_history").paginate(executionArn=arn)
        return [event for page in pages for event in page["events"]]

    def function(self, code: str) -> str:
        """The ARN of a new function with a handler of this code."""
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as target:
            target.writestr("app.py", code)
        made = self.functions.create_function(
            FunctionName=f"function-{next(_names)}",
            Runtime="python3.12",
            Role=ROLE,
            Handler="app.handler",
            Code={"ZipFile": archive.getvalue()},
        )
        return str(made["FunctionArn"])


@pytest.fixture
def machines(client: Callable[..., Any]) -> Machines:
    # StartSyncExecution has a host of its own, which a loopback address has not.
    return Machines(client("stepfunctions", config={"inject_host_prefix": False}), client("lambda"))
