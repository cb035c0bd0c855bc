"""Publishing: a message is taken, and its deliveries are written, in one transaction."""

from __future__ import annotations

import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from ropeway.sandbox.domain.events.patterns import compile_pattern
from ropeway.sandbox.domain.ports import Transactions
from ropeway.sandbox.domain.topics.attributes import filterable, kept
from ropeway.sandbox.domain.topics.model import Delivery, Message, Subscription, Topic
from ropeway.sandbox.domain.topics.ports import DeliveryStore, TopicStore
from ropeway.sandbox.domain.topics.service import Topics, wrong
from ropeway.values.clock import Clock
from ropeway.values.ids import Ids

__all__ = ["Publisher"]

_LARGEST = 262_144
_ONCE = 300.0  # seconds in which a FIFO topic takes a deduplication id once


class Publisher:
    """Takes messages.

    Args:
        dispatch: is given the id of every new delivery, after the commit.
    """

    def __init__(
        self,
        topics: Topics,
        stores: tuple[TopicStore, DeliveryStore],
        world: tuple[Transactions, Clock, Ids],
        dispatch: Callable[[str], None],
    ) -> None:
        self._topics = topics
        self._store, self._deliveries = stores
        self._transactions, self._clock, self._ids = world
        self._dispatch = dispatch
        self._lock = threading.Lock()
        self._seen: OrderedDict[tuple[str, str], tuple[float, str]] = OrderedDict()

    def publish(self, arn: str, request: Mapping[str, Any]) -> str:
        """Take a message; its id.

        Args:
            arn: the topic's.
            request: ``Message``, ``Subject``, ``MessageStructure``, ``MessageAttributes``, ``MessageGroupId``,
                ``MessageDeduplicationId``, as Publish has them.

        Raises:
            DomainError: there is no such topic, or the message is wrong.
        """
        topic = self._topics.get(arn)
        message = self._message(topic, request)
        known = self._known(topic, message)
        if known is not None:
            return known
        self.send(message, [each for each in self._store.of_topic(arn) if _wants(each, message)])
        return message.id

    def ask(self, subscription: Subscription) -> None:
        """Ask a new subscriber for confirmation."""
        text = (
            f"You have chosen to subscribe to the topic {subscription.topic_arn}.\n"
            "To confirm the subscription, visit the SubscribeURL included in this message."
        )
        message = Message(
            self._ids.uuid(), subscription.topic_arn, {"default": text}, None, self._clock.now()
        )
        self.send(message, [subscription], confirmation=True)

    def send(
        self, message: Message, subscriptions: list[Subscription], *, confirmation: bool = False
    ) -> None:
        """Write the deliveries of a message, and let them go."""
        kind = {"Type": "SubscriptionConfirmation"} if confirmation else {}
        made = [
            Delivery(self._ids.uuid(), each.arn, {**asdict(message), **kind}, message.sent)
            for each in subscriptions
        ]
        with self._transactions.transaction():
            for delivery in made:
                self._deliveries.put(delivery)
        for delivery in made:
            self._dispatch(delivery.id)

    def _message(self, topic: Topic, request: Mapping[str, Any]) -> Message:
        text = request["Message"]
        if not text:
            raise wrong("Empty message")
        if len(text.encode()) > _LARGEST:
            raise wrong("Message too long")
        subject = request.get("Subject")
        if subject is not None and (not subject or len(subject) > 100 or "\n" in subject):
            raise wrong("Subject")
        group = request.get("MessageGroupId")
        if topic.fifo and not group:
            raise wrong("The MessageGroupId parameter is required for FIFO topics")
        deduplication = request.get("MessageDeduplicationId")
        if topic.fifo and not deduplication:
            if topic.attributes.get("ContentBasedDeduplication") != "true":
                raise wrong(
                    "The topic should either have ContentBasedDeduplication enabled or "
                    "MessageDeduplicationId provided explicitly"
                )
            deduplication = hashlib.sha256(text.encode()).hexdigest()
        return Message(
            self._ids.uuid(),
            topic.arn,
            _texts(text, request.get("MessageStructure")),
            subject,
            self._clock.now(),
            {name: kept(name, value) for name, value in request.get("MessageAttributes", {}).items()},
            group,
            deduplication,
        )

    def _known(self, topic: Topic, message: Message) -> str | None:
        """The id of a message that a FIFO topic has taken already; else this one is noted."""
        if not topic.fifo or message.deduplication is None:
            return None
        key = (topic.arn, message.deduplication)
        with self._lock:
            while self._seen and next(iter(self._seen.values()))[0] <= message.sent - _ONCE:
                self._seen.popitem(last=False)
            if key in self._seen:
                return self._seen[key][1]
            self._seen[key] = (message.sent, message.id)
        return None


def _texts(text: str, structure: str | None) -> dict[str, str]:
    if structure is None:
        return {"default": text}
    if structure != "json":
        raise wrong("MessageStructure")
    try:
        document = json.loads(text)
    except ValueError as error:
        raise wrong("Message Structure - JSON message body failed to parse") from error
    if not isinstance(document, dict) or "default" not in document:
        raise wrong("Message Structure - No default entry in JSON message body")
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in document.items()}


def _wants(subscription: Subscription, message: Message) -> bool:
    if subscription.token:
        return False
    policy = subscription.attributes.get("FilterPolicy")
    if not policy:
        return True
    if subscription.attributes.get("FilterPolicyScope") == "MessageBody":
        try:
            document = json.loads(message.text(subscription.protocol))
        except ValueError:
            return False
        return isinstance(document, dict) and compile_pattern(policy)(document)
    return compile_pattern(policy)(filterable(message.attributes))
