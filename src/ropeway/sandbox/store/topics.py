"""Topics, subscriptions, deliveries and mails in SQLite."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

from ropeway.sandbox.domain.topics.model import Delivery, Mail, Subscription, Topic
from ropeway.sandbox.store.db import Database
from ropeway.values.arn import Arn

__all__ = ["SqliteMails", "SqliteTopicDeliveries", "SqliteTopics"]

_SUBSCRIPTION = """
INSERT INTO subscriptions (arn, topic_arn, account, region, protocol, endpoint, attributes, token)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (arn) DO UPDATE SET attributes = excluded.attributes, token = excluded.token
"""
_MAIL = (
    "INSERT INTO mails (account, receiver, sender, subject, body, link, sent) VALUES (?, ?, ?, ?, ?, ?, ?)"
)


class SqliteTopics:
    """Implements ``domain.topics.ports.TopicStore``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, topic: Topic) -> None:
        """Keep a topic, new or changed."""
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO topics (arn, account, region, attributes, deleted) VALUES (?, ?, ?, ?, ?)",
                (topic.arn, topic.account, topic.region, json.dumps(dict(topic.attributes)), topic.deleted),
            )

    def get(self, arn: str) -> Topic | None:
        """A topic by its ARN."""
        row = self._database.reader.execute("SELECT * FROM topics WHERE arn = ?", (arn,)).fetchone()
        return None if row is None else _topic(row)

    def delete(self, arn: str) -> None:
        """Forget a topic with its subscriptions."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM topics WHERE arn = ?", (arn,))
            connection.execute("DELETE FROM subscriptions WHERE topic_arn = ?", (arn,))

    def list(self, account: str, region: str) -> Sequence[Topic]:
        """Topics of one account and region, by ARN."""
        rows = self._database.reader.execute(
            "SELECT * FROM topics WHERE account = ? AND region = ? ORDER BY arn", (account, region)
        )
        return [_topic(row) for row in rows]

    def put_subscription(self, subscription: Subscription) -> None:
        """Keep a subscription, new or changed."""
        row = (
            subscription.arn,
            subscription.topic_arn,
            subscription.account,
            Arn.parse(subscription.topic_arn).region,
            subscription.protocol,
            subscription.endpoint,
            json.dumps(dict(subscription.attributes)),
            subscription.token,
        )
        with self._database.transaction() as connection:
            connection.execute(_SUBSCRIPTION, row)

    def subscription(self, arn: str) -> Subscription | None:
        """A subscription by its ARN."""
        row = self._database.reader.execute("SELECT * FROM subscriptions WHERE arn = ?", (arn,)).fetchone()
        return None if row is None else _subscription(row)

    def drop_subscription(self, arn: str) -> None:
        """Forget a subscription."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM subscriptions WHERE arn = ?", (arn,))

    def of_topic(self, topic_arn: str) -> Sequence[Subscription]:
        """A topic's subscriptions, oldest first."""
        rows = self._database.reader.execute(
            "SELECT * FROM subscriptions WHERE topic_arn = ? ORDER BY rowid", (topic_arn,)
        )
        return [_subscription(row) for row in rows]

    def of_account(self, account: str, region: str) -> Sequence[Subscription]:
        """An account's subscriptions in one region, oldest first."""
        rows = self._database.reader.execute(
            "SELECT * FROM subscriptions WHERE account = ? AND region = ? ORDER BY rowid", (account, region)
        )
        return [_subscription(row) for row in rows]


class SqliteTopicDeliveries:
    """Implements ``domain.topics.ports.DeliveryStore``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, delivery: Delivery) -> None:
        """Keep a delivery, new or changed."""
        row = (
            delivery.id,
            delivery.subscription_arn,
            json.dumps(dict(delivery.message)),
            delivery.due,
            delivery.attempts,
        )
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO topic_deliveries (id, subscription_arn, message, due, attempts) "
                "VALUES (?, ?, ?, ?, ?)",
                row,
            )

    def get(self, delivery_id: str) -> Delivery | None:
        """A delivery by its id."""
        row = self._database.reader.execute(
            "SELECT * FROM topic_deliveries WHERE id = ?", (delivery_id,)
        ).fetchone()
        return None if row is None else _delivery(row)

    def drop(self, delivery_id: str) -> None:
        """Forget a delivery."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM topic_deliveries WHERE id = ?", (delivery_id,))

    def all(self) -> Sequence[Delivery]:
        """Every delivery, in the order in which they are due."""
        rows = self._database.reader.execute("SELECT * FROM topic_deliveries ORDER BY due, rowid")
        return [_delivery(row) for row in rows]


class SqliteMails:
    """Implements ``domain.topics.ports.MailStore``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, mail: Mail) -> None:
        """Put a mail into the mailbox; its number is given by the store."""
        row = (mail.account, mail.receiver, mail.sender, mail.subject, mail.body, mail.link, mail.sent)
        with self._database.transaction() as connection:
            connection.execute(_MAIL, row)

    def all(self) -> Sequence[Mail]:
        """The mailbox, newest last."""
        return [
            Mail(**dict(row)) for row in self._database.reader.execute("SELECT * FROM mails ORDER BY number")
        ]

    def clear(self) -> int:
        """Empty the mailbox; how many mails there were."""
        with self._database.transaction() as connection:
            return connection.execute("DELETE FROM mails").rowcount


def _topic(row: sqlite3.Row) -> Topic:
    return Topic(row["arn"], json.loads(row["attributes"]), row["deleted"])


def _subscription(row: sqlite3.Row) -> Subscription:
    return Subscription(
        row["arn"],
        row["topic_arn"],
        row["account"],
        row["protocol"],
        row["endpoint"],
        json.loads(row["attributes"]),
        row["token"],
    )


def _delivery(row: sqlite3.Row) -> Delivery:
    return Delivery(
        row["id"], row["subscription_arn"], json.loads(row["message"]), row["due"], row["attempts"]
    )
