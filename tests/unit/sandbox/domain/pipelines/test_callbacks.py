"""Callbacks across crashes and deadlines: what is sent, when, and what is reported again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

import pytest

from ropeway.sandbox.domain.errors import Conflict, DomainError, NotFound
from ropeway.sandbox.domain.pipelines.callbacks import PATIENCE, Callback, Callbacks
from ropeway.sandbox.domain.pipelines.model import StepRun
from ropeway.sandbox.domain.pipelines.ports import ExecutionStore
from ropeway.sandbox.domain.pipelines.progress import Progress
from tests.fakes.alarms import FakeAlarms
from tests.fakes.clock import FakeClock
from tests.fakes.transactions import FakeTransactions

EXECUTION = "arn:aws:sagemaker:eu-west-1:111111111111:pipeline/p/execution/abcdefabcdef"
URL = "https://sqs.eu-west-1.amazonaws.com/111111111111/q"
TOKEN = "tokentoken"


class MemoryCallbacks:
    def __init__(self) -> None:
        self.rows: dict[str, Callback] = {}

    def put(self, callback: Callback) -> None:
        self.rows[callback.token] = callback

    def get(self, token: str) -> Callback | None:
        return self.rows.get(token)


class OneStep:
    """An execution store with one step run."""

    run = StepRun(EXECUTION, "Ask", "Callback", "Executing", 1, 1, 0.0, resource=TOKEN)

    def step(self, execution_arn: str, name: str) -> StepRun | None:
        return self.run if (execution_arn, name) == (EXECUTION, "Ask") else None


class Sqs:
    """Peers whose queue keeps messages, or does not exist."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str, Mapping[str, Any]]] = []
        self.there = True

    def call(
        self, service: str, operation: str, params: Mapping[str, Any], *, account: str, region: str
    ) -> dict[str, Any]:
        assert (service, operation) == ("sqs", "SendMessage")
        if not self.there:
            raise DomainError("The specified queue does not exist.", code="QueueDoesNotExist", status=400)
        self.calls.append((account, region, params))
        return {}

    @property
    def statuses(self) -> list[str]:
        return [json.loads(params["MessageBody"])["status"] for _, _, params in self.calls]


class FixedIds:
    def token(self, length: int) -> str:
        assert length == len(TOKEN)
        return TOKEN

    def uuid(self) -> str:
        raise NotImplementedError


class World:
    """A service with everything around it; ``crash`` keeps the store only."""

    def __init__(self) -> None:
        self.store, self.steps, self.sqs, self.clock = MemoryCallbacks(), OneStep(), Sqs(), FakeClock()
        self.reports: list[tuple[str, str, Progress]] = []
        self.callbacks = self.crash()

    def crash(self, *, listening: bool = True) -> Callbacks:
        stores = (self.store, cast(ExecutionStore, self.steps))
        self.alarms = FakeAlarms()
        made = Callbacks(stores, FakeTransactions(), self.sqs, (self.clock, FixedIds()), self.alarms)
        if listening:
            made.listen(lambda arn, step, progress: self.reports.append((arn, step, progress)))
        self.callbacks = made
        return made

    def open(self, url: str = URL) -> None:
        assert self.callbacks.open(EXECUTION, "Ask", url, {"a": 1}, {"i": "Integer"}) == TOKEN

    def succeed(self, **members: Any) -> str:
        request = {"CallbackToken": TOKEN, "ClientRequestToken": "t" * 32, **members}
        return self.callbacks.succeed("111111111111", "eu-west-1", request)


@pytest.fixture
def world() -> World:
    return World()


def test_a_message_that_was_not_sent_before_the_crash_is_sent_after_it(world: World) -> None:
    world.open()
    world.crash().resume(TOKEN, stopping=False)
    assert world.sqs.statuses == ["Executing"]
    world.crash().resume(TOKEN, stopping=False)
    assert world.sqs.statuses == ["Executing"]
    world.crash().resume(TOKEN, stopping=True)
    assert world.sqs.statuses == ["Executing", "Stopping"]
    assert world.reports == []


def test_a_stop_before_the_first_message_sends_both_in_order(world: World) -> None:
    world.open()
    world.callbacks.stop(TOKEN)
    world.callbacks.deliver(TOKEN)
    world.callbacks.stop(TOKEN)
    assert world.sqs.statuses == ["Executing", "Stopping"]


