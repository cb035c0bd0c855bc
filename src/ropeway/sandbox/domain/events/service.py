"""EventBridge as operations reach it."""

from __future__ import annotations

from dataclasses import dataclass

from ropeway.sandbox.domain.events.archives import Archives
from ropeway.sandbox.domain.events.buses import Buses
from ropeway.sandbox.domain.events.objects import ObjectEvents
from ropeway.sandbox.domain.events.rules import Rules
from ropeway.sandbox.domain.events.sink import EventSink
from ropeway.sandbox.domain.events.targets import Targets

__all__ = ["Events"]


@dataclass(frozen=True)
class Events:
    """Buses, rules, where events go in, what S3 tells of objects, and archives."""

    buses: Buses
    rules: Rules
    sink: EventSink
    targets: Targets
    objects: ObjectEvents
    archives: Archives
