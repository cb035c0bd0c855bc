"""Executions and their step runs in SQLite."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence

from ropeway.sandbox.domain.listing import Cursor, Listing, Page
from ropeway.sandbox.domain.pipelines.model import Execution, StepRun
from ropeway.sandbox.store.db import Database
from ropeway.sandbox.store.listing import select_page

__all__ = ["SqliteExecutions"]

_EXECUTION = (
    "name, pipeline_arn, id, status, created, modified, ended, role_arn, version, definition, parameters, given, "
    "parallelism, document, token, failure_reason, attempts"
)
_STEP = (
    "execution_arn, name, pipeline_arn, type, status, attempt, position, start, ended, failure_reason, metadata, "
    "resource, outputs, cache_key, cached_from, due, retries, reused_from, iteration"
)


def _marks(columns: str) -> str:
    return ", ".join(f":{column}" for column in columns.split(", "))


class SqliteExecutions:
    """Implements ``domain.pipelines.ports.ExecutionStore``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, execution: Execution) -> None:
        """Keep a new execution."""
        with self._database.transaction() as connection:
            connection.execute(
                f"INSERT INTO executions ({_EXECUTION}) VALUES ({_marks(_EXECUTION)})",  # noqa: S608 - constants
                _execution_columns(execution),
            )

    def update(self, execution: Execution) -> None:
        """Write what has changed of an execution."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE executions SET status = :status, modified = :modified, ended = :ended, "
                "parallelism = :parallelism, document = :document, failure_reason = :failure_reason, "
                "attempts = :attempts "
                "WHERE name = :name",
                _execution_columns(execution),
            )

    def get(self, arn: str) -> Execution | None:
        """An execution by its ARN."""
        row = self._database.reader.execute("SELECT * FROM executions WHERE name = ?", (arn,)).fetchone()
        return None if row is None else _execution(row)

    def by_token(self, pipeline_arn: str, token: str) -> Execution | None:
        """The execution that a start with this token made."""
        row = self._database.reader.execute(
            "SELECT * FROM executions WHERE pipeline_arn = ? AND token = ?", (pipeline_arn, token)
        ).fetchone()
        return None if row is None else _execution(row)

    def list(self, pipeline_arn: str, listing: Listing, version: int | None = None) -> Page[Execution]:
        """A pipeline's executions, of one version only where it is given."""
        scope: dict[str, str | int] = {"pipeline_arn": pipeline_arn}
        if version is not None:
            scope["version"] = version
        rows, cursor = select_page(self._database.reader, "executions", scope, listing)
        return Page([_execution(row) for row in rows], cursor)

    def unfinished(self) -> Sequence[Execution]:
        """Executions of all pipelines that have not ended, oldest first."""
        rows = self._database.reader.execute(
            "SELECT * FROM executions WHERE status IN ('Executing', 'Stopping') ORDER BY created, rowid"
        )
        return [_execution(row) for row in rows]

    def put_step(self, run: StepRun) -> None:
        """Keep a step run, new or changed."""
        with self._database.transaction() as connection:
            connection.execute(
                f"INSERT OR REPLACE INTO step_runs ({_STEP}) VALUES ({_marks(_STEP)})",  # noqa: S608 - constants
                _step_columns(run),
            )

    def steps(self, execution_arn: str) -> Mapping[str, StepRun]:
        """An execution's step runs by name."""
        rows = self._database.reader.execute(
            "SELECT * FROM step_runs WHERE execution_arn = ? ORDER BY position", (execution_arn,)
        )
        return {row["name"]: _step(row) for row in rows}

    def steps_page(self, execution_arn: str, listing: Listing) -> Page[StepRun]:
        """An execution's step runs in the order of their starts."""
        sign, direction = ("<", "DESC") if listing.descending else (">", "ASC")
        after = listing.after.row if listing.after is not None else (1 << 62 if listing.descending else -1)
        rows = self._database.reader.execute(
            f"SELECT * FROM step_runs WHERE execution_arn = ? AND position {sign} ? "  # noqa: S608 - constants
            f"ORDER BY position {direction} LIMIT ?",
            (execution_arn, after, listing.limit + 1),
        )
        runs = [_step(row) for row in rows]
        page = runs[: listing.limit]
        more = len(runs) > listing.limit
        return Page(page, Cursor(page[-1].order, page[-1].order) if more else None)

    def step(self, execution_arn: str, name: str) -> StepRun | None:
        """One step run."""
        row = self._database.reader.execute(
            "SELECT * FROM step_runs WHERE execution_arn = ? AND name = ?", (execution_arn, name)
        ).fetchone()
        return None if row is None else _step(row)

    def drop_steps(self, execution_arn: str, names: Sequence[str]) -> None:
        """Forget step runs, before they run again."""
        with self._database.transaction() as connection:
            connection.executemany(
                "DELETE FROM step_runs WHERE execution_arn = ? AND name = ?",
                [(execution_arn, name) for name in names],
            )

    def cached(self, pipeline_arn: str, name: str, key: str, since: float) -> StepRun | None:
        """The newest success of a step with this cache key that ended after ``since``."""
        row = self._database.reader.execute(
            "SELECT * FROM step_runs WHERE pipeline_arn = ? AND name = ? AND cache_key = ? AND ended > ? "
            "AND status = 'Succeeded' AND cache_key <> '' AND cached_from = '' ORDER BY ended DESC LIMIT 1",
            (pipeline_arn, name, key, since),
        ).fetchone()
        return None if row is None else _step(row)


