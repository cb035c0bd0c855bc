"""What happens next in a tuning job: a pure function of its trials and the time.

Training jobs start while there is room; a completion criterion, the time limit, a stop, or five results without
the objective close the tuning job: nothing new starts, what runs is stopped, and then it ends.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ropeway.sandbox.domain.tuning.model import ACTIVE, Trial, Tuning
from ropeway.sandbox.domain.tuning.requests import Definition, limit_of

__all__ = ["Decision", "best_of", "decide", "not_improving"]

_WITHOUT_METRIC = 5
_IMPROVEMENT = 0.01
_ALL_FAILED = (
    "All training jobs failed. For additional details, please take a look at the training job failures "
    "by listing training jobs for the tuning job."
)
_NO_METRIC = (
    "No objective metrics found after running {count} training jobs. Please ensure that the custom algorithm is "
    "emitting the objective metric as defined by the regular expression provided."
)
_EVENTS = {"target": "complete", "stagnant": "complete", "runtime": "halt", "stop": "halt"}


@dataclass(frozen=True)
class Decision:
    """What to do now.

    Attributes:
        start: how many training jobs to start.
        stop: trials to stop.
        closing: why nothing more starts, from now on; "" while the tuning job goes on.
        end: the event that ends the tuning job, or None.
        reason: why it failed.
    """

    start: int = 0
    stop: tuple[Trial, ...] = ()
    closing: str = ""
    end: str | None = None
    reason: str | None = None


def decide(
    tuning: Tuning, definitions: Sequence[Definition], trials: Sequence[Trial], now: float
) -> Decision:
    """What a tuning job does next.

    Args:
        tuning: the tuning job, which has not ended.
        definitions: what it makes training jobs from.
        trials: all that it has, by number.
        now: epoch seconds.
    """
    active = [trial for trial in trials if trial.status in ACTIVE]
    closing = tuning.closing or _closing(tuning, definitions, trials, now)
    if closing:
        if active:
            return Decision(
                closing=closing, stop=tuple(trial for trial in active if trial.status != "Stopping")
            )
        if closing == "no-metric":
            return Decision(closing=closing, end="fail", reason=_NO_METRIC.format(count=len(trials)))
        return Decision(closing=closing, end=_EVENTS[closing])
    limit = limit_of(tuning.request, definitions)
    parallel = tuning.request["HyperParameterTuningJobConfig"]["ResourceLimits"]["MaxParallelTrainingJobs"]
    left = min(parallel - len(active), limit - len(trials))
    if left > 0:
        return Decision(start=left)
    return Decision() if active else _finish(trials)


def best_of(definitions: Sequence[Definition], trials: Sequence[Trial]) -> list[Trial]:
    """The trials with a value, best first; the earlier of equals first."""
    rated = [trial for trial in trials if trial.objective_status == "Succeeded"]
    return sorted(rated, key=lambda trial: (_loss(definitions, trial), trial.number))


def not_improving(definitions: Sequence[Definition], trials: Sequence[Trial]) -> int:
    """How many training jobs have ended since the last one that was better than the best before by more than 1 %."""
    best: float | None = None
    count = 0
    ended = [trial for trial in trials if trial.status not in ACTIVE]
    for trial in sorted(ended, key=lambda trial: (trial.ended or 0.0, trial.number)):
        loss = _loss(definitions, trial) if trial.objective_status == "Succeeded" else None
        if loss is not None and (best is None or loss < best - _IMPROVEMENT * abs(best)):
            best, count = loss, 0
        else:
            count += 1
    return count


def _loss(definitions: Sequence[Definition], trial: Trial) -> float:
    assert trial.value is not None
    return definitions[trial.definition].objective.loss(trial.value)


def _closing(tuning: Tuning, definitions: Sequence[Definition], trials: Sequence[Trial], now: float) -> str:
    config = tuning.request["HyperParameterTuningJobConfig"]
    longest = config["ResourceLimits"].get("MaxRuntimeInSeconds")
    if longest is not None and now - tuning.created >= longest:
        return "runtime"
    if _reached(config, definitions, trials):
        return "target"
    patience = (
        config.get("TuningJobCompletionCriteria", {})
        .get("BestObjectiveNotImproving", {})
        .get("MaxNumberOfTrainingJobsNotImproving")
    )
    if patience is not None and not_improving(definitions, trials) >= patience:
        return "stagnant"
    silent = [trial for trial in trials if trial.status in {"Completed", "Stopped"} and trial.value is None]
    if len(silent) >= _WITHOUT_METRIC and all(trial.value is None for trial in trials):
        return "no-metric"
    return ""


def _reached(config: Mapping[str, Any], definitions: Sequence[Definition], trials: Sequence[Trial]) -> bool:
    target = config.get("TuningJobCompletionCriteria", {}).get("TargetObjectiveMetricValue")
    best = best_of(definitions, trials)
    if target is None or not best:
        return False
    objective = definitions[best[0].definition].objective
    assert best[0].value is not None
    return objective.loss(best[0].value) <= objective.loss(target)


def _finish(trials: Sequence[Trial]) -> Decision:
    if any(trial.objective_status == "Succeeded" for trial in trials):
        return Decision(end="complete")
    if all(trial.status == "Failed" for trial in trials):
        return Decision(end="fail", reason=_ALL_FAILED)
    return Decision(end="fail", reason=_NO_METRIC.format(count=len(trials)))
