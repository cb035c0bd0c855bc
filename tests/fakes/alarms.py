"""Alarms that ring when a test says so."""

from __future__ import annotations

from collections.abc import Callable


class FakeAlarms:
    """Implements ``domain.ports.Alarms``."""

    def __init__(self) -> None:
        self.set: list[tuple[float, Callable[[], None]]] = []

    def at(self, moment: float, work: Callable[[], None]) -> None:
        self.set.append((moment, work))

    def ring(self, now: float) -> None:
        """Do what is due."""
        due = [work for moment, work in self.set if moment <= now]
        self.set = [entry for entry in self.set if entry[0] > now]
        for work in due:
            work()
