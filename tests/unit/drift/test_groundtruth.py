"""Predictions and labels that came later: put together, measured, and what cannot be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ropeway.drift import analyzer, clarify
from ropeway.drift.captures import Window
from ropeway.drift.faults import DriftError
from ropeway.drift.groundtruth import columns_of, pairs
from ropeway.drift.reading import Format

MERGED = '{"sagemakerMergeJson": {"captureIndexNames": ["endpointOutput"]}}'


def side(data: str, encoding: str = "CSV") -> dict[str, str]:
    return {"data": data, "encoding": encoding, "observedContentType": "text/csv", "mode": "INPUT"}


def request(event: str, asked: str, answered: str, inference: str = "", hour: int = 10) -> dict[str, Any]:
    told = {"eventId": event, "inferenceTime": f"2026-11-21T{hour}:30:00Z"}
    return {
        "captureData": {"endpointInput": side(asked), "endpointOutput": side(answered)},
        "eventMetadata": {**told, **({"inferenceId": inference} if inference else {})},
    }


def label(event: str, data: str, encoding: str = "CSV") -> dict[str, Any]:
    truth = {"data": data, "encoding": encoding}
    return {"groundTruthData": truth, "eventMetadata": {"eventId": event}, "eventVersion": "0"}


def write(path: Path, records: list[dict[str, Any]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path.parent


def both(folder: Path, requests: list[dict[str, Any]], labels: list[dict[str, Any]]) -> tuple[Path, Path]:
    return write(folder / "asked" / "a.jsonl", requests), write(folder / "truth" / "l.jsonl", labels)


def test_labels_find_their_requests(tmp_path: Path) -> None:
    source, labels = both(
        tmp_path,
        [
            request("e1", "1,2", "0.1"),
            request("e2", "3,4", "0.2", inference="mine"),
            request("e3", "5,6\n7,8", "0.3\n0.4"),
            request("e4", "9,9", "0.9"),
            request("e5", "9,9", "0.9", hour=12),
        ],
        [
            label("e3", "1\n0"),
            label("mine", "0"),
            label("mine", "1"),
            label("e1", "0"),
            label("e5", "1"),
            label("nobody", "1"),
        ],
    )
    found = pairs(source, labels, None, Window("2026-11-21T10:00:00Z", "2026-11-21T11:00:00Z"))
    assert [(dict(pair.asked), pair.answered["_c0"], pair.label) for pair in found] == [
        ({"_c0": 1, "_c1": 2}, 0.1, 0),
        ({"_c0": 3, "_c1": 4}, 0.2, 1),
        ({"_c0": 5, "_c1": 6}, 0.3, 1),
        ({"_c0": 7, "_c1": 8}, 0.4, 0),
    ]


def test_batches_name_their_rows(tmp_path: Path) -> None:
    batch = tmp_path / "batch" / "out.csv"
    batch.parent.mkdir()
    batch.write_text("x,said,SageMakerInferenceId\n1,0.5,a\n2,0.6,b\n3,0.7,c\n", encoding="utf-8")
    labels = write(tmp_path / "truth" / "l.jsonl", [label("c", "7"), label("a", "5")])
    found = pairs(batch.parent, labels, Format("csv"), Window())
    assert [(pair.answered["said"], pair.label) for pair in found] == [(0.5, 5), (0.7, 7)]
    batch.write_text("x,said\n1,0.5\n", encoding="utf-8")
    with pytest.raises(DriftError, match="no column SageMakerInferenceId"):
        pairs(batch.parent, labels, Format("csv"), Window())


@pytest.mark.parametrize(
    ("requests", "labels", "words"),
    [
        ([request("e", "1", "2")], [label("other", "1")], "none of 1 predictions has one of 1 labels"),
        ([request("e", "1\n2", "1\n2")], [label("e", "1")], "2 rows were answered, 1 labels are there"),
        ([request("e", "1", "2")], [{"label": 1}], "this is no label"),
        ([{"captureData": {}}], [label("e", "1")], "this is no captured request"),
        ([request("e", "1", "2")], [label("e", "1", "XML")], "the encoding 'XML' is none of"),
    ],
)
def test_what_cannot_be_put_together(
    tmp_path: Path, requests: list[dict[str, Any]], labels: list[dict[str, Any]], words: str
) -> None:
    source, truth = both(tmp_path, requests, labels)
    with pytest.raises(DriftError, match=words):
        pairs(source, truth, None, Window())


def test_columns_by_name_and_place() -> None:
    rows: list[dict[str, Any]] = [{"score": 0.5, "said": "a"}, {"score": 1}]
    found = columns_of(rows, ["score", "1"])
    assert [each.to_pylist() for each in (found["score"][0], found["1"][0])] == [[0.5, 1.0], ["a", None]]
    assert columns_of([{"_c0": 1, "_c1": 2}], ["1"])["1"][0].to_pylist() == [2]
    with pytest.raises(DriftError, match="no column 'nothing' in the predictions; there are score, said"):
        columns_of(rows, ["nothing"])


def served(
    folder: Path, *, skill: float, gap: float = 0.0, size: int = 600, seed: int = 1
) -> tuple[Path, Path]:
    """Captured requests of a model for a group and a number, and the labels."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 2, size)
    group = rng.integers(0, 2, size)
    score = np.clip(rng.normal(0.5, 0.15, size) + skill * (truth - 0.5) - gap * group, 0, 1).round(4)
    return both(
        folder,
        [request(f"e{n}", f"{group[n]},{n}", f"{score[n]}") for n in range(size)],
        [label(f"e{n}", str(truth[n])) for n in range(size)],
    )


