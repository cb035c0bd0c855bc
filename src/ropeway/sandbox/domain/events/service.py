"""EventBridge as operations reach it."""

from __future__ import annotations

from dataclasses import dataclass

from ropeway.sandbox.domain.events.buses import Buses
from ropeway.sandbox.domain.events.rules import Rules
from ropeway.sandbox.domain.events.sink import EventSink

__all__ = ["Events"]


@dataclass(frozen=True)
class Events:
    """Buses, rules, and where events go in."""

    buses: Buses
    rules: Rules
    sink: EventSink
