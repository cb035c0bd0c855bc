"""Bayesian search: Optuna's tree-structured Parzen estimator behind the domain's port.

A study is built anew for every proposal from what the tuning job has seen, so nothing is kept here and a restart
proposes what it would have proposed without one. The first points are random draws; after them the estimator models
all axes together, and takes points that are being tried as bad ones, so that parallel training jobs spread.
Optuna is imported when a Bayesian tuning job needs it: an idle sandbox does not carry it.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ropeway.sandbox.domain.tuning.ports import Seen
from ropeway.sandbox.domain.tuning.space import Axis, Interval, Point

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

__all__ = ["BayesianOptimiser"]


class BayesianOptimiser:
    """Implements ``domain.tuning.ports.Optimiser``.

    Args:
        startup: how many results there must be before the estimator takes over from random draws.
    """

    def __init__(self, startup: int = 5) -> None:
        self._startup = startup

    def suggest(
        self, axes: Sequence[Axis], seen: Sequence[Seen], pending: Sequence[Point], *, seed: int
    ) -> Point:
        """The next point to try; the same for the same arguments."""
        import optuna  # noqa: PLC0415 - a quarter of a second and thirty megabytes that few sandboxes need

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        space = {f"{number:03d}": _distribution(axis) for number, axis in enumerate(axes)}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            sampler = optuna.samplers.TPESampler(
                seed=seed, n_startup_trials=self._startup, multivariate=True, constant_liar=True
            )
        study = optuna.create_study(sampler=sampler)
        for each in seen:
            study.add_trial(_trial(space, each.point, loss=each.loss))
        for point in pending:
            study.add_trial(_trial(space, point))
        found = study.ask(space).params
        return tuple(float(found[name]) for name in space)


def _distribution(axis: Axis) -> BaseDistribution:
    from optuna import distributions  # noqa: PLC0415 - see above

    if isinstance(axis, Interval):
        return distributions.FloatDistribution(axis.low, axis.high)
    return distributions.CategoricalDistribution(tuple(range(axis.count)))


def _trial(space: dict[str, BaseDistribution], point: Point, loss: float | None = None) -> Any:
    from optuna.trial import TrialState, create_trial  # noqa: PLC0415 - see above

    params = {
        name: place if _is_interval(distribution) else int(place)
        for (name, distribution), place in zip(space.items(), point, strict=True)
    }
    state = TrialState.RUNNING if loss is None else TrialState.COMPLETE
    return create_trial(state=state, value=loss, params=params, distributions=space)


def _is_interval(distribution: BaseDistribution) -> bool:
    return hasattr(distribution, "low")