def _execution_columns(execution: Execution) -> dict[str, object]:
    return {
        "name": execution.arn,
        "pipeline_arn": execution.pipeline_arn,
        "id": execution.id,
        "status": execution.status,
        "created": execution.created,
        "modified": execution.modified,
        "ended": execution.ended,
        "role_arn": execution.role_arn,
        "version": execution.version,
        "definition": execution.definition,
        "parameters": json.dumps(dict(execution.parameters)),
        "given": json.dumps(dict(execution.given)),
        "parallelism": execution.parallelism,
        "document": json.dumps(dict(execution.document)),
        "token": execution.token,
        "failure_reason": execution.failure_reason,
        "attempts": json.dumps(dict(execution.attempts)),
    }


def _execution(row: sqlite3.Row) -> Execution:
    return Execution(
        pipeline_arn=row["pipeline_arn"],
        id=row["id"],
        status=row["status"],
        created=row["created"],
        modified=row["modified"],
        ended=row["ended"],
        role_arn=row["role_arn"],
        version=row["version"],
        definition=row["definition"],
        parameters=json.loads(row["parameters"]),
        given=json.loads(row["given"]),
        parallelism=row["parallelism"],
        document=json.loads(row["document"]),
        token=row["token"],
        failure_reason=row["failure_reason"],
        attempts=json.loads(row["attempts"]),
    )


def _step_columns(run: StepRun) -> dict[str, object]:
    return {
        "execution_arn": run.execution_arn,
        "name": run.name,
        "pipeline_arn": run.execution_arn.partition("/execution/")[0],
        "type": run.type,
        "status": run.status,
        "attempt": run.attempt,
        "position": run.order,
        "start": run.start,
        "ended": run.end,
        "failure_reason": run.failure_reason,
        "metadata": json.dumps(dict(run.metadata)),
        "resource": run.resource,
        "outputs": json.dumps(dict(run.outputs)),
        "cache_key": run.cache_key,
        "cached_from": run.cached_from,
        "due": run.due,
        "retries": json.dumps(dict(run.retries)),
        "reused_from": run.reused_from,
        "iteration": json.dumps(dict(run.iteration)),
    }


def _step(row: sqlite3.Row) -> StepRun:
    return StepRun(
        execution_arn=row["execution_arn"],
        name=row["name"],
        type=row["type"],
        status=row["status"],
        attempt=row["attempt"],
        order=row["position"],
        start=row["start"],
        end=row["ended"],
        failure_reason=row["failure_reason"],
        metadata=json.loads(row["metadata"]),
        resource=row["resource"],
        outputs=json.loads(row["outputs"]),
        cache_key=row["cache_key"],
        cached_from=row["cached_from"],
        due=row["due"],
        retries=json.loads(row["retries"]),
        reused_from=row["reused_from"],
        iteration=json.loads(row["iteration"]),
    )
