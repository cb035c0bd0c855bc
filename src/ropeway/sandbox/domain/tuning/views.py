"""What others are told of tuning jobs: their description, their training jobs, the best of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ropeway.sandbox.domain.tuning import requests
from ropeway.sandbox.domain.tuning.decide import best_of
from ropeway.sandbox.domain.tuning.describe import describe, summary, training_summary
from ropeway.sandbox.domain.tuning.model import Trial, Tuning, arn_of
from ropeway.sandbox.domain.tuning.ports import TuningStore
from ropeway.sandbox.domain.tuning.requests import definitions_of
from ropeway.sandbox.domain.tuning.runs import Runs

__all__ = ["TuningViews"]


class TuningViews:
    """Reads; changes nothing."""

    def __init__(self, store: TuningStore, runs: Runs) -> None:
        self._store = store
        self._runs = runs

    def describe(self, tuning: Tuning) -> dict[str, Any]:
        """The Describe answer of a tuning job."""
        return describe(tuning, definitions_of(tuning.request), self.trials(tuning), self._overall(tuning))

    def summary(self, tuning: Tuning) -> dict[str, Any]:
        """A tuning job's entry in a list."""
        return summary(tuning, self._store.trials(tuning.arn))

    def trials(self, tuning: Tuning) -> Sequence[Trial]:
        """Its training jobs by number, as they stand."""
        return self._runs.live(tuning)

    def training_summary(self, tuning: Tuning, trial: Trial) -> dict[str, Any]:
        """A training job as its list shows it."""
        return training_summary(tuning, definitions_of(tuning.request), trial)

    def best(self, tuning: Tuning) -> Sequence[Trial]:
        """The training jobs with a value of the objective, best first."""
        return best_of(definitions_of(tuning.request), self._store.trials(tuning.arn))

    def _overall(self, tuning: Tuning) -> dict[str, Any] | None:
        """The best training job of this tuning job and its parents, when they are comparable."""
        if tuning.request.get("WarmStartConfig", {}).get("WarmStartType") != "IdenticalDataAndAlgorithm":
            return None
        objective = definitions_of(tuning.request)[0].objective
        found = [(tuning, trial) for trial in self.best(tuning)[:1]]
        for name in requests.parents_of(tuning.request):
            parent = self._store.get(arn_of(tuning.account, tuning.region, name))
            if parent is not None and definitions_of(parent.request)[0].objective == objective:
                found += [(parent, trial) for trial in self.best(parent)[:1]]
        if not found:
            return None
        owner, best = min(found, key=lambda each: objective.loss(each[1].value or 0.0))
        return self.training_summary(owner, best)
