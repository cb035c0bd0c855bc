"""How far two columns are apart: KS, PSI, Jensen-Shannon, Wasserstein, chi², each with its p-value.

Two things are asked of a distance: is it more than chance makes (the p-value, which knows the sizes of both samples),
and is it large enough to matter (the distance itself). ``METHODS`` says what each distance is:

* ``ks``: the greatest gap between the distributions. p by Kolmogorov's distribution with Stephens' correction.
* ``psi``: the population stability index over bins. p by Pearson's chi² test over the same bins.
* ``js``: the Jensen-Shannon distance, base 2, over the same bins. p as for ``psi``.
* ``wasserstein``: the mean shift of mass, in standard deviations of the baseline. p by the law of the area between
  two samples' distributions (a Brownian bridge's, which is drawn once, with a gamma curve through it).
* ``chi2``: the greatest gap between shares of categories. p by Pearson's chi² test.

Bins of numbers are the deciles of the baseline, or its values where these are few. Bins that are too thin for a chi²
law (expected count below 5) are joined, with their neighbours in numbers, with each other in categories.

A sketch is less exact than the data it saw; the sizes that go into p-values are capped accordingly.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np

from ropeway.drift.categories import Categories
from ropeway.drift.significance import chi2_tail, kolmogorov_tail
from ropeway.drift.sketch import Floats
from ropeway.drift.summaries import Column, Numbers, written

__all__ = ["FEW", "METHODS", "Comparison", "Distance", "compare_categories", "compare_numbers", "is_discrete"]

METHODS = ("ks", "psi", "js", "wasserstein", "chi2")
FEW = 30  # so many different values are compared one by one
_MANY = 200
_BINS = 10
_LEAST = 1e-4  # stands for a share of nothing in PSI's logarithm
_EXPECTED = 5.0
_LUCK = 3.0  # standard deviations that a count may be off


@dataclass(frozen=True)
class Distance:
    """One distance: how far, and how likely by chance."""

    value: float
    p: float


@dataclass(frozen=True)
class Comparison:
    """Two columns, compared.

    Attributes:
        distances: by method.
        labels: of the bins.
        before, after: the shares of the bins.
        discrete: the bins are single values or categories.
    """

    distances: Mapping[str, Distance]
    labels: tuple[str, ...]
    before: tuple[float, ...]
    after: tuple[float, ...]
    discrete: bool


def is_discrete(numbers: Numbers) -> bool:
    """Whether a column has few different numbers."""
    return len(np.unique(numbers.sketch.weighted()[0])) <= FEW


def compare_numbers(before: Numbers, after: Numbers) -> Comparison:
    """Compare numbers; both sides have some."""
    sizes = (before.sketch.resolution, after.sketch.resolution)
    size = sizes[0] * sizes[1] / (sizes[0] + sizes[1])
    old, new = _steps(before), _steps(after)
    grid = np.union1d(old[0], new[0])
    low, high = _at(old, grid), _at(new, grid)
    gap = float(np.max(np.abs(low - high)))
    discrete = is_discrete(before) and len(grid) <= _MANY
    edges = np.unique(old[0]) if discrete else _deciles(old)
    shares = np.diff(_at(old, edges), prepend=0.0), np.diff(_at(new, edges), prepend=0.0)
    if discrete:  # values that the baseline does not have are no part of its nearest value
        labels, parts = _by_value(grid, low, high)
    else:
        labels = _intervals(edges)
        parts = (
            np.append(shares[0], max(0.0, 1 - shares[0].sum())),
            np.append(shares[1], max(0.0, 1 - shares[1].sum())),
        )
    distances = {
        "ks": Distance(gap, kolmogorov_tail(gap, size)),
        "wasserstein": _wasserstein(grid, low, high, before, size),
        **_of_bins(parts[0], parts[1], sizes, ordered=True),
    }
    return Comparison(distances, labels, tuple(parts[0].tolist()), tuple(parts[1].tolist()), discrete)


def compare_categories(before: Column, after: Column) -> Comparison:
    """Compare texts; both sides have some."""
    known, fresh = before.categories, after.categories
    rows = max(1, known.total), max(1, fresh.total)
    order = sorted(_told_apart(known, fresh), key=lambda text: (-known.counts.get(text, 0), text))
    parts = tuple(
        np.asarray([side.counts.get(text, 0) / total for text in order] + [0.0])
        for side, total in zip((known, fresh), rows, strict=True)
    )
    for part in parts:
        part[-1] = max(0.0, 1.0 - float(part.sum()))  # the texts that were not counted one by one
    if all(part[-1] < 1e-12 for part in parts):
        parts = (parts[0][:-1], parts[1][:-1])
    labels = (*order, "(others)")[: len(parts[0])]
    # bins of equal size are joined by the alphabet: an order by what one side holds would tell the sides apart
    places = [*sorted(range(len(order)), key=order.__getitem__), *range(len(order), len(parts[0]))]
    distances = _of_bins(parts[0][places], parts[1][places], (float(rows[0]), float(rows[1])), ordered=False)
    return Comparison(distances, labels, tuple(parts[0].tolist()), tuple(parts[1].tolist()), discrete=True)


def _told_apart(known: Categories, fresh: Categories) -> set[str]:
    """The texts that are counted on both sides, or would be if they were as frequent as they surely are on the other.

    Where only the most frequent texts were counted, one that is not may be new or rare, and those at the edge are there
    by luck. Both kinds belong to the others. Where next to nothing is left uncounted, there is no such edge.
    """
    texts = {*known.counts, *fresh.counts}
    for side, other in ((known, fresh), (fresh, known)):
        if side.exact:
            continue
        edge = min(min(side.counts.values(), default=0), max(0, side.total - sum(side.counts.values())))
        enough = edge + _LUCK * math.sqrt(edge)
        scale = side.total / max(1, other.total)
        texts = {
            text
            for text in texts
            if max(side.counts.get(text, 0), scale * _at_least(other.counts.get(text, 0))) >= enough
        }
    return texts


def _at_least(count: int) -> float:
    """What stands behind a count, luck taken off: a text that came once may come never again."""
    return max(0.0, count - _LUCK * math.sqrt(count))


def _of_bins(
    before: Floats, after: Floats, sizes: tuple[float, float], *, ordered: bool
) -> dict[str, Distance]:
    floor_before, floor_after = np.maximum(before, _LEAST), np.maximum(after, _LEAST)
    psi = float(np.sum((floor_after - floor_before) * np.log(floor_after / floor_before)))
    middle = (before + after) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = [np.where(side > 0, side * np.log2(side / middle), 0.0) for side in (before, after)]
    js = math.sqrt(max(0.0, float(np.sum(terms[0]) + np.sum(terms[1])) / 2))
    old, new = _joined(before * sizes[0], after * sizes[1], ordered=ordered)
    likely = chi2_tail(*_pearson(old, new))
    return {
        "psi": Distance(psi, likely),
        "js": Distance(js, likely),
        "chi2": Distance(float(np.max(np.abs(before - after), initial=0.0)), likely),
    }


def _pearson(old: Floats, new: Floats) -> tuple[float, int]:
    """Pearson's chi² and its degrees of freedom."""
    if len(old) < 2 or not old.sum() or not new.sum():
        return 0.0, 0
    both = old + new
    shares = both / both.sum()
    parts = [float(np.sum((side - side.sum() * shares) ** 2 / (side.sum() * shares))) for side in (old, new)]
    return sum(parts), len(old) - 1


