"""Metrics that a monitoring job leaves below ``/opt/ml/output/metrics/cloudwatch``, on their way to CloudWatch.

Namespaces are those of Model Monitor and Clarify (developer guide, "CloudWatch metrics"): by what is monitored, and
whether an endpoint is.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.domain.jobs.model import Job
from ropeway.sandbox.domain.ports import Peers
from ropeway.sandbox.runners.jobfolder import JobFolder

__all__ = ["publish"]

_log = logging.getLogger(__name__)
_PLACE = "/opt/ml/output/metrics/cloudwatch"
_TOGETHER = 500
_TOPICS = {"MODEL_QUALITY": "model", "MODEL_BIAS": "bias"}


def publish(job: Job, folder: JobFolder, peers: Peers) -> None:
    """Put a job's metrics; those that are none, or cannot be kept, are told in the server's log."""
    variables = job.request.get("Environment", {})
    if not variables.get("sagemaker_monitoring_schedule_name"):
        return
    topic = _TOPICS.get(variables.get("analysis_type", ""), "data")
    family = "Endpoints" if variables.get("sagemaker_endpoint_name") else "ModelMonitoring"
    space = f"{'/' if topic == 'data' else ''}aws/sagemaker/{family}/{topic}-metrics"
    place = {"account": job.account, "region": job.region}
    try:
        metrics = list(_metrics(folder))
        for start in range(0, len(metrics), _TOGETHER):
            part = {"Namespace": space, "MetricData": metrics[start : start + _TOGETHER]}
            peers.call("cloudwatch", "PutMetricData", part, **place)
    except (DomainError, OSError, ValueError, KeyError, TypeError) as error:
        _log.warning("metrics of %s could not be kept: %s", job.arn, error)


def _metrics(folder: JobFolder) -> Iterator[dict[str, Any]]:
    place = folder.output(_PLACE)
    for path in sorted(place.glob("*.jsonl")) if place.is_dir() else ():
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.strip():
                yield json.loads(line)
