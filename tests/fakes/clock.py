"""Time that moves when a test says so."""

from __future__ import annotations


class FakeClock:
    """Implements ``values.clock.Clock``."""

    def __init__(self, time: float = 1_000.0) -> None:
        self.time = time

    def now(self) -> float:
        return self.time

    def pass_seconds(self, seconds: float) -> None:
        self.time += seconds
