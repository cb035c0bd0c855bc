"""How traffic shifts to a new deployment, from a DeploymentConfig: steps of (share, seconds).

``ALL_AT_ONCE`` shifts everything and waits; ``CANARY`` shifts a part, waits, then the rest, and waits again; ``LINEAR``
goes in equal parts. During each wait the alarms of AutoRollbackConfiguration may call the shift off. A part is a
percentage here: one process serves a variant, so a number of instances is taken as their share of the variant's
count. A rolling update (``RollingUpdatePolicy``) replaces instances, of which there is one process: it is one step.
Without a policy there is no wait.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["alarms", "steps"]

Step = tuple[float, float]


def steps(policy: Mapping[str, Any], instances: int) -> Sequence[Step]:
    """Shares of the traffic, rising to 1, each with the seconds that it stays.

    Args:
        policy: a DeploymentConfig; empty for none.
        instances: how many the new deployment has in all.
    """
    rolling = policy.get("RollingUpdatePolicy")
    if rolling:
        return [(1.0, float(rolling.get("WaitIntervalInSeconds", 0)))]
    routing = policy.get("BlueGreenUpdatePolicy", {}).get("TrafficRoutingConfiguration")
    if not routing:
        return []
    wait = float(routing.get("WaitIntervalInSeconds", 0))
    if routing["Type"] == "CANARY":
        return [(_part(routing.get("CanarySize"), instances), wait), (1.0, wait)]
    if routing["Type"] == "LINEAR":
        part = _part(routing.get("LinearStepSize"), instances)
        number = math.ceil(1 / part - 1e-9)
        return [(min(1.0, part * (index + 1)), wait) for index in range(number)]
    return [(1.0, wait)]


def alarms(policy: Mapping[str, Any]) -> Sequence[str]:
    """The names of the alarms that call a shift off."""
    found = policy.get("AutoRollbackConfiguration", {}).get("Alarms", ())
    return [alarm["AlarmName"] for alarm in found if "AlarmName" in alarm]


def _part(size: Mapping[str, Any] | None, instances: int) -> float:
    if not size:
        return 1.0
    whole = 100 if size["Type"] == "CAPACITY_PERCENT" else max(1, instances)
    return min(1.0, max(0.01, float(size["Value"]) / whole))
