"""Where events go in: rules that change while they are read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

import pytest

from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.domain.events.model import Delivery, Fact, Rule, bus_arn
from ropeway.sandbox.domain.events.sink import EventSink
from ropeway.sandbox.domain.events.targets import check_dead_letters
from ropeway.values.ids import RandomIds
from tests.fakes.clock import FakeClock
from tests.fakes.transactions import FakeTransactions

BUS = bus_arn("111111111111", "eu-west-1", "default")
QUEUE = "arn:aws:sqs:eu-west-1:111111111111:q"


class Stores:
    """Rules and deliveries; ``while_read`` happens between the reading of rules and their keeping."""

    def __init__(self) -> None:
        self.rules: list[Rule] = []
        self.queued: list[Delivery] = []
        self.while_read: Callable[[], None] = lambda: None

    def of_bus(self, _arn: str) -> Sequence[Rule]:
        found = tuple(self.rules)
        self.while_read()
        return found

    def add(self, delivery: Delivery) -> None:
        self.queued.append(delivery)


class Commits:
    def after_commit(self, work: Callable[[], None]) -> None:
        work()


def test_a_rule_that_is_made_while_others_are_read_counts() -> None:
    stores = Stores()
    sink = EventSink(cast("Any", (stores, stores)), FakeTransactions(), Commits(), (FakeClock(), RandomIds()))
    target = {"Id": "t", "Arn": QUEUE}
    rule = Rule(
        "111111111111", "eu-west-1", "default", "r", "ENABLED", 0.0, '{"source": ["s"]}', targets=[target]
    )

    def make() -> None:
        stores.while_read = lambda: None
        stores.rules.append(rule)
        sink.forget(BUS)

    stores.while_read = make
    assert not sink.heard("111111111111", "eu-west-1")
    assert sink.heard("111111111111", "eu-west-1")
    sink.emit(Fact("111111111111", "eu-west-1", "s", "d", [], {}))
    assert [each.target["Arn"] for each in stores.queued] == [QUEUE]


@pytest.mark.parametrize("arn", [f"{QUEUE}.fifo", "arn:aws:sns:eu-west-1:111111111111:t", "q"])
def test_dead_letters_go_to_standard_queues_only(arn: str) -> None:
    check_dead_letters({"DeadLetterConfig": {"Arn": QUEUE}})
    with pytest.raises(DomainError, match=r"Parameter DeadLetterConfig\.Arn is not valid"):
        check_dead_letters({"DeadLetterConfig": {"Arn": arn}})
