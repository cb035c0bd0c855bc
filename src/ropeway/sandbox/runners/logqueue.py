"""Lines on their way to CloudWatch Logs: one queue, one thread, in order; no caller waits."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.domain.logs import LogPlace
from ropeway.sandbox.domain.ports import Peers

__all__ = ["LogQueue"]

_log = logging.getLogger(__name__)
_MAX_MESSAGE = 256_000
_MAX_BATCH = 200
_DRAIN_SECONDS = 5
_GATHER_SECONDS = 0.05

Lines = tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class _Batch:
    place: LogPlace
    lines: Lines


class LogQueue:
    """Implements ``domain.logs.LogSink``; ``close`` writes what is queued.

    Args:
        peers: who has CloudWatch Logs.
        name: the thread's.
    """

    def __init__(self, peers: Peers, name: str) -> None:
        self._peers = peers
        self._name = name
        self._queue: queue.Queue[_Batch | None] = queue.Queue()
        self._known: set[LogPlace] = set()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def put(self, place: LogPlace, lines: Sequence[tuple[int, str]]) -> None:
        """Queue lines, each with its time in milliseconds."""
        self._queue.put(_Batch(place, tuple(lines)))
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name=self._name, daemon=True)
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
            time.sleep(_GATHER_SECONDS)  # lines of a burst go in one call
            while not self._queue.empty():
                batches.append(self._queue.get())
            going_on = None not in batches
            for place, lines in _merged(batches).items():
                self._try(place, lines)

    def _try(self, place: LogPlace, lines: Lines) -> None:
        try:
            self._send(place, lines)
        except Exception:  # noqa: BLE001 - the thread's border: one bad log must not end all others
            _log.exception("the log of %s was not written", place.group)

    def _send(self, place: LogPlace, lines: Lines) -> None:
        stream = {"logGroupName": place.group, "logStreamName": place.stream}
        if place not in self._known:
            self._begin(place, stream)
            self._known.add(place)
        events = [{"timestamp": moment, "message": line[:_MAX_MESSAGE] or " "} for moment, line in lines]
        for start in range(0, len(events), _MAX_BATCH):
            part = {**stream, "logEvents": events[start : start + _MAX_BATCH]}
            try:
                self._call(place, "PutLogEvents", part)
            except DomainError as error:
                if error.code != "ResourceNotFoundException":
                    raise
                self._begin(place, stream)  # somebody deleted it meanwhile
                self._call(place, "PutLogEvents", part)

    def _begin(self, place: LogPlace, stream: Mapping[str, str]) -> None:
        if place.makes_group:
            self._make(place, "CreateLogGroup", {"logGroupName": place.group})
        self._make(place, "CreateLogStream", stream)

    def _make(self, place: LogPlace, operation: str, params: Mapping[str, str]) -> None:
        try:
            self._call(place, operation, params)
        except DomainError as error:
            if error.code != "ResourceAlreadyExistsException":
                raise

    def _call(self, place: LogPlace, operation: str, params: Mapping[str, object]) -> None:
        self._peers.call("logs", operation, params, account=place.account, region=place.region)


def _merged(batches: Sequence[_Batch | None]) -> dict[LogPlace, Lines]:
    """All lines of each stream, in order."""
    merged: dict[LogPlace, Lines] = {}
    for batch in batches:
        if batch is not None:
            merged[batch.place] = merged.get(batch.place, ()) + batch.lines
    return merged
