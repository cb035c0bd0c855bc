"""Tuning jobs and their trials in SQLite."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

from ropeway.sandbox.domain.jobs.model import StepRef
from ropeway.sandbox.domain.listing import Listing, Page
from ropeway.sandbox.domain.tuning.model import Trial, Tuning
from ropeway.sandbox.store.db import Database
from ropeway.sandbox.store.listing import select_page

__all__ = ["SqliteTunings"]

_INSERT = """
INSERT INTO tunings (arn, account, region, name, status, created, modified, ended, seed, closing, failure_reason,
  request, tags, execution_arn, step)
VALUES (:arn, :account, :region, :name, :status, :created, :modified, :ended, :seed, :closing, :failure_reason,
  :request, :tags, :execution_arn, :step)
"""
_UPDATE = """
UPDATE tunings SET status = :status, modified = :modified, ended = :ended, closing = :closing,
  failure_reason = :failure_reason
WHERE arn = :arn
"""
_TRIAL = """
INSERT INTO trials (tuning_arn, number, arn, name, definition, hyperparameters, status, created, started, ended,
  failure_reason, value, series)
VALUES (:tuning_arn, :number, :arn, :name, :definition, :hyperparameters, :status, :created, :started, :ended,
  :failure_reason, :value, :series)
ON CONFLICT (tuning_arn, number) DO UPDATE SET status = excluded.status, started = excluded.started,
  ended = excluded.ended, failure_reason = excluded.failure_reason, value = excluded.value, series = excluded.series
"""


class SqliteTunings:
    """Implements ``domain.tuning.ports.TuningStore``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, tuning: Tuning) -> None:
        """Keep a new tuning job."""
        with self._database.transaction() as connection:
            connection.execute(_INSERT, {**_identity(tuning), **_state(tuning)})

    def update(self, tuning: Tuning) -> None:
        """Write a tuning job's state."""
        with self._database.transaction() as connection:
            connection.execute(_UPDATE, _state(tuning))

    def get(self, arn: str) -> Tuning | None:
        """A tuning job by its ARN."""
        row = self._database.reader.execute("SELECT * FROM tunings WHERE arn = ?", (arn,)).fetchone()
        return None if row is None else _tuning(row)

    def delete(self, arn: str) -> None:
        """Forget a tuning job and its trials."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM tunings WHERE arn = ?", (arn,))
            connection.execute("DELETE FROM trials WHERE tuning_arn = ?", (arn,))

    def list(self, account: str, region: str, listing: Listing) -> Page[Tuning]:
        """Tuning jobs of one account and region."""
        scope: dict[str, str | int] = {"account": account, "region": region}
        rows, cursor = select_page(self._database.reader, "tunings", scope, listing)
        return Page([_tuning(row) for row in rows], cursor)

    def unfinished(self) -> Sequence[Tuning]:
        """Tuning jobs of all accounts that have not ended, oldest first."""
        rows = self._database.reader.execute(
            "SELECT * FROM tunings WHERE status IN ('InProgress', 'Stopping') ORDER BY created, rowid"
        )
        return [_tuning(row) for row in rows]

    def put_trial(self, trial: Trial) -> None:
        """Write a trial, new or not."""
        columns = {
            "tuning_arn": trial.tuning_arn,
            "number": trial.number,
            "arn": trial.arn,
            "name": trial.name,
            "definition": trial.definition,
            "hyperparameters": json.dumps(dict(trial.values)),
            "status": trial.status,
            "created": trial.created,
            "started": trial.started,
            "ended": trial.ended,
            "failure_reason": trial.failure_reason,
            "value": trial.value,
            "series": json.dumps(list(trial.series)),
        }
        with self._database.transaction() as connection:
            connection.execute(_TRIAL, columns)

    def trials(self, arn: str) -> Sequence[Trial]:
        """A tuning job's trials by number."""
        rows = self._database.reader.execute(
            "SELECT * FROM trials WHERE tuning_arn = ? ORDER BY number", (arn,)
        )
        return [_trial(row) for row in rows]

    def trial_of(self, job_arn: str) -> Trial | None:
        """The trial that a training job is."""
        row = self._database.reader.execute("SELECT * FROM trials WHERE arn = ?", (job_arn,)).fetchone()
        return None if row is None else _trial(row)


def _identity(tuning: Tuning) -> dict[str, object]:
    return {
        "account": tuning.account,
        "region": tuning.region,
        "name": tuning.name,
        "created": tuning.created,
        "seed": tuning.seed,
        "request": json.dumps(dict(tuning.request)),
        "tags": json.dumps([dict(tag) for tag in tuning.tags]),
        "execution_arn": tuning.step.execution_arn if tuning.step else None,
        "step": tuning.step.step if tuning.step else None,
    }


def _state(tuning: Tuning) -> dict[str, object]:
    return {
        "arn": tuning.arn,
        "status": tuning.status,
        "modified": tuning.modified,
        "ended": tuning.ended,
        "closing": tuning.closing,
        "failure_reason": tuning.failure_reason,
    }


def _tuning(row: sqlite3.Row) -> Tuning:
    return Tuning(
        account=row["account"],
        region=row["region"],
        name=row["name"],
        request=json.loads(row["request"]),
        status=row["status"],
        seed=row["seed"],
        created=row["created"],
        modified=row["modified"],
        ended=row["ended"],
        failure_reason=row["failure_reason"],
        closing=row["closing"],
        tags=json.loads(row["tags"]),
        step=StepRef(row["execution_arn"], row["step"]) if row["execution_arn"] else None,
    )


def _trial(row: sqlite3.Row) -> Trial:
    return Trial(
        tuning_arn=row["tuning_arn"],
        number=row["number"],
        name=row["name"],
        definition=row["definition"],
        values=json.loads(row["hyperparameters"]),
        status=row["status"],
        created=row["created"],
        started=row["started"],
        ended=row["ended"],
        failure_reason=row["failure_reason"],
        value=row["value"],
        series=tuple(json.loads(row["series"])),
    )
