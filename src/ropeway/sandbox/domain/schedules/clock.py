"""The sandbox's time: the machine's, and an offset that is kept, so that a restart does not lose it.

What the sandbox itself decides and tells goes by this clock: schedules, events, waits, creation times. What processes
do goes by the machine's: run times and their limits, sessions, logs, and all that moto keeps.
"""

from __future__ import annotations

from ropeway.sandbox.domain.schedules.ports import OffsetStore
from ropeway.values.clock import Clock

__all__ = ["VirtualClock"]


class VirtualClock:
    """Implements ``values.clock.Clock``.

    Args:
        machine: the machine's clock.
        store: where the offset is kept.
    """

    def __init__(self, machine: Clock, store: OffsetStore) -> None:
        self._machine = machine
        self._store = store
        self._offset = store.load()

    @property
    def offset(self) -> float:
        """How many seconds it is ahead."""
        return self._offset

    def now(self) -> float:
        """Seconds since 1970-01-01 UTC."""
        return self._machine.now() + self._offset

    def jump_to(self, moment: float) -> None:
        """Show at least this moment; a clock that is there already goes on."""
        offset = moment - self._machine.now()
        if offset > self._offset:
            self._store.save(offset)
            self._offset = offset

    def reset(self) -> None:
        """Show the machine's time again."""
        self._store.save(0.0)
        self._offset = 0.0
