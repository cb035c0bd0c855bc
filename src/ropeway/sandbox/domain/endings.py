"""Word of what has ended: who waits for a job or an execution hears of its last move at once.

Whoever moves something to a final status calls ``tell`` with its ARN, after the commit. Whoever waits subscribes
first and reads the state then, so that an end in between is not missed. A listener is called in the thread that
tells; it does nothing but wake somebody. Nothing is kept: a listener that comes after the end hears nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["Endings"]


class Endings:
    """Passes on ends by ARN; safe to call from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners: dict[str, list[Callable[[], None]]] = {}
        self._hear_all: list[Callable[[str], None]] = []

    def listen(self, listener: Callable[[str], None]) -> None:
        """Have a function called with the ARN of everything that ends."""
        self._hear_all.append(listener)

    def tell(self, arn: str) -> None:
        """Something has ended, and its row says so."""
        with self._lock:
            listeners = tuple(self._listeners.get(arn, ()))
        for listener in listeners:
            listener()
        for hear in self._hear_all:
            hear(arn)

    def tell_all(self) -> None:
        """Wake everybody: nobody is to wait any longer."""
        with self._lock:
            listeners = [listener for listeners in self._listeners.values() for listener in listeners]
        for listener in listeners:
            listener()

    @contextmanager
    def heard_by(self, arn: str, listener: Callable[[], None]) -> Iterator[None]:
        """Have a function called when the thing ends, inside this block."""
        with self._lock:
            self._listeners.setdefault(arn, []).append(listener)
        try:
            yield
        finally:
            with self._lock:
                self._listeners[arn].remove(listener)
                if not self._listeners[arn]:
                    del self._listeners[arn]
