"""An approval starts one delivery, once; nothing else does."""

from __future__ import annotations

from typing import Any

import pytest

from ropeway.functions.start_delivery import run

DELIVERIES = {"churn": {"repository": "acme-ml/churn"}}


def event(status: str, group: str = "churn") -> dict[str, Any]:
    return {
        "detail-type": "SageMaker Model Package State Change",
        "detail": {
            "ModelPackageGroupName": group,
            "ModelPackageArn": f"arn:aws:sagemaker:eu-west-1:111111111111:model-package/{group}/3",
            "ModelApprovalStatus": status,
        },
    }


def test_an_approved_version_starts_its_groups_delivery() -> None:
    assert run(event("Approved"), DELIVERIES) == {
        "repository": "acme-ml/churn",
        "workflow": "deploy.yml",
        "ref": "main",
        "inputs": {"model_package_arn": "arn:aws:sagemaker:eu-west-1:111111111111:model-package/churn/3"},
    }


@pytest.mark.parametrize("status", ["PendingManualApproval", "Rejected"])
def test_a_registration_or_a_rejection_starts_nothing(status: str) -> None:
    assert run(event(status), DELIVERIES) is None


def test_a_group_without_a_delivery_starts_nothing() -> None:
    assert run(event("Approved", "fraud"), DELIVERIES) is None


def test_a_rule_may_name_the_delivery_itself() -> None:
    given = {"repository": "acme-ml/churn", "workflow": "train.yml", "ref": "next", "inputs": {"epochs": 3}}
    assert run(given, {}) == {**given, "inputs": {"epochs": "3"}}


def test_rules_of_s1_are_understood() -> None:
    assert run({"ORG_REPO_NAME": "acme-ml/mlops-churn-p-1", "INPUT_stage": "preprod"}, {}) == {
        "repository": "acme-ml/mlops-churn-p-1",
        "workflow": "deploy.yml",
        "ref": "main",
        "inputs": {"stage": "preprod"},
    }


@pytest.mark.parametrize("strange", [{}, {"detail": {}}, {"detail": "x"}])
def test_an_event_of_something_else_is_an_error(strange: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="names no repository and no model package"):
        run(strange, DELIVERIES)
