"""What the decision about keys needs from the world."""

from __future__ import annotations

from typing import Protocol

from ropeway.sandbox.domain.keys.model import Key

__all__ = ["KeyRecords"]


class KeyRecords(Protocol):
    """The keys of all accounts."""

    def key(self, account: str, region: str, ref: str) -> Key | None:
        """A key by its id or by an alias (``alias/…``) of an account, or None."""

    def key_of(self, ciphertext: bytes) -> Key | None:
        """The key that a ciphertext was made with, or None."""
