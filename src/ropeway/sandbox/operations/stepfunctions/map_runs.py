"""Map Runs: told, listed, and changed while they run."""

from __future__ import annotations

from typing import Any

from ropeway.sandbox.domain.statemachines.model import ENDED, MapRun
from ropeway.sandbox.operations.call import Call
from ropeway.sandbox.operations.pages import moment
from ropeway.sandbox.operations.registry import operation
from ropeway.sandbox.operations.stepfunctions import paging

__all__: list[str] = []

_SETTINGS = {
    "maxConcurrency": "most",
    "toleratedFailureCount": "count",
    "toleratedFailurePercentage": "percentage",
}


@operation("stepfunctions", "DescribeMapRun")
def describe(call: Call) -> dict[str, Any]:
    """A Map Run, with how far it has come."""
    run = call.domain.map_runs.get(call.params["mapRunArn"])
    items, children = call.domain.map_runs.counts(run)
    for told in (items, children):
        whole = run.writer is not None and run.status in ENDED
        told["resultsWritten"] = told["succeeded"] + told["failed"] if whole else 0
    answer = {
        "mapRunArn": run.arn,
        "executionArn": run.execution_arn,
        "status": run.status,
        "startDate": moment(run.started),
        "itemCounts": items,
        "executionCounts": children,
        "redriveCount": 0,
        **{name: run.settings[kept] or 0 for name, kept in _SETTINGS.items()},
    }
    if run.stopped is not None:
        answer["stopDate"] = moment(run.stopped)
    return answer


@operation("stepfunctions", "ListMapRuns")
def list_runs(call: Call) -> dict[str, Any]:
    """The Map Runs of an execution, newest first."""
    execution = call.domain.machine_executions.get(call.params["executionArn"])
    return paging.sliced("mapRuns", call.domain.map_runs.of(execution.arn), call.params, _summary)


@operation("stepfunctions", "UpdateMapRun")
def update(call: Call) -> None:
    """Change concurrency and tolerated failures."""
    params = call.params
    changes = {kept: params[name] for name, kept in _SETTINGS.items() if name in params}
    call.domain.map_runs.update(params["mapRunArn"], changes)


def _summary(run: MapRun) -> dict[str, Any]:
    told = {
        "executionArn": run.execution_arn,
        "mapRunArn": run.arn,
        "stateMachineArn": run.machine_arn.partition("/")[0],
        "startDate": moment(run.started),
    }
    return told if run.stopped is None else {**told, "stopDate": moment(run.stopped)}
