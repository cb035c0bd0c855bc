"""TestState: one state, tried without a machine."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ropeway.sandbox.domain.errors import NotThere
from ropeway.sandbox.domain.statemachines.faults import refused
from ropeway.sandbox.domain.statemachines.trials import Asked
from ropeway.sandbox.operations.call import Call
from ropeway.sandbox.operations.registry import operation

__all__: list[str] = []


@operation("stepfunctions", "TestState")
def test_state(call: Call) -> dict[str, Any]:
    """Try a state: what it gives, and where it goes."""
    params = call.params
    settings = params.get("stateConfiguration", {})
    absent = sorted(set(settings) - {"retrierRetryCount"})
    if absent:
        raise NotThere(f"The sandbox does not have stateConfiguration.{absent[0]} of TestState.")
    asked = Asked(
        params["definition"],
        params.get("input") or "{}",
        (call.account, call.region),
        params.get("roleArn", ""),
        params.get("stateName", ""),
        _object(params, "variables"),
        _object(params, "context"),
        params.get("mock"),
        settings.get("retrierRetryCount", 0),
    )
    told = call.domain.machine_executions.attempt(asked)
    members = {
        "status": told.status,
        "output": told.output,
        "error": told.error,
        "cause": told.cause,
        "nextState": told.next_state,
    }
    answer: dict[str, Any] = {name: value for name, value in members.items() if value is not None}
    if params.get("inspectionLevel", "INFO") != "INFO":
        answer["inspectionData"] = dict(told.data)
    return answer


def _object(params: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    try:
        found = json.loads(params.get(name) or "{}")
    except ValueError as error:
        raise refused("ValidationException", f"The {name} are no JSON: {error}") from error
    if not isinstance(found, Mapping):
        raise refused("ValidationException", f"The {name} must be a JSON object")
    return found
