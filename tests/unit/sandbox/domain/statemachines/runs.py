"""Runs a machine's definition without a sandbox: tasks are answered by a function, waits pass at once."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Mapping
from typing import Any

from ropeway.sandbox.domain.statemachines import walk
from ropeway.sandbox.domain.statemachines.errors import StateError
from ropeway.sandbox.domain.statemachines.model import RUNNING, Execution
from ropeway.sandbox.domain.statemachines.sheet import Sheet, Start

MACHINE = "arn:aws:states:eu-west-1:111111111111:stateMachine:m"
TASK = "arn:aws:lambda:eu-west-1:111111111111:function:f"
START = 1_000_000.0

Answer = Callable[[Start], Any]


def sheet_of(definition: Mapping[str, Any], data: Any = None) -> Sheet:
    """An execution that has begun."""
    numbers = itertools.count()
    execution = Execution(
        arn=MACHINE.replace("stateMachine", "execution") + ":e",
        machine_arn=MACHINE,
        called="",
        name="e",
        type="STANDARD",
        definition=json.dumps(definition),
        role_arn="arn:aws:iam::111111111111:role/r",
        revision="r",
        input=json.dumps({} if data is None else data),
        started=START,
    )
    sheet = Sheet(execution, {}, START, lambda: f"token-{next(numbers)}")
    walk.begin(sheet)
    return sheet


def finish(sheet: Sheet, answer: Answer | None = None) -> Sheet:
    """Answer tasks, oldest first, and let time pass, until the execution has ended."""
    while sheet.execution.status == RUNNING:
        if sheet.ready:
            walk.proceed(sheet)
            continue
        if sheet.starts:
            start = sheet.starts.pop(0)
            if answer is None:
                raise AssertionError(f"nobody answers {start}")
            try:
                result = answer(start)
            except StateError as error:
                walk.fail(sheet, start.number, start.token, error)
            else:
                walk.settle(sheet, start.number, start.token, result)
            continue
        sheet.now = min(frame.due for frame in sheet.frames.values() if frame.due is not None)
        for number in list(sheet.frames):
            walk.ring(sheet, number)
    return sheet


def run(definition: Mapping[str, Any], data: Any = None, answer: Answer | None = None) -> Any:
    """The output of a machine that succeeds."""
    sheet = finish(sheet_of(definition, data), answer)
    assert sheet.execution.status == "SUCCEEDED", (sheet.execution.error, sheet.execution.cause)
    return json.loads(sheet.execution.output or "null")


def failure(definition: Mapping[str, Any], data: Any = None, answer: Answer | None = None) -> StateError:
    """The error of a machine that fails."""
    execution = finish(sheet_of(definition, data), answer).execution
    assert execution.status == "FAILED", execution.output
    return StateError(execution.error, execution.cause)


def only(state: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """A machine of one state that ends."""
    end = {} if state["Type"] in {"Succeed", "Fail"} else {"End": True}
    return {"StartAt": "A", "States": {"A": {**end, **state}}, **more}
