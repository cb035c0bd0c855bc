"""How good a model is, once labels are there: metrics with their standard deviations, and what they are held against.

Metrics have Model Monitor's names. Those of a confusion matrix get their deviations by drawing the matrix anew from its
own shares (a bootstrap of the table, which is the bootstrap of the rows), AUC by Hanley and McNeil, those of numbers by
their influence functions: none needs the rows again. Below ``FEW`` rows a file has "NaN" for them, as Model Monitor's.

A metric breaks its constraint when it is worse than the threshold by more than chance explains: thresholds that come
from a baseline are missed by half of all batches of an unchanged model.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ropeway.drift.faults import DriftError
from ropeway.drift.significance import normal_quantile
from ropeway.drift.sketch import Floats

__all__ = ["FEW", "PROBLEMS", "Breach", "Metric", "Quality", "binary", "breaches", "multiclass", "regression"]

FEW = 200
PROBLEMS = ("Regression", "BinaryClassification", "MulticlassClassification")
_DRAWS = 400
_DOUBT = (
    2.0  # rows that are spread over a matrix before it is drawn anew: what was never seen is not impossible
)
_LOWER_IS_BETTER = {"mae", "mse", "rmse", "false_positive_rate", "false_negative_rate"}
_OPPOSITES = {"0": "1", "-1": "1", "false": "true", "no": "yes", "n": "y", "f": "t", "negative": "positive"}
_BETAS = {"f0_5": 0.5, "f1": 1.0, "f2": 2.0}
_POINTS = 100

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Metric:
    """A figure; its deviation is None where a single row tells nothing of it."""

    value: float
    deviation: float | None = None


@dataclass(frozen=True)
class Quality:
    """A model's quality.

    Attributes:
        problem: one of ``PROBLEMS``.
        rows: with a label and a prediction.
        metrics: by Model Monitor's names.
        classes: the labels, in the order of the matrix.
        confusion: counts by label, then prediction.
        curve: false and true positive rates.
    """

    problem: str
    rows: int
    metrics: Mapping[str, Metric]
    classes: tuple[str, ...] = ()
    confusion: tuple[tuple[int, ...], ...] = ()
    curve: tuple[tuple[float, ...], tuple[float, ...]] | None = None


@dataclass(frozen=True)
class Breach:
    """A metric that is worse than it may be."""

    metric: str
    operator: str
    text: str


def regression(labels: Floats, predictions: Floats) -> Quality:
    """Of a model that predicts numbers."""
    known = np.isfinite(labels) & np.isfinite(predictions)
    labels, predictions = labels[known], predictions[known]
    size = _some(labels)
    error = predictions - labels
    squares, sizes = error**2, np.abs(error)
    mse, spread = float(squares.mean()), float(labels.var())
    root = math.sqrt(mse)
    found = {
        "mae": _mean(sizes),
        "mse": _mean(squares),
        "rmse": Metric(root, _sd((squares - mse) / (2 * root)) if root else _sd(squares)),
    }
    if spread > 0:
        influence = -squares / spread + mse * (labels - labels.mean()) ** 2 / spread**2
        found["r2"] = Metric(1 - mse / spread, _sd(influence))
    return Quality("Regression", size, found)


def binary(
    labels: Sequence[str] | npt.NDArray[np.str_],
    predictions: Sequence[str] | npt.NDArray[np.str_] | None,
    scores: Floats | None = None,
    *,
    threshold: float = 0.5,
    positive: str | None = None,
) -> Quality:
    """Of a model that tells two classes apart.

    Args:
        labels: as texts.
        predictions: as texts; by the scores, if there are none.
        scores: the probabilities of the positive class.
        threshold: from which on a score means the positive class.
        positive: that class; by default the greater one, or the opposite of one that says no, if there is no other.
    """
    texts = np.asarray(labels, dtype=np.str_)
    known = texts != ""
    if predictions is not None:
        known &= np.asarray(predictions, dtype=np.str_) != ""
    if scores is not None:
        known &= np.isfinite(scores)
        scores = scores[known]
    texts = texts[known]
    size = _some(texts)
    classes = sorted(
        {*np.unique(texts).tolist()}
        | ({*np.unique(predictions).tolist()} - {""} if predictions is not None else set()),
        key=_order,
    )
    if len(classes) > 2:
        raise DriftError(f"these are {len(classes)} classes, not two: {', '.join(classes[:5])}")
    alone = _OPPOSITES.get(classes[0].lower()) if len(classes) == 1 else None
    chosen = positive or alone or classes[-1]
    truth = texts == chosen
    if predictions is not None:
        said = np.asarray(predictions, dtype=np.str_)[known] == chosen
    elif scores is not None:
        said = scores >= threshold
    else:
        raise DriftError("a model's quality needs predictions or probabilities")
    cells = [
        np.count_nonzero((truth == real) & (said == told)) for real in (False, True) for told in (False, True)
    ]
    matrix = np.asarray(cells, dtype=np.float64).reshape(2, 2)
    found = _measured(matrix, _of_two, size)
    curve = None
    if scores is not None and 0 < truth.sum() < size:
        found["auc"], curve = _auc(truth, scores)
    other = next((name for name in classes if name != chosen), "0" if chosen != "0" else "1")
    counts = tuple(tuple(int(cell) for cell in row) for row in matrix.tolist())
    return Quality("BinaryClassification", size, found, (other, chosen), counts, curve)


def multiclass(labels: npt.NDArray[np.str_], predictions: npt.NDArray[np.str_]) -> Quality:
    """Of a model that tells several classes apart."""
    known = (labels != "") & (predictions != "")
    labels, predictions = labels[known], predictions[known]
    size = _some(labels)
    classes = sorted({*np.unique(labels).tolist(), *np.unique(predictions).tolist()}, key=_order)
    place = {name: index for index, name in enumerate(classes)}
    flat = np.asarray(
        [
            place[real] * len(classes) + place[told]
            for real, told in zip(labels.tolist(), predictions.tolist(), strict=True)
        ]
    )
    matrix = np.bincount(flat, minlength=len(classes) ** 2).reshape(len(classes), -1).astype(np.float64)
    counts = tuple(tuple(int(cell) for cell in row) for row in matrix.tolist())
    return Quality(
        "MulticlassClassification", size, _measured(matrix, _of_many, size), tuple(classes), counts
    )


def breaches(
    quality: Quality, thresholds: Mapping[str, tuple[float, str]], alpha: float = 0.01
) -> list[Breach]:
    """The metrics that break their constraints.

    Args:
        quality: what was measured.
        thresholds: by metric, with the operator that means a breach.
        alpha: how often an unchanged model may break any of them.
    """
    reach = normal_quantile(1 - alpha / max(1, len(thresholds)))
    found = []
    for name, (threshold, operator) in thresholds.items():
        metric = quality.metrics.get(name)
        if metric is None or math.isnan(metric.value) or metric.deviation is None:
            continue
        allowance = reach * math.sqrt(2) * metric.deviation  # the threshold was measured, too
        worse = metric.value - threshold if operator == "GreaterThanThreshold" else threshold - metric.value
        if worse > allowance:
            told = f" +/- {metric.deviation:.4g}"
            found.append(
                Breach(
                    name,
                    operator,
                    f"Metric {name} with {metric.value:.6g}{told} was {operator} '{threshold:g}'",
                )
            )
    return found


def operator_of(metric: str) -> str:
    """What it is when a metric gets worse."""
    return "GreaterThanThreshold" if metric in _LOWER_IS_BETTER else "LessThanThreshold"


def _some(values: npt.NDArray[np.float64] | npt.NDArray[np.str_]) -> int:
    if not len(values):
        raise DriftError("no row has both a label and a prediction")
    return len(values)


def _order(text: str) -> tuple[int, float, str]:
    try:
        return 0, float(text), text
    except ValueError:
        return 1, 0.0, text


def _mean(values: Floats) -> Metric:
    return Metric(float(values.mean()), _sd(values))


def _sd(values: Floats) -> float | None:
    """The standard deviation of the mean of values."""
    return float(values.std(ddof=1) / math.sqrt(len(values))) if len(values) > 1 else None


def _measured(matrix: Matrix, measure: Callable[[Matrix], dict[str, Floats]], size: int) -> dict[str, Metric]:
    values = measure(matrix[None])
    rng = np.random.default_rng(0)
    shares = matrix.ravel() + _DOUBT / matrix.size
    drawn = rng.multinomial(size, shares / shares.sum(), _DRAWS).astype(np.float64)
    spread = measure(drawn.reshape(_DRAWS, *matrix.shape))
    return {name: Metric(float(each[0]), float(np.nanstd(spread[name]))) for name, each in values.items()}


def _share(part: Floats, whole: Floats) -> Floats:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


def _of_two(matrix: Matrix) -> dict[str, Floats]:
    """The metrics of many matrices at once."""
    tn, fp, fn, tp = matrix[:, 0, 0], matrix[:, 0, 1], matrix[:, 1, 0], matrix[:, 1, 1]
    whole, positive = tn + fp + fn + tp, fn + tp
    recall, precision = _share(tp, positive), _share(tp, tp + fp)
    often = positive * 2 >= whole  # the best guess that looks at nothing
    constant_recall: Floats = often.astype(np.float64)
    constant_precision: Floats = constant_recall * positive / whole
    found = {
        "recall": recall,
        "precision": precision,
        "accuracy": (tp + tn) / whole,
        "recall_best_constant_classifier": constant_recall,
        "precision_best_constant_classifier": constant_precision,
        "accuracy_best_constant_classifier": np.maximum(positive, whole - positive) / whole,
        "true_positive_rate": recall,
        "true_negative_rate": _share(tn, tn + fp),
        "false_positive_rate": _share(fp, tn + fp),
        "false_negative_rate": _share(fn, positive),
    }
    for name, beta in _BETAS.items():
        found[name] = _f(precision, recall, beta)
        found[f"{name}_best_constant_classifier"] = _f(constant_precision, constant_recall, beta)
    return found


def _of_many(matrix: Matrix) -> dict[str, Floats]:
    hits = np.diagonal(matrix, axis1=1, axis2=2)
    real, told = matrix.sum(axis=2), matrix.sum(axis=1)
    whole = real.sum(axis=1)
    shares = real / whole[:, None]
    recall, precision = _share(hits, real), _share(hits, told)
    found = {
        "accuracy": hits.sum(axis=1) / whole,
        "weighted_recall": (shares * recall).sum(axis=1),
        "weighted_precision": (shares * precision).sum(axis=1),
    }
    for name, beta in _BETAS.items():
        found[f"weighted_{name}"] = (shares * _f(precision, recall, beta)).sum(axis=1)
    found["accuracy_best_constant_classifier"] = real.max(axis=1) / whole
    return found


def _f(precision: Floats, recall: Floats, beta: float) -> Floats:
    return _share((1 + beta**2) * precision * recall, beta**2 * precision + recall)


def _auc(
    truth: npt.NDArray[np.bool_], scores: Floats
) -> tuple[Metric, tuple[tuple[float, ...], tuple[float, ...]]]:
    """The area under the curve, ties counted half, and the curve at a hundred places."""
    order = np.argsort(-scores, kind="stable")
    hits, ranked = truth[order], scores[order]
    ends = np.append(np.nonzero(np.diff(ranked))[0], len(ranked) - 1)
    positives, negatives = float(truth.sum()), float(len(truth) - truth.sum())
    tpr = np.concatenate([[0.0], np.cumsum(hits)[ends] / positives])
    fpr = np.concatenate([[0.0], np.cumsum(~hits)[ends] / negatives])
    area = float(np.sum(np.diff(fpr) * (tpr[1:] + tpr[:-1]) / 2))
    one, two = area / (2 - area), 2 * area * area / (1 + area)
    variance = area * (1 - area) + (positives - 1) * (one - area**2) + (negatives - 1) * (two - area**2)
    deviation = math.sqrt(max(0.0, variance) / (positives * negatives))
    places = np.unique(np.linspace(0, len(fpr) - 1, min(_POINTS, len(fpr))).astype(np.intp))
    return Metric(area, deviation), (tuple(fpr[places].tolist()), tuple(tpr[places].tolist()))