def _joined(old: Floats, new: Floats, *, ordered: bool) -> tuple[Floats, Floats]:
    """Bins joined until each is expected to hold enough in the smaller sample."""
    both = old + new
    whole = both.sum()
    if not whole:
        return old, new
    need = _EXPECTED * whole / max(1e-9, min(old.sum(), new.sum()))
    order = np.arange(len(both)) if ordered else np.argsort(-np.round(both, 6), kind="stable")
    groups: list[list[int]] = []
    filled = math.inf
    for place in order.tolist():
        if filled >= need:
            groups.append([])
            filled = 0.0
        groups[-1].append(place)
        filled += float(both[place])
    if len(groups) > 1 and filled < need:
        thin = groups.pop()
        groups[-1] += thin
    return np.asarray([old[group].sum() for group in groups]), np.asarray(
        [new[group].sum() for group in groups]
    )


def _wasserstein(grid: Floats, low: Floats, high: Floats, before: Numbers, size: float) -> Distance:
    scale = before.deviation or 1.0
    widths = np.diff(grid)
    area = float(np.sum(np.abs(low - high)[:-1] * widths)) if len(grid) > 1 else 0.0
    if area <= 0:
        return Distance(0.0, 1.0)
    pooled = (low + high)[:-1] / 2
    places = np.rint(np.arcsin(np.sqrt(np.clip(pooled, 0.0, 1.0))) * (2 * _POINTS / np.pi)).astype(np.intp)
    weights = np.bincount(places, weights=widths, minlength=_POINTS + 1)
    drawn = _bridges() @ weights / math.sqrt(size)
    mean, variance = float(drawn.mean()), float(drawn.var())
    if mean <= 0 or variance <= 0:
        return Distance(area / scale, 0.0)
    # a gamma curve of that mean and variance
    return Distance(area / scale, chi2_tail(2 * area * mean / variance, 2 * mean * mean / variance))


_POINTS, _BRIDGES = 128, 2048


@lru_cache(maxsize=1)
def _bridges() -> Floats:
    """Absolute heights of Brownian bridges at points that lie close at both ends, where far tails have their place."""
    points = np.sin(np.linspace(0, np.pi / 2, _POINTS + 1)) ** 2
    steps = np.random.default_rng(1).normal(size=(_BRIDGES, _POINTS)) * np.sqrt(np.diff(points))
    walks = np.concatenate([np.zeros((_BRIDGES, 1)), np.cumsum(steps, axis=1)], axis=1)
    heights: Floats = np.abs(walks - walks[:, -1:] * points)
    return heights


_Steps = tuple[Floats, Floats]


def _steps(numbers: Numbers) -> _Steps:
    """A distribution as its jumps: places and the share of values at most there."""
    items, ranks = numbers.sketch.weighted()
    return items, ranks / ranks[-1]


def _at(steps: _Steps, places: Floats) -> Floats:
    found = np.searchsorted(steps[0], places, side="right")
    return np.concatenate([[0.0], steps[1]])[found]


def _deciles(steps: _Steps) -> Floats:
    ranks = np.arange(1, _BINS) / _BINS
    return np.unique(steps[0][np.minimum(np.searchsorted(steps[1], ranks), len(steps[0]) - 1)])


def _by_value(grid: Floats, low: Floats, high: Floats) -> tuple[tuple[str, ...], tuple[Floats, Floats]]:
    parts = np.diff(low, prepend=0.0), np.diff(high, prepend=0.0)
    return tuple(map(written, grid.tolist())), parts


def _intervals(edges: Floats) -> tuple[str, ...]:
    texts = [f"{edge:.4g}" for edge in edges.tolist()]
    inner = [f"{low} to {high}" for low, high in pairwise(texts)]
    return (f"≤ {texts[0]}", *inner, f"> {texts[-1]}")
