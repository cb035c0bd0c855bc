"""Who wants to hear of changes, and when: inside the transaction of a change, or after its commit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

__all__ = ["Changes"]

T = TypeVar("T")


class Changes(Generic[T]):
    """Passes on changes of one kind of thing (jobs, executions, …), in the order in which hearers came.

    Whoever makes a change calls ``changed`` for every new status and ``ending`` for a final one, both inside the
    transaction, and ``ended`` after its commit. A hearer inside a transaction must not fail.
    """

    def __init__(self) -> None:
        self._watchers: list[Callable[[T], None]] = []
        self._recorders: list[Callable[[T], None]] = []
        self._listeners: list[Callable[[T], None]] = []

    def watch(self, watcher: Callable[[T], None]) -> None:
        """Have a function called with everything that is new or has a new status, inside the transaction."""
        self._watchers.append(watcher)

    def record(self, recorder: Callable[[T], None]) -> None:
        """Have a function called with everything that ends, inside the transaction that ends it."""
        self._recorders.append(recorder)

    def listen(self, listener: Callable[[T], None]) -> None:
        """Have a function called with everything that ends, after the commit."""
        self._listeners.append(listener)

    def changed(self, thing: T) -> None:
        """Something is new, or has a new status."""
        for watcher in tuple(self._watchers):
            watcher(thing)

    def ending(self, thing: T) -> None:
        """Something ends, in this transaction."""
        for recorder in tuple(self._recorders):
            recorder(thing)

    def ended(self, thing: T) -> None:
        """Something has ended, and the store says so."""
        for listener in tuple(self._listeners):
            listener(thing)
