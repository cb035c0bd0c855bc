"""What events need of the world: rows, and somebody who delivers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from ropeway.sandbox.domain.events.model import Bus, Delivery, Rule

__all__ = ["BusStore", "Commits", "DeliveryStore", "RuleStore"]


class Commits(Protocol):
    """Says when a transaction is through."""

    def after_commit(self, work: Callable[[], None]) -> None:
        """Have a function called once the calling thread's transaction is committed; now, if there is none."""


class BusStore(Protocol):
    """Keeps buses; takes part in the caller's transaction."""

    def get(self, arn: str) -> Bus | None:
        """A bus, or None."""

    def put(self, bus: Bus) -> None:
        """Keep a bus, new or changed."""

    def delete(self, arn: str) -> None:
        """Forget a bus."""

    def list(self, account: str, region: str) -> Sequence[Bus]:
        """The buses of an account and region by name."""


class RuleStore(Protocol):
    """Keeps rules with their targets; takes part in the caller's transaction."""

    def get(self, arn: str) -> Rule | None:
        """A rule, or None."""

    def put(self, rule: Rule) -> None:
        """Keep a rule, new or changed."""

    def delete(self, arn: str) -> None:
        """Forget a rule and its targets."""

    def of_bus(self, bus_arn: str) -> Sequence[Rule]:
        """The rules of a bus by name."""


class DeliveryStore(Protocol):
    """Keeps what is to be delivered, in order; takes part in the caller's transaction."""

    def add(self, delivery: Delivery) -> None:
        """Queue a delivery."""

    def postpone(self, delivery: Delivery) -> None:
        """Write when to try again, and how often it failed."""

    def done(self, delivery: Delivery) -> None:
        """Forget a delivery."""

    def get(self, number: int) -> Delivery | None:
        """A delivery by its place in the queue."""

    def after(self, number: int, limit: int) -> Sequence[Delivery]:
        """Deliveries behind a place in the queue, in order."""

    def next_due(self) -> float | None:
        """When the earliest is due."""
