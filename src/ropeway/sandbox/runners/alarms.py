"""Work that waits for a moment: one thread for all of it, which sleeps until the first is due.

The moments are the clock's, which may be set or jump (a laptop that slept): the thread looks at it once a minute at
the latest. Alarms live in memory; whoever sets one sets it again after a restart. Work runs in the alarms' own
thread, so it hands on what takes long.
"""

from __future__ import annotations

import heapq
import itertools
import logging
import threading
from collections.abc import Callable

from ropeway.values.clock import Clock

__all__ = ["ThreadAlarms"]

_log = logging.getLogger(__name__)
_LONGEST = 60.0


class ThreadAlarms:
    """Implements ``domain.ports.Alarms``; the thread starts with the first alarm."""

    def __init__(self, clock: Clock, longest: float = _LONGEST) -> None:
        self._clock = clock
        self._longest = longest
        self._waiting: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = itertools.count()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._working = False

    def at(self, moment: float, work: Callable[[], None]) -> None:
        """Have a function called when the clock shows the moment, or later."""
        with self._changed:
            heapq.heappush(self._waiting, (moment, next(self._numbers), work))
            if self._thread is None and not self._closed:
                self._thread = threading.Thread(target=self._run, name="alarms", daemon=True)
                self._thread.start()
            self._changed.notify()

    def next_due(self) -> float | None:
        """The earliest moment that anybody waits for."""
        with self._changed:
            return self._waiting[0][0] if self._waiting else None

    def quiet(self) -> bool:
        """Nothing rings, and nothing is due."""
        with self._changed:
            return not self._working and not (self._waiting and self._waiting[0][0] <= self._clock.now())

    def wake(self) -> None:
        """Look at the clock: it was set."""
        with self._changed:
            self._changed.notify()

    def close(self) -> None:
        """Forget what is not due yet, and end the thread."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()

    def _run(self) -> None:
        while (work := self._next()) is not None:
            try:
                work()
            except Exception:  # noqa: BLE001 - a thread's border: the next alarm must ring
                _log.exception("an alarm's work failed")
            finally:
                self._working = False

    def _next(self) -> Callable[[], None] | None:
        """The next work that is due, when it is; None when the alarms are closed."""
        with self._changed:
            while not self._closed:
                left = self._waiting[0][0] - self._clock.now() if self._waiting else self._longest
                if left <= 0:
                    self._working = True
                    return heapq.heappop(self._waiting)[2]
                self._changed.wait(min(left, self._longest))
        return None
