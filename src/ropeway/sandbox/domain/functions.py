"""Lambda functions as the pipeline engine uses them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

__all__ = ["Functions", "Invocation"]


@dataclass(frozen=True)
class Invocation:
    """What a call of a function gave.

    Attributes:
        payload: the returned value, JSON-compatible; with ``error`` Lambda's error object
            (``errorMessage``, ``errorType``, ``stackTrace``).
        error: ``Unhandled`` (the handler raised, or timed out), or None.
        log: the last 4 kB of its log.
    """

    payload: Any
    error: str | None
    log: str


class Functions(Protocol):
    """Runs functions."""

    def invoke(self, arn: str, event: Mapping[str, Any] | Any, *, caller_account: str) -> Invocation:
        """Run a function and wait for its answer.

        Args:
            arn: the function's ARN, with or without a version or alias; account and region come from it.
            event: JSON-compatible.
            caller_account: the account that calls, for the function's permissions.

        Raises:
            DomainError: the function does not exist or its runtime cannot run here.
        """
