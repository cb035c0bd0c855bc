"""The mammography use case in one account: a first version, good and bad days, drift, retraining."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from ropeway.sandbox.server import Server
from tests.examples.conftest import CASE, DATA, GROUP, Clinic

PREDICTED = {
    "Mammo-LatestApproved": "Succeeded",
    "Mammo-DataQuality": "Succeeded",
    "Mammo-CreateModel": "Succeeded",
    "Mammo-Transform": "Succeeded",
}
STOPPED = {"Mammo-LatestApproved": "Succeeded", "Mammo-DataQuality": "Failed"}


@pytest.fixture(scope="module")
def clinic(sandbox: Server, tmp_path_factory: pytest.TempPathFactory) -> Clinic:
    """The use case with its data delivered, and its pipelines deployed."""
    clinic = Clinic(sandbox, tmp_path_factory.mktemp("data"), "clinic")
    clinic.data["write"](clinic.folder)
    clinic.put("train/mammo-train-part1.csv", "train/mammo-train-part1.csv")
    clinic.put("drifted/mammo-batch.csv", "drifted/mammo-batch.csv")
    clinic.deploy("train.py")
    clinic.deploy("inference.py")
    return clinic


@pytest.fixture(scope="module")
def first(clinic: Clinic) -> Any:
    """The first version, approved."""
    ended = clinic.run("mammography-train")
    assert ended.status == "Succeeded", {name: ended.reason(name) for name in ended.steps}
    package = clinic.newest()
    clinic.decide(package)
    return package


def test_the_first_version_was_compared_with_none_and_has_its_baseline(clinic: Clinic, first: Any) -> None:
    told = first["CustomerMetadataProperties"]
    assert told["comparison"] == told["champion_version"] == told["champion_auc"] == "none"
    assert told["retraining_reason"] == told["drift_report_url"] == told["drifted_data_url"] == "none"
    assert float(told["auc_lower_95"]) > 0.7
    assert "No version was approved to compare it with." in first["ModelPackageDescription"]
    baseline = first["DriftCheckBaselines"]["ModelDataQuality"]
    assert baseline == first["ModelMetrics"]["ModelDataQuality"]
    statistics = clinic.read(baseline["Statistics"]["S3Uri"])
    assert [each["name"] for each in statistics["features"]] == [*clinic.data["FEATURES"]]
    assert 150 < statistics["dataset"]["item_count"] < 210  # the training part of 300 rows
    constraints = clinic.read(baseline["Constraints"]["S3Uri"])
    assert {each["inferred_type"] for each in constraints["features"]} == {"Integral"}


def test_a_clean_batch_is_predicted_below_its_execution(clinic: Clinic, first: Any) -> None:
    clinic.day(2, "clean")
    ended = clinic.run("mammography-inference")
    assert ended.states == PREDICTED
    key = f"{GROUP}/predictions/{ended.id}/mammo-batch.csv.out"
    head, *rows = clinic.storage.get(clinic.bucket, key).decode().splitlines()
    batch = (clinic.folder / "batch/mammo-batch.csv").read_text(encoding="utf-8").splitlines()
    assert head == f"{batch[0]},probability"
    assert [row.rpartition(",")[0] for row in rows] == batch[1:]
    assert all(0 < float(row.rpartition(",")[2]) < 1 for row in rows)


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        ("missing", {("Age", "completeness_check"), ("Density", "completeness_check")}),
        ("renamed", {("Margin", "missing_column_check"), ("MassMargin", "extra_column_check")}),
        ("type", {("Age", "data_type_check")}),
    ],
)
def test_bad_data_stop_before_they_are_predicted(
    clinic: Clinic,
    first: Any,
    kind: str,
    found: set[tuple[str, str]],
) -> None:
    clinic.day(3, kind)
    ended = clinic.run("mammography-inference")
    assert ended.states == STOPPED
    assert "Quality check failed. See violation report s3://" in ended.reason("Mammo-DataQuality")
    assert {(v["feature_name"], v["constraint_check_type"]) for v in clinic.violations(ended)} == found


def test_an_empty_file_fails_the_check_itself(clinic: Clinic, first: Any) -> None:
    clinic.day(3, "empty")
    ended = clinic.run("mammography-inference")
    assert ended.states == STOPPED
    assert "mammo-batch.csv: the file is empty" in ended.reason("Mammo-DataQuality")
    assert clinic.violations(ended) == []


def test_a_broken_script_fails_and_is_no_drift(clinic: Clinic, first: Any) -> None:
    clinic.day(3, "script")
    broken = clinic.deploy(
        "inference.py", scripts=str(clinic.folder / "scripts"), pipeline_name="mammography-broken"
    )
    ended = clinic.run(broken)
    assert ended.states == {"Mammo-LatestApproved": "Failed"}
    assert "KeyError" in ended.reason("Mammo-LatestApproved")


def test_drift_is_found_and_a_retrained_model_is_better(clinic: Clinic, first: Any) -> None:
    clinic.day(15, "drifted")
    day = clinic.run("mammography-inference")
    assert day.states == STOPPED
    assert {v["constraint_check_type"] for v in clinic.violations(day)} == {"baseline_drift_check"}
    assert "Age" in {v["feature_name"] for v in clinic.violations(day)}
    report = day.steps["Mammo-DataQuality"]["Metadata"]["QualityCheck"]["ViolationReport"]
    clinic.put(clinic.data["LATER"], "train/mammo-train-part2.csv")
    reason = "mammography-inference found drift: Age, Shape; the distance (ks) 0.46 " + "and so on " * 60
    data = f"s3://{clinic.bucket}/{DATA}/batch/mammo-batch.csv"
    ended = clinic.run(
        "mammography-train", RetrainingReason=reason, DriftReportUrl=report, DriftedDataUrl=data
    )
    assert ended.status == "Succeeded", {name: ended.reason(name) for name in ended.steps}
    second = clinic.newest()
    told = second["CustomerMetadataProperties"]
    assert (told["comparison"], told["champion_version"]) == ("better", "1")
    assert float(told["auc_difference_lower_95"]) > 0
    assert float(told["auc_difference_p"]) < 0.05
    assert float(told["auc"]) - float(told["champion_auc"]) == pytest.approx(float(told["auc_difference"]))
    assert (told["drift_report_url"], told["drifted_data_url"]) == (report, data)
    assert told["retraining_reason"].startswith("mammography-inference found drift: Age Shape the distance")
    assert len(told["retraining_reason"]) <= 256
    evaluation = clinic.read(second["ModelMetrics"]["ModelQuality"]["Statistics"]["S3Uri"])
    assert evaluation["deliveries"]["mammo-train-part2.csv"]["champion_auc"] < 0.7
    before = clinic.read(first["ModelMetrics"]["ModelQuality"]["Statistics"]["S3Uri"])
    assert (
        evaluation["deliveries"]["mammo-train-part1.csv"]["champion_auc"]
        == before["classification_metrics"]["auc"]["value"]
    ), "the first delivery's rows that were set aside are the same, and so is what the champion makes of them"
    assert "better, difference" in second["ModelPackageDescription"]
    clinic.decide(second)
    try:
        clinic.day(20, "both")
        assert clinic.run("mammography-inference").states == PREDICTED
    finally:
        clinic.decide(second, "Rejected")  # the other tests' days are held against the first version


def test_a_model_that_is_bad_or_worse_than_the_approved_one_is_not_registered(
    clinic: Clinic, first: Any, tmp_path: Path
) -> None:
    scripts = tmp_path / "scripts"
    shutil.copytree(CASE / "scripts", scripts)
    code = (scripts / "inference.py").read_text(encoding="utf-8")
    (scripts / "inference.py").write_text(code.replace("{score:.6f}", "{1 - score:.6f}"), encoding="utf-8")
    clinic.deploy("train.py", scripts=str(scripts), pipeline_name="mammography-upside-down")
    ended = clinic.run("mammography-upside-down")
    message = ended.steps["Mammo-AUCFail"]["Metadata"]["Fail"]["ErrorMessage"]
    assert message.startswith("the lower bound of the AUC, 0.")
    assert message.endswith("is not above 0.7")
    gates = ("Mammo-CheckAUCScore", "Mammo-CheckChampion", "Mammo-ChampionFail")
    again = clinic.run("mammography-upside-down", gates, ended, AucScoreThreshold="-1")
    assert again.steps["Mammo-ChampionFail"]["StepStatus"] == "Failed"
    assert "Mammo-RegisterModel" not in {*ended.steps, *again.steps}
    message = again.steps["Mammo-ChampionFail"]["Metadata"]["Fail"]["ErrorMessage"]
    assert message.startswith("the new model is significantly worse than the approved one: AUC 0.")
    assert f"The approved version {first['ModelPackageVersion']} has" in message


def test_without_an_approved_version_the_run_says_so(clinic: Clinic) -> None:
    name = clinic.deploy(
        "inference.py", model_package_group_name="nobodys", pipeline_name="mammography-unapproved"
    )
    ended = clinic.run(name)
    assert ended.states == {"Mammo-LatestApproved": "Failed"}
    assert "no version of nobodys is approved; approve one first" in ended.reason("Mammo-LatestApproved")


def test_a_version_without_a_baseline_says_so(clinic: Clinic) -> None:
    clinic.sagemaker.create_model_package_group(ModelPackageGroupName="bare")
    container = {"Image": "xgboost", "ModelDataUrl": f"s3://{clinic.bucket}/model.tar.gz"}
    clinic.sagemaker.create_model_package(
        ModelPackageGroupName="bare",
        ModelApprovalStatus="Approved",
        InferenceSpecification={
            "Containers": [container],
            "SupportedContentTypes": ["text/csv"],
            "SupportedResponseMIMETypes": ["text/csv"],
        },
    )
    name = clinic.deploy("inference.py", model_package_group_name="bare", pipeline_name="mammography-bare")
    reason = clinic.run(name).reason("Mammo-LatestApproved")
    assert "version 1 of bare was registered without a data-quality baseline (statistics)" in reason


def test_a_key_reaches_every_job(clinic: Clinic) -> None:
    key = "arn:aws:kms:eu-west-1:111111111111:key/11111111-2222-3333-4444-555555555555"
    for module, jobs in (("train.py", 5), ("inference.py", 2)):
        name = clinic.deploy(module, kms_key=key, pipeline_name=f"mammography-key-{jobs}")
        described = clinic.sagemaker.describe_pipeline(PipelineName=name)
        text = json.dumps(json.loads(described["PipelineDefinition"]))
        assert text.count(f'"VolumeKmsKeyId": "{key}"') == text.count(f'"KmsKeyId": "{key}"') == jobs
