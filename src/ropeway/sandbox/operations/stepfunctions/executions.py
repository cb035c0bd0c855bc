"""Executions: started, stopped, redriven, described, with their history."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ropeway.sandbox.domain.statemachines.faults import refused
from ropeway.sandbox.domain.statemachines.model import ENDED, RUNNING, SUCCEEDED, Event, Execution
from ropeway.sandbox.operations.call import Call
from ropeway.sandbox.operations.pages import moment
from ropeway.sandbox.operations.registry import operation
from ropeway.sandbox.operations.stepfunctions import paging
from ropeway.sandbox.operations.stepfunctions.machines import named

__all__: list[str] = []

_WHOLE = {"included": True}
_EVENTS = 100


@operation("stepfunctions", "StartExecution")
def start(call: Call) -> dict[str, Any]:
    """Start a machine, a version of it or an alias."""
    params = call.params
    name = named(params["name"]) if params.get("name") else None
    execution = call.domain.machine_executions.start(
        params["stateMachineArn"], name, params.get("input") or "{}", params.get("traceHeader")
    )
    return {"executionArn": execution.arn, "startDate": moment(execution.started)}


@operation("stepfunctions", "StartSyncExecution")
def start_sync(call: Call) -> dict[str, Any]:
    """Start an express machine and wait for its end."""
    params = call.params
    name = named(params["name"]) if params.get("name") else None
    execution = call.domain.machine_executions.run(
        params["stateMachineArn"], name, params.get("input") or "{}"
    )
    taken = int(((execution.stopped or execution.started) - execution.started) * 1000)
    return {
        **_data(execution),
        "executionArn": execution.arn,
        "stateMachineArn": execution.machine_arn,
        "name": execution.name,
        "status": execution.status,
        "startDate": moment(execution.started),
        "stopDate": moment(execution.stopped),
        "billingDetails": {
            "billedMemoryUsedInMB": 64,
            "billedDurationInMilliseconds": -(-taken // 100) * 100,
        },
    }


@operation("stepfunctions", "DescribeExecution")
def describe(call: Call) -> dict[str, Any]:
    """A standard execution."""
    execution = _standard(call)
    told = {
        **_data(execution),
        **_summary(execution),
        "redriveStatus": "REDRIVABLE" if _redrivable(execution) else "NOT_REDRIVABLE",
    }
    if not _redrivable(execution):
        why = "is RUNNING" if execution.status == RUNNING else f"is {execution.status}"
        told["redriveStatusReason"] = f"Execution {why} and cannot be redriven"
    if execution.trace:
        told["traceHeader"] = execution.trace
    return told


@operation("stepfunctions", "DescribeStateMachineForExecution")
def describe_machine(call: Call) -> dict[str, Any]:
    """The machine as it was when the execution started."""
    execution = _standard(call)
    machine = call.domain.machines.get(execution.machine_arn.partition("/")[0])
    label = execution.machine_arn.partition("/")[2]
    told = {"label": label, "mapRunArn": execution.map_run} if execution.map_run else {}
    return {
        **told,
        "stateMachineArn": execution.called or execution.machine_arn,
        "name": machine.name,
        "definition": execution.definition,
        "roleArn": execution.role_arn,
        "updateDate": moment(machine.updated),
        "revisionId": execution.revision,
        **machine.settings,
    }


@operation("stepfunctions", "ListExecutions")
def list_executions(call: Call) -> dict[str, Any]:
    """A machine's executions, or a Map Run's, newest first."""
    params = call.params
    if ("mapRunArn" in params) == ("stateMachineArn" in params):
        raise refused("ValidationException", "Give either a stateMachineArn or a mapRunArn")
    listing = paging.listing_of(
        params, equals={"StatusEquals": "status", "Redrives": "redrives"}, sort="CreationTime"
    )
    if "mapRunArn" in params:
        page = call.domain.map_runs.children(params["mapRunArn"], listing)
    else:
        page = call.domain.machine_executions.list(params["stateMachineArn"], listing)
    return paging.answer("executions", page, params, _summary)


@operation("stepfunctions", "GetExecutionHistory")
def history(call: Call) -> dict[str, Any]:
    """What happened, event by event."""
    params = call.params
    execution = _standard(call)
    token = params.get("nextToken") or "0"
    if not token.isdigit():
        raise refused("InvalidToken", "Invalid Token: 'Invalid token'")
    limit = params.get("maxResults") or _EVENTS
    found = call.domain.machine_executions.history(
        execution.arn, after=int(token), limit=limit + 1, newest_first=params.get("reverseOrder", False)
    )
    whole = params.get("includeExecutionData", True)
    answer: dict[str, Any] = {"events": [_event(each, whole=whole) for each in found[:limit]]}
    if len(found) > limit:
        answer["nextToken"] = str(found[limit - 1].number)
    return answer


@operation("stepfunctions", "StopExecution")
def stop(call: Call) -> dict[str, Any]:
    """Stop an execution."""
    params = call.params
    when = call.domain.machine_executions.stop(_standard(call).arn, params.get("error"), params.get("cause"))
    return {"stopDate": moment(when)}


@operation("stepfunctions", "RedriveExecution")
def redrive(call: Call) -> dict[str, Any]:
    """Let an execution that did not succeed go on."""
    return {"redriveDate": moment(call.domain.machine_executions.redrive(call.params["executionArn"]))}


def _standard(call: Call) -> Execution:
    arn = call.params["executionArn"]
    parts = arn.split(":")
    if len(parts) < 8 or parts[5] not in {"execution", "express"}:
        raise refused("InvalidArn", f"Invalid Arn: '{arn}'")
    if parts[5] == "express":
        raise refused("InvalidArn", f"Invalid Arn: 'Express executions are not supported here': '{arn}'")
    return call.domain.machine_executions.get(arn)


def _summary(execution: Execution) -> dict[str, Any]:
    told: dict[str, Any] = {
        "executionArn": execution.arn,
        "stateMachineArn": execution.machine_arn,
        "name": execution.name,
        "status": execution.status,
        "startDate": moment(execution.started),
        "redriveCount": execution.redrives,
    }
    if execution.stopped is not None:
        told["stopDate"] = moment(execution.stopped)
    if execution.redriven is not None:
        told["redriveDate"] = moment(execution.redriven)
    if execution.map_run:
        told["mapRunArn"] = execution.map_run
    if execution.version:
        told["stateMachineVersionArn"] = execution.version
    if execution.alias:
        told["stateMachineAliasArn"] = execution.alias
    return told


def _data(execution: Execution) -> dict[str, Any]:
    told: dict[str, Any] = {"input": execution.input, "inputDetails": _WHOLE}
    if execution.output is not None:
        told |= {"output": execution.output, "outputDetails": _WHOLE}
    for name in ("error", "cause"):
        value = getattr(execution, name)
        if value is not None:
            told[name] = value
    return told


def _redrivable(execution: Execution) -> bool:
    return execution.status in ENDED and execution.status != SUCCEEDED


def _event(event: Event, *, whole: bool) -> dict[str, Any]:
    details = event.details if whole else {name: _bare(value) for name, value in event.details.items()}
    return {
        "timestamp": moment(event.moment),
        "type": event.type,
        "id": event.number,
        "previousEventId": event.previous,
        **details,
    }


def _bare(details: Mapping[str, Any]) -> dict[str, Any]:
    data = {"input", "output", "parameters", "assignedVariables"}
    return {name: value for name, value in details.items() if name not in data}
