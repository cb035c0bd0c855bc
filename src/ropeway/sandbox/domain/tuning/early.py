"""Which running training jobs are stopped. An epoch is a value that the training job prints.

``Auto`` early stopping, by the rule that SageMaker documents, is the median of running averages: at each epoch a job's
value is compared with what those before it had reached there: for each the average of its values up to that epoch,
and of these the median. A job whose value is worse than that is stopped.

Hyperband is successive halving without waiting: at ``MinResource`` epochs, three times as many, nine times as many
and so on, only the best third of the training jobs that have come so far goes on; at ``MaxResource`` epochs every one
is stopped.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from statistics import fmean, median

from ropeway.sandbox.domain.tuning.model import Objective

__all__ = ["falls_behind", "is_cut"]

_FACTOR = 3


def falls_behind(series: Sequence[float], others: Sequence[Sequence[float]], objective: Objective) -> bool:
    """Whether a running training job is to be stopped.

    Args:
        series: what it has printed so far.
        others: what training jobs that have ended printed; those that ended before this epoch do not count.
        objective: which direction is better.
    """
    epoch = len(series)
    if not epoch:
        return False
    averages = [objective.loss(fmean(other[:epoch])) for other in others if len(other) >= epoch]
    return bool(averages) and objective.loss(series[-1]) > median(averages)


def is_cut(
    series: Sequence[float],
    others: Sequence[Sequence[float]],
    objective: Objective,
    resources: tuple[int, int | None],
) -> bool:
    """Whether Hyperband stops a running training job.

    Args:
        series: what it has printed so far.
        others: what all others printed, those that run included.
        objective: which direction is better.
        resources: the first rung, in epochs, and the epoch at which all end, if any.
    """
    first, last = resources
    if last is not None and len(series) >= last:
        return True
    rung = first
    while rung * _FACTOR <= len(series):
        rung *= _FACTOR
    if len(series) < rung:
        return False
    own = objective.loss(series[rung - 1])
    theirs = [objective.loss(other[rung - 1]) for other in others if len(other) >= rung]
    count = len(theirs) + 1
    better = sum(loss < own for loss in theirs)
    return count >= _FACTOR and better >= ceil(count / _FACTOR)
