"""Where events go in: matched against the rules of their bus, and queued for the targets, all in one transaction.

``emit`` is the port for everybody who has something to tell. It joins the caller's transaction: the change and what
follows from it are there together, or not at all. What no rule wants leaves no trace. Rules are kept compiled in
memory, per bus, until a rule changes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol

from ropeway.sandbox.domain.events.model import DEFAULT_BUS, EVENTS, Delivery, Fact, Rule, bus_arn, envelope
from ropeway.sandbox.domain.events.patterns import Pattern, compile_pattern
from ropeway.sandbox.domain.events.ports import Commits, DeliveryStore, RuleStore
from ropeway.sandbox.domain.events.transform import payload, resolved
from ropeway.sandbox.domain.ports import Transactions
from ropeway.values.clock import Clock
from ropeway.values.ids import Ids

__all__ = ["EventSink", "token_of"]


class Keeper(Protocol):
    """Keeps events: archives do."""

    def listens(self, bus_arn: str) -> bool:
        """Whether it would keep any of a bus."""

    def keep(self, bus_arn: str, event: Mapping[str, Any]) -> None:
        """Take an event that a bus is given, in the transaction."""


class EventSink:
    """Takes events.

    Args:
        stores: rules and deliveries.
        transactions: where all of it happens.
        commits: tells when a transaction is through.
        sources: the time and ids.
    """

    def __init__(
        self,
        stores: tuple[RuleStore, DeliveryStore],
        transactions: Transactions,
        commits: Commits,
        sources: tuple[Clock, Ids],
    ) -> None:
        self._rules, self._deliveries = stores
        self._transactions = transactions
        self._commits = commits
        self._clock, self._ids = sources
        self._compiled: dict[str, list[tuple[Rule, Pattern]]] = {}
        self._changes = 0
        self._listeners: list[Callable[[], None]] = []
        self._keepers: list[Keeper] = []

    def listen(self, listener: Callable[[], None]) -> None:
        """Have a function called after the commit of a transaction that queued something."""
        self._listeners.append(listener)

    def keep(self, keeper: Keeper) -> None:
        """Have events kept, in the transaction that takes them."""
        self._keepers.append(keeper)

    def forget(self, arn: str) -> None:
        """Read a bus's rules anew: they have changed, in the caller's transaction."""

        def drop() -> None:
            self._changes += 1
            self._compiled.pop(arn, None)

        drop()
        self._commits.after_commit(drop)  # who reads without a transaction has kept the old ones meanwhile

    def together(self) -> AbstractContextManager[object]:
        """One transaction for several events."""
        return self._transactions.transaction()

    def heard(self, account: str, region: str) -> bool:
        """Whether anybody would notice what the default bus of an account and region is told."""
        arn = bus_arn(account, region, DEFAULT_BUS)
        return bool(self._of(arn)) or any(keeper.listens(arn) for keeper in self._keepers)

    def emit(self, fact: Fact) -> str:
        """Tell the default bus of an account and region what happened; returns the event's id."""
        event = envelope(fact, self._ids.uuid(), self._clock.now())
        self.put(bus_arn(fact.account, fact.region, DEFAULT_BUS), event)
        return str(event["id"])

    def put(
        self, arn: str, event: Mapping[str, Any], *, hops: int = 0, only: frozenset[str] = frozenset()
    ) -> None:
        """Give a bus an event.

        Args:
            arn: the bus's ARN.
            event: the whole envelope.
            hops: over how many buses it has come.
            only: ARNs of the rules that may match; all when empty.
        """
        with self._transactions.transaction():
            for keeper in self._keepers:
                keeper.keep(arn, event)
            for rule, matches in self._of(arn):
                if (not only or rule.arn in only) and matches(event):
                    self._queue(rule, event, hops)

    def fire(self, rule: Rule, scheduled: float) -> None:
        """Send a rule's targets the event of its schedule."""
        fact = Fact(rule.account, rule.region, "aws.events", "Scheduled Event", [rule.arn], {}, scheduled)
        event = envelope(fact, self._ids.uuid(), scheduled)
        with self._transactions.transaction():
            self._queue(rule, event, 0)

    def queue(self, delivery: Delivery) -> None:
        """Queue one delivery, in the caller's transaction if there is one."""
        with self._transactions.transaction():
            self._deliveries.add(delivery)
            self._commits.after_commit(self._told)

    def _queue(self, rule: Rule, event: Mapping[str, Any], hops: int) -> None:
        now = self._clock.now()
        for target in rule.targets:
            parameters = {name: value for name, value in target.items() if name.endswith("Parameters")}
            self.queue(
                Delivery(
                    id=str(event["id"]),
                    source=rule.arn,
                    principal=EVENTS,
                    account=rule.account,
                    region=rule.region,
                    target={**target, **resolved(parameters, event)},
                    payload=payload(target, event, rule.arn),
                    event=event,
                    created=now,
                    due=now,
                    hops=hops,
                )
            )

    def _of(self, arn: str) -> list[tuple[Rule, Pattern]]:
        found = self._compiled.get(arn)
        if found is None:
            changes = self._changes
            found = [
                (rule, compile_pattern(rule.pattern))
                for rule in self._rules.of_bus(arn)
                if rule.pattern and rule.state != "DISABLED" and rule.targets
            ]
            if changes == self._changes:
                self._compiled[arn] = found
        return found

    def _told(self) -> None:
        for listener in tuple(self._listeners):
            listener()


def token_of(delivery: Delivery) -> str:
    """What a target can know a repeated delivery by: 64 letters and digits."""
    text = f"{delivery.id} {delivery.source} {delivery.target.get('Id', '')}"
    return hashlib.sha256(text.encode()).hexdigest()
