"""What executions write to CloudWatch Logs, by their machine's ``loggingConfiguration``.

Levels and the shape of a line: AWS Step Functions developer guide, "Using CloudWatch Logs to log execution history".
ALL takes every event, ERROR those of failures, FATAL those that end an execution badly, OFF none. As on AWS logs are a
best effort: executions do not wait for them, and what is on its way when the server is killed is lost.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from ropeway.sandbox.domain.logs import LogPlace, LogSink
from ropeway.sandbox.domain.statemachines.faults import refused
from ropeway.sandbox.domain.statemachines.model import Event, Execution, Machine
from ropeway.values.arn import Arn
from ropeway.values.clock import Clock

__all__ = ["ExecutionLogs", "check_logging", "line", "wanted"]

_BAD = ("Failed", "TimedOut", "Aborted")
_FATAL = frozenset({"ExecutionAborted", "ExecutionFailed", "ExecutionTimedOut"})
_DATA = ("input", "output", "parameters", "assignedVariables")

Settings = Mapping[str, Any]


class ExecutionLogs:
    """Writes what executions' histories get.

    Args:
        machine: a machine by its ARN, or None.
        sink: takes the lines.
        clock: the machine's time, which CloudWatch Logs goes by.
    """

    def __init__(self, machine: Callable[[str], Machine | None], sink: LogSink, clock: Clock) -> None:
        self._machine = machine
        self._sink = sink
        self._clock = clock

    def tell(self, execution: Execution, events: Sequence[Event]) -> None:
        """Write those events that the machine's level takes."""
        machine = self._machine(execution.machine_arn)
        settings = machine.settings.get("loggingConfiguration", {}) if machine is not None else {}
        level = settings.get("level", "OFF")
        taken = [event for event in events if wanted(level, event.type)]
        group = _group(settings) if taken else None
        if group is None:
            return
        whole = bool(settings.get("includeExecutionData"))
        now = int(self._clock.now() * 1000)
        lines = [(now, json.dumps(line(execution, event, whole=whole))) for event in taken]
        self._sink.put(_place(group, execution), lines)


def check_logging(settings: Settings) -> None:
    """Refuse a ``loggingConfiguration`` that cannot be followed.

    Raises:
        DomainError: ``InvalidLoggingConfiguration``.
    """
    destinations = settings.get("destinations") or ()
    if settings.get("level", "OFF") == "OFF" and not destinations:
        return
    if len(destinations) != 1:
        raise _invalid("Must specify exactly one Log Destination.")
    if _group(settings) is None:
        raise _invalid("Log Group ARN is not valid.")
    if not _text(settings).endswith(":*"):
        raise _invalid("Log Group ARN must be provided with '*' qualifier.")


def wanted(level: str, kind: str) -> bool:
    """Whether a level takes events of a type."""
    if level == "FATAL":
        return kind in _FATAL
    if level == "ERROR":
        return kind.endswith(_BAD) or kind == "FailStateEntered"
    return level == "ALL"


def line(execution: Execution, event: Event, *, whole: bool) -> dict[str, Any]:
    """An event as the log has it; without its data unless they are wanted."""
    told: dict[str, Any] = next(iter(event.details.values()), {})
    left = () if whole else (*_DATA, *(f"{name}Details" for name in _DATA))
    return {
        "id": str(event.number),
        "type": event.type,
        "details": {name: value for name, value in told.items() if name not in left},
        "redrive_count": str(execution.redrives),
        "previous_event_id": str(event.previous),
        "event_timestamp": str(int(event.moment * 1000)),
        "execution_arn": execution.arn,
    }


def _text(settings: Settings) -> str:
    destinations: Sequence[Mapping[str, Any]] = settings.get("destinations") or ({},)
    return str(destinations[0].get("cloudWatchLogsLogGroup", {}).get("logGroupArn", ""))


def _group(settings: Settings) -> Arn | None:
    """The log group, or None where none is named."""
    try:
        arn = Arn.parse(_text(settings))
    except ValueError:
        return None
    return arn if arn.service == "logs" and arn.resource.startswith("log-group:") else None


def _place(arn: Arn, execution: Execution) -> LogPlace:
    """The stream: one for the executions of a machine that start in the same minute."""
    minute = datetime.fromtimestamp(execution.started, tz=timezone.utc).strftime("%Y-%m-%d-%H-%M")
    name = execution.machine_arn.rpartition(":")[2]
    unique = hashlib.sha256(f"{execution.machine_arn} {minute}".encode()).hexdigest()[:8]
    return LogPlace(
        arn.account,
        arn.region,
        arn.resource.removeprefix("log-group:").removesuffix(":*"),
        f"states/{name}/{minute}/{unique}",
        makes_group=False,
    )


def _invalid(text: str) -> Exception:
    return refused("InvalidLoggingConfiguration", f"Invalid Logging Configuration: {text}")