def run(program: Any, monkeypatch: pytest.MonkeyPatch, folder: Path, **variables: str) -> tuple[str, Path]:
    """A program's exit message, and where its files are."""
    output = folder / "out"
    settings = {
        "SAGEMAKER_BASE_DIR": str(folder / "ml"),
        "dataset_format": MERGED,
        "dataset_source": str(folder / "asked"),
        "ground_truth_source": str(folder / "truth"),
        "output_path": str(output),
        "publish_cloudwatch_metrics": "Enabled",
        "sagemaker_endpoint_name": "watched",
        "sagemaker_monitoring_schedule_name": "hourly",
        "probability_attribute": "0",
        **variables,
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    assert program.main() == 0
    return (folder / "ml" / "output" / "message").read_text(encoding="utf-8"), output


def published(folder: Path) -> dict[str, tuple[float, dict[str, str]]]:
    """Metrics by their names: value and dimensions; the last of a name."""
    path = folder / "ml" / "output" / "metrics" / "cloudwatch" / "cloudwatch_metrics.jsonl"
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return {
        each["MetricName"]: (each["Value"], {d["Name"]: d["Value"] for d in each["Dimensions"]})
        for each in lines
    }


def test_a_models_quality_by_its_requests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = {"analysis_type": "MODEL_QUALITY", "problem_type": "BinaryClassification"}
    served(tmp_path, skill=0.4)
    message, output = run(analyzer, monkeypatch, tmp_path, **wanted)
    assert message.startswith("Completed:")
    found = json.loads((output / "statistics.json").read_text(encoding="utf-8"))
    metrics = found["binary_classification_metrics"]
    assert found["dataset"]["item_count"] == 600
    assert metrics["auc"]["value"] > 0.9
    assert metrics["auc"]["standard_deviation"] > 0
    value, dimensions = published(tmp_path)["accuracy"]
    assert value == metrics["accuracy"]["value"]
    assert dimensions == {"Endpoint": "watched", "MonitoringSchedule": "hourly"}
    baseline = tmp_path / "constraints.json"
    baseline.write_bytes((output / "constraints.json").read_bytes())
    served(tmp_path, skill=0.4, seed=2)
    message, _ = run(analyzer, monkeypatch, tmp_path, baseline_constraints=str(baseline), **wanted)
    assert message.startswith("Completed:")  # chance explains what is worse
    served(tmp_path, skill=0.1, seed=3)
    message, _ = run(analyzer, monkeypatch, tmp_path, baseline_constraints=str(baseline), **wanted)
    assert message.startswith("CompletedWithViolations:")
    broken = json.loads((output / "constraint_violations.json").read_text(encoding="utf-8"))["violations"]
    assert {"auc", "accuracy", "recall"} <= {each["metric_name"] for each in broken}


def test_bias_by_what_a_model_answered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = {
        "headers": ["group", "n", "label"],
        "label": "label",
        "label_values_or_threshold": [1],
        "facet": [{"name_or_index": "group", "value_or_threshold": [1]}],
        "methods": {"pre_training_bias": {"methods": "all"}, "post_training_bias": {"methods": "all"}},
    }
    place = tmp_path / "ml" / "processing" / "input" / "config" / "analysis_config.json"
    write(place, [config])
    served(tmp_path, skill=0.4)
    message, output = run(clarify, monkeypatch, tmp_path)
    assert message.startswith("Completed:")
    baseline = tmp_path / "analysis.json"
    baseline.write_bytes((output / "analysis.json").read_bytes())
    value, dimensions = published(tmp_path)["bias_metric_DPPL"]
    assert abs(value) < 0.1
    assert dimensions == {
        "Endpoint": "watched",
        "MonitoringSchedule": "hourly",
        "BiasStage": "Post-Training",
        "Label": "label",
        "LabelValue": "1",
        "Facet": "group",
        "FacetValue": "1",
    }
    served(tmp_path, skill=0.4, gap=0.3, seed=2)
    message, _ = run(clarify, monkeypatch, tmp_path, baseline_constraints=str(baseline))
    assert message.startswith("CompletedWithViolations:")
    assert published(tmp_path)["bias_metric_DPPL"][0] > 0.3
    broken = json.loads((output / "constraint_violations.json").read_text(encoding="utf-8"))["violations"]
    assert {(each["facet"], each["facet_value"]) for each in broken} == {("group", "1")}
    assert "DPPL" in {each["metric_name"] for each in broken}
