"""Check steps through the API: which baseline they use, and that they are taken as SDKs emit them.

What they compute is tested in ``tests/sandbox/drift``.
"""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from tests.sandbox.sagemaker.pipelines.conftest import IMAGE, Lab, get, passing
from tests.unit.sandbox.domain.pipelines.steps.families import ACCEPTED, PARAMETERS, check_step


def source(name: str) -> dict[str, str]:
    return {"ContentType": "application/json", "S3Uri": f"s3://baselines/{name}.json"}


BASELINES = {
    "ModelDataQuality": {"Statistics": source("data-s"), "Constraints": source("data-c")},
    "ModelQuality": {"Statistics": source("model-s"), "Constraints": source("model-c")},
    "Bias": {"PreTrainingConstraints": source("pre"), "PostTrainingConstraints": source("post")},
    "Explainability": {"Constraints": source("explain")},
}


@pytest.fixture
def group(lab: Lab) -> str:
    """A group whose newest version is rejected, and the one before it approved."""
    name = f"checked-{uuid.uuid4().hex[:8]}"
    lab.sagemaker.create_model_package_group(ModelPackageGroupName=name)
    older = {"ModelDataQuality": {"Constraints": source("older")}}
    for approval, baselines in (("Approved", older), ("Approved", BASELINES), ("Rejected", older)):
        lab.sagemaker.create_model_package(
            ModelPackageGroupName=name,
            InferenceSpecification={
                "Containers": [{"Image": IMAGE, "ModelDataUrl": "s3://baselines/model.tar.gz"}],
                "SupportedContentTypes": ["text/csv"],
                "SupportedResponseMIMETypes": ["text/csv"],
            },
            ModelApprovalStatus=approval,
            DriftCheckBaselines=baselines,
        )
    return name


def begun(lab: Lab, step: Any) -> dict[str, Any]:
    """The metadata of a step whose job does not find its data."""
    execution = lab.run(step)
    metadata: dict[str, Any] = lab.steps(execution["PipelineExecutionArn"])["Check"]["Metadata"]
    return metadata


def used(metadata: dict[str, Any]) -> tuple[str | None, str | None]:
    prefix = "BaselineUsedForDriftCheck"
    return metadata.get(f"{prefix}Statistics"), metadata.get(f"{prefix}Constraints")


@pytest.mark.parametrize(
    ("kind", "statistics", "constraints"),
    [
        ("DATA_QUALITY", "data-s", "data-c"),
        ("MODEL_QUALITY", "model-s", "model-c"),
        ("DATA_BIAS", None, "pre"),
        ("MODEL_BIAS", None, "post"),
        ("MODEL_EXPLAINABILITY", None, "explain"),
    ],
)
def test_the_baseline_is_that_of_the_newest_approved_version(
    lab: Lab, group: str, kind: str, statistics: str | None, constraints: str
) -> None:
    step = check_step("Check", kind, SkipCheck=True, ModelPackageGroupName=group)
    metadata = begun(lab, step)[step["Type"]]
    expected = tuple(f"s3://baselines/{name}.json" if name else None for name in (statistics, constraints))
    assert used(metadata) == expected
    assert (metadata["CheckType"], metadata["ModelPackageGroupName"]) == (kind, group)
    assert (metadata["SkipCheck"], metadata["RegisterNewBaseline"]) == (True, False)


def test_a_supplied_baseline_wins(lab: Lab, group: str) -> None:
    step = check_step(
        "Check",
        "DATA_QUALITY",
        SkipCheck=True,
        ModelPackageGroupName=group,
        SuppliedBaselineConstraints="s3://supplied/c.json",
    )
    metadata = begun(lab, step)["QualityCheck"]
    assert used(metadata) == ("s3://baselines/data-s.json", "s3://supplied/c.json")


def test_a_check_of_a_group_that_is_not_there_has_nothing_to_check_against(lab: Lab) -> None:
    parameters = [{"Name": "Skip", "Type": "Boolean", "DefaultValue": False}]
    step = check_step(
        "Check",
        "DATA_QUALITY",
        SkipCheck=get("Parameters.Skip"),
        RegisterNewBaseline=True,
        ModelPackageGroupName="not-there-yet",
    )
    name = lab.create(step, passing("After", DependsOn=["Check"]), parameters=parameters)
    checked = lab.ended(lab.start(name))
    assert checked["PipelineExecutionStatus"] == "Failed"
    steps = lab.steps(checked["PipelineExecutionArn"])
    assert "no baseline to check against" in steps["Check"]["FailureReason"]
    assert "After" not in steps


def test_data_that_are_not_there_fail_the_check(lab: Lab, group: str) -> None:
    execution = lab.run(check_step("Check", "MODEL_QUALITY", ModelPackageGroupName=group))
    assert execution["PipelineExecutionStatus"] == "Failed"
    step = lab.steps(execution["PipelineExecutionArn"])["Check"]
    assert "families-bucket" in step["FailureReason"]
    assert step["Metadata"]["QualityCheck"]["SkipCheck"] is False


@pytest.mark.parametrize("family", ACCEPTED)
def test_what_sdks_emit_is_taken_by_the_api(lab: Lab, family: str) -> None:
    steps = ACCEPTED[family]()
    name = lab.create(*steps, parameters=PARAMETERS)
    assert lab.sagemaker.describe_pipeline(PipelineName=name)["PipelineStatus"] == "Active"
