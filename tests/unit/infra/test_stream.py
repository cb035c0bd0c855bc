"""What is read from Terraform's JSON stream. The lines are Terraform 1.11's, shortened."""

from __future__ import annotations

import json
from typing import Any

from ropeway.infra.stream import Change, Reading, Summary


def hook(kind: str, address: str, action: str, seconds: float = 0) -> dict[str, Any]:
    resource = {"addr": address, "resource_type": address.split(".")[0]}
    return {"type": kind, "hook": {"resource": resource, "action": action, "elapsed_seconds": seconds}}


def planned(address: str, action: str, **more: str) -> dict[str, Any]:
    return {
        "type": "planned_change",
        "change": {"resource": {"addr": address, "resource_type": "aws_x"}, "action": action, **more},
    }


def read(*messages: dict[str, Any]) -> tuple[Reading, list[str]]:
    reading = Reading()
    told = [reading.feed(json.dumps(message)) for message in messages]
    return reading, [line for line in told if line]


def test_a_plan_is_read() -> None:
    reading, told = read(
        {"type": "version", "terraform": "1.11.4"},
        {"type": "refresh_complete", "hook": {}},
        planned("aws_x.a", "create"),
        planned("aws_x.b", "replace", reason="cannot_update"),
        {"type": "change_summary", "changes": {"add": 2, "change": 0, "remove": 1, "operation": "plan"}},
        {"type": "outputs", "outputs": {"o": {"action": "create"}, "p": {"action": "noop"}}},
    )
    assert reading.version == "1.11.4"
    assert reading.refreshed == 1
    assert reading.changes[1] == Change("aws_x.b", "replace", "aws_x", "cannot_update")
    assert reading.planned == Summary(2, 0, 1)
    assert reading.planned.total == 3
    assert reading.outputs_change
    assert told == []


def test_before_the_summary_changes_are_counted() -> None:
    reading, _ = read(planned("aws_x.a", "replace"), planned("aws_x.b", "update"), planned("aws_x.c", "read"))
    assert reading.planned == Summary(1, 1, 1)


def test_an_apply_is_followed() -> None:
    reading, told = read(
        hook("apply_start", "aws_x.a", "create"),
        hook("apply_start", "aws_x.b", "delete"),
        hook("apply_progress", "aws_x.a", "create", 10),
        hook("apply_complete", "aws_x.b", "delete", 2),
        hook("apply_start", "data.aws_y.c", "read"),
        hook("apply_complete", "data.aws_y.c", "read"),
    )
    assert reading.running == {"aws_x.a": ("create", 10.0)}
    assert reading.done == 1
    assert told == ["deleted aws_x.b (2 s)"]


def test_a_failure_is_told_with_its_diagnostic() -> None:
    reading, told = read(
        hook("apply_start", "aws_x.a", "create"),
        hook("apply_errored", "aws_x.a", "create"),
        {"type": "diagnostic", "diagnostic": {"severity": "error", "summary": "no", "address": "aws_x.a"}},
        {"type": "diagnostic", "diagnostic": {"severity": "warning", "summary": "old"}},
    )
    assert told == ["could not create aws_x.a"]
    assert reading.failed == 1
    assert [each.summary for each in reading.errors] == ["no"]


def test_what_is_not_understood_is_passed_over() -> None:
    reading, told = read({"type": "ephemeral_op_start"}, {})
    for line in ("plain text", "[1]", '"x"', ""):
        assert reading.feed(line) is None
    assert reading == Reading()
    assert told == []
