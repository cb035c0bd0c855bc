"""What became of deliveries, as CloudWatch metrics: only what went wrong, so that an alarm can see it."""

from __future__ import annotations

import logging
from typing import Any

from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.domain.events.model import Delivery
from ropeway.sandbox.domain.ports import Peers
from ropeway.values.arn import Arn

__all__ = ["Metrics"]

_log = logging.getLogger(__name__)


class Metrics:
    """Counts.

    Args:
        calls: the API of this server.
    """

    def __init__(self, calls: Peers) -> None:
        self._calls = calls

    def count(self, delivery: Delivery, metric: str) -> None:
        """Count one, under the rule or the schedule's group; a metric that cannot be kept is told in the log."""
        source = Arn.parse(delivery.source)
        if source.service == "events":
            space, dimension = "AWS/Events", {"Name": "RuleName", "Value": source.name.rpartition("/")[2]}
        elif source.service == "scheduler":
            space, dimension = (
                "AWS/Scheduler",
                {"Name": "ScheduleGroup", "Value": source.name.partition("/")[0]},
            )
        else:
            return
        data: list[dict[str, Any]] = [
            {"MetricName": metric, "Dimensions": [dimension], "Value": 1.0, "Unit": "Count"}
        ]
        place = {"account": delivery.account, "region": delivery.region}
        try:
            self._calls.call("cloudwatch", "PutMetricData", {"Namespace": space, "MetricData": data}, **place)
        except DomainError as error:
            _log.warning("metric %s of %s could not be kept: %s", metric, delivery.source, error.message)
