"""Logs of functions on their way to CloudWatch Logs: one queue, one thread, no caller waits."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.domain.functions import ReadyFunction
from ropeway.sandbox.domain.ports import Peers
from ropeway.values.clock import Clock

__all__ = ["LogWriter"]

_log = logging.getLogger(__name__)
_MAX_MESSAGE = 256_000
_MAX_BATCH = 200
_DRAIN_SECONDS = 5
_GATHER_SECONDS = 0.05


@dataclass(frozen=True)
class _Batch:
    account: str
    region: str
    group: str
    stream: str
    lines: tuple[tuple[int, str], ...]


class LogWriter:
    """Writes log lines to ``/aws/lambda/<function>``."""

    def __init__(self, peers: Peers, clock: Clock) -> None:
        self._peers = peers
        self._clock = clock
        self._queue: queue.Queue[_Batch | None] = queue.Queue()
        self._known: set[tuple[str, str, str, str]] = set()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def write(self, function: ReadyFunction, stream: str, lines: Sequence[str]) -> None:
        """Queue the lines of one invocation."""
        group = f"/aws/lambda/{function.config['FunctionName']}"
        moment = int(self._clock.now() * 1000)
        self._queue.put(
            _Batch(function.account, function.region, group, stream, tuple((moment, line) for line in lines))
        )
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="lambda-logs", daemon=True)
                self._thread.start()

    def close(self) -> None:
        """Write what is queued, for some seconds at most."""
        with self._lock:
            thread = self._thread
        if thread is not None:
            self._queue.put(None)
            thread.join(_DRAIN_SECONDS)

    def _work(self) -> None:
        going_on = True
        while going_on:
            batches = [self._queue.get()]
            time.sleep(_GATHER_SECONDS)  # lines of a burst of invocations go in one call
            while not self._queue.empty():
                batches.append(self._queue.get())
            going_on = None not in batches
            for batch in _merged(batches):
                self._try(batch)

    def _try(self, batch: _Batch) -> None:
        try:
            self._send(batch)
        except Exception:  # noqa: BLE001 - the thread's border: one bad log must not end all others
            _log.exception("the log of %s was not written", batch.group)

    def _send(self, batch: _Batch) -> None:
        place = {"logGroupName": batch.group, "logStreamName": batch.stream}
        key = (batch.account, batch.region, batch.group, batch.stream)
        if key not in self._known:
            self._make(batch, "CreateLogGroup", {"logGroupName": batch.group})
            self._make(batch, "CreateLogStream", place)
            self._known.add(key)
        events = [
            {"timestamp": moment, "message": line[:_MAX_MESSAGE] or " "} for moment, line in batch.lines
        ]
        for start in range(0, len(events), _MAX_BATCH):
            part = {**place, "logEvents": events[start : start + _MAX_BATCH]}
            try:
                self._call(batch, "PutLogEvents", part)
            except DomainError as error:
                if error.code != "ResourceNotFoundException":
                    raise
                # Somebody deleted the group meanwhile: Lambda makes it anew.
                self._make(batch, "CreateLogGroup", {"logGroupName": batch.group})
                self._make(batch, "CreateLogStream", place)
                self._call(batch, "PutLogEvents", part)

    def _make(self, batch: _Batch, operation: str, params: Mapping[str, object]) -> None:
        try:
            self._call(batch, operation, params)
        except DomainError as error:
            if error.code != "ResourceAlreadyExistsException":
                raise

    def _call(self, batch: _Batch, operation: str, params: Mapping[str, object]) -> None:
        self._peers.call("logs", operation, params, account=batch.account, region=batch.region)


def _merged(batches: Sequence[_Batch | None]) -> list[_Batch]:
    """One batch per stream, in order."""
    merged: dict[tuple[str, str, str, str], _Batch] = {}
    for batch in batches:
        if batch is not None:
            key = (batch.account, batch.region, batch.group, batch.stream)
            before = merged.get(key)
            merged[key] = batch if before is None else replace(before, lines=before.lines + batch.lines)
    return list(merged.values())
