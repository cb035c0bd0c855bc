"""QualityCheck and ClarifyCheck steps: real processing jobs that compute baselines and find what drifted."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.drift.conftest import Desk, people, scored, table
from tests.sandbox.sagemaker.pipelines.conftest import Lab, fail, get

BINARY = {
    "analysis_type": "MODEL_QUALITY",
    "problem_type": "BinaryClassification",
    "ground_truth_attribute": "label",
    "inference_attribute": "said",
    "probability_attribute": "score",
}
BIAS: dict[str, Any] = {
    "dataset_type": "text/csv",
    "label": "label",
    "label_values_or_threshold": [1],
    "facet": [{"name_or_index": "group", "value_or_threshold": [0]}],
    "methods": {"pre_training_bias": {"methods": "all"}},
}


def told(lab: Lab, execution: Any, name: str = "Check", kind: str = "QualityCheck") -> dict[str, Any]:
    step: dict[str, Any] = lab.steps(execution["PipelineExecutionArn"])[name]
    assert step.get("FailureReason", "") == "" or execution["PipelineExecutionStatus"] == "Failed", step
    return dict(step["Metadata"][kind])


@pytest.fixture
def baseline(lab: Lab, desk: Desk) -> dict[str, Any]:
    """What a first run registers, as a supplied baseline."""
    step = desk.quality("Check", desk.put("train.csv", table(800)), SkipCheck=True, RegisterNewBaseline=True)
    execution = lab.run(step)
    assert execution["PipelineExecutionStatus"] == "Succeeded"
    metadata = told(lab, execution)
    for kind in ("Statistics", "Constraints"):
        assert metadata[f"CalculatedBaseline{kind}"] == metadata[f"BaselineUsedForDriftCheck{kind}"]
    return {
        "SuppliedBaselineStatistics": metadata["CalculatedBaselineStatistics"],
        "SuppliedBaselineConstraints": metadata["CalculatedBaselineConstraints"],
    }


def test_a_first_run_computes_the_baseline_that_is_registered(desk: Desk, baseline: dict[str, Any]) -> None:
    statistics = desk.get(baseline["SuppliedBaselineStatistics"])
    constraints = desk.get(baseline["SuppliedBaselineConstraints"])
    assert statistics["dataset"]["item_count"] == 800
    assert [each["inferred_type"] for each in constraints["features"]] == ["Fractional", "Integral"]


def test_clean_data_pass(lab: Lab, desk: Desk, baseline: dict[str, Any]) -> None:
    step = desk.quality("Check", desk.put("clean.csv", table(100, seed=7)), **baseline)
    after = fail("F", get("Steps.Check.CalculatedBaselineConstraints"))
    execution = lab.run(step, after)
    metadata = told(lab, execution)
    assert "ViolationReport" not in metadata
    assert metadata["BaselineUsedForDriftCheckConstraints"] == baseline["SuppliedBaselineConstraints"]
    steps = lab.steps(execution["PipelineExecutionArn"])
    assert steps["F"]["Metadata"]["Fail"]["ErrorMessage"] == metadata["CalculatedBaselineConstraints"]
    job = lab.sagemaker.describe_processing_job(ProcessingJobName=metadata["CheckJobArn"].rpartition("/")[2])
    assert job["ExitMessage"] == "Completed: Job completed successfully with no violations."


def test_drifted_data_fail_the_step_and_say_where_the_report_is(
    lab: Lab, desk: Desk, baseline: dict[str, Any]
) -> None:
    data = desk.put("drifted.csv", table(100, shift=1.0, seed=7))
    execution = lab.run(desk.quality("Check", data, **baseline))
    assert execution["PipelineExecutionStatus"] == "Failed"
    step = lab.steps(execution["PipelineExecutionArn"])["Check"]
    metadata = step["Metadata"]["QualityCheck"]
    report = metadata["ViolationReport"]
    assert step["FailureReason"] == f"ClientError: Quality check failed. See violation report {report}"
    violations = desk.get(report)["violations"]
    assert {(each["feature_name"], each["constraint_check_type"]) for each in violations} == {
        ("x", "baseline_drift_check")
    }
    page = desk.s3.get_object(
        Bucket=desk.bucket, Key=report.partition(f"{desk.bucket}/")[2].rpartition("/")[0] + "/report.html"
    )
    assert b"violation" in page["Body"].read()
    job = lab.sagemaker.describe_processing_job(ProcessingJobName=metadata["CheckJobArn"].rpartition("/")[2])
    assert job["ProcessingJobStatus"] == "Completed"
    assert job["ExitMessage"].startswith("CompletedWithViolations: Job completed successfully with ")


def test_violations_may_be_told_without_failing(lab: Lab, desk: Desk, baseline: dict[str, Any]) -> None:
    data = desk.put("drifted.csv", table(100, shift=1.0, seed=7))
    execution = lab.run(desk.quality("Check", data, FailOnViolation=False, **baseline))
    assert execution["PipelineExecutionStatus"] == "Succeeded"
    assert told(lab, execution)["ViolationReport"].endswith("/constraint_violations.json")


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"record_preprocessor_script": "/opt/x.py"}, "record_preprocessor_script is not supported"),
        ({"post_analytics_processor_script": "s3://b/x"}, "post_analytics_processor_script is not"),
        ({"dataset_format": '{"recordio": {}}'}, "'recordio' is not supported"),
        ({"dataset_source": ""}, "the variable dataset_source is missing"),
    ],
)
def test_what_the_analyser_cannot_do_fails_by_name(
    lab: Lab, desk: Desk, environment: dict[str, str], words: str
) -> None:
    data = desk.put("a.csv", table(10))
    execution = lab.run(desk.quality("Check", data, environment=environment, SkipCheck=True))
    assert words in lab.steps(execution["PipelineExecutionArn"])["Check"]["FailureReason"]


def test_a_models_quality_is_held_against_its_baseline(lab: Lab, desk: Desk) -> None:
    good, bad = desk.put("good.csv", scored(600, skill=0.4)), desk.put("bad.csv", scored(600, skill=0.1))
    first = lab.run(desk.quality("Check", good, "MODEL_QUALITY", BINARY, SkipCheck=True))
    metadata = told(lab, first)
    statistics = desk.get(metadata["CalculatedBaselineStatistics"])["binary_classification_metrics"]
    assert 0.85 < statistics["auc"]["value"] < 0.97
    supplied = {"SuppliedBaselineConstraints": metadata["CalculatedBaselineConstraints"]}
    same = desk.put("same.csv", scored(600, skill=0.4, seed=5))
    held = lab.run(desk.quality("Check", same, "MODEL_QUALITY", BINARY, **supplied))
    assert held["PipelineExecutionStatus"] == "Succeeded"
    worse = lab.run(desk.quality("Check", bad, "MODEL_QUALITY", BINARY, FailOnViolation=False, **supplied))
    violations = desk.get(told(lab, worse)["ViolationReport"])["violations"]
    assert {"auc", "accuracy", "f1"} <= {each["metric_name"] for each in violations}


def test_bias_of_data_is_held_against_its_baseline(lab: Lab, desk: Desk) -> None:
    fair, unfair = desk.put("fair.csv", people(1000, gap=0.0)), desk.put("unfair.csv", people(1000, gap=0.5))
    first = lab.run(desk.clarify("Check", fair, BIAS, SkipCheck=True))
    metadata = told(lab, first, kind="ClarifyCheck")
    analysis = desk.get(metadata["CalculatedBaselineConstraints"])
    (entry,) = analysis["pre_training_bias_metrics"]["facets"]["group"]
    assert entry["value_or_threshold"] == "0"
    assert {each["name"] for each in entry["metrics"]} == {"CI", "DPL", "JS", "KL", "KS", "LP", "TVD"}
    supplied = {"SuppliedBaselineConstraints": metadata["CalculatedBaselineConstraints"]}
    same = desk.put("same.csv", people(1000, gap=0.0, seed=4))
    assert lab.run(desk.clarify("Check", same, BIAS, **supplied))["PipelineExecutionStatus"] == "Succeeded"
    execution = lab.run(desk.clarify("Check", unfair, BIAS, **supplied))
    step = lab.steps(execution["PipelineExecutionArn"])["Check"]
    assert step["FailureReason"].startswith("ClientError: Clarify check failed. See violation report s3://")
    found = desk.get(step["Metadata"]["ClarifyCheck"]["ViolationReport"])["violations"]
    assert {("DPL", "bias_drift_check")} <= {
        (each["metric_name"], each["constraint_check_type"]) for each in found
    }


def test_bias_of_a_model_needs_predictions(lab: Lab, desk: Desk) -> None:
    data = desk.put("people.csv", people(500, gap=0.3))
    config = {**BIAS, "methods": {"post_training_bias": {"methods": ["DPPL", "DI"]}}}
    without = lab.run(desk.clarify("Check", data, config, "MODEL_BIAS", SkipCheck=True))
    reason = lab.steps(without["PipelineExecutionArn"])["Check"]["FailureReason"]
    assert "bias after training needs predictions" in reason
    given = {**config, "predicted_label": "said"}
    execution = lab.run(desk.clarify("Check", data, given, "MODEL_BIAS", SkipCheck=True))
    place = told(lab, execution, kind="ClarifyCheck")["CalculatedBaselineConstraints"]
    (entry,) = desk.get(place)["post_training_bias_metrics"]["facets"]["group"]
    assert {each["name"] for each in entry["metrics"]} == {"DPPL", "DI"}


def test_explainability_is_refused_by_name(lab: Lab, desk: Desk) -> None:
    data = desk.put("people.csv", people(50, gap=0.3))
    config = {**BIAS, "methods": {"shap": {}}}
    execution = lab.run(desk.clarify("Check", data, config, "MODEL_EXPLAINABILITY", SkipCheck=True))
    reason = lab.steps(execution["PipelineExecutionArn"])["Check"]["FailureReason"]
    assert "methods.shap is not supported here" in reason
