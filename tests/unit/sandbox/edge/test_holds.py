"""Who is held, for how long, and what wakes them."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any, cast

import pytest

from ropeway.sandbox.domain.caller import Caller
from ropeway.sandbox.domain.endings import Endings
from ropeway.sandbox.domain.services import Domain
from ropeway.sandbox.edge.holds import LONGEST, Asked, Holds, patience
from ropeway.sandbox.operations.call import Call
from ropeway.sandbox.operations.wire import Headers, Request
from tests.fakes.clock import FakeClock

BOTO3 = "Boto3/1.44.5 md/Botocore#1.44.5 lang/python#3.11.7 m/N,b,e cfg/retry-mode#standard Botocore/1.44.5"
WAITER = BOTO3.replace("m/N,b,e", "m/N,B,e")
SDK = f"{BOTO3} AWS-SageMaker-Python-SDK/2.257.7 Python/3.11.7"
CLI = "aws-cli/1.42.0 md/Botocore#1.44.5 m/N,b,e"
ARN = "arn:aws:sagemaker:eu-west-1:111111111111:training-job/a"
JOB, EXECUTION = "DescribeTrainingJob", "DescribePipelineExecution"


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [
        (Asked(JOB, WAITER, 0, None), LONGEST),
        (Asked(EXECUTION, WAITER, 500, 60), LONGEST),
        (Asked(EXECUTION, f"{WAITER} AWS-SageMaker-Python-SDK/2.257.7", 0, None), LONGEST),
        (Asked(JOB, CLI.replace("m/N,b,e", "m/N,B,e"), 0, None), LONGEST),
        (Asked(JOB, BOTO3, 0, None), 0),
        (Asked(EXECUTION, SDK, 0, None), 0),
        (Asked(JOB, SDK, 0.2, None), 10),
        (Asked(JOB, SDK, 10.3, None), 10),
        (Asked(JOB, SDK, 16, None), 0),
        (Asked(JOB, BOTO3, 100, 5), 0),
        (Asked(JOB, BOTO3, 100, 30), 10),
        (Asked(JOB, BOTO3, 4000, 3600), 0),
        (Asked(JOB, SDK, 100, 30), 10),
        (Asked(EXECUTION, BOTO3, 100, 15), 10),
        (Asked(JOB, CLI, 100, 30), 0),
        (Asked(JOB, "", 0, None), 0),
    ],
)
def test_those_who_wait_for_the_end_are_held(asked: Asked, seconds: float) -> None:
    assert patience(asked) == seconds


class Thing:
    """A training job that ends when told to."""

    def __init__(self, clock: FakeClock, endings: Endings) -> None:
        self.clock, self.endings = clock, endings
        self.status = "InProgress"
        self.described = 0
        self.at_description: Callable[[], None] = lambda: None

    def describe(self, call: Call) -> dict[str, Any]:
        self.described += 1
        answer = {
            "TrainingJobArn": ARN,
            "TrainingJobStatus": self.status,
            "CreationTime": datetime.fromtimestamp(self.clock.now(), tz=timezone.utc),
        }
        self.at_description()
        return answer

    def end(self) -> None:
        self.status = "Completed"
        self.endings.tell(ARN)


def call(agent: str, operation: str = JOB) -> Call:
    caller = Caller("111111111111", "arn:aws:iam::111111111111:root", "111111111111", "key")
    request = Request("POST", "/", "", Headers({"User-Agent": agent}), io.BytesIO())
    nothing = cast(Domain, None)
    where = ("sagemaker", operation, "111111111111", "eu-west-1")
    return Call(*where, caller, "id", {}, request, nothing, "http://sandbox")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def thing(clock: FakeClock) -> Thing:
    return Thing(clock, Endings())


def test_a_waiter_is_answered_when_the_thing_ends(thing: Thing, clock: FakeClock) -> None:
    holds = Holds(thing.endings, clock)

    def end_when_held() -> None:
        if thing.described == 2:  # the look that follows the subscription
            threading.Thread(target=thing.end).start()

    thing.at_description = end_when_held
    answer = holds.answer(call(WAITER), thing.describe)
    assert answer is not None
    assert (answer["TrainingJobStatus"], thing.described) == ("Completed", 3)
    assert holds.held == 0


def test_an_end_between_the_first_look_and_the_subscription_is_not_missed(
    thing: Thing, clock: FakeClock
) -> None:
    thing.at_description = thing.end
    answer = Holds(thing.endings, clock).answer(call(WAITER), thing.describe)
    assert answer is not None
    assert (answer["TrainingJobStatus"], thing.described) == ("Completed", 2)


def test_others_are_answered_at_once(thing: Thing, clock: FakeClock) -> None:
    holds = Holds(thing.endings, clock)
    for agent in (BOTO3, BOTO3, CLI):
        assert holds.answer(call(agent), thing.describe) is not None
    assert thing.described == 3
    assert holds.answer(call(WAITER, "DescribeModel"), lambda _: {"ModelName": "m"}) == {"ModelName": "m"}
    assert holds.answer(call(WAITER), lambda _: None) is None


def test_a_slow_poller_is_held_from_its_second_look_on(thing: Thing, clock: FakeClock) -> None:
    holds = Holds(thing.endings, clock)
    holds.answer(call(BOTO3), thing.describe)
    clock.pass_seconds(30)
    thing.at_description = thing.end
    answer = holds.answer(call(BOTO3), thing.describe)
    assert answer is not None
    assert (answer["TrainingJobStatus"], thing.described) == ("Completed", 3)


def test_nobody_is_held_when_it_is_switched_off(thing: Thing, clock: FakeClock) -> None:
    holds = Holds(thing.endings, clock, longest=0)
    assert holds.answer(call(WAITER), thing.describe) is not None
    assert thing.described == 1


def test_the_longest_hold_ends_with_the_state_as_it_is(thing: Thing, clock: FakeClock) -> None:
    answer = Holds(thing.endings, clock, longest=0.01).answer(call(WAITER), thing.describe)
    assert answer is not None
    assert answer["TrainingJobStatus"] == "InProgress"


def test_only_so_many_are_held_and_closing_lets_them_go(thing: Thing, clock: FakeClock) -> None:
    holds = Holds(thing.endings, clock)
    full = threading.Semaphore(0)
    thing.at_description = full.release
    threads = [threading.Thread(target=holds.answer, args=(call(WAITER), thing.describe)) for _ in range(32)]
    for thread in threads:
        thread.start()
    for _ in range(64):  # everybody has looked twice: all are held
        full.acquire()
    assert holds.held == 32
    assert holds.answer(call(WAITER), thing.describe) is not None  # one more is answered at once
    holds.close()
    for thread in threads:
        thread.join()
    assert holds.held == 0
    assert holds.answer(call(WAITER), thing.describe) is not None
