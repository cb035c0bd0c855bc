"""A version's baseline, a check's policy, and the key that encrypts what jobs write."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ropeway.pipelines import (
    JsonGet,
    Output,
    Pipeline,
    ProcessingStep,
    PropertyFile,
    QualityCheckStep,
    RegisterModelStep,
    Step,
    TrainingStep,
    TransformStep,
)
from ropeway.sandbox.domain.pipelines.documents import accept
from ropeway.sandbox.domain.pipelines.steps import STEP_TYPES

ROLE = "arn:aws:iam::111111111111:role/Jobs"
KEY = "arn:aws:kms:eu-west-1:111111111111:key/11111111-2222-3333-4444-555555555555"


def entry(*steps: Step) -> Any:
    """The last step's entry, of a document that the sandbox accepts."""
    text = Pipeline("p", list(steps), bucket="b", role=ROLE).definition()
    accept(text, STEP_TYPES)
    return json.loads(text)["Steps"][-1]


def check(kind: str = "DATA_QUALITY", **members: Any) -> QualityCheckStep:
    problem = "Regression" if kind == "MODEL_QUALITY" else None
    return QualityCheckStep("Check", image="i", data="s3://b/d", kind=kind, problem=problem, **members)


def source(path: str) -> dict[str, Any]:
    return {"ContentType": "application/json", "S3Uri": {"Get": f"Steps.Check.{path}"}}


@pytest.mark.parametrize(
    ("kind", "place"), [("DATA_QUALITY", "ModelDataQuality"), ("MODEL_QUALITY", "ModelQuality")]
)
def test_a_version_keeps_its_baseline_and_what_later_checks_are_held_against(kind: str, place: str) -> None:
    baseline = check(kind, skip=True, register=True)
    register = RegisterModelStep("Register", group="g", image="i", model_data="s3://b/m", baseline=baseline)
    arguments = entry(baseline, register)["Arguments"]
    assert arguments["ModelMetrics"] == {
        place: {
            "Statistics": source("CalculatedBaselineStatistics"),
            "Constraints": source("CalculatedBaselineConstraints"),
        }
    }
    assert arguments["DriftCheckBaselines"] == {
        place: {
            "Statistics": source("BaselineUsedForDriftCheckStatistics"),
            "Constraints": source("BaselineUsedForDriftCheckConstraints"),
        }
    }


def test_metrics_and_a_baseline_stand_side_by_side() -> None:
    baseline = check(skip=True, register=True)
    register = RegisterModelStep(
        "Register", group="g", image="i", model_data="s3://b/m", baseline=baseline, metrics="s3://b/e.json"
    )
    metrics = entry(baseline, register)["Arguments"]["ModelMetrics"]
    assert set(metrics) == {"ModelQuality", "ModelDataQuality"}
    assert metrics["ModelQuality"]["Statistics"]["S3Uri"] == "s3://b/e.json"


def test_a_description_may_be_what_a_step_wrote() -> None:
    told = PropertyFile("Told", output="told", path="told.json")
    write = ProcessingStep("Write", image="i", outputs=[Output("told")], property_files=[told])
    register = RegisterModelStep(
        "Register", group="g", image="i", model_data="s3://b/m", summary=JsonGet(write, told, "text")
    )
    assert "Std:JsonGet" in entry(write, register)["Arguments"]["ModelPackageDescription"]


def test_a_policy_travels_with_the_check(tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text("alpha: 0.01\n", encoding="utf-8")
    step = entry(check(policy=policy))["Arguments"]
    (given,) = (each for each in step["ProcessingInputs"] if each["InputName"] == "drift_policy")
    assert given["S3Input"]["S3Uri"].endswith("/policy.yaml")
    assert step["Environment"]["drift_policy"] == f"{given['S3Input']['LocalPath']}/policy.yaml"


def test_a_key_encrypts_volumes_and_outputs() -> None:
    process = ProcessingStep("Process", image="i", outputs=[Output("o")], kms_key=KEY)
    arguments = entry(process)["Arguments"]
    assert arguments["ProcessingResources"]["ClusterConfig"]["VolumeKmsKeyId"] == KEY
    assert arguments["ProcessingOutputConfig"]["KmsKeyId"] == KEY
    arguments = entry(TrainingStep("Train", image="i", output="s3://b/o", kms_key=KEY))["Arguments"]
    assert arguments["ResourceConfig"]["VolumeKmsKeyId"] == arguments["OutputDataConfig"]["KmsKeyId"] == KEY
    transform = TransformStep("Transform", model="m", data="s3://b/d", kms_key=KEY)
    arguments = entry(transform)["Arguments"]
    assert (
        arguments["TransformResources"]["VolumeKmsKeyId"] == arguments["TransformOutput"]["KmsKeyId"] == KEY
    )
    arguments = entry(check(kms_key=KEY))["Arguments"]
    assert arguments["ProcessingResources"]["ClusterConfig"]["VolumeKmsKeyId"] == KEY
    assert arguments["ProcessingOutputConfig"]["KmsKeyId"] == KEY


def test_without_a_key_nothing_names_one() -> None:
    assert "KmsKeyId" not in json.dumps(entry(check()))
    assert "KmsKeyId" not in json.dumps(entry(TransformStep("T", model="m", data="s3://b/d")))
