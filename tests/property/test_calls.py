"""Two thousand random calls at everything that Ropeway owns: no fault of ours, and nothing that cannot be told."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import pytest

from ropeway.sandbox.edge.chain import OWNED
from ropeway.sandbox.operations.registry import owned
from ropeway.sandbox.operations.service_models import service_model
from tests.property.caller import UNREADABLE, Answer, Caller, running
from tests.property.generate import Generator

_HERE = {"LocationConstraint": "eu-west-1"}
_READS = ("Describe", "List", "Get", "Search", "Head", "BatchDescribe", "BatchGet", "Query")
# They call out, or wait for what they start.
_LEFT_OUT = {
    ("lambda", "InvokeAsync"),
    ("stepfunctions", "GetActivityTask"),
    ("stepfunctions", "StartSyncExecution"),
}


def operations() -> list[tuple[str, str]]:
    return [
        (service, name)
        for service in sorted(OWNED)
        for name in owned(service)
        if (service, name) not in _LEFT_OUT
    ]


def faults(service: str, name: str, params: dict[str, Any], answer: Answer) -> list[str]:
    """What is wrong with an answer."""
    refused = answer.status == 501 and answer.code == "NotImplementedException"
    shown = json.dumps(params, default=repr)[:1500]
    if answer.status >= 500 and not refused:
        return [f"{service} {name} {shown}: {answer.status} {answer.body[:500]!r}"]
    if answer.code == UNREADABLE:
        return [f"{service} {name} {shown}: unreadable: {answer.body[:500]!r}"]
    if b"<html" in answer.body[:200].lower():
        return [f"{service} {name} {shown}: HTML"]
    if answer.status >= 400 and not answer.code and answer.body:
        return [f"{service} {name} {shown}: {answer.status} without a code: {answer.body[:300]!r}"]
    return []


class Thrower:
    """Throws random calls and keeps what was wrong with the answers."""

    def __init__(self, call: Caller, seed: int) -> None:
        self.wrong: list[str] = []
        self._call = call
        self._generator = Generator(seed)
        self._source = self._generator.source
        self._table = operations()

    def throw(self, count: int) -> None:
        """What makes things, then random calls, then every call, about everything that was seen."""
        for service, name in 2 * self._table:  # twice: what is made first is what others need
            if name.startswith("Create"):
                any(200 <= self._send(service, name, faulty=False) < 300 for _ in range(3))
        sent = 0
        while sent < count:
            service, name = self._source.choice(self._table)
            if name != "DeleteBucket" or self._source.random() < 0.1:
                sent += self._send(service, name, faulty=self._source.random() < 0.5) > 0
        for service, name in self._table:
            for _ in range(3 if name.startswith(_READS) else 0):
                self._send(service, name, faulty=False)

    def _send(self, service: str, name: str, *, faulty: bool) -> int:
        """One call; its status, 0 when it could not be sent."""
        params = self._generator.request(service_model(service).operation_model(name), faulty=faulty)
        answer = self._call(service, name, params)
        if answer is None:
            return 0
        self.wrong += faults(service, name, params, answer)
        if answer.status < 300:
            self._generator.remember(answer.parsed)
            self._generator.remember({key: value for key, value in params.items() if isinstance(value, str)})
        return answer.status


@pytest.mark.parametrize("seed", [1, 2])
def test_no_call_is_a_fault_of_the_sandbox(
    tmp_path: Path, seed: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    with running(tmp_path) as call:
        call("s3", "CreateBucket", {"Bucket": "bucket-1", "CreateBucketConfiguration": _HERE})
        thrower = Thrower(call, seed)
        thrower.throw(1000)
        assert thrower.wrong == []
