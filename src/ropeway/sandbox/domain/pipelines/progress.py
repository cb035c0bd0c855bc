"""How a step stands after something happened to it: what step types tell the engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Progress"]


@dataclass(frozen=True)
class Progress:
    """How a step stands after something happened to it.

    Attributes:
        status: Executing, Succeeded, Failed, Stopped.
    """

    status: str
    metadata: Mapping[str, Any] = field(default_factory=dict)
    resource: str = ""
    outputs: Mapping[str, Any] = field(default_factory=dict)
    reason: str | None = None
