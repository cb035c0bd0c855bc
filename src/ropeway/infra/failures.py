"""What fails around Terraform, told with where it is and what to do."""

from __future__ import annotations

from collections.abc import Sequence

from ropeway.errors import RopewayError

__all__ = ["InfraError", "StaleError"]


class InfraError(RopewayError):
    """One or several things went wrong in one or several roots.

    Args:
        complaints: each message with its advice; a message begins with the root's name.
    """

    def __init__(self, complaints: Sequence[tuple[str, str | None]]) -> None:
        first, hint = complaints[0]
        super().__init__(first, hint=hint)
        self.complaints = tuple(complaints)

    def told(self) -> Sequence[tuple[str, str | None]]:
        """Every message."""
        return self.complaints


class StaleError(InfraError):
    """A saved plan is not what was planned, or what it was made for is no longer so."""
