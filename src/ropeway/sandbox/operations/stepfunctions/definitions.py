"""Checks of definitions, and versions of state machines. moto keeps the machines."""

from __future__ import annotations

from typing import Any

from ropeway.sandbox.domain.statemachines.check import check
from ropeway.sandbox.operations.call import Call
from ropeway.sandbox.operations.registry import operation

__all__: list[str] = []


@operation("stepfunctions", "ValidateStateMachineDefinition")
def validate(call: Call) -> dict[str, Any]:
    """What is wrong with a definition."""
    found = check(call.params["definition"])
    most = call.params.get("maxResults") or 100
    return {
        "result": "FAIL" if found else "OK",
        "diagnostics": [
            {"severity": "ERROR", "code": each.code, "message": each.message, "location": each.location}
            for each in found[:most]
        ],
        "truncated": len(found) > most,
    }


@operation("stepfunctions", "ListStateMachineVersions")
def list_versions(call: Call) -> dict[str, Any]:
    """None: publishing versions is refused, so there are none."""
    call.domain.peers.call(
        call.service,
        "DescribeStateMachine",
        {"stateMachineArn": call.params["stateMachineArn"]},
        account=call.account,
        region=call.region,
    )
    return {"stateMachineVersions": []}
