"""BatchPutMetrics and BatchGetMetrics."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.domain.lineage.model import Metric
from ropeway.sandbox.operations.call import Call
from ropeway.sandbox.operations.registry import operation

__all__: list[str] = []

_SECONDS = {"OneMinute": 60, "FiveMinute": 300, "OneHour": 3600}
_MOST = 100  # values in an answer
_FIGURES: Mapping[str, Callable[[Sequence[float]], float]] = {
    "Min": min,
    "Max": max,
    "Avg": statistics.fmean,
    "Count": len,
    "StdDev": statistics.pstdev,
    "Last": lambda values: values[-1],
}


@operation("sagemaker-metrics", "BatchPutMetrics")
def put(call: Call) -> dict[str, Any]:
    """Keep values of a trial component's metrics; what is no number is told by its place."""
    component = call.domain.lineage.find(
        "experiment-trial-component", call.account, call.region, call.params["TrialComponentName"]
    )
    data = call.params["MetricData"]
    good = [entry for entry in data if math.isfinite(entry["Value"])]
    metrics = [
        Metric(entry["MetricName"], entry["Timestamp"].timestamp(), entry["Value"], entry.get("Step"))
        for entry in good
    ]
    call.domain.lineage.trials.add_metrics(component.arn, metrics)
    bad = [number for number, entry in enumerate(data) if not math.isfinite(entry["Value"])]
    return {"Errors": [{"Code": "VALIDATION_ERROR", "MetricIndex": number} for number in bad]}


@operation("sagemaker-metrics", "BatchGetMetrics")
def get(call: Call) -> dict[str, Any]:
    """Metrics over time or iterations."""
    return {"MetricQueryResults": [_answer(call, query) for query in call.params["MetricQueries"]]}


def _answer(call: Call, query: Mapping[str, Any]) -> dict[str, Any]:
    nothing: dict[str, Any] = {"XAxisValues": [], "MetricValues": []}
    try:
        entity = call.domain.lineage.get(query["ResourceArn"], call.account)
    except DomainError as error:
        return {"Status": "ValidationError", "Message": error.message, **nothing}
    by_step = query["XAxisType"] == "IterationNumber"
    if by_step != (query["Period"] == "IterationNumber"):
        message = "Period must be IterationNumber with XAxisType IterationNumber, and only then."
        return {"Status": "ValidationError", "Message": message, **nothing}
    groups: dict[int, list[float]] = {}
    low, high = query.get("Start", -math.inf), query.get("End", math.inf)
    for metric in call.domain.lineage.trials.metrics(entity.arn, query["MetricName"]):
        if by_step and metric.step is None:
            continue
        place = metric.step if by_step else int(metric.timestamp // _SECONDS[query["Period"]])
        position = place if by_step else int(metric.timestamp)
        if place is not None and position is not None and low <= position <= high:
            groups.setdefault(place, []).append(metric.value)
    factor = 1 if by_step else _SECONDS[query["Period"]]
    places = sorted(groups)[:_MOST]
    figure = _FIGURES[query["MetricStat"]]
    return {
        "Status": "Complete" if len(groups) <= _MOST else "Truncated",
        "XAxisValues": [place * factor for place in places],
        "MetricValues": [float(figure(groups[place])) for place in places],
    }
