"""How likely chance alone is: p-values of the tests, and their correction where many are made at once."""

from __future__ import annotations

import math
from collections.abc import Sequence

__all__ = ["adjusted", "at_least", "beyond", "chi2_tail", "kolmogorov_tail", "more_often", "normal_quantile"]

_STEPS = 500
_TERMS = 5000


def kolmogorov_tail(distance: float, size: float) -> float:
    """P(the greatest gap of two samples' distributions ≥ distance).

    Args:
        distance: the gap.
        size: n·m/(n+m) of samples of n and m values.
    """
    root = math.sqrt(size)
    scaled = (root + 0.12 + 0.11 / root) * distance
    if scaled < 0.2:
        return 1.0
    total = 0.0
    for index in range(1, 101):
        term = math.exp(-2.0 * index * index * scaled * scaled)
        total += term if index % 2 else -term
        if term < 1e-16:
            break
    return min(1.0, max(0.0, 2.0 * total))


def chi2_tail(statistic: float, freedom: float) -> float:
    """P(chi² with so many degrees of freedom ≥ statistic)."""
    return _gamma_tail(freedom / 2, statistic / 2) if freedom > 0 else 1.0


def _gamma_tail(shape: float, x: float) -> float:
    """The upper regularised incomplete gamma function."""
    if x <= 0:
        return 1.0
    scale = math.exp(shape * math.log(x) - x - math.lgamma(shape))
    if x < shape + 1:  # the series of the lower one
        term = total = 1.0 / shape
        for index in range(1, _STEPS):
            term *= x / (shape + index)
            total += term
            if term < total * 1e-15:
                break
        return max(0.0, 1.0 - scale * total)
    tiny = 1e-300  # the continued fraction, by Lentz
    base = x + 1.0 - shape
    upper, lower = 1.0 / tiny, 1.0 / base
    fraction = lower
    for index in range(1, _STEPS):
        factor = -index * (index - shape)
        base += 2.0
        lower = 1.0 / (factor * lower + base or tiny)
        upper = base + factor / upper or tiny
        fraction *= upper * lower
        if abs(upper * lower - 1.0) < 1e-15:
            break
    return scale * fraction


def at_least(hits: int, tries: int, chance: float) -> float:
    """P(at least so many hits) of independent tries: the binomial tail."""
    if hits <= 0:
        return 1.0
    if chance <= 0:
        return 0.0
    if chance >= 1:
        return 1.0
    if tries > 20_000:  # the normal curve fits there, but for chances that Poisson's fits
        mean = tries * chance
        if mean < 50:
            return 1.0 - chi2_tail(2 * mean, 2 * hits)
        return 0.5 * math.erfc((hits - 0.5 - mean) / math.sqrt(2 * mean * (1 - chance)))
    logs = (
        math.lgamma(tries + 1) - math.lgamma(k + 1) - math.lgamma(tries - k + 1)
        + k * math.log(chance) + (tries - k) * math.log1p(-chance)
        for k in range(hits, tries + 1)
    )  # fmt: skip
    return min(1.0, math.fsum(math.exp(log) for log in logs))


def more_often(hits: int, fresh: int, known_hits: int, known: int) -> float:
    """P(at least so many of all hits fall to the fresh ones), were fresh and known alike: Fisher's exact test."""
    total, rows = hits + known_hits, fresh + known
    if hits <= 0:
        return 1.0
    if known_hits > _TERMS:  # so many that the normal curve fits
        mean, share = total * fresh / rows, known / rows
        variance = mean * share * (rows - total) / (rows - 1)
        return 0.5 * math.erfc((hits - 0.5 - mean) / math.sqrt(2 * variance)) if variance else 1.0
    whole = _choices(rows, fresh)
    logs = (
        _choices(total, each) + _choices(rows - total, fresh - each) - whole
        for each in range(hits, min(total, fresh) + 1)
        if fresh - each <= rows - total
    )
    return min(1.0, math.fsum(math.exp(log) for log in logs))


def _choices(whole: int, part: int) -> float:
    return math.lgamma(whole + 1) - math.lgamma(part + 1) - math.lgamma(whole - part + 1)


def beyond(hits: int, fresh: int, known: int) -> float:
    """P(so many of the fresh values lie beyond the greatest of the known ones), all from one distribution."""
    log = 0.0
    for index in range(min(hits, 200)):
        log += math.log(fresh - index) - math.log(known + fresh - index)
    return math.exp(log)


def adjusted(chances: Sequence[float], correction: str) -> list[float]:
    """P-values that may each be held against the level of the whole.

    Args:
        chances: as they came out.
        correction: ``holm`` (the chance of any false alarm is kept), ``bh`` (Benjamini and Hochberg: the share of
            false ones among the alarms is kept) or ``none``.
    """
    if correction == "none":
        return list(chances)
    count = len(chances)
    found = [0.0] * count
    order = sorted(range(count), key=lambda place: chances[place])
    if correction == "holm":
        highest = 0.0
        for rank, place in enumerate(order):
            highest = max(highest, min(1.0, chances[place] * (count - rank)))
            found[place] = highest
        return found
    lowest = 1.0
    for rank in range(count - 1, -1, -1):
        place = order[rank]
        lowest = min(lowest, chances[place] * count / (rank + 1))
        found[place] = lowest
    return found


def normal_quantile(probability: float) -> float:
    """The normal distribution's quantile, by bisection on the error function."""
    low, high = -40.0, 40.0
    for _ in range(200):
        middle = (low + high) / 2
        if 0.5 * math.erfc(-middle / math.sqrt(2)) < probability:
            low = middle
        else:
            high = middle
    return (low + high) / 2
