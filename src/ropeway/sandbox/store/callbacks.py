"""What callback steps wait for, in SQLite."""

from __future__ import annotations

import json

from ropeway.sandbox.domain.pipelines.callbacks import Callback
from ropeway.sandbox.store.db import Database

__all__ = ["SqliteCallbacks"]

_COLUMNS = (
    "token, execution_arn, step, queue_url, arguments, outputs, deadline, sent, stopping, digest, answer"
)
_MARKS = ", ".join(f":{column}" for column in _COLUMNS.split(", "))


class SqliteCallbacks:
    """Implements ``domain.pipelines.callbacks.CallbackStore``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, callback: Callback) -> None:
        """Keep a callback, new or changed."""
        columns = {
            "token": callback.token,
            "execution_arn": callback.execution_arn,
            "step": callback.step,
            "queue_url": callback.queue_url,
            "arguments": json.dumps(dict(callback.arguments)),
            "outputs": json.dumps(dict(callback.outputs)),
            "deadline": callback.deadline,
            "sent": callback.sent,
            "stopping": int(callback.stopping),
            "digest": callback.digest,
            "answer": None if callback.answer is None else json.dumps(dict(callback.answer)),
        }
        with self._database.transaction() as connection:
            connection.execute(
                f"INSERT OR REPLACE INTO callbacks ({_COLUMNS}) VALUES ({_MARKS})",  # noqa: S608 - constants
                columns,
            )

    def get(self, token: str) -> Callback | None:
        """A callback by its token."""
        row = self._database.reader.execute("SELECT * FROM callbacks WHERE token = ?", (token,)).fetchone()
        if row is None:
            return None
        return Callback(
            token=row["token"],
            execution_arn=row["execution_arn"],
            step=row["step"],
            queue_url=row["queue_url"],
            arguments=json.loads(row["arguments"]),
            outputs=json.loads(row["outputs"]),
            deadline=row["deadline"],
            sent=row["sent"],
            stopping=bool(row["stopping"]),
            digest=row["digest"],
            answer=None if row["answer"] is None else json.loads(row["answer"]),
        )
