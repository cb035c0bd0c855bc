"""Charts as inline SVG: two distributions over each other, and a line of values."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

import numpy as np

from ropeway.drift.findings import ColumnResult
from ropeway.drift.sketch import Floats
from ropeway.drift.summaries import Numbers

__all__ = ["bars", "distributions", "outlines"]

_WIDTH, _HEIGHT = 460, 180
_LEFT, _BOTTOM, _TOP = 34, 30, 8
_BINS = 32
_SHOWN = 16


def distributions(column: ColumnResult) -> str:
    """The chart of a column; empty where there is nothing to draw."""
    found = column.comparison
    if found is None or column.before is None or column.after is None:
        return ""
    if not found.discrete:
        return outlines(column.before.numbers, column.after.numbers)
    labels, before, after = list(found.labels), list(found.before), list(found.after)
    if len(labels) <= _SHOWN:
        return bars(labels, before, after)
    # what is left would dwarf the others
    rest = f"{len(labels) - _SHOWN} more: {sum(before[_SHOWN:]):.0%} and {sum(after[_SHOWN:]):.0%}"
    return bars(labels[:_SHOWN], before[:_SHOWN], after[:_SHOWN], rest)


def bars(labels: Sequence[str], before: Sequence[float], after: Sequence[float], rest: str = "") -> str:
    """Shares of categories side by side; what is not drawn is told in words."""
    top = max(*before, *after, 1e-9)
    slot = (_WIDTH - _LEFT - 4) / len(labels)
    parts = [_axis(top)]
    every = max(1, -(-len(labels) * 44 // (_WIDTH - _LEFT))) if max(map(len, labels)) > 3 else 1
    for place, label in enumerate(labels):
        x = _LEFT + place * slot
        pairs = ((before[place], "before", 0.1), (after[place], "after", 0.5))
        for value, name, offset in pairs:
            height = value / top * (_HEIGHT - _BOTTOM - _TOP)
            parts.append(
                f'<rect class="{name}" x="{x + offset * slot:.1f}" y="{_HEIGHT - _BOTTOM - height:.1f}" '
                f'width="{slot * 0.38:.1f}" height="{height:.1f}"><title>{escape(label)}: {value:.1%} '
                f"{'of the baseline' if name == 'before' else 'of the data'}</title></rect>"
            )
        if place % every == 0:
            parts.append(_label(x + slot / 2, label if len(label) <= 10 else label[:9] + "…"))
    if rest:
        parts.append(f'<text class="scale" x="{_WIDTH - 4}" y="{_TOP + 8}">{escape(rest)}</text>')
    return _svg(parts, "shares of the values: baseline and data side by side")


def outlines(before: Numbers, after: Numbers) -> str:
    """Histograms of numbers over each other, on one scale."""
    sides = [numbers.sketch.weighted() for numbers in (before, after)]
    low = min(_quantile(side, 0.002) for side in sides)
    high = max(_quantile(side, 0.998) for side in sides)
    if high <= low:
        high = low + 1.0
    bins = max(8, min(_BINS, round(2 * min(before.count, after.count) ** 0.5)))  # few values, few bins
    edges = np.linspace(low, high, bins + 1)
    heights = []
    for items, ranks in sides:
        upto = np.concatenate([[0.0], ranks / ranks[-1]])[np.searchsorted(items, edges, side="right")]
        upto[0] = 0.0
        upto[-1] = 1.0
        heights.append(np.diff(upto))
    top = max(float(max(side.max() for side in heights)), 1e-9)
    parts = [_axis(top)]
    for side, name in zip(heights, ("before", "after"), strict=True):
        points = []
        for place, value in enumerate(side.tolist()):
            y = _HEIGHT - _BOTTOM - value / top * (_HEIGHT - _BOTTOM - _TOP)
            ends = [_LEFT + edge / bins * (_WIDTH - _LEFT - 4) for edge in (place, place + 1)]
            points += [f"{x:.1f},{y:.1f}" for x in ends]
        floor = _HEIGHT - _BOTTOM
        path = f"{_LEFT},{floor} {' '.join(points)} {_WIDTH - 4},{floor}"
        parts.append(f'<polygon class="{name} outline" points="{path}"/>')
    digits = 3 + max(
        0, math.floor(math.log10(max(abs(low), abs(high)) / (high - low)))
    )  # so that they differ
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        x = _LEFT + share * (_WIDTH - _LEFT - 4)
        anchor = {0.0: "start", 1.0: "end"}.get(share, "middle")
        parts.append(_label(x, f"{low + share * (high - low):.{digits}g}", anchor))
    return _svg(parts, "distributions: baseline and data over each other")


def _quantile(side: tuple[Floats, Floats], share: float) -> float:
    items, ranks = side
    return float(items[min(int(np.searchsorted(ranks, share * ranks[-1])), len(items) - 1)])


def _axis(top: float) -> str:
    floor = _HEIGHT - _BOTTOM
    return (
        f'<line class="axis" x1="{_LEFT}" y1="{floor}" x2="{_WIDTH - 4}" y2="{floor}"/>'
        f'<text class="scale" x="{_LEFT - 4}" y="{_TOP + 8}">{top:.0%}</text>'
        f'<text class="scale" x="{_LEFT - 4}" y="{floor}">0</text>'
    )


def _label(x: float, text: str, anchor: str = "middle") -> str:
    place = f'text-anchor="{anchor}" x="{x:.1f}" y="{_HEIGHT - _BOTTOM + 14}"'
    return f'<text class="label" {place}>{escape(text)}</text>'


def _svg(parts: Sequence[str], words: str) -> str:
    return f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{words}">{"".join(parts)}</svg>'
