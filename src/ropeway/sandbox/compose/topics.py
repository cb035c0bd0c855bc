"""The part of the composition root that builds SNS: topics, deliveries, the mailbox."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ropeway.sandbox.domain.ports import Alarms, Peers
from ropeway.sandbox.domain.tags.service import Tags
from ropeway.sandbox.domain.topics.deliver import Deliverer
from ropeway.sandbox.domain.topics.mailbox import Mailbox
from ropeway.sandbox.domain.topics.publish import Publisher
from ropeway.sandbox.domain.topics.service import Topics
from ropeway.sandbox.domain.topics.subscriptions import Subscriptions
from ropeway.sandbox.edge.mail_pages import MailPages
from ropeway.sandbox.runners.background import Background
from ropeway.sandbox.runners.notices import KeySigner, LoopbackPost
from ropeway.sandbox.store.db import Database
from ropeway.sandbox.store.topics import SqliteMails, SqliteTopicDeliveries, SqliteTopics
from ropeway.values.clock import Clock
from ropeway.values.ids import Ids

__all__ = ["Notices", "topics_over"]

_SENDERS = 8


@dataclass(frozen=True)
class Notices:
    """SNS, put together.

    Attributes:
        senders: the threads of deliveries; closed before the database.
    """

    topics: Topics
    subscriptions: Subscriptions
    publisher: Publisher
    deliverer: Deliverer
    pages: MailPages
    senders: Background


def topics_over(
    place: tuple[Path, str], database: Database, world: tuple[Clock, Ids, Alarms], tags: Tags, calls: Peers
) -> Notices:
    """SNS over a database; ``place`` is the state folder and the sandbox's address, ``calls`` its own API."""
    state, endpoint = place
    clock, ids, alarms = world
    store = SqliteTopics(database)
    signer = KeySigner(state / "sns", endpoint)
    senders = Background(_SENDERS, "topic")
    deliveries, mails = SqliteTopicDeliveries(database), SqliteMails(database)
    deliverer = Deliverer(
        (store, deliveries, mails), calls, (LoopbackPost(), signer, endpoint), (clock, alarms), senders
    )
    topics = Topics(store, database, ids, tags)
    subscriptions = Subscriptions(topics, store, database, ids)
    publisher = Publisher(topics, (store, deliveries), (database, clock, ids), deliverer.dispatch)
    pages = MailPages(Mailbox(mails), subscriptions, signer)
    return Notices(topics, subscriptions, publisher, deliverer, pages, senders)
