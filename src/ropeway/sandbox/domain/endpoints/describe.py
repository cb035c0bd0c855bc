"""The Describe answer of an endpoint, and what events tell of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from ropeway.sandbox.domain.endpoints.model import Deployment, Endpoint, Variant

__all__ = ["announced", "describe"]


def describe(endpoint: Endpoint) -> dict[str, Any]:
    """Members of DescribeEndpoint; those that do not apply are absent."""
    serving, pending = endpoint.serving, endpoint.pending
    shown = serving or pending
    told: dict[str, Any] = {
        "EndpointName": endpoint.name,
        "EndpointArn": endpoint.arn,
        "EndpointStatus": endpoint.status,
        "EndpointConfigName": shown.config if shown else "",
        "FailureReason": endpoint.failure_reason,
        "CreationTime": _moment(endpoint.created),
        "LastModifiedTime": _moment(endpoint.modified),
        "LastDeploymentConfig": dict(endpoint.policy) or None,
    }
    if serving is not None:
        wanted = pending if pending is not None and pending.id == serving.id else serving
        told["ProductionVariants"] = _variants(serving, wanted)
        told["DataCaptureConfig"] = _capture(serving.capture, serving=endpoint.status != "Deleting")
    deploying = endpoint.status in {"Creating", "Updating"}
    if deploying and pending is not None and (serving is None or pending.id != serving.id):
        told["PendingDeploymentSummary"] = {
            "EndpointConfigName": pending.config,
            "StartTime": _moment(pending.begun),
            "ProductionVariants": [
                {**_variant(variant, variant, pending.begun), "InstanceType": variant.instance_type or None}
                for variant in pending.variants
            ],
        }
    return told


def announced(endpoint: Endpoint) -> dict[str, Any]:
    """The detail of a state change event: the answer, with the status as events spell it (``IN_SERVICE``)."""
    told = {name: value for name, value in describe(endpoint).items() if value is not None}
    return {**told, "EndpointStatus": re.sub(r"(?<=[a-z])(?=[A-Z])", "_", endpoint.status).upper()}


def _variants(serving: Deployment, wanted: Deployment) -> list[dict[str, Any]]:
    desired = {variant.name: variant for variant in wanted.variants}
    return [_variant(variant, desired[variant.name], serving.begun) for variant in serving.variants]


def _variant(now: Variant, wanted: Variant, begun: float) -> dict[str, Any]:
    images = [
        {"SpecifiedImage": container.image, "ResolutionTime": _moment(begun)} for container in now.containers
    ]
    return {
        "VariantName": now.name,
        "DeployedImages": images,
        "CurrentWeight": now.weight,
        "DesiredWeight": wanted.weight,
        "CurrentInstanceCount": now.count,
        "DesiredInstanceCount": wanted.count,
    }


def _capture(config: Mapping[str, Any], *, serving: bool) -> dict[str, Any] | None:
    if not config:
        return None
    enabled = bool(config.get("EnableCapture"))
    return {
        "EnableCapture": enabled,
        "CaptureStatus": "Started" if enabled and serving else "Stopped",
        "CurrentSamplingPercentage": config["InitialSamplingPercentage"],
        "DestinationS3Uri": config["DestinationS3Uri"],
        "KmsKeyId": config.get("KmsKeyId", ""),
    }


def _moment(epoch: float) -> datetime:
    return datetime.fromtimestamp(epoch, tz=timezone.utc)
