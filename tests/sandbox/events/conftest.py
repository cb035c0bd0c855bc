"""Queues that EventBridge may send to, and what came into them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

Client = Callable[..., Any]
ROLE = "arn:aws:iam::111111111111:role/RopewayExecutionRole"


class Queue:
    """A queue with the policy that a rule's target needs."""

    def __init__(
        self, client: Client, name: str, *, account: str = "111111111111", open_to: str | None = None
    ) -> None:
        self._sqs = client("sqs", account=account)
        attributes = {"FifoQueue": "true"} if name.endswith(".fifo") else {}
        self.url = self._sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        self.arn = f"arn:aws:sqs:eu-west-1:{account}:{name}"
        if open_to is not None:
            statement = {
                "Effect": "Allow",
                "Principal": {"Service": open_to},
                "Action": "sqs:SendMessage",
                "Resource": self.arn,
            }
            policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
            self._sqs.set_queue_attributes(QueueUrl=self.url, Attributes={"Policy": policy})

    def messages(self, count: int, seconds: float = 15.0) -> list[dict[str, Any]]:
        """That many messages, in the order of their arrival; fewer when no more came in time."""
        found: list[dict[str, Any]] = []
        until = time.monotonic() + seconds
        while len(found) < count and time.monotonic() < until:
            answer = self._sqs.receive_message(
                QueueUrl=self.url, MaxNumberOfMessages=10, WaitTimeSeconds=1, MessageAttributeNames=["All"]
            )
            for message in answer.get("Messages", []):
                self._sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
                found.append(message)
        return found

    def events(self, count: int, seconds: float = 15.0) -> list[Any]:
        """The bodies of that many messages, as JSON."""
        return [json.loads(message["Body"]) for message in self.messages(count, seconds)]


MakeQueue = Callable[..., Queue]


@pytest.fixture
def queue(client: Client) -> MakeQueue:
    """`queue("name")`: one that rules may send to; `open_to=None`: nobody may."""

    def make(
        name: str, *, account: str = "111111111111", open_to: str | None = "events.amazonaws.com"
    ) -> Queue:
        return Queue(client, name, account=account, open_to=open_to)

    return make


@pytest.fixture
def listen(client: Client, queue: MakeQueue) -> Callable[..., Queue]:
    """`listen("name", {"source": [...]})`: a rule with a pattern, and the queue that it sends to."""

    def make(name: str, pattern: dict[str, Any], **target: Any) -> Queue:
        events = client("events")
        made = queue(name)
        events.put_rule(Name=name, EventPattern=json.dumps(pattern))
        events.put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": made.arn, **target}])
        return made

    return make
