"""Lambda functions as the pipeline engine and the API use them.

moto keeps what functions are (``CreateFunction`` and its like); the code of their zips is kept here by its hash
and runs in processes of this machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

__all__ = ["CodeStore", "Functions", "Invocation", "ReadyFunction"]


@dataclass(frozen=True)
class Invocation:
    """What a call of a function gave.

    Attributes:
        payload: the returned value, JSON-compatible; with ``error`` Lambda's error object
            (``errorMessage``, ``errorType``, ``stackTrace``).
        error: ``Unhandled`` (the handler raised, or timed out), or None.
        log: the last 4 kB of its log.
        version: the version that ran.
    """

    payload: Any
    error: str | None
    log: str
    version: str = "$LATEST"


@dataclass(frozen=True)
class ReadyFunction:
    """A function that exists and can run here, with everything that a process of it needs.

    Attributes:
        arn: as it was called, with the version or alias where one was named.
        config: ``GetFunctionConfiguration``'s answer.
        code: the unpacked code.
        layers: the unpacked layers, in order.
    """

    arn: str
    account: str
    region: str
    config: Mapping[str, Any]
    code: Path
    layers: tuple[Path, ...]


class CodeStore(Protocol):
    """Keeps zips of code by their hash."""

    def put(self, content: bytes) -> str:
        """Keep a zip; its SHA-256 in base64, as Lambda's ``CodeSha256``.

        Raises:
            Invalid: it is no zip, or unpacks to more than Lambda takes.
        """

    def folder(self, sha256: str) -> Path | None:
        """Where the zip of a ``CodeSha256`` is unpacked, or None."""


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

    def prepare(self, arn: str, *, caller_account: str) -> ReadyFunction:
        """Check that a function is there, can run here and may be called; nothing runs.

        Raises:
            DomainError: as ``invoke``.
        """
