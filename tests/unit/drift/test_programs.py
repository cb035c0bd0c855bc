"""The programs in jobs: what they read, write and say, in a folder that stands for /opt/ml."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ropeway.drift import analyzer, clarify
from tests.unit.drift.tables import csv_of, normal, write

Run = Callable[..., int]


@pytest.fixture
def ml(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(tmp_path))
    return tmp_path


@pytest.fixture
def analyse(ml: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    def run(**variables: str) -> int:
        defaults = {
            "dataset_source": "/opt/ml/processing/input/data",
            "output_path": "/opt/ml/processing/output",
            "dataset_format": '{"csv": {"header": true}}',
        }
        for name, value in {**defaults, **variables}.items():
            monkeypatch.setenv(name, value)
        return analyzer.main()

    return run


def result(ml: Path, name: str) -> Any:
    return json.loads((ml / "processing/output" / name).read_text())


def message(ml: Path) -> str:
    return (ml / "output/message").read_text()


def test_a_baseline_then_a_check(ml: Path, analyse: Run) -> None:
    data = ml / "processing/input/data/d.csv"
    write(data, csv_of({"x": normal(500)}))
    assert analyse() == 0
    assert message(ml) == "Completed: Job completed successfully with no violations."
    assert not (ml / "processing/output/constraint_violations.json").exists()
    for name in ("statistics.json", "constraints.json"):
        (ml / "base").mkdir(exist_ok=True)
        (ml / "base" / name).write_text((ml / "processing/output" / name).read_text())
    write(data, csv_of({"x": normal(100, mean=2)}))
    base = {"baseline_constraints": "/opt/ml/base/constraints.json", "baseline_statistics": "/opt/ml/base"}
    assert analyse(**base, publish_cloudwatch_metrics="Enabled") == 0
    assert message(ml).startswith("CompletedWithViolations: Job completed successfully with 2 violations.")
    assert len(result(ml, "constraint_violations.json")["violations"]) == 2
    lines = (ml / "output/metrics/cloudwatch/cloudwatch_metrics.jsonl").read_text().splitlines()
    named = {json.loads(line)["MetricName"]: json.loads(line)["Value"] for line in lines}
    assert named["feature_baseline_drift_x"] > 0.5
    assert named["feature_data_completeness_x"] == 1.0
    write(ml / "policy.yaml", "ignore: [x]\n")
    assert analyse(**base, drift_policy="/opt/ml/policy.yaml") == 0
    assert message(ml) == "Completed: Job completed successfully with no violations."


@pytest.mark.parametrize(
    ("problem", "columns", "section", "metric"),
    [
        ("Regression", {"y": "y", "p": "p"}, "regression_metrics", "r2"),
        ("MulticlassClassification", {"y": "c", "p": "d"}, "multiclass_classification_metrics", "accuracy"),
        ("BinaryClassification", {"y": "b", "p": "0"}, "binary_classification_metrics", "f1"),
    ],
)
def test_a_models_quality(
    ml: Path, analyse: Run, problem: str, columns: dict[str, str], section: str, metric: str
) -> None:
    rng = np.random.default_rng(1)
    y = rng.normal(size=300).round(3)
    kinds, flags = rng.choice(["a", "b", "c"], 300), rng.integers(0, 2, 300)
    table = {"said": flags, "y": y, "p": (y + 0.1).round(3), "c": kinds, "d": kinds, "b": flags}
    write(ml / "processing/input/data/d.csv", csv_of(table))
    given = {
        "analysis_type": "MODEL_QUALITY",
        "problem_type": problem,
        "ground_truth_attribute": columns["y"],
        "inference_attribute": columns["p"],
        "probability_attribute": columns["p"],  # the same column, read once
    }
    assert analyse(**given) == 0
    assert result(ml, "statistics.json")[section][metric]["value"] > 0.9
    (ml / "c.json").write_text((ml / "processing/output/constraints.json").read_text())
    assert analyse(**given, baseline_constraints="/opt/ml/c.json") == 0
    assert result(ml, "constraint_violations.json") == {"violations": []}


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"dataset_format": "csv"}, "dataset_format is no JSON"),
        ({"dataset_format": '{"csv": {}, "json": {}}'}, "must name one format"),
        ({"analysis_type": "BIAS"}, "analysis_type is 'BIAS'"),
        ({"analysis_type": "MODEL_QUALITY"}, "the variable problem_type is missing"),
        (
            {
                "analysis_type": "MODEL_QUALITY",
                "problem_type": "BinaryClassification",
                "ground_truth_attribute": "x",
                "probability_attribute": "x",
                "probability_threshold_attribute": "half",
            },
            "probability_threshold_attribute is 'half', which is no number",
        ),
        (
            {
                "analysis_type": "MODEL_QUALITY",
                "problem_type": "Regression",
                "ground_truth_attribute": "x",
                "inference_attribute": "z",
            },
            "there is no column 'z'; there are x, t",
        ),
        (
            {
                "analysis_type": "MODEL_QUALITY",
                "problem_type": "Regression",
                "ground_truth_attribute": "x",
                "inference_attribute": "t",
            },
            "column 't' has texts",
        ),
        ({"baseline_constraints": "/opt/ml/none.json"}, "none.json: No such file"),
        ({"drift_policy": "/opt/ml/none.yaml"}, "none.yaml: No such file"),
    ],
)
def test_what_is_wrong_fails_the_job_by_name(
    ml: Path, analyse: Run, variables: dict[str, str], words: str
) -> None:
    write(ml / "processing/input/data/d.csv", "x,t\n1,a\n2,b\n")
    assert analyse(**variables) == 1
    assert words in (ml / "output/failure").read_text()


def test_parquet_and_json_lines_by_their_format(ml: Path, analyse: Run) -> None:
    write(ml / "processing/input/data/part-0", '{"x": 1}\n{"x": 2}\n')
    assert analyse(dataset_format='{"json": {"lines": true}}') == 0
    assert result(ml, "statistics.json")["dataset"]["item_count"] == 2


def captured(moment: str, asked: str, answered: str, kind: str = "CSV") -> str:
    sides = {
        name: {"data": data, "encoding": kind, "observedContentType": "text/csv", "mode": "INPUT"}
        for name, data in (("endpointInput", asked), ("endpointOutput", answered))
    }
    return json.dumps({"captureData": sides, "eventMetadata": {"inferenceTime": moment}})


BOTH = '{"sagemakerCaptureJson": {"captureIndexNames": ["endpointInput", "endpointOutput"]}}'


def test_captured_requests_of_the_window_count(ml: Path, analyse: Run) -> None:
    lines = [
        captured("2026-11-21T09:59:59Z", "1,x", "0.1"),
        captured("2026-11-21T10:00:00Z", "2,y\n3,\n", "0.2\n0.3\n"),
        captured("2026-11-21T11:00:00Z", "4,z", "0.4"),
        captured("2026-11-21T10:30:00Z", "NCw1", "MC41", "BASE64"),
    ]
    write(ml / "processing/input/data/v/10.jsonl", "\n".join(lines))
    times = {"start_time": "2026-11-21T10:00:00Z", "end_time": "2026-11-21T11:00:00Z"}
    assert analyse(dataset_format=BOTH, **times) == 0
    found = result(ml, "statistics.json")
    assert found["dataset"]["item_count"] == 3
    assert [(each["name"], each["inferred_type"]) for each in found["features"]] == [
        ("_c0", "Fractional"),
        ("_c1", "Integral"),
        ("_c2", "String"),
    ]
    write(ml / "base.json", (ml / "processing/output/constraints.json").read_text().replace("_c", "named"))
    assert analyse(dataset_format=BOTH, **times, baseline_constraints="/opt/ml/base.json") == 0
    assert [each["name"] for each in result(ml, "statistics.json")["features"]] == [
        "named0",
        "named1",
        "named2",
    ]
    nothing = {"start_time": "2026-11-22T10:00:00Z", "end_time": "2026-11-22T11:00:00Z"}
    assert analyse(dataset_format=BOTH, **nothing) == 1
    assert "there are no captured requests" in (ml / "output/failure").read_text()


def test_one_side_of_requests_is_enough(ml: Path, analyse: Run) -> None:
    record = json.loads(captured("2026-11-21T10:00:00Z", "1,x", "0.1"))
    del record["captureData"]["endpointOutput"]
    write(ml / "processing/input/data/a.jsonl", json.dumps(record) + "\n")
    assert analyse(dataset_format=BOTH) == 0
    assert [each["name"] for each in result(ml, "statistics.json")["features"]] == ["_c0", "_c1"]


def test_captured_json_has_its_members(ml: Path, analyse: Run) -> None:
    line = captured("2026-11-21T10:00:00Z", '{"a": 1, "b": {"c": "x"}}', '{"score": 0.5}', "JSON")
    write(ml / "processing/input/data/a.jsonl", f"{line}\n{line}\n")
    assert analyse(dataset_format=BOTH) == 0
    assert [each["name"] for each in result(ml, "statistics.json")["features"]] == ["score", "a", "b.c"]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{}", "this is no captured request"),
        (captured("2026-11-21T10:00:00Z", "1\n2", "0"), "1 and 2 rows do not go together"),
        (captured("2026-11-21T10:00:00Z", "1", "0", "XML"), "'XML' is none of CSV, JSON, BASE64"),
        (captured("2026-11-21T10:00:00Z", "[1", "0", "JSON"), "line 1: the data are no JSON"),
        (captured("2026-11-21T10:00:00Z", "1", "0", "BASE64"), "line 1: the data are no BASE64"),
    ],
)
def test_what_is_no_capture_is_named(ml: Path, analyse: Run, line: str, words: str) -> None:
    write(ml / "processing/input/data/a.jsonl", line)
    assert analyse(dataset_format=BOTH) == 1
    assert words in (ml / "output/failure").read_text()


CONFIG: dict[str, Any] = {
    "dataset_type": "text/csv",
    "headers": ["label", "group", "age", "said"],
    "label": 0,
    "label_values_or_threshold": [1],
    "facet": [{"name_or_index": "group", "value_or_threshold": ["f"]}],
    "group_variable": "group",
    "methods": {"pre_training_bias": {"methods": "all"}, "report": {"name": "report"}},
}


def clarified(ml: Path, **changes: Any) -> int:
    rng = np.random.default_rng(1)
    rows = zip(
        rng.integers(0, 2, 200),
        rng.choice(["f", "m"], 200),
        rng.integers(18, 90, 200),
        rng.integers(0, 2, 200),
        strict=True,
    )
    write(ml / "processing/input/data/d.csv", "\n".join(",".join(map(str, row)) for row in rows) + "\n")
    config = {key: value for key, value in {**CONFIG, **changes}.items() if value is not None}
    write(ml / "processing/input/config/analysis_config.json", json.dumps(config))
    return clarify.main()


def test_facets_may_be_values_thresholds_and_all_values(ml: Path) -> None:
    facets = [
        {"name_or_index": 1, "value_or_threshold": ["f"]},
        {"name_or_index": "age", "value_or_threshold": [40]},
        {"name_or_index": "group"},
    ]
    assert clarified(ml, facet=facets) == 0
    found = result(ml, "analysis.json")["pre_training_bias_metrics"]
    assert (found["label"], found["label_value_or_threshold"]) == ("label", "1")
    assert [entry["value_or_threshold"] for entry in found["facets"]["group"]] == ["f", "f", "m"]
    (age,) = found["facets"]["age"]
    imbalance = next(each["value"] for each in age["metrics"] if each["name"] == "CI")
    assert imbalance < 0  # most are older than 40
    assert {each["name"] for each in age["metrics"]} >= {"CDDL", "DPL"}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"methods": None}, "methods is missing"),
        ({"methods": {"shap": {}}}, "methods.shap is not supported here"),
        ({"methods": {"pre_training_bias": {"methods": ["XX"]}}}, "'XX' is not among CDDL, CI"),
        ({"methods": {"post_training_bias": {}}}, "asks no model for them"),
        ({"facet": None}, "facet is missing"),
        ({"facet": ["group"]}, "facet must be a list of objects"),
        ({"label": None}, "label is missing"),
        ({"label": 9}, "there is no column 9"),
        ({"label_values_or_threshold": None}, "label_values_or_threshold is missing"),
        ({"dataset_type": "image/png"}, "dataset_type 'image/png' is not supported"),
    ],
)
def test_what_a_configuration_lacks_is_named(ml: Path, changes: dict[str, Any], words: str) -> None:
    assert clarified(ml, **changes) == 1
    assert words in (ml / "output/failure").read_text()
