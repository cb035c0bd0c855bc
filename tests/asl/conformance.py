"""Runs the conformance cases of the Amazon States Language at any Step Functions endpoint.

A case makes a machine, starts it, answers its tasks as an activity's worker, and compares how it ends. Nothing but Step
Functions is used. ``README.md`` beside this file tells what a case holds.
"""

from __future__ import annotations

import json
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

__all__ = ["Case", "Runner", "load", "report", "same"]

_CASES = Path(__file__).parent / "cases"
_ACTIVITY = "${activity}"
_LONGEST = 40.0
_ENDED = {"SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"}


@dataclass(frozen=True)
class Case:
    """One case.

    Attributes:
        group: the file that it is in.
        machine: the definition; ``${activity}`` stands for the activity that its tasks name.
        tasks: what the worker gets and answers, in order.
        expect: how it ends.
    """

    group: str
    name: str
    machine: Mapping[str, Any]
    input: Any
    tasks: Sequence[Mapping[str, Any]]
    expect: Mapping[str, Any]


def load(group: str | None = None) -> list[Case]:
    """The cases of a group, or all."""
    found: list[Case] = []
    for path in sorted(_CASES.glob(f"{group or '*'}.json")):
        for entry in json.loads(path.read_text(encoding="utf-8")):
            machine = entry["machine"] if "machine" in entry else _of_one(entry["state"])
            told = (entry.get("input", {}), entry.get("tasks", []), entry["expect"])
            found.append(Case(path.stem, entry["name"], machine, *told))
    return found


def _of_one(state: Mapping[str, Any]) -> dict[str, Any]:
    end = {} if state["Type"] in {"Succeed", "Fail"} else {"End": True}
    return {"StartAt": "A", "States": {"A": {**state, **end}}}


def report(cases: Sequence[Case], wrong: Mapping[str, int]) -> None:
    """Write how many cases of each group went as told; ``wrong`` counts the others."""
    for group, count in Counter(case.group for case in cases).items():
        sys.stdout.write(f"{group:12} {count - wrong.get(group, 0):4} of {count}\n")
    sys.stdout.write(f"{'all':12} {len(cases) - sum(wrong.values()):4} of {len(cases)}\n")


def same(one: Any, other: Any) -> bool:
    """Whether two JSON values are the same: 1 is 1.0 and not true."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return (type(one) is type(other) and one == other) or _numbers(one, other)


def _numbers(one: Any, other: Any) -> bool:
    return isinstance(one, int | float) and isinstance(other, int | float) and one == other


class Runner:
    """Runs cases.

    Args:
        client: of Step Functions.
        role: the ARN of the machines' role.
        pause: seconds between two looks at an execution.
        longest: seconds that an execution may take.
    """

    def __init__(self, client: Any, role: str, pause: float = 0.05, longest: float = _LONGEST) -> None:
        self._client = client
        self._role = role
        self._pause = pause
        self._longest = longest

    def run_all(self, cases: Sequence[Case], parallel: int = 8) -> list[tuple[Case, str]]:
        """Run cases; those that went otherwise than told, each with how."""
        with ThreadPoolExecutor(parallel) as pool:
            results = list(pool.map(self.run, cases))
        return [(case, told) for case, told in zip(cases, results, strict=True) if told]

    def run(self, case: Case) -> str:
        """Run a case; what was otherwise than expected, or nothing."""
        name = f"asl-{uuid.uuid4().hex[:16]}"
        try:
            return self._made(case, name)
        except (ClientError, BotoCoreError) as error:
            return str(error)
        except (ValueError, KeyError, TypeError) as error:
            return f"an answer that is none: {error!r}"

    def _made(self, case: Case, name: str) -> str:
        activity = self._client.create_activity(name=name)["activityArn"] if case.tasks else ""
        text = json.dumps(case.machine).replace(_ACTIVITY, activity or _unused(self._role))
        try:
            made = self._client.create_state_machine(name=name, definition=text, roleArn=self._role)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            return "" if code == case.expect.get("refused") else f"refused: {error}"
        try:
            if "refused" in case.expect:
                return "the machine was taken"
            return self._ran(case, made["stateMachineArn"], activity)
        finally:
            self._client.delete_state_machine(stateMachineArn=made["stateMachineArn"])
            if activity:
                self._client.delete_activity(activityArn=activity)

    def _ran(self, case: Case, machine: str, activity: str) -> str:
        wrong: list[str] = []
        started = self._client.start_execution(stateMachineArn=machine, input=json.dumps(case.input))
        worker = threading.Thread(target=self._work, args=(case, activity, wrong), daemon=True)
        worker.start()
        until = time.monotonic() + self._longest
        while True:
            told = self._client.describe_execution(executionArn=started["executionArn"])
            if told["status"] in _ENDED:
                break
            if time.monotonic() > until:
                self._client.stop_execution(executionArn=started["executionArn"])
                return f"still {told['status']} after {self._longest:g} seconds"
            time.sleep(self._pause)
        return "; ".join([*wrong, *self._compared(case, told)])

    def _work(self, case: Case, activity: str, wrong: list[str]) -> None:
        try:
            for task in case.tasks:
                given = self._client.get_activity_task(activityArn=activity)
                if not given.get("taskToken"):
                    return
                token = given["taskToken"]
                if "input" in task and not same(json.loads(given["input"]), task["input"]):
                    wrong.append(f"a task got {given['input']}, not {json.dumps(task['input'])}")
                if "error" in task:
                    self._client.send_task_failure(
                        taskToken=token, error=task["error"], cause=task.get("cause", "")
                    )
                elif "output" in task:
                    self._client.send_task_success(taskToken=token, output=json.dumps(task["output"]))
        except (ClientError, BotoCoreError) as error:
            wrong.append(f"a task: {error}")

    def _compared(self, case: Case, told: Mapping[str, Any]) -> list[str]:
        expect = case.expect
        wrong = [
            f"{name} is {told.get(name)!r}, not {expect[name]!r}"
            for name in ("status", "error", "cause")
            if name in expect and told.get(name) not in _listed(expect[name])
        ]
        if wrong:
            return [*wrong, f"({told.get('error')}: {told.get('cause')})"] if "error" in told else wrong
        if "output" in expect and not same(json.loads(told["output"]), expect["output"]):
            wrong.append(f"output is {told['output']}, not {json.dumps(expect['output'])}")
        if "history" in expect:
            found = self._client.get_execution_history(executionArn=told["executionArn"])
            kinds = [event["type"] for event in found["events"]]
            if kinds != expect["history"]:
                wrong.append(f"history is {kinds}")
        return wrong


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _unused(role: str) -> str:
    """An activity's ARN for machines whose tasks never run."""
    return f"arn:aws:states:eu-west-1:{role.split(':')[4]}:activity:unused"
