"""Asynchronous invocations: when they are tried again, when they are given up, what is told of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from ropeway.sandbox.domain.errors import DomainError, NotFound
from ropeway.sandbox.domain.function_events import FunctionEvent, FunctionEvents
from ropeway.sandbox.domain.functions import Invocation
from ropeway.values.ids import RandomIds
from tests.fakes.alarms import FakeAlarms
from tests.fakes.clock import FakeClock
from tests.fakes.transactions import FakeTransactions

ARN = "arn:aws:lambda:eu-west-1:111111111111:function:f"
GOOD = Invocation("fine", None, "")
BAD = Invocation({"errorType": "E", "errorMessage": "m"}, "Unhandled", "")
THROTTLED = DomainError("Rate Exceeded.", code="TooManyRequestsException", status=429)


class Store:
    def __init__(self) -> None:
        self.rows: dict[str, FunctionEvent] = {}

    def put(self, event: FunctionEvent) -> None:
        self.rows[event.id] = event

    def get(self, event_id: str) -> FunctionEvent | None:
        return self.rows.get(event_id)

    def drop(self, event_id: str) -> None:
        self.rows.pop(event_id, None)

    def all(self) -> Sequence[FunctionEvent]:
        return list(self.rows.values())

    def count(self) -> int:
        return len(self.rows)


class Functions:
    """Answers one by one, and the last answer for ever."""

    def __init__(self, *answers: Invocation | Exception) -> None:
        self.answers = list(answers)
        self.moments: list[float] = []
        self.clock = FakeClock()

    def prepare(self, arn: str, *, caller_account: str) -> Any:
        if arn.endswith("nobody"):
            raise NotFound(arn)

    def invoke(self, arn: str, event: Any, *, caller_account: str) -> Invocation:
        self.moments.append(self.clock.now())
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


class Peers:
    def __init__(self, **settings: Any) -> None:
        self.settings = settings
        self.reserved = 1
        self.sent: list[tuple[str, Mapping[str, Any]]] = []

    def call(
        self, service: str, operation: str, params: Mapping[str, Any], *, account: str, region: str
    ) -> dict[str, Any]:
        if operation == "GetFunctionEventInvokeConfig":
            if not self.settings:
                raise NotFound("none", status=404)
            return self.settings
        if operation == "GetFunctionConcurrency":
            return {"ReservedConcurrentExecutions": self.reserved}
        if operation != "GetFunctionConfiguration":
            self.sent.append((f"{service} {operation}", params))
        return {}


class World:
    def __init__(self, functions: Functions, peers: Peers) -> None:
        self.store, self.alarms, self.functions, self.peers = Store(), FakeAlarms(), functions, peers
        self.events = self.made()

    def made(self) -> FunctionEvents:
        world = (FakeTransactions(), self.functions.clock, RandomIds(), self.alarms)
        now: Callable[[Callable[[], None]], None] = lambda work: work()  # noqa: E731
        return FunctionEvents(self.store, self.functions, self.peers, world, now)

    def settle(self, rounds: int = 30) -> None:
        """Let time pass until nothing waits."""
        for _ in range(rounds):
            if not self.alarms.set:
                return
            moment = min(moment for moment, _ in self.alarms.set)
            self.functions.clock.pass_seconds(max(0.0, moment - self.functions.clock.now()))
            self.alarms.ring(self.functions.clock.now())


def test_a_failure_is_tried_again_after_one_and_after_two_minutes() -> None:
    world = World(Functions(BAD), Peers())
    began = world.functions.clock.now()
    world.events.submit(ARN, {}, caller_account="111111111111")
    world.settle()
    assert [moment - began for moment in world.functions.moments] == [0, 60, 180]
    assert world.store.rows == {}


@pytest.mark.parametrize(("retries", "tries"), [(0, 1), (1, 2), (2, 3)])
def test_as_many_retries_as_are_set(retries: int, tries: int) -> None:
    peers = Peers(
        MaximumRetryAttempts=retries,
        DestinationConfig={"OnFailure": {"Destination": "arn:aws:sns:eu-west-1:111111111111:t"}},
    )
    world = World(Functions(BAD), peers)
    world.events.submit(ARN, {"a": 1}, caller_account="111111111111")
    world.settle()
    assert len(world.functions.moments) == tries
    ((operation, params),) = peers.sent
    assert operation == "sns Publish"
    told = json.loads(params["Message"])
    assert told["requestContext"]["approximateInvokeCount"] == tries
    assert told["responsePayload"] == BAD.payload


def test_an_event_is_throttled_until_it_is_too_old() -> None:
    peers = Peers(
        MaximumEventAgeInSeconds=60,
        DestinationConfig={"OnFailure": {"Destination": "arn:aws:events:eu-west-1:111111111111:event-bus/b"}},
    )
    world = World(Functions(THROTTLED), peers)
    began = world.functions.clock.now()
    world.events.submit(ARN, {}, caller_account="111111111111")
    world.settle()
    assert [moment - began for moment in world.functions.moments] == [0, 1, 3, 7, 15, 31]
    ((operation, params),) = peers.sent
    assert operation == "events PutEvents"
    (entry,) = params["Entries"]
    assert entry["DetailType"] == "Lambda Function Invocation Result - Failure"
    assert json.loads(entry["Detail"])["requestContext"]["condition"] == "EventAgeExceeded"


def test_an_event_for_a_function_that_lets_nobody_in_is_given_up_at_once() -> None:
    peers = Peers(DestinationConfig={"OnFailure": {"Destination": "arn:aws:sns:eu-west-1:111111111111:t"}})
    peers.reserved = 0
    world = World(Functions(THROTTLED), peers)
    world.events.submit(ARN, {}, caller_account="111111111111")
    assert world.store.rows == {}
    ((_, params),) = peers.sent
    assert json.loads(params["Message"])["requestContext"]["condition"] == "ZeroReservedConcurrency"


def test_an_event_in_the_store_is_taken_up_again() -> None:
    world = World(Functions(BAD, GOOD), Peers())
    world.events.submit(ARN, {}, caller_account="111111111111")
    world.alarms.set.clear()  # the process ends
    world.made().recover()
    world.settle()
    assert len(world.functions.moments) == 2
    assert world.store.rows == {}


def test_an_event_for_nobody_is_refused_and_not_kept() -> None:
    world = World(Functions(GOOD), Peers())
    with pytest.raises(NotFound):
        world.events.submit(f"{ARN}nobody", {}, caller_account="111111111111")
    assert world.store.rows == {}


def test_an_answer_after_the_end_of_the_server_counts_for_nothing() -> None:
    world = World(Functions(BAD), Peers())
    world.events.close()
    world.events.submit(ARN, {}, caller_account="111111111111")
    assert [event.attempts for event in world.store.rows.values()] == [0]


def test_a_fault_of_the_server_counts_as_a_try() -> None:
    world = World(Functions(OSError("no processes left"), GOOD), Peers())
    world.events.submit(ARN, {}, caller_account="111111111111")
    world.settle()
    assert len(world.functions.moments) == 2
    assert world.store.rows == {}


def test_functions_that_are_their_own_destination_are_stopped() -> None:
    world = World(Functions(GOOD), Peers(DestinationConfig={"OnSuccess": {"Destination": ARN}}))
    world.events.submit(ARN, {"a": 1}, caller_account="111111111111")
    world.settle()
    assert len(world.functions.moments) == 17
    assert world.store.rows == {}
