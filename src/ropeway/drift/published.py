"""Metrics on their way to CloudWatch: one JSON object a line, where a processing job's host looks for them.

The dimensions are those of Model Monitor: the endpoint, where one is watched, and the schedule.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Mapping, Sequence

from ropeway.drift.environment import base

__all__ = ["publish"]

_LARGEST = 2.348543e108  # what CloudWatch is told of infinity

Entry = tuple[str, float, Mapping[str, str]]


def publish(metrics: Sequence[Entry], variables: Mapping[str, str]) -> None:
    """Write metrics: name, value and further dimensions of each; what is no number is left out."""
    common = {
        "Endpoint": variables.get("sagemaker_endpoint_name", ""),
        "MonitoringSchedule": variables.get("sagemaker_monitoring_schedule_name", ""),
    }
    folder = base() / "output" / "metrics" / "cloudwatch"
    folder.mkdir(parents=True, exist_ok=True)
    now = int(time.time())
    lines = []
    for name, value, more in metrics:
        if math.isnan(value):
            continue
        bounded = math.copysign(_LARGEST, value) if math.isinf(value) else value
        dimensions = [{"Name": key, "Value": told} for key, told in {**common, **more}.items() if told]
        lines.append(
            json.dumps({"MetricName": name, "Timestamp": now, "Dimensions": dimensions, "Value": bounded})
        )
    (folder / "cloudwatch_metrics.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
