"""Subscriptions of topics."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

from ropeway.sandbox.domain.errors import DomainError, NotThere
from ropeway.sandbox.domain.ports import Transactions
from ropeway.sandbox.domain.topics.model import Subscription
from ropeway.sandbox.domain.topics.ports import TopicStore
from ropeway.sandbox.domain.topics.service import Topics, check_attribute, wrong
from ropeway.values.ids import Ids

__all__ = ["Subscriptions"]

_TOKEN = 96
# Who need not confirm: what is of AWS, in the sandbox's own hands.
_CONFIRMED = {"sqs", "lambda", "firehose"}
_PROTOCOLS = {"sqs", "lambda", "http", "https", "email", "email-json"}
_ELSEWHERE = {
    "sms",
    "application",
    "firehose",
}  # protocols of SNS whose subscribers the sandbox does not reach
_RAW = {"sqs", "http", "https"}
_SUBSCRIPTION = {
    "DeliveryPolicy",
    "FilterPolicy",
    "FilterPolicyScope",
    "RawMessageDelivery",
    "RedrivePolicy",
    "SubscriptionRoleArn",
}


def no_subscription() -> DomainError:
    """There is no such subscription."""
    return DomainError("Subscription does not exist", code="NotFound", status=404)


class Subscriptions:
    """Who has subscribed to which topic."""

    def __init__(self, topics: Topics, store: TopicStore, transactions: Transactions, ids: Ids) -> None:
        self._topics = topics
        self._store = store
        self._transactions = transactions
        self._ids = ids

    def subscribe(
        self, topic_arn: str, account: str, what: tuple[str, str], attributes: Mapping[str, str]
    ) -> tuple[Subscription, bool]:
        """Subscribe; whoever is subscribed already stays so. Whether the subscription is new is told beside it.

        Args:
            topic_arn: the topic.
            account: the subscriber's.
            what: protocol and endpoint.
            attributes: as sent.

        Raises:
            DomainError: there is no such topic, or protocol, endpoint or attributes are wrong.
        """
        protocol, endpoint = what
        if protocol in _ELSEWHERE:
            raise NotThere(f"The sandbox does not deliver messages of topics by {protocol}.")
        if protocol not in _PROTOCOLS:
            raise wrong(f"Does not support this protocol string: {protocol}")
        _check_endpoint(protocol, endpoint)
        for name, value in attributes.items():
            check_attribute(name, value, _SUBSCRIPTION)
        _check_together(protocol, attributes)
        with self._transactions.transaction():
            topic = self._topics.get(topic_arn)
            if topic.fifo and protocol != "sqs":
                raise wrong("Endpoint Reason: FIFO topics can have SQS queues as subscribers only here")
            for each in self._store.of_topic(topic_arn):
                if (each.protocol, each.endpoint) == what:
                    if any(each.attributes.get(name) != value for name, value in attributes.items()):
                        raise wrong(
                            "Attributes Reason: Subscription already exists with different attributes"
                        )
                    return each, False
            token = "" if protocol in _CONFIRMED else self._ids.token(_TOKEN)
            made = Subscription(
                f"{topic_arn}:{self._ids.uuid()}",
                topic_arn,
                account,
                protocol,
                endpoint,
                dict(attributes),
                token,
            )
            self._store.put_subscription(made)
        return made, True

    def confirm(self, topic_arn: str, token: str) -> Subscription:
        """Confirm a subscription by its token; doing it twice is no error.

        Raises:
            DomainError: the token is nobody's.
        """
        with self._transactions.transaction():
            self._topics.get(topic_arn)
            for each in self._store.of_topic(topic_arn):
                if token and each.token == token:
                    confirmed = replace(each, token="")
                    self._store.put_subscription(confirmed)
                    return confirmed
        raise wrong("Token")

    def waits(self, topic_arn: str, token: str) -> bool:
        """Whether a subscription waits to be confirmed by a token."""
        return any(token and each.token == token for each in self._store.of_topic(topic_arn))

    def look_up(self, arn: str) -> Subscription | None:
        """A subscription, or None."""
        return self._store.subscription(arn)

    def get(self, arn: str) -> Subscription:
        """A subscription.

        Raises:
            DomainError: there is none.
        """
        found = self._store.subscription(arn)
        if found is None:
            raise no_subscription()
        return found

    def unsubscribe(self, arn: str) -> None:
        """Forget a subscription; one that is not there is no error."""
        with self._transactions.transaction():
            found = self._store.subscription(arn)
            if found is None:
                return
            self._store.drop_subscription(arn)
            topic = self._store.get(found.topic_arn)
            if topic is not None:
                self._store.put(replace(topic, deleted=topic.deleted + 1))

    def change(self, arn: str, name: str, value: str) -> None:
        """Set an attribute of a subscription; an empty policy takes it away.

        Raises:
            DomainError: there is no such subscription or attribute, or the value is wrong.
        """
        check_attribute(name, value, _SUBSCRIPTION)
        with self._transactions.transaction():
            found = self.get(arn)
            kept = {key: each for key, each in found.attributes.items() if key != name}
            if value not in {"", "{}"}:
                kept[name] = value
            _check_together(found.protocol, kept)
            self._store.put_subscription(replace(found, attributes=kept))

    def of_topic(self, topic_arn: str) -> Sequence[Subscription]:
        """A topic's subscriptions.

        Raises:
            DomainError: there is no such topic.
        """
        return self._store.of_topic(self._topics.get(topic_arn).arn)

    def of_account(self, account: str, region: str) -> Sequence[Subscription]:
        """An account's subscriptions in one region."""
        return self._store.of_account(account, region)


def _check_endpoint(protocol: str, endpoint: str) -> None:
    if protocol in {"http", "https"} and not endpoint.startswith(f"{protocol}://"):
        raise wrong("Endpoint must match the specified protocol")
    if protocol.startswith("email") and "@" not in endpoint:
        raise wrong("Email address")
    whole = endpoint.startswith(f"arn:aws:{protocol}:") and endpoint.count(":") >= 5
    if protocol in {"sqs", "lambda"} and not whole:
        raise wrong(f"{'SQS' if protocol == 'sqs' else 'Lambda'} endpoint ARN")


def _check_together(protocol: str, attributes: Mapping[str, str]) -> None:
    """Look at what attributes say together."""
    raw = attributes.get("RawMessageDelivery", "").lower() == "true"
    if raw and protocol not in _RAW:
        raise wrong(
            f"Attributes Reason: Delivery protocol [{protocol}] does not support raw message delivery."
        )
    letters = json.loads(attributes.get("RedrivePolicy") or "{}").get("deadLetterTargetArn", "arn:aws:sqs:::")
    if not str(letters).startswith("arn:aws:sqs:") or str(letters).count(":") < 5:
        raise wrong(f"RedrivePolicy: deadLetterTargetArn is an invalid arn: {letters}")
    policy = json.loads(attributes.get("FilterPolicy") or "{}")
    by_attributes = attributes.get("FilterPolicyScope", "MessageAttributes") == "MessageAttributes"
    if by_attributes and any(isinstance(value, Mapping) for value in policy.values()):
        raise wrong(
            "FilterPolicy: Filter policy scope MessageAttributes does not support nested filter policy"
        )
