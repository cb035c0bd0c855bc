"""Topics and their subscriptions."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.domain.events.patterns import compile_pattern
from ropeway.sandbox.domain.ports import Transactions
from ropeway.sandbox.domain.tags.service import Tags
from ropeway.sandbox.domain.topics.model import Subscription, Topic
from ropeway.sandbox.domain.topics.ports import TopicStore
from ropeway.values.ids import Ids

__all__ = ["Topics", "default_policy", "no_subscription", "no_topic", "wrong"]

_NAME = re.compile(r"[A-Za-z0-9_-]{1,256}|[A-Za-z0-9_-]{1,251}\.fifo")
_TOKEN = 96
# Who need not confirm: what is of AWS, in the sandbox's own hands.
_CONFIRMED = {"sqs", "lambda", "firehose"}
_PROTOCOLS = {"sqs", "lambda", "http", "https", "email", "email-json"}
_JSON = {"Policy", "DeliveryPolicy", "FilterPolicy", "RedrivePolicy"}
_TOPIC = {
    "ApplicationFailureFeedbackRoleArn",
    "ArchivePolicy",
    "ContentBasedDeduplication",
    "DeliveryPolicy",
    "DisplayName",
    "FifoThroughputScope",
    "FifoTopic",
    "KmsMasterKeyId",
    "Policy",
    "SignatureVersion",
    "TracingConfig",
    *(
        f"{kind}{what}"
        for kind in ("Application", "Firehose", "HTTP", "Lambda", "SQS")
        for what in ("FailureFeedbackRoleArn", "SuccessFeedbackRoleArn", "SuccessFeedbackSampleRate")
    ),
}
_SUBSCRIPTION = {
    "DeliveryPolicy",
    "FilterPolicy",
    "FilterPolicyScope",
    "RawMessageDelivery",
    "RedrivePolicy",
    "SubscriptionRoleArn",
}


def wrong(reason: str) -> DomainError:
    """An input that SNS refuses."""
    return DomainError(f"Invalid parameter: {reason}", code="InvalidParameter", status=400)


def no_topic() -> DomainError:
    """There is no such topic."""
    return DomainError("Topic does not exist", code="NotFound", status=404)


def no_subscription() -> DomainError:
    """There is no such subscription."""
    return DomainError("Subscription does not exist", code="NotFound", status=404)


class Topics:
    """The topics of all accounts, and who has subscribed to them."""

    def __init__(self, store: TopicStore, transactions: Transactions, ids: Ids, tags: Tags) -> None:
        self._store = store
        self._transactions = transactions
        self._ids = ids
        self._tags = tags

    def create(self, arn: str, attributes: Mapping[str, str], tags: Sequence[Mapping[str, str]]) -> Topic:
        """Keep a topic; one that is there already with the same attributes is given.

        Raises:
            DomainError: the name or an attribute is wrong, or differs from what is there.
        """
        name = arn.rpartition(":")[2]
        fifo = attributes.get("FifoTopic") == "true"
        if not _NAME.fullmatch(name) or fifo != name.endswith(".fifo"):
            raise wrong("Topic Name")
        for key, value in attributes.items():
            _check(key, value, _TOPIC)
        with self._transactions.transaction():
            before = self._store.get(arn)
            if before is not None:
                if any(before.attributes.get(key) != value for key, value in attributes.items()):
                    raise wrong("Attributes Reason: Topic already exists with different attributes")
                return before
            topic = Topic(arn, {"Policy": default_policy(arn), "DisplayName": "", **attributes})
            self._store.put(topic)
            if tags:
                self._tags.add(arn, tags)
        return topic

    def get(self, arn: str) -> Topic:
        """A topic.

        Raises:
            DomainError: there is none.
        """
        found = self._store.get(arn)
        if found is None:
            raise no_topic()
        return found

    def change(self, arn: str, name: str, value: str) -> None:
        """Set an attribute of a topic.

        Raises:
            DomainError: there is no such topic or attribute, or the value is wrong.
        """
        _check(name, value, _TOPIC - {"FifoTopic"})
        with self._transactions.transaction():
            topic = self.get(arn)
            if name == "Policy" and not value:
                value = default_policy(arn)
            self._store.put(replace(topic, attributes={**topic.attributes, name: value}))

    def delete(self, arn: str) -> None:
        """Forget a topic with its subscriptions and tags; one that is not there is no error."""
        with self._transactions.transaction():
            self._store.delete(arn)
            self._tags.clear(arn)

    def list(self, account: str, region: str) -> Sequence[Topic]:
        """Topics of one account and region."""
        return self._store.list(account, region)

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
        if protocol not in _PROTOCOLS:
            raise wrong(f"Does not support this protocol string: {protocol}")
        _check_endpoint(protocol, endpoint)
        for name, value in attributes.items():
            _check(name, value, _SUBSCRIPTION)
        with self._transactions.transaction():
            topic = self.get(topic_arn)
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
            self.get(topic_arn)
            for each in self._store.of_topic(topic_arn):
                if token and each.token == token:
                    confirmed = replace(each, token="")
                    self._store.put_subscription(confirmed)
                    return confirmed
        raise wrong("Token")

    def waits(self, topic_arn: str, token: str) -> bool:
        """Whether a subscription waits to be confirmed by a token."""
        return any(token and each.token == token for each in self._store.of_topic(topic_arn))

    def subscription(self, arn: str) -> Subscription:
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

    def change_subscription(self, arn: str, name: str, value: str) -> None:
        """Set an attribute of a subscription; an empty policy takes it away.

        Raises:
            DomainError: there is no such subscription or attribute, or the value is wrong.
        """
        _check(name, value, _SUBSCRIPTION)
        with self._transactions.transaction():
            found = self.subscription(arn)
            kept = {key: each for key, each in found.attributes.items() if key != name}
            if value not in {"", "{}"}:
                kept[name] = value
            self._store.put_subscription(replace(found, attributes=kept))

    def of_topic(self, topic_arn: str) -> Sequence[Subscription]:
        """A topic's subscriptions.

        Raises:
            DomainError: there is no such topic.
        """
        return self._store.of_topic(self.get(topic_arn).arn)

    def of_account(self, account: str, region: str) -> Sequence[Subscription]:
        """An account's subscriptions in one region."""
        return self._store.of_account(account, region)


