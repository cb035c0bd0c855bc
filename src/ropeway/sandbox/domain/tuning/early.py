"""Early stopping, by the rule that SageMaker documents: the median of running averages.

At each epoch, that is each time a training job prints the objective, its value is compared with what the training
jobs before it had reached there: for each the average of its values up to that epoch, and of these the median. A
job whose value is worse than that is stopped.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean, median

from ropeway.sandbox.domain.tuning.model import Objective

__all__ = ["falls_behind"]


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
