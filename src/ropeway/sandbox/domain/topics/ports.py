"""What topics need of the world."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from ropeway.sandbox.domain.topics.model import Delivery, Mail, Subscription, Topic

__all__ = ["DeliveryStore", "MailStore", "Post", "Signer", "TopicStore"]


class TopicStore(Protocol):
    """Keeps topics and subscriptions; takes part in the caller's transaction."""

    def put(self, topic: Topic) -> None:
        """Keep a topic, new or changed."""

    def get(self, arn: str) -> Topic | None:
        """A topic by its ARN."""

    def delete(self, arn: str) -> None:
        """Forget a topic with its subscriptions."""

    def list(self, account: str, region: str) -> Sequence[Topic]:
        """Topics of one account and region, by ARN."""

    def put_subscription(self, subscription: Subscription) -> None:
        """Keep a subscription, new or changed."""

    def subscription(self, arn: str) -> Subscription | None:
        """A subscription by its ARN."""

    def drop_subscription(self, arn: str) -> None:
        """Forget a subscription."""

    def of_topic(self, topic_arn: str) -> Sequence[Subscription]:
        """A topic's subscriptions, oldest first."""

    def of_account(self, account: str, region: str) -> Sequence[Subscription]:
        """An account's subscriptions in one region, oldest first."""


class DeliveryStore(Protocol):
    """Keeps deliveries until they are done; takes part in the caller's transaction."""

    def put(self, delivery: Delivery) -> None:
        """Keep a delivery, new or changed."""

    def get(self, delivery_id: str) -> Delivery | None:
        """A delivery by its id."""

    def drop(self, delivery_id: str) -> None:
        """Forget a delivery."""

    def all(self) -> Sequence[Delivery]:
        """Every delivery, in the order in which they are due."""


class MailStore(Protocol):
    """Keeps the mailbox; takes part in the caller's transaction."""

    def add(self, mail: Mail) -> None:
        """Put a mail into the mailbox; its number is given by the store."""

    def all(self) -> Sequence[Mail]:
        """The mailbox, newest last."""

    def clear(self) -> int:
        """Empty the mailbox; how many mails there were."""


class Post(Protocol):
    """Sends HTTP requests to addresses of this machine."""

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> None:
        """Send a message.

        Raises:
            DomainError: the address is not on loopback, nobody answers, or the answer is no success.
        """


class Signer(Protocol):
    """Signs messages as SNS does."""

    def sign(self, document: Mapping[str, Any], version: str) -> Mapping[str, str]:
        """``SignatureVersion``, ``Signature`` and ``SigningCertURL`` of a message."""

    def certificate(self) -> bytes:
        """The certificate, PEM."""
