"""Deliveries: to a queue, a function, an HTTP address, or the mailbox; again and again, then to the dead letters.

A queue or function whose policy does not let the topic in, or that is not there, is not tried again, as on AWS. HTTP
addresses are tried four times, twenty seconds apart, as their default delivery policy says.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any
from urllib.parse import quote

from ropeway.sandbox.domain.errors import Denied, DomainError
from ropeway.sandbox.domain.events.failures import Undeliverable
from ropeway.sandbox.domain.events.model import Delivery as Sent
from ropeway.sandbox.domain.events.permissions import Permissions
from ropeway.sandbox.domain.policy import Decision, evaluate
from ropeway.sandbox.domain.ports import Alarms, Peers
from ropeway.sandbox.domain.topics.attributes import for_queue
from ropeway.sandbox.domain.topics.model import Delivery, Mail, Subscription
from ropeway.sandbox.domain.topics.ports import DeliveryStore, MailStore, Post, Signer, TopicStore
from ropeway.values.arn import Arn
from ropeway.values.clock import Clock

__all__ = ["Deliverer"]

_log = logging.getLogger(__name__)
_SERVICE = "sns.amazonaws.com"
_TRIES, _PAUSE = 4, 20.0
_PAGES = "/_sandbox/sns"


class Deliverer:
    """Brings messages to subscribers.

    Args:
        calls: the sandbox's own API.
        outside: who posts, who signs, and the sandbox's address for the links in messages.
        background: runs work in a thread of its own.
    """

    def __init__(
        self,
        stores: tuple[TopicStore, DeliveryStore, MailStore],
        calls: Peers,
        outside: tuple[Post, Signer, str],
        world: tuple[Clock, Alarms],
        background: Callable[[Callable[[], None]], None],
    ) -> None:
        self._store, self._deliveries, self._mails = stores
        self._calls = calls
        self._permissions = Permissions(calls)
        self._post, self._signer, self._endpoint = outside
        self._clock, self._alarms = world
        self._background = background
        self._lock = threading.Lock()
        self._ordered: dict[str, bool] = {}  # FIFO topics that a thread is at; whether more came meanwhile

    def dispatch(self, delivery_id: str) -> None:
        """Deliver soon."""
        self._background(lambda: self.deliver(delivery_id))

    def recover(self) -> None:
        """After a restart: take up every delivery."""
        for delivery in self._deliveries.all():
            self._set(delivery)

    def deliver(self, delivery_id: str) -> None:
        """Deliver; what fails is tried again later, or goes to the dead letters."""
        delivery = self._deliveries.get(delivery_id)
        topic = delivery.subscription_arn.rpartition(":")[0] if delivery is not None else ""
        if topic.endswith(".fifo"):
            self._in_order(topic)
        else:
            self._deliver(delivery_id)

    def _in_order(self, topic: str) -> None:
        """Deliver what a FIFO topic has waiting, by one thread, in the order in which it was taken."""
        with self._lock:
            if topic in self._ordered:
                self._ordered[topic] = True  # who is at it looks once more
                return
            self._ordered[topic] = False
        going_on = True
        while going_on:
            try:
                self._deliver_waiting(topic)
            except BaseException:
                with self._lock:
                    del self._ordered[topic]
                raise
            with self._lock:
                going_on = self._ordered.pop(topic)
                if going_on:
                    self._ordered[topic] = False

    def _deliver_waiting(self, topic: str) -> None:
        now = self._clock.now()
        for each in self._deliveries.all():
            if each.subscription_arn.startswith(f"{topic}:") and each.due <= now:
                self._deliver(each.id)

    def _deliver(self, delivery_id: str) -> None:
        delivery = self._deliveries.get(delivery_id)
        subscription = self._store.subscription(delivery.subscription_arn) if delivery else None
        if delivery is None or subscription is None:
            self._deliveries.drop(delivery_id)
            return
        try:
            self._attempt(delivery, subscription)
        except DomainError as error:
            tried = replace(delivery, attempts=delivery.attempts + 1)
            retried = subscription.protocol in {"http", "https"} or error.status >= 500
            if retried and tried.attempts < _TRIES:
                waiting = replace(tried, due=self._clock.now() + _PAUSE)
                self._deliveries.put(waiting)
                self._set(waiting)
                return
            _log.warning("%s: not delivered: %s", subscription.endpoint, error.message)
            self._dead_letter(delivery, subscription)
        self._deliveries.drop(delivery_id)

    def _set(self, delivery: Delivery) -> None:
        self._alarms.at(delivery.due, lambda: self.dispatch(delivery.id))

    def _attempt(self, delivery: Delivery, subscription: Subscription) -> None:
        try:
            self._hand_over(delivery, subscription)
        except DomainError:
            raise
        except Exception as error:  # a delivery's border: it must not wait for the next start
            _log.exception("delivery %s failed", delivery.id)
            raise DomainError(f"{type(error).__name__}: {error}", status=500) from error

    def _hand_over(self, delivery: Delivery, subscription: Subscription) -> None:
        if subscription.protocol == "sqs":
            self._to_queue(delivery, subscription)
        elif subscription.protocol == "lambda":
            self._to_function(delivery, subscription)
        elif subscription.protocol in {"http", "https"}:
            self._to_address(delivery, subscription)
        else:
            self._to_mailbox(delivery, subscription)

    def _to_queue(self, delivery: Delivery, subscription: Subscription) -> None:
        queue = Arn.parse(subscription.endpoint)
        url = self._url(queue)
        attributes = self._call(
            queue, "sqs", "GetQueueAttributes", {"QueueUrl": url, "AttributeNames": ["All"]}
        )
        told = attributes.get("Attributes", {})
        policy = told.get("Policy")
        self._permit(json.loads(policy) if policy else {}, "sqs:SendMessage", subscription)
        if told.get("KmsMasterKeyId"):
            self._permit_key(told["KmsMasterKeyId"], queue, subscription)
        self._send(queue, url, delivery, subscription)

    def _send(self, queue: Arn, url: str, delivery: Delivery, subscription: Subscription) -> None:
        message = delivery.message
        params: dict[str, Any] = {"QueueUrl": url, "MessageBody": self._body(delivery, subscription)}
        if _raw(subscription) and message["attributes"]:
            params["MessageAttributes"] = for_queue(message["attributes"])
        if queue.resource.endswith(".fifo"):
            params["MessageGroupId"] = message.get("group") or subscription.topic_arn
            params["MessageDeduplicationId"] = message.get("deduplication") or message["id"]
        self._call(queue, "sqs", "SendMessage", params)

    def _to_function(self, delivery: Delivery, subscription: Subscription) -> None:
        function = Arn.parse(subscription.endpoint)
        try:
            told = self._call(function, "lambda", "GetPolicy", {"FunctionName": subscription.endpoint})
            policy = json.loads(told["Policy"])
        except DomainError as error:
            if error.status != 404:
                raise
            policy = {"Statement": []}
        for statement in policy["Statement"]:
            principal = statement.get("Principal")
            if isinstance(principal, str) and principal.endswith(".amazonaws.com"):
                statement["Principal"] = {"Service": principal}
        self._permit(policy, "lambda:InvokeFunction", subscription)
        document = self._document(delivery, subscription)
        attributes = document.pop("MessageAttributes", {})
        record = {
            "EventSource": "aws:sns",
            "EventVersion": "1.0",
            "EventSubscriptionArn": subscription.arn,
            "Sns": {**document, "Subject": document.get("Subject"), "MessageAttributes": attributes},
        }
        event = {"FunctionName": subscription.endpoint, "InvocationType": "Event"}
        self._call(
            function, "lambda", "Invoke", {**event, "Payload": json.dumps({"Records": [record]}).encode()}
        )

    def _to_address(self, delivery: Delivery, subscription: Subscription) -> None:
        kind = delivery.message.get("Type", "Notification")
        headers = {
            "x-amz-sns-message-type": kind,
            "x-amz-sns-message-id": delivery.message["id"],
            "x-amz-sns-topic-arn": subscription.topic_arn,
            "Content-Type": "text/plain; charset=UTF-8",
            "User-Agent": "Amazon Simple Notification Service Agent",
        }
        if kind == "Notification":
            headers["x-amz-sns-subscription-arn"] = subscription.arn
            if _raw(subscription):
                headers["x-amz-sns-rawdelivery"] = "true"
        self._post.post(subscription.endpoint, headers, self._body(delivery, subscription).encode())

    def _to_mailbox(self, delivery: Delivery, subscription: Subscription) -> None:
        topic = self._store.get(subscription.topic_arn)
        sender = (topic.attributes.get("DisplayName") if topic else "") or "AWS Notifications"
        message = delivery.message
        if message.get("Type") == "SubscriptionConfirmation":
            subject, link = "AWS Notification - Subscription Confirmation", self._confirm_url(subscription)
            body = f"{message['texts']['default']}\n\n{link}\n"
        else:
            subject, link = message.get("subject") or "AWS Notification Message", ""
            if subscription.protocol == "email-json":
                body = json.dumps(self._document(delivery, subscription), indent=2)
            else:
                body = message["texts"].get("email", message["texts"]["default"])
        now = self._clock.now()
        self._mails.add(
            Mail(0, subscription.account, subscription.endpoint, sender, subject, body, link, now)
        )

    def _body(self, delivery: Delivery, subscription: Subscription) -> str:
        if _raw(subscription) and "Type" not in delivery.message:
            texts = delivery.message["texts"]
            return str(texts.get(subscription.protocol, texts["default"]))
        return json.dumps(self._document(delivery, subscription), indent=2)

    def _document(self, delivery: Delivery, subscription: Subscription) -> dict[str, Any]:
        """What a subscriber gets, signed."""
        message = delivery.message
        texts = message["texts"]
        kind = message.get("Type", "Notification")
        document: dict[str, Any] = {
            "Type": kind,
            "MessageId": message["id"],
            "TopicArn": subscription.topic_arn,
            "Message": texts.get(subscription.protocol, texts["default"]),
            "Timestamp": _stamp(message["sent"]),
        }
        if message.get("subject"):
            document["Subject"] = message["subject"]
        if kind == "Notification":
            document["UnsubscribeURL"] = (
                f"{self._endpoint}{_PAGES}/unsubscribe?SubscriptionArn={quote(subscription.arn)}"
            )
        else:
            document |= {"Token": subscription.token, "SubscribeURL": self._confirm_url(subscription)}
        topic = self._store.get(subscription.topic_arn)
        version = topic.attributes.get("SignatureVersion", "1") if topic is not None else "1"
        document |= self._signer.sign(document, version)
        if message["attributes"]:
            document["MessageAttributes"] = message["attributes"]
        return document

    def _confirm_url(self, subscription: Subscription) -> str:
        topic, token = quote(subscription.topic_arn), quote(subscription.token)
        return f"{self._endpoint}{_PAGES}/confirm?TopicArn={topic}&Token={token}"

    def _dead_letter(self, delivery: Delivery, subscription: Subscription) -> None:
        policy = json.loads(subscription.attributes.get("RedrivePolicy") or "{}")
        target = policy.get("deadLetterTargetArn")
        if not target:
            return
        queue = Arn.parse(target)
        try:
            self._send(queue, self._url(queue), delivery, subscription)
        except DomainError as error:
            _log.warning("%s: no dead letter: %s", target, error.message)

    def _permit(self, policy: Mapping[str, Any], action: str, subscription: Subscription) -> None:
        decision = evaluate(
            {"Statement": [], **policy},
            principal_arn=_SERVICE,
            principal_account="",
            action=action,
            resource=subscription.endpoint,
            context={
                "aws:SourceArn": [subscription.topic_arn],
                "aws:SourceAccount": [Arn.parse(subscription.topic_arn).account],
            },
        )
        if decision is not Decision.ALLOW:
            raise Denied(
                f"{_SERVICE} is not authorized to perform: {action} on resource: {subscription.endpoint} because no "
                "resource-based policy allows it"
            )

    def _permit_key(self, key: str, queue: Arn, subscription: Subscription) -> None:
        """Demand that the key of an encrypted queue lets SNS in."""
        topic = Arn.parse(subscription.topic_arn)
        target = {"Arn": subscription.endpoint}
        asked = Sent("", str(topic), _SERVICE, topic.account, topic.region, target, "", {}, 0.0, 0.0)
        try:
            self._permissions.by_key(asked, key, (queue.account, queue.region))
        except Undeliverable as error:
            raise Denied(error.message) from error

    def _url(self, queue: Arn) -> str:
        wanted = {"QueueName": queue.resource, "QueueOwnerAWSAccountId": queue.account}
        return str(self._call(queue, "sqs", "GetQueueUrl", wanted)["QueueUrl"])

    def _call(self, arn: Arn, service: str, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
        return self._calls.call(service, operation, params, account=arn.account, region=arn.region)


def _raw(subscription: Subscription) -> bool:
    return subscription.attributes.get("RawMessageDelivery", "").lower() == "true"


def _stamp(epoch: float) -> str:
    moment = datetime.fromtimestamp(epoch, tz=timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
