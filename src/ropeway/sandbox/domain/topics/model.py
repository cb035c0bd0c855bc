"""Topics, subscriptions, messages, deliveries and mails."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ropeway.values.arn import Arn

__all__ = ["PENDING", "Delivery", "Mail", "Message", "Subscription", "Topic"]

PENDING = "PendingConfirmation"


@dataclass(frozen=True)
class Topic:
    """A topic.

    Attributes:
        attributes: as GetTopicAttributes tells them, but for those that are counted or follow from the ARN.
        deleted: how many subscriptions have been deleted.
    """

    arn: str
    attributes: Mapping[str, str]
    deleted: int = 0

    @property
    def account(self) -> str:
        """The account."""
        return Arn.parse(self.arn).account

    @property
    def region(self) -> str:
        """The region."""
        return Arn.parse(self.arn).region

    @property
    def name(self) -> str:
        """The name."""
        return self.arn.rpartition(":")[2]

    @property
    def fifo(self) -> bool:
        """Whether it keeps the order."""
        return self.attributes.get("FifoTopic") == "true"


@dataclass(frozen=True)
class Subscription:
    """Somebody who wants a topic's messages.

    Attributes:
        account: the subscriber's, who owns it.
        attributes: RawMessageDelivery, FilterPolicy, FilterPolicyScope, RedrivePolicy, DeliveryPolicy, as set.
        token: confirms it; "" once it is confirmed.
    """

    arn: str
    topic_arn: str
    account: str
    protocol: str
    endpoint: str
    attributes: Mapping[str, str]
    token: str = ""


@dataclass(frozen=True)
class Message:
    """A published message.

    Attributes:
        texts: the message by protocol, where it has a structure; ``default`` always.
        attributes: ``{"name": {"Type": …, "Value": …}}``.
    """

    id: str
    topic_arn: str
    texts: Mapping[str, str]
    subject: str | None
    sent: float
    attributes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    group: str | None = None
    deduplication: str | None = None

    def text(self, protocol: str) -> str:
        """The text for one protocol."""
        return self.texts.get(protocol, self.texts["default"])


@dataclass(frozen=True)
class Delivery:
    """One message on its way to one subscription.

    Attributes:
        message: as ``Message`` has it; a confirmation has ``{"Type": "SubscriptionConfirmation"}`` beside it.
    """

    id: str
    subscription_arn: str
    message: Mapping[str, Any]
    due: float
    attempts: int = 0


@dataclass(frozen=True)
class Mail:
    """A mail in the mailbox.

    Attributes:
        link: what its reader is to open, or "".
    """

    number: int
    account: str
    receiver: str
    sender: str
    subject: str
    body: str
    link: str
    sent: float
