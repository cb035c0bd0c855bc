"""A model's quality in Model Monitor's files: statistics, constraints and violations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ropeway.drift.faults import DriftError
from ropeway.drift.quality import FEW, Breach, Metric, Quality, operator_of

__all__ = ["dump_breaches", "dump_quality", "dump_thresholds", "load_thresholds"]

_SECTIONS = {
    "Regression": "regression",
    "BinaryClassification": "binary_classification",
    "MulticlassClassification": "multiclass_classification",
}
_HELD = {
    "Regression": ("mae", "mse", "rmse", "r2"),
    "BinaryClassification": (
        *("recall", "precision", "accuracy", "true_positive_rate", "true_negative_rate"),
        *("false_positive_rate", "false_negative_rate", "auc", "f0_5", "f1", "f2"),
    ),
    "MulticlassClassification": (
        *("accuracy", "weighted_recall", "weighted_precision"),
        *("weighted_f0_5", "weighted_f1", "weighted_f2"),
    ),
}


def dump_quality(quality: Quality) -> dict[str, Any]:
    """``statistics.json``."""
    found: dict[str, Any] = {
        name: _metric(metric, told=quality.rows >= FEW) for name, metric in quality.metrics.items()
    }
    if quality.classes:
        found["confusion_matrix"] = {
            real: dict(zip(quality.classes, row, strict=True))
            for real, row in zip(quality.classes, quality.confusion, strict=True)
        }
    if quality.curve is not None:
        found["receiver_operating_characteristic_curve"] = {
            "false_positive_rates": list(quality.curve[0]),
            "true_positive_rates": list(quality.curve[1]),
        }
    section = f"{_SECTIONS[quality.problem]}_metrics"
    return {"version": 0.0, "dataset": {"item_count": quality.rows}, section: found}


def _metric(metric: Metric, *, told: bool) -> dict[str, Any]:
    return {
        "value": metric.value,
        "standard_deviation": metric.deviation if told and metric.deviation is not None else "NaN",
    }


def dump_thresholds(quality: Quality) -> dict[str, Any]:
    """``constraints.json``: no metric may get worse than it is."""
    return {
        "version": 0.0,
        f"{_SECTIONS[quality.problem]}_constraints": {
            name: {"threshold": quality.metrics[name].value, "comparison_operator": operator_of(name)}
            for name in _HELD[quality.problem]
            if name in quality.metrics
        },
    }


def load_thresholds(document: Mapping[str, Any], problem: str, where: str) -> dict[str, tuple[float, str]]:
    """Thresholds and operators by metric.

    Raises:
        DriftError: the document has none for this kind of problem.
    """
    section = f"{_SECTIONS[problem]}_constraints"
    try:
        return {
            name: (float(each["threshold"]), str(each["comparison_operator"]))
            for name, each in document[section].items()
        }
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise DriftError(f"{where}: there are no {section} in it: {error!r}") from error


def dump_breaches(breaches: Sequence[Breach]) -> dict[str, Any]:
    """``constraint_violations.json``."""
    return {
        "violations": [
            {"constraint_check_type": each.operator, "description": each.text, "metric_name": each.metric}
            for each in breaches
        ]
    }