def default_policy(arn: str) -> str:
    """The policy of a new topic: everything for its owner."""
    names = (
        "GetTopicAttributes SetTopicAttributes AddPermission RemovePermission DeleteTopic Subscribe "
        "ListSubscriptionsByTopic Publish"
    )
    statement = {
        "Sid": "__default_statement_ID",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": [f"SNS:{name}" for name in names.split()],
        "Resource": arn,
        "Condition": {"StringEquals": {"AWS:SourceOwner": arn.split(":")[4]}},
    }
    document = {"Version": "2008-10-17", "Id": "__default_policy_ID", "Statement": [statement]}
    return json.dumps(document, separators=(",", ":"))


def _check(name: str, value: str, known: set[str]) -> None:
    if name not in known:
        raise wrong(f"AttributeName: {name}")
    if name in _JSON and value:
        try:
            document: Any = json.loads(value)
        except ValueError as error:
            raise wrong(f"{name}: failed to parse JSON. {error}") from error
        if not isinstance(document, dict):
            raise wrong(f"{name}: it must be a JSON object")
        if name == "FilterPolicy" and document:
            try:
                compile_pattern(value)
            except DomainError as error:
                raise wrong(f"FilterPolicy: {error.message}") from error
    if name == "FilterPolicyScope" and value not in {"MessageAttributes", "MessageBody"}:
        raise wrong(
            f"FilterPolicyScope: Invalid value [{value}]. Please use either MessageBody or MessageAttributes"
        )
    if name == "RawMessageDelivery" and value.lower() not in {"true", "false"}:
        raise wrong(f"RawMessageDelivery: Invalid value [{value}]. Must be true or false.")


def _check_endpoint(protocol: str, endpoint: str) -> None:
    if protocol in {"http", "https"} and not endpoint.startswith(f"{protocol}://"):
        raise wrong("Endpoint must match the specified protocol")
    if protocol.startswith("email") and "@" not in endpoint:
        raise wrong("Email address")
    if protocol in {"sqs", "lambda"} and not endpoint.startswith(f"arn:aws:{protocol}:"):
        raise wrong(f"{'SQS' if protocol == 'sqs' else 'Lambda'} endpoint ARN")
