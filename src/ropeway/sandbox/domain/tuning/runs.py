"""Trials and their training jobs: submitting, stopping, and writing down what became of them.

Only callers that hold the tuning job's lock come here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.domain.jobs.lifecycle import FINAL
from ropeway.sandbox.domain.jobs.model import Job, Kind
from ropeway.sandbox.domain.jobs.service import Jobs
from ropeway.sandbox.domain.ports import Transactions
from ropeway.sandbox.domain.tuning.early import falls_behind, is_cut
from ropeway.sandbox.domain.tuning.model import ACTIVE, Trial, Tuning
from ropeway.sandbox.domain.tuning.ports import Metrics, TuningStore
from ropeway.sandbox.domain.tuning.requests import Definition, definitions_of, resources_of, training_request
from ropeway.values.clock import Clock

__all__ = ["Runs", "stops_early"]


def stops_early(tuning: Tuning) -> bool:
    """Whether a tuning job stops training jobs that fall behind."""
    config = tuning.request["HyperParameterTuningJobConfig"]
    return bool(config["TrainingJobEarlyStoppingType"] == "Auto" or config["Strategy"] == "Hyperband")


class Runs:
    """The training jobs of tuning jobs."""

    def __init__(
        self, store: TuningStore, transactions: Transactions, jobs: Jobs, clock: Clock, metrics: Metrics
    ) -> None:
        self._store = store
        self._transactions = transactions
        self._jobs = jobs
        self._clock = clock
        self._metrics = metrics

    def submit(self, tuning: Tuning, definition: Definition, trial: Trial) -> None:
        """Submit a planned trial's training job; one that is refused has failed."""
        request = training_request(definition, trial)
        try:
            self._jobs.submit(Kind.TRAINING, tuning.account, tuning.region, request, tags=tuning.tags)
        except DomainError as error:
            if self._job(trial) is None:
                self._end(trial, "Failed", f"ClientError: {error.message}")
                return
        current = self._store.trial_of(trial.arn)
        if current is not None and current.status == "Planned":
            self._put(replace(current, status="InProgress"))

    def stop(self, trial: Trial) -> None:
        """Stop a trial; one that was never submitted has stopped."""
        job = self._job(trial)
        if job is None:
            self._end(trial, "Stopped", None)
            return
        self._put(replace(trial, status="Stopping"))
        if job.status not in FINAL:
            self._jobs.stop(trial.arn)

    def record(self, tuning: Tuning, job: Job) -> None:
        """Write down what became of a training job; a second report of it changes nothing."""
        trial = self._store.trial_of(job.arn)
        if trial is None or trial.status not in ACTIVE:
            return
        metric = definitions_of(tuning.request)[trial.definition].objective.metric
        self._put(
            replace(
                trial,
                status=job.status,
                started=job.started,
                ended=job.ended,
                failure_reason=job.failure_reason,
                value=_value(job, metric) if job.status != "Failed" else None,
                series=tuple(self._metrics.values(job, metric)) if stops_early(tuning) else (),
            )
        )

    def resume(self, tuning: Tuning) -> None:
        """After a restart: submit what was planned only, and hear of what ended meanwhile."""
        definitions = definitions_of(tuning.request)
        for trial in self._store.trials(tuning.arn):
            if trial.status not in ACTIVE:
                continue
            job = self._job(trial)
            if job is not None and job.status in FINAL:
                self.record(tuning, job)
            elif job is not None:
                self._put(replace(trial, status=job.status))
            elif trial.status == "Planned" and not tuning.closing:
                self.submit(tuning, definitions[trial.definition], trial)
            else:
                self._end(trial, "Stopped", None)

    def stop_early(self, tuning: Tuning) -> None:
        """Stop training jobs that fall behind."""
        config = tuning.request["HyperParameterTuningJobConfig"]
        definitions = definitions_of(tuning.request)
        trials = self._store.trials(tuning.arn)
        running = {
            trial.number: self._printed(definitions, trial) for trial in trials if trial.status in ACTIVE
        }
        for trial in trials:
            if trial.status != "InProgress" or not running[trial.number]:
                continue
            objective = definitions[trial.definition].objective
            peers = [each for each in trials if each.definition == trial.definition and each != trial]
            ended = [peer.series for peer in peers if peer.objective_status == "Succeeded"]
            if config["Strategy"] == "Hyperband":
                beside = [running[peer.number] for peer in peers if peer.number in running]
                behind = is_cut(running[trial.number], [*ended, *beside], objective, resources_of(config))
            else:
                behind = falls_behind(running[trial.number], ended, objective)
            if behind:
                self.stop(trial)

    def _printed(self, definitions: Sequence[Definition], trial: Trial) -> Sequence[float]:
        """What a training job has printed of its objective; nothing before it trains."""
        job = self._job(trial)
        if job is None or job.secondary not in {"Training", "Stopping"}:
            return ()
        return self._metrics.values(job, definitions[trial.definition].objective.metric)

    def live(self, tuning: Tuning) -> Sequence[Trial]:
        """The trials with what their jobs know meanwhile; how one ended is told when it is written down."""
        return [
            self._refreshed(trial) if trial.status in ACTIVE else trial
            for trial in self._store.trials(tuning.arn)
        ]

    def _refreshed(self, trial: Trial) -> Trial:
        job = self._job(trial)
        return trial if job is None else replace(trial, started=job.started)

    def _job(self, trial: Trial) -> Job | None:
        """Its training job; None before there is one, or when somebody else's has the name."""
        try:
            job = self._jobs.get(trial.arn)
        except DomainError:
            return None
        return job if job.request.get("TuningJobArn") == trial.tuning_arn else None

    def _end(self, trial: Trial, status: str, reason: str | None) -> None:
        self._put(replace(trial, status=status, ended=self._clock.now(), failure_reason=reason))

    def _put(self, trial: Trial) -> None:
        with self._transactions.transaction():
            self._store.put_trial(trial)


def _value(job: Job, metric: str) -> float | None:
    """The objective's last value, if it is a number to compare by."""
    for found in job.result.get("FinalMetricDataList", ()):
        if found["MetricName"] == metric and math.isfinite(found["Value"]):
            return float(found["Value"])
    return None
