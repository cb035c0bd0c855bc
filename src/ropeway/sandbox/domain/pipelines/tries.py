"""Retries of steps: what a failure means, and when the step is tried again.

A fault of the service is told from an error of the user's by the first word of the failure's reason. Two kinds are
retried where no policy of the step speaks of them, as the service does: faults and throttling of the create call.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ropeway.pipelines.retries import RetryPolicy
from ropeway.sandbox.domain.pipelines.model import StepRun

__all__ = ["REASONS", "Try", "fault_of", "next_try"]

# What a step's FailureReason says of each fault.
REASONS: Mapping[str, str] = {
    "Step.SERVICE_FAULT": "ServiceUnavailable: The service could not answer the step's request.",
    "Step.THROTTLING": "ThrottlingException: Rate exceeded",
    "SageMaker.JOB_INTERNAL_ERROR": "InternalServerError: The job could not be run because of an internal error.",
    "SageMaker.CAPACITY_ERROR": "CapacityError: Unable to provision requested ML compute capacity.",
    "SageMaker.RESOURCE_LIMIT": "ResourceLimitExceeded: The account-level service limit is exceeded.",
}
_FAULTS = {reason.partition(":")[0]: fault for fault, reason in REASONS.items()}
_ALWAYS = RetryPolicy(("Step.SERVICE_FAULT", "Step.THROTTLING"))
_ALWAYS_KEY = "service"


@dataclass(frozen=True)
class Try:
    """A retry to come.

    Attributes:
        due: epoch seconds.
        retries: how often each policy was used, this one counted.
    """

    due: float
    retries: Mapping[str, int]


def fault_of(reason: str | None) -> str | None:
    """The fault that a failure's reason tells of, or None for any other failure."""
    return _FAULTS.get((reason or "").removeprefix("ClientError: ").partition(":")[0])


def next_try(policies: Sequence[RetryPolicy], run: StepRun, reason: str | None, now: float) -> Try | None:
    """When a step that just failed is tried again; None for not at all. The first policy that names the fault counts.

    Args:
        policies: the step's.
        run: the step as it was when it failed.
        reason: why it failed.
        now: epoch seconds.
    """
    fault = fault_of(reason)
    if fault is None:
        return None
    named = [(str(position), policy) for position, policy in enumerate(policies)]
    for key, policy in (*named, (_ALWAYS_KEY, _ALWAYS)):
        if fault in policy.exceptions:
            return _by(policy, key, run, now)
    return None


def _by(policy: RetryPolicy, key: str, run: StepRun, now: float) -> Try | None:
    retry = run.retries.get(key, 0) + 1
    if policy.retries is not None and retry > policy.retries:
        return None
    due = now + policy.wait(retry)
    if policy.expire_after_minutes is not None and due > run.start + policy.expire_after_minutes * 60:
        return None
    return Try(due, {**run.retries, key: retry})
