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
_DOUBT = (
    2.0  # rows that are spread over the table before it is drawn anew: what was never seen is not impossible
)

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
    exact, spread = (_measures(each.reshape(-1, 2, 2, 2)) for each in (table[None], _drawn(table)))
    found = []
    for name in names:
        if name in {"CDDL", "CDDPL"}:
            if groups.strata is not None:
                found.append(
                    _conditional(name, groups.named, groups.label if name == "CDDL" else said, groups.strata)
                )
            continue
        value = float(exact[name][0])
        known = spread[name][np.isfinite(spread[name])]
        there = bool(np.isfinite(value))
        deviation = float(known.std()) if there and len(known) > _DRAWS // 2 else None
        found.append(Bias(name, value if there else None, deviation))
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


def _drawn(table: Floats) -> Floats:
    """A table of counts, drawn anew from its own shares many times."""
    size, shares = int(table.sum()), table + _DOUBT / table.size
    return np.random.default_rng(0).multinomial(size, shares / shares.sum(), _DRAWS).astype(np.float64)


def _conditional(name: str, named: Bools, accepted: Bools, strata: Texts) -> Bias:
    """The mean over the strata of how much larger the group's share is among the rejected than among the accepted."""
    kinds, places = np.unique(strata, return_inverse=True)
    table = np.bincount(places * 4 + named * 2 + accepted, minlength=4 * len(kinds)).astype(np.float64)
    exact, spread = (_disparity(each.reshape(-1, len(kinds), 2, 2)) for each in (table[None], _drawn(table)))
    return Bias(name, float(exact[0]), float(spread.std()))


def _disparity(table: Floats) -> Floats:
    """Of many tables at once: by draw, stratum, group, acceptance."""
    whole = table.sum(axis=2)
    shares = np.divide(table[:, :, 1], whole, out=np.zeros_like(whole), where=whole > 0)
    rows = whole.sum(axis=2)
    found: Floats = (rows * (shares[:, :, 0] - shares[:, :, 1])).sum(axis=1) / rows.sum(axis=1)
    return found
