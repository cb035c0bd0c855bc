"""What events, buses, rules and deliveries are, as they are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from ropeway.values.arn import Arn

__all__ = ["DEFAULT_BUS", "EVENTS", "Bus", "Delivery", "Fact", "Rule", "bus_arn", "envelope", "timestamp"]

DEFAULT_BUS = "default"
EVENTS = "events.amazonaws.com"
"""Who delivers what rules send."""


@dataclass(frozen=True)
class Fact:
    """Something that happened, before it is an event.

    Attributes:
        source: ``aws.sagemaker``.
        detail_type: ``SageMaker Training Job State Change``.
        resources: ARNs.
        detail: JSON-compatible.
        time: epoch seconds, or None for now.
    """

    account: str
    region: str
    source: str
    detail_type: str
    resources: Sequence[str]
    detail: Mapping[str, Any]
    time: float | None = None


@dataclass(frozen=True)
class Bus:
    """An event bus.

    Attributes:
        policy: its resource policy, or None.
        document: further members of CreateEventBus (Description, KmsKeyIdentifier, DeadLetterConfig, LogConfig).
        created, modified: epoch seconds.
    """

    account: str
    region: str
    name: str
    created: float
    modified: float
    policy: Mapping[str, Any] | None = None
    document: Mapping[str, Any] = field(default_factory=dict)

    @property
    def arn(self) -> str:
        """The bus's ARN."""
        return bus_arn(self.account, self.region, self.name)


@dataclass(frozen=True)
class Rule:
    """A rule of a bus.

    Attributes:
        pattern: JSON text, or empty.
        schedule: ``rate(…)`` or ``cron(…)``, or empty.
        state: ENABLED or DISABLED (or ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS).
        targets: API-shaped, in the order in which they were put.
        created: epoch seconds; a rate counts from here.
    """

    account: str
    region: str
    bus: str
    name: str
    state: str
    created: float
    pattern: str = ""
    schedule: str = ""
    description: str = ""
    role_arn: str = ""
    targets: Sequence[Mapping[str, Any]] = ()

    @property
    def arn(self) -> str:
        """The rule's ARN."""
        name = self.name if self.bus == DEFAULT_BUS else f"{self.bus}/{self.name}"
        return str(Arn("events", self.region, self.account, f"rule/{name}"))

    @property
    def bus_arn(self) -> str:
        """The ARN of its bus."""
        return bus_arn(self.account, self.region, self.bus)


@dataclass(frozen=True)
class Delivery:
    """One thing to hand to one target, as it was when it was due.

    Attributes:
        id: the same over all tries, so that a target can tell a repetition.
        source: the ARN of the rule, schedule or bucket that sends.
        principal: the service that delivers: ``events.amazonaws.com``, ``scheduler.amazonaws.com``, ….
        account, region: of the sender.
        target: API-shaped; ``Arn``, ``RoleArn``, ``RetryPolicy``, ``DeadLetterConfig``, …, paths resolved.
        payload: the text that the target gets.
        event: the event's envelope, for targets that take events.
        hops: over how many buses the event has come.
        created: epoch seconds: its age counts from here.
        due: when to try next.
        attempts: tries that failed.
        number: its place in the queue, given by the store.
    """

    id: str
    source: str
    principal: str
    account: str
    region: str
    target: Mapping[str, Any]
    payload: str
    event: Mapping[str, Any]
    created: float
    due: float
    hops: int = 0
    attempts: int = 0
    number: int = 0

    @property
    def lane(self) -> str:
        """Deliveries of one lane are made one after the other."""
        return f"{self.source} {self.target.get('Id', '')} {self.target['Arn']}"


def bus_arn(account: str, region: str, name: str) -> str:
    """The ARN of a bus."""
    return str(Arn("events", region, account, f"event-bus/{name}"))


def envelope(fact: Fact, event_id: str, now: float) -> dict[str, Any]:
    """The event that targets get."""
    return {
        "version": "0",
        "id": event_id,
        "detail-type": fact.detail_type,
        "source": fact.source,
        "account": fact.account,
        "time": timestamp(now if fact.time is None else fact.time),
        "region": fact.region,
        "resources": list(fact.resources),
        "detail": dict(fact.detail),
    }


def timestamp(epoch: float) -> str:
    """Seconds as events write them: ``2026-11-21T10:00:00Z``."""
    return datetime.fromtimestamp(epoch, tz=timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
