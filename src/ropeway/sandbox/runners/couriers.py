"""Threads that deliver: a few at once, and one after the other for what one rule sends to one target.

One thread reads queued deliveries in order into lanes; a pool works the lanes off. At most ``_HELD`` deliveries are in
memory; the rest wait in the store. One that is to be tried again leaves its lane and comes back by an alarm. What is
queued when the server stops, or is killed, is read by the next one.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from ropeway.sandbox.domain.events.model import Delivery
from ropeway.sandbox.domain.events.ports import DeliveryStore
from ropeway.sandbox.domain.ports import Alarms
from ropeway.values.clock import Clock

__all__ = ["Couriers"]

_log = logging.getLogger(__name__)
_AT_ONCE = 8
_HELD = 512
_TOGETHER = 10  # deliveries of a lane that are handed over at once where the target takes several
_TURN = 4  # such lots before other lanes get their turn


class Couriers:
    """Delivers what is queued, as soon as it is due.

    Args:
        store: the queue.
        deliver: tries some of one lane; returns when to try each again, or None.
        clock: tells what is due.
        alarms: rings for what is due later.
    """

    def __init__(
        self,
        store: DeliveryStore,
        deliver: Callable[[Sequence[Delivery]], Sequence[float | None]],
        clock: Clock,
        alarms: Alarms,
    ) -> None:
        self._store = store
        self._deliver = deliver
        self._clock = clock
        self._alarms = alarms
        self._changed = threading.Condition()
        self._lanes: dict[str, deque[Delivery]] = {}
        self._held = 0
        self._read = 0
        self._news = True
        self._reading = False
        self._closed = False
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="courier")
        self._thread = threading.Thread(target=self._run, name="couriers", daemon=True)

    def start(self) -> None:
        """Begin with what the server before left."""
        self._thread.start()

    def wake(self) -> None:
        """Something was queued."""
        with self._changed:
            self._news = True
            self._changed.notify_all()

    def idle(self) -> bool:
        """Nothing is being delivered, and nothing new was queued."""
        with self._changed:
            return self._quiet()

    def wait_idle(self, seconds: float) -> bool:
        """Wait until nothing is being delivered; whether it came to that in time."""
        with self._changed:
            return self._changed.wait_for(
                lambda: self._closed or (not self._held and not self._news), seconds
            )

    def close(self) -> None:
        """Let running deliveries end and start no more."""
        with self._changed:
            self._closed = True
            self._lanes.clear()
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _quiet(self) -> bool:
        return not (self._held or self._news or self._reading)

    def _run(self) -> None:
        while self._wait_for_news():
            try:
                found = self._store.after(self._read, _HELD)
            except Exception:  # noqa: BLE001 - a thread's border: what is queued must be read later
                _log.exception("deliveries could not be read")
                found = ()
            for delivery in found:
                self._read = delivery.number
                self._take(delivery)
            with self._changed:
                self._reading = False
                self._news = self._news or len(found) == _HELD
                self._changed.notify_all()

    def _wait_for_news(self) -> bool:
        with self._changed:
            self._changed.wait_for(lambda: self._closed or (self._news and self._held < _HELD))
            self._news = False
            self._reading = True
            return not self._closed

    def _take(self, delivery: Delivery) -> None:
        """Put a delivery into its lane, or wait for its time."""
        if delivery.due > self._clock.now():
            self._alarms.at(delivery.due, partial(self._again, delivery.number))
            return
        with self._changed:
            if self._closed:
                return
            self._held += 1
            lane = self._lanes.get(delivery.lane)
            if lane is not None:
                lane.append(delivery)
                return
            self._lanes[delivery.lane] = deque([delivery])
            self._pool.submit(self._work, delivery.lane)

    def _again(self, number: int) -> None:
        delivery = self._store.get(number)
        if delivery is not None:
            self._take(delivery)

    def _work(self, lane: str) -> None:
        for _ in range(_TURN):
            with self._changed:
                waiting = self._lanes.get(lane)
                if not waiting:
                    self._lanes.pop(lane, None)
                    return
                together = [waiting.popleft() for _ in range(min(len(waiting), _TOGETHER))]
            try:
                for delivery, due in zip(together, self._deliver(together), strict=True):
                    if due is not None:
                        self._alarms.at(due, partial(self._again, delivery.number))
            except Exception:  # noqa: BLE001 - a thread's border: their rows stay
                _log.exception("deliveries of %s are left for the next start", lane)
            finally:
                with self._changed:
                    self._held -= len(together)
                    self._changed.notify_all()
        with self._changed:
            if not self._closed and lane in self._lanes:
                self._pool.submit(self._work, lane)
