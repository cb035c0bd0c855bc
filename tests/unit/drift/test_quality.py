"""A model's quality: metrics agree with scikit-learn's, deviations with what repetition shows, breaches with chance."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from sklearn import metrics

from ropeway.drift.faults import DriftError
from ropeway.drift.quality import Quality, binary, breaches, multiclass, regression
from ropeway.drift.qualityfile import dump_breaches, dump_quality, dump_thresholds, load_thresholds


def scored(size: int, seed: int = 1, skill: float = 0.3) -> tuple[Any, Any]:
    rng = np.random.default_rng(seed)
    label = rng.integers(0, 2, size)
    return label, np.clip(rng.normal(0.5, 0.2, size) + skill * (label - 0.5), 0, 1)


def of_scores(size: int, seed: int = 1, skill: float = 0.3) -> Quality:
    label, score = scored(size, seed, skill)
    return binary(label.astype(str), None, score)


def test_two_classes() -> None:
    label, score = scored(2000)
    said = (score >= 0.5).astype(int)
    found = binary(label.astype(str), said.astype(str), score)
    values = {name: metric.value for name, metric in found.metrics.items()}
    assert values["auc"] == pytest.approx(metrics.roc_auc_score(label, score))
    assert values["accuracy"] == pytest.approx(metrics.accuracy_score(label, said))
    assert values["precision"] == pytest.approx(metrics.precision_score(label, said))
    assert values["recall"] == pytest.approx(metrics.recall_score(label, said))
    assert values["f2"] == pytest.approx(metrics.fbeta_score(label, said, beta=2))
    assert found.confusion == tuple(map(tuple, metrics.confusion_matrix(label, said).tolist()))
    assert values == {name: metric.value for name, metric in of_scores(2000).metrics.items()}


def test_ties_count_half_in_auc() -> None:
    found = binary(["0", "1", "0", "1"], None, np.asarray([0.5, 0.5, 0.5, 0.5]))
    assert found.metrics["auc"].value == 0.5


def test_several_classes() -> None:
    rng = np.random.default_rng(3)
    label = rng.choice(["a", "b", "c"], 900)
    said = np.where(rng.random(900) < 0.7, label, rng.choice(["a", "b", "c"], 900))
    found = multiclass(label, said).metrics
    assert found["accuracy"].value == pytest.approx(metrics.accuracy_score(label, said))
    for name, beta in (("weighted_f1", 1), ("weighted_f2", 2)):
        told = metrics.fbeta_score(label, said, beta=beta, average="weighted")
        assert found[name].value == pytest.approx(told)


def test_numbers() -> None:
    rng = np.random.default_rng(3)
    label = rng.normal(size=500)
    said = label + rng.normal(0, 0.5, 500)
    found = {name: metric.value for name, metric in regression(label, said).metrics.items()}
    assert found == pytest.approx(
        {
            "mae": metrics.mean_absolute_error(label, said),
            "mse": metrics.mean_squared_error(label, said),
            "rmse": math.sqrt(metrics.mean_squared_error(label, said)),
            "r2": metrics.r2_score(label, said),
        }
    )


@pytest.mark.parametrize("name", ["auc", "accuracy", "recall", "f1"])
def test_deviations_are_those_of_repetition(name: str) -> None:
    values = [of_scores(500, seed).metrics[name].value for seed in range(60)]
    told = of_scores(500).metrics[name].deviation
    assert told == pytest.approx(float(np.std(values)), rel=0.4)


def test_deviations_of_regression_are_those_of_repetition() -> None:
    def once(seed: int) -> Quality:
        rng = np.random.default_rng(seed)
        label = rng.normal(size=400)
        return regression(label, label + rng.normal(0, 0.5, 400))

    for name in ("mae", "mse", "rmse", "r2"):
        values = [once(seed).metrics[name].value for seed in range(80)]
        assert once(1000).metrics[name].deviation == pytest.approx(float(np.std(values)), rel=0.4)


def test_few_rows_have_no_deviation_in_the_file() -> None:
    document = dump_quality(of_scores(199))
    assert document["binary_classification_metrics"]["auc"]["standard_deviation"] == "NaN"
    assert document["dataset"] == {"item_count": 199}


def test_thresholds_are_those_of_the_baseline_and_chance_excuses() -> None:
    baseline = of_scores(1000)
    document = dump_thresholds(baseline)
    section = document["binary_classification_constraints"]
    assert section["auc"]["comparison_operator"] == "LessThanThreshold"
    assert section["false_positive_rate"]["comparison_operator"] == "GreaterThanThreshold"
    held = load_thresholds(document, "BinaryClassification", "c")
    broken = [bool(breaches(of_scores(500, seed), held)) for seed in range(2, 42)]
    assert sum(broken) <= 2
    found = breaches(of_scores(500, skill=0.1), held)
    assert {"auc", "accuracy"} <= {each.metric for each in found}
    (auc,) = [each for each in dump_breaches(found)["violations"] if each["metric_name"] == "auc"]
    assert auc["constraint_check_type"] == "LessThanThreshold"
    assert auc["description"].startswith("Metric auc with 0.")


@pytest.mark.parametrize("size", [10, 50])
def test_chance_excuses_small_batches_most_of_all(size: int) -> None:
    held = load_thresholds(dump_thresholds(of_scores(1000)), "BinaryClassification", "c")
    assert sum(bool(breaches(of_scores(size, seed), held)) for seed in range(2, 42)) <= 2
    assert breaches(of_scores(50, skill=-0.3), held)
    numbers = np.random.default_rng(1).normal(size=(2, 1000))
    limits = load_thresholds(dump_thresholds(regression(*numbers)), "Regression", "c")
    assert not breaches(regression(numbers[0, :1], numbers[1, :1] + 9), limits)


@pytest.mark.parametrize(("only", "other"), [("0", "1"), ("False", "true"), ("1", "0")])
def test_the_positive_class_is_the_same_where_only_one_came(only: str, other: str) -> None:
    found = binary([only] * 4, None, np.asarray([0.1, 0.2, 0.6, 0.3]))
    assert found.metrics["accuracy"].value == (0.25 if only == "1" else 0.75)
    assert set(found.classes) == {only, other}


def test_rows_without_a_prediction_do_not_count() -> None:
    found = binary(["1", "0", "1", "0"], ["1", "0", "", ""])
    assert (found.rows, found.confusion) == (2, ((1, 0), (0, 1)))


def test_rows_without_a_label_do_not_count() -> None:
    found = binary(["1", "", "0"], None, np.asarray([0.9, 0.1, math.nan]))
    assert found.rows == 1
    with pytest.raises(DriftError, match="no row has both"):
        regression(np.asarray([math.nan]), np.asarray([1.0]))


def test_what_is_no_binary_problem_is_refused() -> None:
    with pytest.raises(DriftError, match="these are 3 classes, not two: a, b, c"):
        binary(["a", "b", "c"], ["a", "b", "c"])
    with pytest.raises(DriftError, match="needs predictions or probabilities"):
        binary(["a", "b"], None)
    with pytest.raises(DriftError, match="no regression_constraints"):
        load_thresholds({}, "Regression", "c")
