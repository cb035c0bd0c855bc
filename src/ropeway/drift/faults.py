"""What goes wrong on purpose: data that cannot be read, files that are none, settings that make no sense."""

from __future__ import annotations

__all__ = ["DriftError"]


class DriftError(Exception):
    """The message says where and what.

    Attributes:
        hint: what to do about it, or None.
    """

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint
