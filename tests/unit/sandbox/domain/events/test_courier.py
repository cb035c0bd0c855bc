"""Deliveries that fail: tried again by their policy, or given up at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.domain.events.courier import Courier
from ropeway.sandbox.domain.events.failures import Undeliverable, failure_of
from ropeway.sandbox.domain.events.model import EVENTS, Delivery
from ropeway.sandbox.domain.events.sink import token_of
from ropeway.sandbox.domain.events.targets import goes_together
from tests.fakes.clock import FakeClock
from tests.fakes.transactions import FakeTransactions

RULE = "arn:aws:events:eu-west-1:111111111111:rule/r"
QUEUE = "arn:aws:sqs:eu-west-1:111111111111:q"


class FakeQueue:
    """Implements the part of ``DeliveryStore`` that a courier uses."""

    def __init__(self) -> None:
        self.left: Delivery | None = None
        self.gone: list[Delivery] = []
        self.postponed: list[Delivery] = []

    def postpone(self, delivery: Delivery) -> None:
        self.postponed.append(delivery)
        self.left = delivery

    def done(self, delivery: Delivery) -> None:
        self.left = None
        self.gone.append(delivery)


class FakeTargets:
    """Refuses as often as it is told; keeps the letters that it is sent."""

    def __init__(self, failure: Exception | None = None, times: int = 10**6) -> None:
        self.failure, self.times = failure, times
        self.calls = 0
        self.letters: list[dict[str, str]] = []
        self.lots: list[int] = []
        self.refused: dict[int, Undeliverable] = {}

    def call(self, delivery: Delivery) -> None:
        self.calls += 1
        if self.failure is not None and self.calls <= self.times:
            raise self.failure

    def call_together(self, deliveries: Sequence[Delivery]) -> Sequence[Undeliverable | None]:
        self.lots.append(len(deliveries))
        if self.failure is not None:
            raise self.failure
        return [self.refused.get(each.number) for each in deliveries]

    def send(self, queue: str, body: str, attributes: dict[str, str], delivery: Delivery) -> None:
        self.letters.append({"queue": queue, **attributes})


def delivery(**target: Any) -> Delivery:
    wanted = {"Id": "t", "Arn": QUEUE, "DeadLetterConfig": {"Arn": f"{QUEUE}-dead"}, **target}
    return Delivery(
        "id", RULE, EVENTS, "111111111111", "eu-west-1", wanted, "{}", {"id": "id"}, 1000.0, 1000.0
    )


def play(targets: FakeTargets, first: Delivery) -> tuple[list[float], FakeQueue, list[str]]:
    """Deliver until it is over: how long it waited each time, the store, the metrics."""
    clock, store, metrics = FakeClock(), FakeQueue(), list[str]()
    courier: Any = Courier(
        store,  # type: ignore[arg-type]
        FakeTransactions(),
        (targets, None),  # type: ignore[arg-type]
        clock,
        lambda _delivery, metric: metrics.append(metric),
    )
    waits, current = [], first
    while (due := courier.deliver(current)) is not None:
        waits.append(due - clock.now())
        clock.time = due
        assert store.left is not None
        current = store.left
    return waits, store, metrics


def test_what_is_taken_is_forgotten() -> None:
    waits, store, metrics = play(FakeTargets(), delivery())
    assert (waits, len(store.gone), metrics) == ([], 1, [])


def test_a_busy_target_is_asked_again_ever_less_often() -> None:
    busy = FakeTargets(Undeliverable("THROTTLING", "busy", again=True), times=10)
    waits, store, metrics = play(busy, delivery())
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300]
    assert (len(store.gone), metrics, busy.letters) == (1, [], [])


@pytest.mark.parametrize(
    ("policy", "tries", "condition"),
    [
        ({"MaximumRetryAttempts": 0}, 1, "MaximumRetryAttempts"),
        ({"MaximumRetryAttempts": 3}, 4, "MaximumRetryAttempts"),
        ({"MaximumEventAgeInSeconds": 60}, 6, "MaximumEventAgeInSeconds"),
    ],
)
def test_a_policy_ends_the_tries(policy: dict[str, int], tries: int, condition: str) -> None:
    targets = FakeTargets(Undeliverable("THROTTLING", "busy", again=True))
    _, store, metrics = play(targets, delivery(RetryPolicy=policy))
    assert (targets.calls, len(store.gone)) == (tries, 1)
    assert metrics == ["FailedInvocations", "InvocationsSentToDlq"]
    (letter,) = targets.letters
    assert letter["EXHAUSTED_RETRY_CONDITION"] == condition
    assert letter["RETRY_ATTEMPTS"] == str(tries - 1)
    assert (letter["ERROR_CODE"], letter["RULE_ARN"], letter["TARGET_ARN"]) == ("THROTTLING", RULE, QUEUE)


def test_what_can_never_go_well_is_not_tried_again() -> None:
    targets = FakeTargets(Undeliverable("NO_PERMISSIONS", "no"))
    waits, store, _ = play(targets, delivery())
    assert (waits, targets.calls, len(store.gone)) == ([], 1, 1)
    assert targets.letters[0]["EXHAUSTED_RETRY_CONDITION"] == ""


def test_a_fault_of_ours_is_tried_again() -> None:
    targets = FakeTargets(RuntimeError("surprise"), times=2)
    waits, store, _ = play(targets, delivery())
    assert (waits, targets.calls, len(store.gone)) == ([1, 2], 3, 1)


def test_without_a_dead_letter_queue_it_is_given_up() -> None:
    targets = FakeTargets(Undeliverable("NO_RESOURCE", "gone"))
    _, store, metrics = play(targets, delivery(DeadLetterConfig=None))
    assert (len(store.gone), metrics, targets.letters) == (1, ["FailedInvocations"], [])


@pytest.mark.parametrize(
    ("error", "code", "again"),
    [
        (DomainError("x", code="AccessDeniedException", status=403), "NO_PERMISSIONS", False),
        (DomainError("x", code="AWS.SimpleQueueService.NonExistentQueue", status=400), "NO_RESOURCE", False),
        (DomainError("x", code="ResourceNotFoundException", status=404), "NO_RESOURCE", False),
        (DomainError("x", code="TooManyRequestsException", status=429), "THROTTLING", True),
        (DomainError("x", code="ResourceLimitExceeded", status=400), "RESOURCE_LIMIT_EXCEEDED", True),
        (DomainError("x", code="NotImplementedException", status=501), "SDK_CLIENT_ERROR", False),
        (DomainError("x", code="ValidationException", status=400), "INVALID_PARAMETER", False),
        (DomainError("x", code="InternalFailure", status=500), "ERROR_FROM_TARGET", True),
    ],
)
def test_errors_of_targets_by_eventbridges_names(error: DomainError, code: str, again: bool) -> None:
    failure = failure_of(error)
    assert (failure.code, failure.again) == (code, again)


def test_a_repetition_is_known_by_its_token() -> None:
    assert token_of(delivery()) == token_of(delivery())
    assert token_of(delivery()) != token_of(delivery(Id="other"))


def together(targets: FakeTargets, count: int, **target: Any) -> tuple[list[float | None], FakeQueue]:
    """Deliver several of one lane at once: when each is tried again, and the store."""
    store = FakeQueue()
    courier: Any = Courier(
        store,  # type: ignore[arg-type]
        FakeTransactions(),
        (targets, None),  # type: ignore[arg-type]
        FakeClock(),
        lambda _delivery, _metric: None,
    )
    lot = [replace(delivery(**target), number=number) for number in range(count)]
    return list(courier.deliver_together(lot)), store


def test_a_queue_gets_a_lot_in_one_call_and_it_is_forgotten() -> None:
    targets = FakeTargets()
    dues, store = together(targets, 10)
    assert (dues, targets.lots, targets.calls) == ([None] * 10, [10], 0)
    assert [each.number for each in store.gone] == list(range(10))


def test_of_a_lot_only_what_was_refused_is_tried_again() -> None:
    targets = FakeTargets()
    targets.refused = {
        1: Undeliverable("THROTTLING", "busy", again=True),
        2: Undeliverable("INVALID_PARAMETER", "bad"),
    }
    dues, store = together(targets, 3)
    assert [due is None for due in dues] == [True, False, True]
    assert [(each.number, each.attempts) for each in store.postponed] == [(1, 1)]
    assert [letter["ERROR_CODE"] for letter in targets.letters] == ["INVALID_PARAMETER"]
    assert sorted(each.number for each in store.gone) == [0, 2]


def test_a_lot_that_is_refused_whole_is_tried_one_by_one() -> None:
    targets = FakeTargets(Undeliverable("INVALID_PARAMETER", "one is too long"))
    dues, store = together(targets, 4)
    assert (dues, targets.calls, len(store.gone)) == ([None] * 4, 4, 4)
    busy = FakeTargets(Undeliverable("ERROR_FROM_TARGET", "half sent?", again=True))
    dues, store = together(busy, 4)
    assert (None in dues, busy.calls, store.gone) == (False, 0, [])


def test_other_targets_get_one_after_the_other() -> None:
    targets = FakeTargets()
    together(targets, 3, Arn="arn:aws:lambda:eu-west-1:111111111111:function:f")
    assert (targets.calls, targets.lots) == (3, [])
    large = replace(delivery(), payload="x" * 150_000)
    assert goes_together([delivery(), delivery()])
    assert not goes_together([large, large])
