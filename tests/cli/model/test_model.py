"""`ropeway model list|show|approve|reject` against a sandbox."""

from __future__ import annotations

import json
import uuid
from typing import Any

import boto3
import pytest

from ropeway.sandbox.server import Server
from tests.cli.conftest import Invoke


@pytest.fixture
def group(sandbox: Server) -> str:
    """A group with an approved version and two that wait."""
    name = f"g{uuid.uuid4().hex[:8]}"
    options: dict[str, Any] = {
        "endpoint_url": sandbox.endpoint,
        "region_name": "eu-west-1",
        "aws_access_key_id": "111111111111",
        "aws_secret_access_key": "x",
    }
    sagemaker, s3 = boto3.client("sagemaker", **options), boto3.client("s3", **options)
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket=name, Key="report.json", Body=b'{"auc": {"value": 0.93}}')
    sagemaker.create_model_package_group(ModelPackageGroupName=name)
    for status in ("Approved", "PendingManualApproval", "PendingManualApproval"):
        sagemaker.create_model_package(
            ModelPackageGroupName=name,
            ModelApprovalStatus=status,
            InferenceSpecification={
                "Containers": [{"Image": "image", "ModelDataUrl": f"s3://{name}/model.tar.gz"}],
                "SupportedContentTypes": ["text/csv"],
                "SupportedResponseMIMETypes": ["text/csv"],
            },
            ModelMetrics={
                "ModelQuality": {
                    "Statistics": {"ContentType": "application/json", "S3Uri": f"s3://{name}/report.json"}
                }
            },
        )
    return name


def approvals(invoke: Invoke, group: str) -> dict[int, str]:
    listed = json.loads(invoke("model", "list", group, "--output", "json").stdout)
    return {line["version"]: line["approval"] for line in listed}


def test_groups_and_versions_are_listed(invoke: Invoke, group: str) -> None:
    lines = invoke("model", "list").stdout.splitlines()
    assert lines[0].split() == ["GROUP", "VERSIONS", "NEWEST", "APPROVED"]
    assert [group, "3", "PendingManualApproval", "1"] in [line.split() for line in lines]
    assert approvals(invoke, group) == {1: "Approved", 2: "PendingManualApproval", 3: "PendingManualApproval"}


def test_a_version_is_shown_with_its_metrics(invoke: Invoke, group: str) -> None:
    result = invoke("model", "show", f"{group}/1")
    assert result.exit_code == 0
    pairs = dict(line.split(maxsplit=1) for line in result.stdout.splitlines() if not line.startswith("m"))
    assert pairs["approval"] == "Approved"
    assert f"model             {group}/1\n" in result.stdout
    assert "metric auc.value  0.93\n" in result.stdout


def test_approval_takes_the_newest_that_waits_and_keeps_the_reason(invoke: Invoke, group: str) -> None:
    result = invoke("model", "approve", group, "--reason", "good enough")
    assert (result.exit_code, result.stdout) == (0, f"{group}/3 is Approved\n")
    assert "metric auc.value  0.93" in result.stderr
    assert "approval          Approved (good enough)\n" in invoke("model", "show", group).stdout
    assert invoke("model", "reject", group, "--yes").stdout == f"{group}/2 is Rejected\n"
    assert approvals(invoke, group) == {1: "Approved", 2: "Rejected", 3: "Approved"}
    nothing = invoke("model", "approve", group)
    assert nothing.exit_code == 1
    assert f"error: no version of {group} waits for approval\n" in nothing.stderr


@pytest.mark.parametrize(
    ("suffix", "code", "message"),
    [
        ("/9", 1, "error: group {} has no version 9"),
        ("/x", 2, "error: 'x' is no version"),
        ("-no", 1, "error: Describe"),
    ],
)
def test_what_is_not_there_is_told(invoke: Invoke, group: str, suffix: str, code: int, message: str) -> None:
    result = invoke("model", "show", group + suffix)
    assert result.exit_code == code
    assert message.format(group) in result.stderr
