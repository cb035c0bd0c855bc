"""Every error Ropeway raises on purpose, drawn as a tree.

    RopewayError                exit 1   something failed; the message says where, what, and what to do
    ├── UsageError              exit 2   the input is wrong: an option, a file, a definition, a parameter
    │   ├── DefinitionError     exit 2   a pipeline definition document is wrong
    │   └── ConfigError         exit 2   the platform's description is wrong, in one place or in many
    ├── GateError               exit 3   there are changes, there is drift, or a gate was not passed
    ├── SandboxError            exit 1   the sandbox cannot start, stop or be reached
    └── AwsError                exit 1   the AWS API answered with an error (`code` is AWS's)

`hint` is one sentence that tells the reader what to do next. The command line prints
``error: <message>`` and ``hint: <hint>`` and ends with ``exit_code``; library code never ends the process.
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = [
    "AwsError",
    "ConfigError",
    "DefinitionError",
    "GateError",
    "RopewayError",
    "SandboxError",
    "UsageError",
]


class RopewayError(Exception):
    """The root: anything Ropeway raises on purpose.

    Attributes:
        exit_code: what the command line ends with.
        hint: what to do about it, or None.
    """

    exit_code = 1

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint

    def told(self) -> Sequence[tuple[str, str | None]]:
        """Every message with its hint: one, but for errors that gather several."""
        return [(str(self), self.hint)]


class UsageError(RopewayError):
    """The caller's input is wrong."""

    exit_code = 2


class DefinitionError(UsageError):
    """A pipeline definition document is wrong; the message names the step."""


class ConfigError(UsageError):
    """The platform's description is wrong.

    Args:
        complaints: each problem with its advice; a message begins with file, line and column.
    """

    def __init__(self, complaints: Sequence[tuple[str, str | None]]) -> None:
        first, hint = complaints[0]
        super().__init__(first, hint=hint)
        self.complaints = tuple(complaints)

    def told(self) -> Sequence[tuple[str, str | None]]:
        """Every problem."""
        return self.complaints


class GateError(RopewayError):
    """Changes were found, drift was found, or a gate was not passed."""

    exit_code = 3


class SandboxError(RopewayError):
    """The sandbox cannot be started, stopped or reached."""


class AwsError(RopewayError):
    """The AWS API answered with an error.

    Attributes:
        code: AWS's error code, for example ``ValidationException``.
        operation: the operation that failed, for example ``CreatePipeline``.
    """

    def __init__(self, message: str, *, code: str, operation: str, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.code = code
        self.operation = operation
