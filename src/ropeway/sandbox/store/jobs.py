"""Jobs in SQLite: what lists filter and sort by in columns, the rest as JSON."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict

from ropeway.sandbox.domain.jobs.model import Container, Job, Kind, StepRef, Transition
from ropeway.sandbox.domain.listing import Listing, Page
from ropeway.sandbox.store.db import Database
from ropeway.sandbox.store.listing import select_page

__all__ = ["SqliteJobs"]

_INSERT = """
INSERT INTO jobs (arn, kind, account, region, name, status, secondary, created, modified, started, ended,
  failure_reason, exit_message, request, result, transitions, containers, execution_arn, step)
VALUES (:arn, :kind, :account, :region, :name, :status, :secondary, :created, :modified, :started, :ended,
  :failure_reason, :exit_message, :request, :result, :transitions, :containers, :execution_arn, :step)
"""
_UPDATE = """
UPDATE jobs SET status = :status, secondary = :secondary, modified = :modified, started = :started, ended = :ended,
  failure_reason = :failure_reason, exit_message = :exit_message, result = :result, transitions = :transitions
WHERE arn = :arn
"""


class SqliteJobs:
    """Implements ``domain.jobs.ports.JobStore``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, job: Job) -> None:
        """Keep a new job."""
        with self._database.transaction() as connection:
            connection.execute(_INSERT, {**_identity(job), **_state(job)})

    def update(self, job: Job) -> None:
        """Write what has changed of a job."""
        with self._database.transaction() as connection:
            connection.execute(_UPDATE, _state(job))

    def get(self, arn: str) -> Job | None:
        """A job by its ARN."""
        row = self._database.reader.execute("SELECT * FROM jobs WHERE arn = ?", (arn,)).fetchone()
        return None if row is None else _job(row)

    def delete(self, arn: str) -> None:
        """Forget a job."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM jobs WHERE arn = ?", (arn,))

    def list(self, kind: Kind, account: str, region: str, listing: Listing) -> Page[Job]:
        """Jobs of one kind in one account and region."""
        scope: dict[str, str | int] = {"account": account, "region": region, "kind": kind.value}
        rows, cursor = select_page(self._database.reader, "jobs", scope, listing)
        return Page([_job(row) for row in rows], cursor)

    def unfinished(self) -> Sequence[Job]:
        """Jobs of all accounts that have not ended, oldest first."""
        rows = self._database.reader.execute(
            "SELECT * FROM jobs WHERE status IN ('InProgress', 'Stopping') ORDER BY created, rowid"
        )
        return [_job(row) for row in rows]


def _identity(job: Job) -> dict[str, object]:
    return {
        "kind": job.kind.value,
        "account": job.account,
        "region": job.region,
        "name": job.name,
        "created": job.created,
        "request": json.dumps(dict(job.request)),
        "containers": json.dumps([asdict(container) for container in job.containers]),
        "execution_arn": job.step.execution_arn if job.step else None,
        "step": job.step.step if job.step else None,
    }


def _state(job: Job) -> dict[str, object]:
    return {
        "arn": job.arn,
        "status": job.status,
        "secondary": job.secondary,
        "modified": job.modified,
        "started": job.started,
        "ended": job.ended,
        "failure_reason": job.failure_reason,
        "exit_message": job.exit_message,
        "result": json.dumps(dict(job.result)),
        "transitions": json.dumps([asdict(transition) for transition in job.transitions]),
    }


def _job(row: sqlite3.Row) -> Job:
    return Job(
        kind=Kind(row["kind"]),
        account=row["account"],
        region=row["region"],
        name=row["name"],
        request=json.loads(row["request"]),
        status=row["status"],
        secondary=row["secondary"],
        created=row["created"],
        modified=row["modified"],
        started=row["started"],
        ended=row["ended"],
        failure_reason=row["failure_reason"],
        exit_message=row["exit_message"],
        result=json.loads(row["result"]),
        transitions=tuple(Transition(**entry) for entry in json.loads(row["transitions"])),
        containers=tuple(Container(**entry) for entry in json.loads(row["containers"])),
        step=StepRef(row["execution_arn"], row["step"]) if row["execution_arn"] else None,
    )
