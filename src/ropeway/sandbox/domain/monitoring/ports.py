"""What monitoring needs of the store besides records."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

__all__ = ["Places"]


class Places(Protocol):
    """Knows where records are."""

    def places(self, kind: str) -> Sequence[tuple[str, str]]:
        """The accounts and regions that have records of a kind."""
