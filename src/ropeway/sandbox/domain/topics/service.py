"""Topics."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.domain.events.patterns import compile_pattern
from ropeway.sandbox.domain.policy import check as check_policy
from ropeway.sandbox.domain.ports import Transactions
from ropeway.sandbox.domain.tags.service import Tags
from ropeway.sandbox.domain.topics.model import Topic
from ropeway.sandbox.domain.topics.ports import TopicStore
from ropeway.values.ids import Ids

__all__ = ["Topics", "check_attribute", "default_policy", "no_topic", "wrong"]

_NAME = re.compile(r"[A-Za-z0-9_-]{1,256}|[A-Za-z0-9_-]{1,251}\.fifo")
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


def wrong(reason: str) -> DomainError:
    """An input that SNS refuses."""
    return DomainError(f"Invalid parameter: {reason}", code="InvalidParameter", status=400)


def no_topic() -> DomainError:
    """There is no such topic."""
    return DomainError("Topic does not exist", code="NotFound", status=404)


class Topics:
    """The topics of all accounts."""

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
            check_attribute(key, value, _TOPIC)
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
        check_attribute(name, value, _TOPIC - {"FifoTopic"})
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


def check_attribute(name: str, value: str, known: set[str]) -> None:
    """Look at an attribute of a topic or a subscription.

    Args:
        name: what is set.
        value: as sent.
        known: the names that there are.

    Raises:
        DomainError: ``InvalidParameter``.
    """
    if name not in known:
        raise wrong(f"AttributeName: {name}")
    if name in _JSON and value:
        _check_document(name, value)
    if name == "FilterPolicyScope" and value not in {"MessageAttributes", "MessageBody"}:
        raise wrong(
            f"FilterPolicyScope: Invalid value [{value}]. Please use either MessageBody or MessageAttributes"
        )
    if name == "SignatureVersion" and value not in {"1", "2"}:
        raise wrong(f"SignatureVersion: Invalid value [{value}]. Must be 1 or 2.")
    if name == "RawMessageDelivery" and value.lower() not in {"true", "false"}:
        raise wrong(f"RawMessageDelivery: Invalid value [{value}]. Must be true or false.")


def _check_document(name: str, value: str) -> None:
    try:
        document: Any = json.loads(value)
    except ValueError as error:
        raise wrong(f"{name}: failed to parse JSON. {error}") from error
    if not isinstance(document, dict):
        raise wrong(f"{name}: it must be a JSON object")
    try:
        if name == "Policy":
            check_policy(document)
        elif name == "FilterPolicy" and document:
            compile_pattern(value)
    except DomainError as error:
        raise wrong(f"{name}: {error.message}") from error
