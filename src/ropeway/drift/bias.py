"""Bias between groups, before and after training: SageMaker Clarify's measures, with their standard deviations.

A facet splits the rows in two: the group that its value or threshold names (*d*, which might be at a disadvantage), and
all others (*a*). All measures but the conditional ones are made of one table: group by label by prediction. So their
deviations come from drawing that table anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ropeway.drift.columns import Texts
from ropeway.drift.sketch import Floats

__all__ = ["POST_TRAINING", "PRE_TRAINING", "Bias", "Bools", "Groups", "measure"]

Bools = npt.NDArray[np.bool_]
_DRAWS = 400

PRE_TRAINING: Mapping[str, str] = {
    "CDDL": "Conditional Demographic Disparity in Labels (CDDL)",
    "CI": "Class Imbalance (CI)",
    "DPL": "Difference in Positive Proportions in Labels (DPL)",
    "JS": "Jensen-Shannon Divergence (JS)",
    "KL": "Kullback-Liebler Divergence (KL)",
    "KS": "Kolmogorov-Smirnov Distance (KS)",
    "LP": "L-p Norm (LP)",
    "TVD": "Total Variation Distance (TVD)",
}
POST_TRAINING: Mapping[str, str] = {
    "AD": "Accuracy Difference (AD)",
    "CDDPL": "Conditional Demographic Disparity in Predicted Labels (CDDPL)",
    "DAR": "Difference in Acceptance Rates (DAR)",
    "DCA": "Difference in Conditional Acceptance (DCA)",
    "DCR": "Difference in Conditional Rejection (DCR)",
    "DI": "Disparate Impact (DI)",
    "DPPL": "Difference in Positive Proportions in Predicted Labels (DPPL)",
    "DRR": "Difference in Rejection Rates (DRR)",
    "GE": "Generalized Entropy (GE)",
    "RD": "Recall Difference (RD)",
    "SD": "Specificity Difference (SD)",
    "TE": "Treatment Equality (TE)",
}


@dataclass(frozen=True)
class Bias:
    """One measure; the value is None where a group is empty or a share is of nothing."""

    name: str
    value: float | None
    deviation: float | None = None


@dataclass(frozen=True)
class Groups:
    """The rows.

    Attributes:
        named: belongs to the group that the facet names.
        label: has the positive label.
        predicted: is predicted to have it; None before training.
        strata: of the conditional measures.
    """

    named: Bools
    label: Bools
    predicted: Bools | None = None
    strata: Texts | None = None


def measure(groups: Groups, names: Mapping[str, str]) -> list[Bias]:
    """Measures by their names.

    Args:
        groups: the rows; with predictions for measures after training.
        names: of ``PRE_TRAINING`` or ``POST_TRAINING``.
    """
    said = groups.predicted if groups.predicted is not None else groups.label
    cells = groups.named * 4 + groups.label * 2 + said
    table = np.bincount(cells, minlength=8).astype(np.float64)
    size = len(cells)
    drawn = np.random.default_rng(0).multinomial(size, table / size, _DRAWS).astype(np.float64)
    exact, spread = _measures(table[None].reshape(1, 2, 2, 2)), _measures(drawn.reshape(_DRAWS, 2, 2, 2))
    found = []
    for name in names:
        if name in {"CDDL", "CDDPL"}:
            disparity = _conditional(groups, groups.label if name == "CDDL" else said)
            found += [Bias(name, disparity)] if groups.strata is not None else []
            continue
        value = float(exact[name][0])
        known = spread[name][np.isfinite(spread[name])]
        deviation = float(known.std()) if len(known) > _DRAWS // 2 else None
        found.append(Bias(name, value if np.isfinite(value) else None, deviation))
    return found


def _measures(table: Floats) -> dict[str, Floats]:
    """All measures of many tables: by draw, group, label, prediction."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return {**_before(table), **_after(table)}


def _before(table: Floats) -> dict[str, Floats]:
    counts = table.sum(axis=3)  # draw, group, label
    sizes = counts.sum(axis=2)
    rest, named = sizes[:, 0], sizes[:, 1]
    p, q = counts[:, 0] / rest[:, None], counts[:, 1] / named[:, None]
    middle, gap = (p + q) / 2, p - q
    return {
        "CI": (rest - named) / (rest + named),
        "DPL": p[:, 1] - q[:, 1],
        "KL": _divergence(p, q),
        "JS": (_divergence(p, middle) + _divergence(q, middle)) / 2,
        "LP": np.sqrt((gap**2).sum(axis=1)),
        "TVD": np.abs(gap).sum(axis=1) / 2,
        "KS": np.abs(gap).max(axis=1),
    }


def _divergence(p: Floats, q: Floats) -> Floats:
    found: Floats = np.where(p > 0, p * np.log(p / q), 0.0).sum(axis=1)
    return found


def _after(table: Floats) -> dict[str, Floats]:
    sides = [
        {"tn": each[:, 0, 0], "fp": each[:, 0, 1], "fn": each[:, 1, 0], "tp": each[:, 1, 1]}
        for each in (table[:, 0], table[:, 1])
    ]
    made = [_rates(**side) for side in sides]
    a, d = made
    return {
        "DPPL": a["positive"] - d["positive"],
        "DI": d["positive"] / a["positive"],
        "DCA": a["accepted"] - d["accepted"],
        "DCR": d["rejected"] - a["rejected"],
        "AD": a["accuracy"] - d["accuracy"],
        "RD": a["recall"] - d["recall"],
        "SD": d["specificity"] - a["specificity"],
        "DAR": a["precision"] - d["precision"],
        "DRR": d["npv"] - a["npv"],
        "TE": d["treatment"] - a["treatment"],
        "GE": _entropy(table.sum(axis=1)),
    }


def _rates(tn: Floats, fp: Floats, fn: Floats, tp: Floats) -> dict[str, Floats]:
    whole = tn + fp + fn + tp
    return {
        "positive": (tp + fp) / whole,
        "accepted": (tp + fn) / (tp + fp),
        "rejected": (tn + fp) / (tn + fn),
        "accuracy": (tp + tn) / whole,
        "recall": tp / (tp + fn),
        "specificity": tn / (tn + fp),
        "precision": tp / (tp + fp),
        "npv": tn / (tn + fn),
        "treatment": fn / fp,
    }


def _entropy(table: Floats) -> Floats:
    """Of the benefits: 1 for a right prediction, 2 for a false positive, 0 for a false negative."""
    whole = table.sum(axis=(1, 2))
    right, double = table[:, 0, 0] + table[:, 1, 1], table[:, 0, 1]
    mean = (right + 2 * double) / whole
    squares: Floats = (right + 4 * double) / whole / mean**2
    return (squares - 1) / 2


def _conditional(groups: Groups, accepted: Bools) -> float | None:
    """The mean over the strata of how much larger the group's share is among the rejected than among the accepted."""
    if groups.strata is None:
        return None
    total, sized = 0.0, 0
    for stratum in np.unique(groups.strata).tolist():
        rows = groups.strata == stratum
        shares: list[float] = []
        for side in (~accepted & rows, accepted & rows):
            count = int(side.sum())
            shares.append(float((groups.named & side).sum()) / count if count else 0.0)
        total += int(rows.sum()) * (shares[0] - shares[1])
        sized += int(rows.sum())
    return total / sized if sized else None
