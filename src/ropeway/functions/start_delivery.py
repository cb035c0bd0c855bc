"""Tells the forge that a model was approved: one named workflow of one repository, once per approval.

It takes SageMaker's event of a model package, whose group ``DELIVERIES`` maps to ``{"repository": "acme-ml/churn",
"workflow": "deploy.yml", "ref": "main"}``; or, from a rule with an input of its own, such a mapping itself with
``inputs``; or the input of rules made by mlops-multi-account-terraform (``ORG_REPO_NAME``, ``INPUT_…``). A version
that is not approved starts nothing. What fails is raised: Lambda tries again, and then keeps the event in the queue.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import boto3

from ropeway.functions import forges

__all__ = ["handler", "run"]

_WORKFLOW, _REF = "deploy.yml", "main"


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001
    """Lambda's entry."""
    environ = forges.environ()
    deliveries = json.loads(environ.get("DELIVERIES", "{}"))
    wanted = run(event, deliveries)
    if wanted is None:
        return {"started": False}
    forge = forges.connect(environ, boto3.client("secretsmanager"))
    forge.start(wanted["repository"], wanted["workflow"], wanted["ref"], wanted["inputs"])
    return {"started": True, **wanted}


def run(event: Mapping[str, Any], deliveries: Mapping[str, Mapping[str, str]]) -> dict[str, Any] | None:
    """What an event wants started; None for nothing.

    Args:
        event: as described above.
        deliveries: what to start by model package group.

    Raises:
        ValueError: the event is none of those described above.
    """
    if "ORG_REPO_NAME" in event:
        inputs = {
            key.removeprefix("INPUT_"): str(value) for key, value in event.items() if key.startswith("INPUT_")
        }
        return _wanted({"repository": str(event["ORG_REPO_NAME"])}, inputs)
    if "repository" in event:
        return _wanted(event, event.get("inputs") or {})
    detail = event.get("detail")
    if not isinstance(detail, Mapping) or "ModelPackageArn" not in detail:
        raise ValueError("the event names no repository and no model package")
    delivery = deliveries.get(str(detail.get("ModelPackageGroupName")))
    if delivery is None or detail.get("ModelApprovalStatus") != "Approved":
        return None
    return _wanted(delivery, {"model_package_arn": str(detail["ModelPackageArn"])})


def _wanted(delivery: Mapping[str, Any], inputs: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "repository": str(delivery["repository"]),
        "workflow": str(delivery.get("workflow") or _WORKFLOW),
        "ref": str(delivery.get("ref") or _REF),
        "inputs": {key: str(value) for key, value in inputs.items()},
    }
