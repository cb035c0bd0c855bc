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

_READS = ("Describe", "List", "Get", "Search", "Head", "BatchDescribe", "BatchGet", "Query")
# They call out, or wait for what they start.
_LEFT_OUT = {("lambda", "InvokeAsync")}


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


def throw(call: Caller, seed: int, count: int) -> list[str]:
    """Random calls, then every call that reads, about everything that was seen."""
    generator = Generator(seed)
    wrong: list[str] = []
    table = operations()
    sent = 0
    while sent < count:
        service, name = generator.source.choice(table)
        operation = service_model(service).operation_model(name)
        params = generator.request(operation, faulty=generator.source.random() < 0.5)
        answer = call(service, name, params)
        if answer is None:
            continue
        sent += 1
        wrong += faults(service, name, params, answer)
        if answer.status < 300:
            generator.remember(answer.parsed)
            generator.remember({key: value for key, value in params.items() if isinstance(value, str)})
    for service, name in table:
        if name.startswith(_READS):
            operation = service_model(service).operation_model(name)
            for _ in range(3):
                params = generator.request(operation, faulty=False)
                answer = call(service, name, params)
                if answer is not None:
                    wrong += faults(service, name, params, answer)
    return wrong


@pytest.mark.parametrize("seed", [1, 2])
def test_no_call_is_a_fault_of_the_sandbox(
    tmp_path: Path, seed: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    with running(tmp_path) as call:
        call("s3", "CreateBucket", {"Bucket": "bucket-1"})
        assert throw(call, seed, 1000) == []