def test_an_answer_that_the_crash_kept_from_the_engine_is_reported_after_it(world: World) -> None:
    world.open()
    world.crash(listening=False)
    assert world.succeed(OutputParameters=[{"Name": "i", "Value": "3"}]) == EXECUTION
    assert world.reports == []
    world.crash().resume(TOKEN, stopping=False)
    ((arn, step, progress),) = world.reports
    assert (arn, step, progress.status, progress.outputs) == (EXECUTION, "Ask", "Succeeded", {"i": 3})
    assert world.sqs.statuses == []


@pytest.mark.parametrize("crashes", [False, True])
def test_seven_days_without_an_answer_fail_the_step(world: World, crashes: bool) -> None:
    world.open()
    world.callbacks.deliver(TOKEN)
    if crashes:
        world.clock.pass_seconds(PATIENCE / 2)
        world.crash().resume(TOKEN, stopping=False)
    world.alarms.ring(1_000.0 + PATIENCE - 1)
    assert world.reports == []
    world.clock.time = 1_000.0 + PATIENCE
    world.alarms.ring(world.clock.now())
    ((_, _, progress),) = world.reports
    assert progress.status == "Failed"
    assert "seven days" in str(progress.reason)


def test_an_answered_step_does_not_run_out_of_time(world: World) -> None:
    world.open()
    world.succeed()
    world.clock.pass_seconds(PATIENCE)
    world.callbacks.expire(TOKEN)
    assert [progress.status for _, _, progress in world.reports] == ["Succeeded"]


def test_a_queue_that_does_not_exist_fails_the_step(world: World) -> None:
    world.open()
    world.sqs.there = False
    world.callbacks.deliver(TOKEN)
    ((_, _, progress),) = world.reports
    assert progress.reason == f"ClientError: {URL}: The specified queue does not exist."


@pytest.mark.parametrize(
    "url", ["", "q", "https://sqs.eu-west-1.amazonaws.com/q", "http://[x/111111111111/q", "https://x/1/q"]
)
def test_what_is_no_queue_s_url_fails_the_step(world: World, url: str) -> None:
    world.open(url)
    world.callbacks.deliver(TOKEN)
    ((_, _, progress),) = world.reports
    assert progress.reason == f"ClientError: {url}: it is not the URL of an SQS queue"


def test_a_step_that_ended_otherwise_takes_no_answer(world: World) -> None:
    world.open()
    world.steps.run = replace(world.steps.run, status="Failed")
    with pytest.raises(Conflict, match="not waiting"):
        world.succeed()
    world.steps.run = replace(world.steps.run, status="Executing", resource="anothertok")
    with pytest.raises(Conflict, match="not waiting"):
        world.succeed()
    assert world.reports == []


def test_a_token_counts_in_its_own_region_only(world: World) -> None:
    world.open()
    with pytest.raises(NotFound):
        world.callbacks.fail("111111111111", "us-east-1", {"CallbackToken": TOKEN})


def test_what_nobody_waits_for_is_no_error(world: World) -> None:
    world.callbacks.resume(TOKEN, stopping=False)
    world.callbacks.stop(TOKEN)
    world.callbacks.expire(TOKEN)
    assert world.reports == []
    assert world.sqs.calls == []


@pytest.mark.parametrize(
    ("url", "where"),
    [
        ("https://sqs.us-east-1.amazonaws.com/222222222222/q", ("222222222222", "us-east-1")),
        ("http://127.0.0.1:4566/222222222222/q", ("222222222222", "eu-west-1")),
        ("http://sqs.us-east-1.localhost.example:4566/222222222222/q", ("222222222222", "us-east-1")),
    ],
)
def test_the_url_tells_where_the_queue_is(world: World, url: str, where: tuple[str, str]) -> None:
    world.open(url)
    world.callbacks.deliver(TOKEN)
    ((account, region, params),) = world.sqs.calls
    assert (account, region) == where
    assert params["QueueUrl"] == url
    assert "MessageGroupId" not in params


def test_a_fifo_queue_can_tell_a_repetition(world: World) -> None:
    world.open(f"{URL}.fifo")
    world.callbacks.deliver(TOKEN)
    ((_, _, params),) = world.sqs.calls
    assert (params["MessageGroupId"], params["MessageDeduplicationId"]) == (TOKEN, f"{TOKEN}-Executing")
