"""A job's log: a file that its processes append to, and its copy in CloudWatch Logs.

The file is the truth; it stays with the job. ``ship`` sends what is new by PutLogEvents, line by line, within the
API's limits, and remembers on disk how far it came, so that a restart sends nothing twice. Logs that cannot be
shipped do not fail a job.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.domain.ports import Peers
from ropeway.values.clock import Clock

__all__ = ["JobLog", "batches"]

_MAX_EVENTS = 10_000
_MAX_BYTES = 1_048_576
_EVENT_OVERHEAD = 26
_MAX_MESSAGE = 256 * 1024 - _EVENT_OVERHEAD
_CHUNK = 4 << 20
_EXISTS = "ResourceAlreadyExistsException"
_MISSING = "ResourceNotFoundException"
_log = logging.getLogger(__name__)


class JobLog:
    """The log of one job.

    Args:
        path: the file; made when something is written.
        group: the log group, ``/aws/sagemaker/TrainingJobs`` say.
        stream: the stream, ``<job>/algo-1-<n>``.
    """

    def __init__(
        self, path: Path, peers: Peers, clock: Clock, *, account: str, region: str, group: str, stream: str
    ) -> None:
        self.path = path
        self._peers = peers
        self._clock = clock
        self._where = {"account": account, "region": region}
        self._names = {"logGroupName": group, "logStreamName": stream}
        self._mark = path.with_suffix(".shipped")
        self._offset = int(self._mark.read_text(encoding="ascii")) if self._mark.exists() else 0
        self._made = self._offset > 0

    def write(self, text: str) -> None:
        """Add a line of the sandbox's own, as SageMaker's agents do."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(text.rstrip("\n") + "\n")

    def ship(self, *, everything: bool = False) -> None:
        """Send new lines.

        Args:
            everything: also a last line without its end: the processes have ended.
        """
        while True:
            lines, size = self._fresh(everything)
            if not size:
                return
            try:
                self._send(lines)
            except DomainError as error:
                _log.warning("%s: log lines were not shipped: %s", self.path, error)
                return
            self._offset += size
            self._mark.write_text(str(self._offset), encoding="ascii")

    def _fresh(self, everything: bool) -> tuple[list[str], int]:
        try:
            with self.path.open("rb") as file:
                file.seek(self._offset)
                chunk = file.read(_CHUNK)
        except FileNotFoundError:
            return [], 0
        end = chunk.rfind(b"\n") + 1
        full = len(chunk) == _CHUNK
        if not (everything and not full) and (end or not full):
            chunk = chunk[:end]
        return chunk.decode("utf-8", "replace").splitlines(), len(chunk)

    def _send(self, lines: list[str]) -> None:
        if lines and not self._made:
            self._make_stream()
            self._made = True
        now = int(self._clock.now() * 1000)
        for batch in batches(lines):
            events = [{"timestamp": now, "message": message} for message in batch]
            self._peers.call("logs", "PutLogEvents", {**self._names, "logEvents": events}, **self._where)

    def _make_stream(self) -> None:
        """Most groups are there by then, so the stream is tried first."""
        try:
            self._make("CreateLogStream", self._names)
        except DomainError as error:
            if error.code != _MISSING:
                raise
            self._make("CreateLogGroup", {"logGroupName": self._names["logGroupName"]})
            self._make("CreateLogStream", self._names)

    def _make(self, operation: str, params: dict[str, Any]) -> None:
        try:
            self._peers.call("logs", operation, params, **self._where)
        except DomainError as error:
            if error.code != _EXISTS:
                raise


def batches(lines: list[str]) -> Iterator[list[str]]:
    """Messages in batches that one PutLogEvents takes; long lines are cut up, an empty one is a space."""
    batch: list[str] = []
    size = 0
    for message in _messages(lines):
        cost = len(message.encode("utf-8")) + _EVENT_OVERHEAD
        if batch and (len(batch) == _MAX_EVENTS or size + cost > _MAX_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(message)
        size += cost
    if batch:
        yield batch


def _messages(lines: list[str]) -> Iterator[str]:
    step = _MAX_MESSAGE // 4  # a character has at most four bytes
    for line in lines:
        for start in range(0, len(line) or 1, step):
            yield line[start : start + step] or " "
