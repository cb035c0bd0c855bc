"""Retry policies: which faults of the service a step is tried again for, how often, and with what waits between.

A fault is one of five kinds. ``Step.…`` is about the call that creates what the step makes, ``SageMaker.…`` about
the job. An error of the user's own code is none of them and is never tried again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ropeway.errors import DefinitionError

__all__ = ["FAULTS", "RetryPolicy", "read_policies"]

FAULTS = (
    "Step.SERVICE_FAULT",
    "Step.THROTTLING",
    "SageMaker.JOB_INTERNAL_ERROR",
    "SageMaker.CAPACITY_ERROR",
    "SageMaker.RESOURCE_LIMIT",
)
_MOST_ATTEMPTS = 20
_DEFAULT_ATTEMPTS = 5
_MOST_MINUTES = 14_400


@dataclass(frozen=True)
class RetryPolicy:
    """When a step is tried again.

    Attributes:
        exceptions: the faults it is for, out of ``FAULTS``.
        interval_seconds: the wait before the first retry.
        backoff_rate: what each further wait is longer by.
        max_attempts: how many retries at most, 1 to 20; 5 where nothing is said.
        expire_after_minutes: instead of ``max_attempts``: no retry starts later than so long after the step's start.
    """

    exceptions: Sequence[str]
    interval_seconds: float = 1
    backoff_rate: float = 2.0
    max_attempts: int | None = None
    expire_after_minutes: int | None = None

    def __post_init__(self) -> None:
        unknown = [name for name in self.exceptions if name not in FAULTS]
        if unknown or not self.exceptions:
            raise DefinitionError(
                f"a retry policy's ExceptionType {unknown[0] if unknown else []!r} is not known; "
                f"there are {', '.join(FAULTS)}"
            )
        _within("IntervalSeconds", self.interval_seconds, 0, None)
        _within("BackoffRate", self.backoff_rate, 0, None)
        if self.max_attempts is not None and self.expire_after_minutes is not None:
            raise DefinitionError("a retry policy takes MaxAttempts or ExpireAfterMin, not both")
        if self.max_attempts is not None:
            _within("MaxAttempts", self.max_attempts, 1, _MOST_ATTEMPTS)
        if self.expire_after_minutes is not None:
            _within("ExpireAfterMin", self.expire_after_minutes, 0, _MOST_MINUTES)

    @property
    def retries(self) -> int | None:
        """How many retries at most, or None when time decides."""
        if self.expire_after_minutes is not None:
            return None
        return _DEFAULT_ATTEMPTS if self.max_attempts is None else self.max_attempts

    def wait(self, retry: int) -> float:
        """Seconds before the nth retry, counted from 1; at most the span in which retries may start."""
        try:
            wait = self.interval_seconds * self.backoff_rate ** (retry - 1)
        except OverflowError:
            wait = _MOST_MINUTES * 60
        return min(wait, _MOST_MINUTES * 60.0)

    def document(self) -> dict[str, Any]:
        """The policy's entry in a step's ``RetryPolicies``."""
        entry: dict[str, Any] = {
            "ExceptionType": list(self.exceptions),
            "IntervalSeconds": self.interval_seconds,
            "BackoffRate": self.backoff_rate,
        }
        if self.expire_after_minutes is not None:
            return {**entry, "ExpireAfterMin": self.expire_after_minutes}
        return {**entry, "MaxAttempts": self.retries}


def read_policies(entries: Any) -> tuple[RetryPolicy, ...]:
    """A step's ``RetryPolicies``.

    Raises:
        DefinitionError: one of them is wrong.
    """
    if entries is None:
        return ()
    if not isinstance(entries, list):
        raise DefinitionError("RetryPolicies must be a list of retry policies")
    return tuple(_policy(entry) for entry in entries)


def _policy(entry: Any) -> RetryPolicy:
    if not isinstance(entry, Mapping):
        raise DefinitionError(f"a retry policy must be an object, not {entry!r}")
    exceptions = entry.get("ExceptionType")
    exceptions = [exceptions] if isinstance(exceptions, str) else exceptions
    if not isinstance(exceptions, list) or not all(isinstance(name, str) for name in exceptions):
        raise DefinitionError("a retry policy needs a list of ExceptionType")
    return RetryPolicy(
        tuple(exceptions),
        _given(entry, "IntervalSeconds", 1),
        _given(entry, "BackoffRate", 2.0),
        entry.get("MaxAttempts"),
        entry.get("ExpireAfterMin"),
    )


def _given(entry: Mapping[str, Any], name: str, otherwise: float) -> Any:
    return otherwise if entry.get(name) is None else entry[name]


def _within(name: str, value: Any, least: int, most: int | None) -> None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if most is not None:
        number = number and isinstance(value, int)
    if not number or not value >= least or (most is not None and value > most):
        span = f"from {least} to {most}" if most is not None else f"of at least {least}"
        raise DefinitionError(f"a retry policy's {name} must be a number {span}, not {value!r}")
