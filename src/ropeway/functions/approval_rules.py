"""Decides on registered versions by their metrics: approves one that meets every rule of its group.

``RULES`` maps a model package group to ``{"metrics.accuracy.value": {"at_least": 0.9}}``: the path of a number in the
version's model quality statistics, and its bounds. A version that breaks a rule stays pending, for people to decide,
with the reason in its approval description; it is never rejected by a rule, and a missing number breaks its rule.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import urlsplit

import boto3

from ropeway.functions import forges

__all__ = ["Registry", "decide", "handler", "run"]

_PENDING = "PendingManualApproval"


class Registry(Protocol):
    """Where versions and their metrics are."""

    def describe(self, arn: str) -> Mapping[str, Any]:
        """A model package."""

    def statistics(self, uri: str) -> Mapping[str, Any]:
        """A JSON document in S3."""

    def update(self, arn: str, status: str, description: str) -> None:
        """Set the approval."""


class _Aws:
    def __init__(self) -> None:
        self._sagemaker, self._s3 = boto3.client("sagemaker"), boto3.client("s3")

    def describe(self, arn: str) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self._sagemaker.describe_model_package(ModelPackageName=arn)
        return found

    def statistics(self, uri: str) -> Mapping[str, Any]:
        place = urlsplit(uri)
        found = self._s3.get_object(Bucket=place.netloc, Key=place.path.lstrip("/"))
        document: Mapping[str, Any] = json.loads(found["Body"].read())
        return document

    def update(self, arn: str, status: str, description: str) -> None:
        self._sagemaker.update_model_package(
            ModelPackageArn=arn, ModelApprovalStatus=status, ApprovalDescription=description
        )


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001
    """Lambda's entry."""
    return run(event, json.loads(forges.environ().get("RULES", "{}")), _Aws())


def run(
    event: Mapping[str, Any], rules: Mapping[str, Mapping[str, Mapping[str, float]]], registry: Registry
) -> dict[str, Any]:
    """Decide on the version that an event is about.

    Args:
        event: SageMaker's event of a model package.
        rules: bounds by metric, by group.
        registry: where it is.
    """
    detail = event["detail"]
    arn, bounds = str(detail["ModelPackageArn"]), rules.get(str(detail.get("ModelPackageGroupName")))
    package = registry.describe(arn) if bounds else {}
    if not bounds or package.get("ModelApprovalStatus") != _PENDING:
        return {"decided": False}
    source = package.get("ModelMetrics", {}).get("ModelQuality", {}).get("Statistics", {}).get("S3Uri")
    reasons = decide(registry.statistics(source) if source else {}, bounds)
    text = "; ".join(reasons)[:1024]
    if reasons and package.get("ApprovalDescription") != text:  # writing it again would be an event again
        registry.update(arn, _PENDING, text)
    if not reasons:
        registry.update(arn, "Approved", f"meets {', '.join(bounds)}"[:1024])
    return {"decided": not reasons, "reasons": reasons}


def decide(statistics: Mapping[str, Any], bounds: Mapping[str, Mapping[str, float]]) -> list[str]:
    """Every rule that is broken, in words; none when the version may be approved."""
    return [
        reason
        for path, bound in bounds.items()
        if (reason := _broken(path, _number(statistics, path), bound))
    ]


def _broken(path: str, value: float | None, bound: Mapping[str, float]) -> str | None:
    if value is None:
        return f"{path} is not there"
    if "at_least" in bound and not value >= bound["at_least"]:
        return f"{path} is {value:g}, less than {bound['at_least']:g}"
    if "at_most" in bound and not value <= bound["at_most"]:
        return f"{path} is {value:g}, more than {bound['at_most']:g}"
    return None


def _number(document: Any, path: str) -> float | None:
    for word in path.split("."):
        document = document.get(word) if isinstance(document, Mapping) else None
    return float(document) if isinstance(document, int | float) and not isinstance(document, bool) else None
