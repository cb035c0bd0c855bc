"""Moves the sandbox's clock on, from one due moment to the next, and lets what each starts come to its end.

Whatever rings by the clock counts: schedules, retries, waits of state machines, deadlines. At each moment the clock
stands there, what is due happens, and before the next one everything that it started has ended, or ``patience`` is
over. So a month of daily schedules happens in order, and takes as long as its work does.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ropeway.sandbox.domain.errors import Conflict, Invalid
from ropeway.sandbox.domain.schedules.clock import VirtualClock
from ropeway.sandbox.domain.schedules.firing import Firing
from ropeway.sandbox.runners.alarms import ThreadAlarms
from ropeway.sandbox.runners.couriers import Couriers

__all__ = ["Advancer", "Parts"]

_LOOK = 0.01
_LONGEST = 366 * 86_400.0
_PATIENCE = 3600.0


@dataclass(frozen=True)
class Parts:
    """What the clock moves.

    Attributes:
        busy: tells, each, what of it still runs (names for people), or nothing.
    """

    clock: VirtualClock
    firing: Firing
    alarms: ThreadAlarms
    couriers: Couriers
    busy: Mapping[str, Callable[[], bool]]


class Advancer:
    """Shows, advances and resets the clock; implements ``edge.admin.ClockPages``."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._turn = threading.Lock()
        self._closed = threading.Event()

    def show(self) -> dict[str, Any]:
        """The sandbox's time, and how far it is ahead of the machine's; epoch seconds."""
        parts = self._parts
        return {"now": parts.clock.now(), "ahead": parts.clock.offset, "next": parts.alarms.next_due()}

    def advance(self, seconds: float, *, settle: bool = True, patience: float = _PATIENCE) -> dict[str, Any]:
        """Move the clock on; returns where it was, where it is, what fired, and what still runs.

        Args:
            seconds: how far.
            settle: wait at each moment for what it started.
            patience: seconds of real time that one moment's work may take.

        Raises:
            Invalid: it is no time forward, or longer than a year.
            Conflict: somebody else moves the clock.
        """
        if not 0 < seconds <= _LONGEST:
            raise Invalid("the clock can be advanced by more than nothing, and by a year at most")
        if not self._turn.acquire(blocking=False):
            raise Conflict("somebody else is advancing the clock")
        try:
            return self._advance(seconds, settle, patience)
        finally:
            self._turn.release()

    def reset(self) -> dict[str, Any]:
        """Show the machine's time again; schedules go on from there.

        Raises:
            Conflict: somebody else moves the clock.
        """
        if not self._turn.acquire(blocking=False):
            raise Conflict("somebody else is advancing the clock")
        try:
            self._parts.clock.reset()
            self._parts.firing.rebuild()
            return self.show()
        finally:
            self._turn.release()

    def close(self) -> None:
        """Stop where the clock is."""
        self._closed.set()

    def _advance(self, seconds: float, settle: bool, patience: float) -> dict[str, Any]:
        parts = self._parts
        began = parts.clock.now()
        target, fired = began + seconds, 0
        waiting = self._settle(patience) if settle else []
        while not waiting and not self._closed.is_set():
            moment = parts.alarms.next_due()
            last = moment is None or moment > target
            before = parts.firing.fired
            parts.clock.jump_to(target if moment is None or last else moment)
            parts.firing.tick()
            parts.alarms.wake()
            waiting = self._settle(patience if settle else 5.0, everything=settle)
            fired += parts.firing.fired - before
            if last:
                break
        return {"from": began, **self.show(), "fired": fired, "running": waiting}

    def _settle(self, patience: float, *, everything: bool = True) -> list[str]:
        """Wait until nothing runs; what still does after that long."""
        until = time.monotonic() + patience
        calm = 0
        while True:
            running = self._running(everything)
            calm = 0 if running else calm + 1
            if calm > 1 or self._closed.is_set() or time.monotonic() > until:
                return running
            time.sleep(_LOOK)

    def _running(self, everything: bool) -> list[str]:
        parts = self._parts
        running = [] if parts.alarms.quiet() else ["alarms"]
        if not parts.couriers.idle():
            running.append("deliveries")
        if everything:
            running += [name for name, busy in parts.busy.items() if busy()]
        return running
