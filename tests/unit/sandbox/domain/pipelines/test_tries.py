"""Which failures are tried again, when, and how often."""

from __future__ import annotations

import pytest

from ropeway.errors import DefinitionError
from ropeway.pipelines.retries import FAULTS, RetryPolicy, read_policies
from ropeway.sandbox.domain.pipelines.model import StepRun
from ropeway.sandbox.domain.pipelines.tries import REASONS, fault_of, next_try

RUN = StepRun("e", "A", "Training", "Executing", 1, 1, 1_000.0)
CAPACITY = "CapacityError: none left"


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_is_known_by_its_reason(fault: str) -> None:
    assert fault_of(REASONS[fault]) == fault
    assert fault_of(f"ClientError: {REASONS[fault]}") == fault


@pytest.mark.parametrize(
    "reason",
    [
        None,
        "",
        "ClientError: AlgorithmError: CapacityError: mine",
        "AlgorithmError: x",
        "I say CapacityError: x",
    ],
)
def test_what_users_do_wrong_is_no_fault(reason: str | None) -> None:
    assert fault_of(reason) is None
    assert next_try([RetryPolicy(FAULTS)], RUN, reason, 1_000.0) is None


def test_the_first_policy_that_names_the_fault_counts() -> None:
    policies = [
        RetryPolicy(("Step.THROTTLING",), interval_seconds=5),
        RetryPolicy(("SageMaker.CAPACITY_ERROR",), interval_seconds=7),
        RetryPolicy(FAULTS, interval_seconds=9),
    ]
    again = next_try(policies, RUN, CAPACITY, 2_000.0)
    assert again is not None
    assert (again.due, again.retries) == (2_007.0, {"1": 1})


def test_the_service_s_own_policy_is_for_calls_only() -> None:
    assert next_try([], RUN, REASONS["Step.THROTTLING"], 1_000.0) is not None
    assert next_try([], RUN, REASONS["Step.SERVICE_FAULT"], 1_000.0) is not None
    assert next_try([], RUN, CAPACITY, 1_000.0) is None


def test_waits_grow_and_end_with_the_attempts() -> None:
    policy = RetryPolicy(("SageMaker.CAPACITY_ERROR",), interval_seconds=2, backoff_rate=3.0, max_attempts=3)
    run, waits = RUN, []
    while again := next_try([policy], run, CAPACITY, 0.0):
        waits.append(again.due)
        run = StepRun(**{**vars(run), "retries": again.retries})
    assert waits == [2.0, 6.0, 18.0]


def test_retries_expire_by_the_step_s_start() -> None:
    policy = RetryPolicy(("SageMaker.CAPACITY_ERROR",), interval_seconds=10, expire_after_minutes=1)
    assert next_try([policy], RUN, CAPACITY, 1_050.0) is not None
    assert next_try([policy], RUN, CAPACITY, 1_051.0) is None


def test_a_wait_is_finite() -> None:
    policy = RetryPolicy(("SageMaker.CAPACITY_ERROR",), backoff_rate=1e300, max_attempts=20)
    assert policy.wait(20) == 14_400 * 60


def test_a_policy_is_written_as_it_is_read() -> None:
    for policy in (
        RetryPolicy(FAULTS[:2], 3, 1.5, max_attempts=7),
        RetryPolicy(FAULTS[2:], expire_after_minutes=30),
    ):
        assert read_policies([policy.document()]) == (policy,)
    assert RetryPolicy(FAULTS).document()["MaxAttempts"] == 5


@pytest.mark.parametrize("entries", ["x", [1], [{"ExceptionType": "Nothing"}], [{"ExceptionType": []}]])
def test_what_is_no_policy_is_refused(entries: object) -> None:
    with pytest.raises(DefinitionError):
        read_policies(entries)
