"""One delivery: to its target, later once more, to the dead-letter queue, or given up with a word in the log.

A delivery is forgotten after its target took it, so a crash in between repeats it, with the same id. A queue gets what
waits for it in one call, and what it took is forgotten in one transaction. An event for
another bus is handed over in the transaction that forgets the delivery: it is neither lost nor repeated.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace

from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.domain.events.failures import Undeliverable
from ropeway.sandbox.domain.events.model import Delivery, timestamp
from ropeway.sandbox.domain.events.ports import DeliveryStore
from ropeway.sandbox.domain.events.relay import Relay
from ropeway.sandbox.domain.events.targets import Targets, goes_together, kind_of
from ropeway.sandbox.domain.ports import Transactions
from ropeway.values.clock import Clock

__all__ = ["Courier"]

_log = logging.getLogger(__name__)
_TRIES = 185
_AGE = 86_400
_LONGEST_WAIT = 300.0

Report = Callable[[Delivery, str], None]


class Courier:
    """Delivers.

    Args:
        report: told of deliveries that ended: ``FailedInvocations`` and its like, by CloudWatch's names.
    """

    def __init__(
        self,
        store: DeliveryStore,
        transactions: Transactions,
        handlers: tuple[Targets, Relay],
        clock: Clock,
        report: Report,
    ) -> None:
        self._store = store
        self._transactions = transactions
        self._targets, self._relay = handlers
        self._clock = clock
        self._report = report

    def deliver(self, delivery: Delivery) -> float | None:
        """Try once; returns when to try again, or None when it is over."""
        try:
            if kind_of(delivery.target["Arn"]) == "events":
                self._relay.check(delivery)
                with self._transactions.transaction():
                    self._relay.forward(delivery)
                    self._store.done(delivery)
                return None
            self._targets.call(delivery)
        except Undeliverable as failure:
            return self._failed(delivery, failure)
        except Exception as error:  # noqa: BLE001 - a delivery's border: the others must go on
            _log.exception("delivery %s of %s failed", delivery.id, delivery.source)
            fault = Undeliverable("INTERNAL_ERROR", f"{type(error).__name__}: {error}", again=True)
            return self._failed(delivery, fault)
        self._store.done(delivery)
        return None

    def deliver_together(self, deliveries: Sequence[Delivery]) -> Sequence[float | None]:
        """Try deliveries of one lane, in order; when to try each again, or None where it is over."""
        if not goes_together(deliveries):
            return [self.deliver(each) for each in deliveries]
        try:
            failures = self._targets.call_together(deliveries)
        except Undeliverable as failure:
            if failure.again:
                return [self._failed(each, failure) for each in deliveries]
            return [self.deliver(each) for each in deliveries]  # one of them may spoil the others' call
        except Exception:  # noqa: BLE001 - a delivery's border: the others must go on
            _log.exception("deliveries of %s failed", deliveries[0].source)
            return [self.deliver(each) for each in deliveries]
        with self._transactions.transaction():
            for each, failed in zip(deliveries, failures, strict=True):
                if failed is None:
                    self._store.done(each)
        pairs = zip(deliveries, failures, strict=True)
        return [None if failed is None else self._failed(each, failed) for each, failed in pairs]

    def _failed(self, delivery: Delivery, failure: Undeliverable) -> float | None:
        exhausted = ""
        if failure.again:
            policy = delivery.target.get("RetryPolicy") or {}
            due = self._clock.now() + min(2.0**delivery.attempts, _LONGEST_WAIT)
            if delivery.attempts >= policy.get("MaximumRetryAttempts", _TRIES):
                exhausted = "MaximumRetryAttempts"
            elif due > delivery.created + policy.get("MaximumEventAgeInSeconds", _AGE):
                exhausted = "MaximumEventAgeInSeconds"
            else:
                self._store.postpone(replace(delivery, due=due, attempts=delivery.attempts + 1))
                return due
        _log.warning("%s could not deliver to %s: %s", delivery.source, delivery.target["Arn"], failure)
        self._bury(delivery, failure, exhausted)
        self._store.done(delivery)
        return None

    def _bury(self, delivery: Delivery, failure: Undeliverable, exhausted: str) -> None:
        self._report(delivery, "FailedInvocations")
        queue = (delivery.target.get("DeadLetterConfig") or {}).get("Arn")
        if not queue:
            return
        attributes = {
            "ERROR_CODE": failure.code,
            "ERROR_MESSAGE": failure.message[:1000],
            "EXHAUSTED_RETRY_CONDITION": exhausted,
            "RETRY_ATTEMPTS": str(delivery.attempts),
            "TARGET_ARN": str(delivery.target["Arn"]),
        }
        if delivery.principal == "scheduler.amazonaws.com":
            attributes |= {
                "SCHEDULE_ARN": delivery.source,
                "EXECUTION_ID": delivery.id,
                "EXECUTION_TIME": timestamp(self._clock.now()),
                "SCHEDULED_TIME": str(delivery.event.get("time", "")),
            }
        else:
            attributes["RULE_ARN"] = delivery.source
        scheduler = delivery.principal == "scheduler.amazonaws.com"
        body = delivery.payload if scheduler else _event_text(delivery)
        try:
            self._targets.send(queue, body, attributes, delivery)
        except (Undeliverable, DomainError) as error:
            self._report(delivery, "InvocationsFailedToBeSentToDlq")
            _log.warning("%s could not send to its dead-letter queue %s: %s", delivery.source, queue, error)
        else:
            self._report(delivery, "InvocationsSentToDlq")


def _event_text(delivery: Delivery) -> str:
    return json.dumps(dict(delivery.event), separators=(",", ":"))
