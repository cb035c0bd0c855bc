"""Errors of states: what Retry and Catch match, and what ends an execution."""

from __future__ import annotations

__all__ = [
    "BRANCH_FAILED",
    "DATA_LIMIT",
    "HEARTBEAT",
    "INTRINSIC",
    "NO_CHOICE",
    "PARAMETER_PATH",
    "QUERY",
    "RESULT_PATH",
    "RUNTIME",
    "TASK_FAILED",
    "TIMEOUT",
    "StateError",
]

TASK_FAILED = "States.TaskFailed"
TIMEOUT = "States.Timeout"
HEARTBEAT = "States.HeartbeatTimeout"
RUNTIME = "States.Runtime"
DATA_LIMIT = "States.DataLimitExceeded"
PARAMETER_PATH = "States.ParameterPathFailure"
RESULT_PATH = "States.ResultPathMatchFailure"
INTRINSIC = "States.IntrinsicFailure"
NO_CHOICE = "States.NoChoiceMatched"
QUERY = "States.QueryEvaluationError"
BRANCH_FAILED = "States.BranchFailed"


class StateError(Exception):
    """A state failed.

    Attributes:
        error: the error's name, as ``ErrorEquals`` matches it.
        cause: what a person reads.
    """

    def __init__(self, error: str | None, cause: str | None) -> None:
        super().__init__(f"{error}: {cause}")
        self.error = error
        self.cause = cause
