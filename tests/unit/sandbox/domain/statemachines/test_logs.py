"""Which events a level takes, and what a line of a log looks like."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.domain.logs import LogPlace
from ropeway.sandbox.domain.statemachines.logs import ExecutionLogs, check_logging, line, wanted
from ropeway.sandbox.domain.statemachines.model import Event, Execution, Machine
from tests.fakes.clock import FakeClock

ARN = "arn:aws:states:eu-west-1:111111111111:stateMachine:m"
GROUP = "arn:aws:logs:eu-west-1:111111111111:log-group:/aws/vendedlogs/states/m:*"
RUN = Execution(
    arn="arn:aws:states:eu-west-1:111111111111:execution:m:one",
    machine_arn=ARN,
    called=ARN,
    name="one",
    type="STANDARD",
    definition="{}",
    role_arn="r",
    revision="",
    input="{}",
    started=0.0,
    redrives=2,
)
ENTERED = Event(
    7,
    6,
    1.5,
    "PassStateEntered",
    {"stateEnteredEventDetails": {"name": "A", "input": "{}", "inputDetails": {"truncated": False}}},
)
FAILED = Event(9, 8, 2.0, "ExecutionFailed", {"executionFailedEventDetails": {"error": "e", "cause": "c"}})


def settings(level: str = "ALL", group: str = GROUP, **more: Any) -> dict[str, Any]:
    return {"level": level, "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": group}}], **more}


@pytest.mark.parametrize(
    ("kind", "levels"),
    [
        ("ExecutionStarted", "ALL"),
        ("TaskSucceeded", "ALL"),
        ("MapIterationStarted", "ALL"),
        ("TaskFailed", "ALL ERROR"),
        ("TaskTimedOut", "ALL ERROR"),
        ("LambdaFunctionScheduleFailed", "ALL ERROR"),
        ("ParallelStateAborted", "ALL ERROR"),
        ("MapIterationFailed", "ALL ERROR"),
        ("FailStateEntered", "ALL ERROR"),
        ("ExecutionFailed", "ALL ERROR FATAL"),
        ("ExecutionTimedOut", "ALL ERROR FATAL"),
        ("ExecutionAborted", "ALL ERROR FATAL"),
        ("ExecutionSucceeded", "ALL"),
    ],
)
def test_levels_take_what_the_guide_says(kind: str, levels: str) -> None:
    assert [level for level in ("ALL", "ERROR", "FATAL", "OFF") if wanted(level, kind)] == levels.split()


def test_a_line_has_the_event() -> None:
    assert line(RUN, ENTERED, whole=True) == {
        "id": "7",
        "type": "PassStateEntered",
        "details": {"name": "A", "input": "{}", "inputDetails": {"truncated": False}},
        "redrive_count": "2",
        "previous_event_id": "6",
        "event_timestamp": "1500",
        "execution_arn": RUN.arn,
    }
    assert line(RUN, ENTERED, whole=False)["details"] == {"name": "A"}
    assert line(RUN, FAILED, whole=False)["details"] == {"error": "e", "cause": "c"}


class Sink:
    """Keeps lines."""

    def __init__(self) -> None:
        self.told: list[tuple[LogPlace, list[str]]] = []

    def put(self, place: LogPlace, lines: Sequence[tuple[int, str]]) -> None:
        self.told.append((place, [json.loads(text)["type"] for _, text in lines]))


def told(logging: dict[str, Any] | None) -> list[tuple[LogPlace, list[str]]]:
    """What a machine's settings make of two events; None: the machine is gone."""
    sink = Sink()
    machine = Machine(ARN, "{}", "r", "STANDARD", {"loggingConfiguration": logging}, "", 0.0, 0.0)
    logs = ExecutionLogs(lambda _arn: None if logging is None else machine, sink, FakeClock())
    logs.tell(RUN, [ENTERED, FAILED])
    return sink.told


def test_a_machine_decides_what_is_told_and_where() -> None:
    ((place, types),) = told(settings("ALL"))
    assert types == ["PassStateEntered", "ExecutionFailed"]
    assert (place.group, place.makes_group) == ("/aws/vendedlogs/states/m", False)
    assert place.stream.startswith("states/m/1970-01-01-00-00/")
    assert told(settings("FATAL"))[0][1] == ["ExecutionFailed"]
    assert told(settings("OFF")) == told({"level": "ALL"}) == told(None) == []
    assert told(settings("ALL", "nonsense")) == []


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"level": "ALL"}, "exactly one Log Destination"),
        ({**settings(), "destinations": settings()["destinations"] * 2}, "exactly one Log Destination"),
        (settings(group=GROUP[:-2]), "with '\\*' qualifier"),
        (settings(group="arn:aws:s3:::bucket"), "is not valid"),
        (settings(group="nonsense"), "is not valid"),
        ({"level": "ALL", "destinations": [{}]}, "is not valid"),
    ],
)
def test_what_cannot_be_followed_is_refused(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(DomainError, match=words) as caught:
        check_logging(wrong)
    assert caught.value.code == "InvalidLoggingConfiguration"


def test_what_can_be_followed_is_taken() -> None:
    for good in ({}, {"level": "OFF"}, settings("ERROR"), settings("OFF", includeExecutionData=True)):
        check_logging(good)
