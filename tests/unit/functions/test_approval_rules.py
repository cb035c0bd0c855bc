"""A version that meets its group's rules is approved; any other waits for people, with the reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from ropeway.functions.approval_rules import decide, run

ARN = "arn:aws:sagemaker:eu-west-1:111111111111:model-package/churn/3"
RULES: dict[str, dict[str, dict[str, float]]] = {
    "churn": {"metrics.accuracy.value": {"at_least": 0.9}, "metrics.mse.value": {"at_most": 6}}
}
GOOD = {"metrics": {"accuracy": {"value": 0.93}, "mse": {"value": 6}}}


class Registry:
    """One version."""

    def __init__(self, statistics: Mapping[str, Any] | None, status: str = "PendingManualApproval") -> None:
        self.found = statistics
        self.package: dict[str, Any] = {"ModelApprovalStatus": status}
        if statistics is not None:
            self.package["ModelMetrics"] = {"ModelQuality": {"Statistics": {"S3Uri": "s3://bucket/e.json"}}}
        self.updates: list[tuple[str, str]] = []

    def describe(self, arn: str) -> Mapping[str, Any]:
        return self.package

    def statistics(self, uri: str) -> Mapping[str, Any]:
        assert uri == "s3://bucket/e.json"
        return self.found or {}

    def update(self, arn: str, status: str, description: str) -> None:
        assert arn == ARN
        self.updates.append((status, description))
        self.package.update(ModelApprovalStatus=status, ApprovalDescription=description)


def event(group: str = "churn") -> dict[str, Any]:
    return {"detail": {"ModelPackageGroupName": group, "ModelPackageArn": ARN}}


def test_a_version_that_meets_every_rule_is_approved() -> None:
    registry = Registry(GOOD)
    assert run(event(), RULES, registry) == {"decided": True, "reasons": []}
    assert registry.updates == [("Approved", "meets metrics.accuracy.value, metrics.mse.value")]


def test_a_version_that_breaks_one_waits_with_the_reason_which_is_written_once() -> None:
    registry = Registry({"metrics": {"accuracy": {"value": 0.85}, "mse": {"value": 7}}})
    for _ in range(2):
        assert not run(event(), RULES, registry)["decided"]
    assert registry.updates == [
        (
            "PendingManualApproval",
            "metrics.accuracy.value is 0.85, less than 0.9; metrics.mse.value is 7, more than 6",
        )
    ]


def test_a_version_without_metrics_waits() -> None:
    registry = Registry(None)
    run(event(), RULES, registry)
    assert registry.updates[0][0] == "PendingManualApproval"


@pytest.mark.parametrize("status", ["Approved", "Rejected"])
def test_what_people_decided_stays(status: str) -> None:
    registry = Registry(GOOD, status)
    assert run(event(), RULES, registry) == {"decided": False}
    assert registry.updates == []


def test_groups_without_rules_are_peoples() -> None:
    registry = Registry(GOOD)
    assert run(event("fraud"), RULES, registry) == {"decided": False}


@pytest.mark.parametrize("value", [float("nan"), True, "0.95", None, {"value": 1}])
def test_what_is_no_number_breaks_a_rule(value: object) -> None:
    assert decide({"a": value}, {"a": {"at_least": 0.9}})
