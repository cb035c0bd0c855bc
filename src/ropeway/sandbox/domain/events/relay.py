"""Events that go on to another bus: once, and no further.

EventBridge does not pass on to a third bus what came from another one; so rules that send in a circle end after one
round. The other bus's policy must let the sender's account in when that is another one.
"""

from __future__ import annotations

from ropeway.sandbox.domain.events.failures import Undeliverable
from ropeway.sandbox.domain.events.model import DEFAULT_BUS, Delivery
from ropeway.sandbox.domain.events.permissions import Permissions
from ropeway.sandbox.domain.events.ports import BusStore
from ropeway.sandbox.domain.events.sink import EventSink
from ropeway.sandbox.domain.policy import Decision, evaluate
from ropeway.values.arn import Arn

__all__ = ["Relay"]


class Relay:
    """Hands events over to other buses."""

    def __init__(self, buses: BusStore, sink: EventSink, permissions: Permissions) -> None:
        self._buses = buses
        self._sink = sink
        self._permissions = permissions

    def forward(self, delivery: Delivery) -> None:
        """Give a bus the event, in the caller's transaction, after ``check``."""
        self._sink.put(str(delivery.target["Arn"]), delivery.event, hops=1)

    def check(self, delivery: Delivery) -> None:
        """Whether a bus may be given the event.

        Raises:
            Undeliverable: it came from another bus already, the bus is not there, or the sender may not.
        """
        arn = Arn.parse(delivery.target["Arn"])
        if delivery.hops:
            kind = "ACCOUNT" if arn.account != delivery.account else "REGION"
            raise Undeliverable(
                f"THIRD_{kind}_HOP_DETECTED",
                f"The event came to {delivery.source} from another bus, and cannot go on to a third one: {arn}.",
            )
        bus = self._buses.get(str(arn))
        if bus is None and arn.name != DEFAULT_BUS:
            raise Undeliverable("NO_RESOURCE", f"Event bus {arn.name} does not exist.")
        if delivery.target.get("RoleArn"):
            self._permissions.by_role(delivery, "events:PutEvents", str(arn))
        if arn.account != delivery.account:
            decision = evaluate(
                (bus.policy if bus is not None else None) or {"Statement": []},
                principal_arn=delivery.target.get("RoleArn") or f"arn:aws:iam::{delivery.account}:root",
                principal_account=delivery.account,
                action="events:PutEvents",
                resource=str(arn),
                context={
                    "events:detail-type": str(delivery.event.get("detail-type", "")),
                    "events:source": str(delivery.event.get("source", "")),
                },
            )
            if decision is not Decision.ALLOW:
                raise Undeliverable(
                    "NO_PERMISSIONS",
                    f"The policy of event bus {arn} does not let account {delivery.account} put events.",
                )
