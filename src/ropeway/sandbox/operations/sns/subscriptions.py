"""Subscriptions: made, confirmed, listed, changed, ended."""

from __future__ import annotations

import json
from typing import Any

from ropeway.sandbox.domain.topics.access import demand, demand_own
from ropeway.sandbox.domain.topics.model import PENDING, Subscription
from ropeway.sandbox.domain.topics.service import wrong
from ropeway.sandbox.operations.call import Call
from ropeway.sandbox.operations.registry import operation
from ropeway.sandbox.operations.sns.paging import page

__all__: list[str] = []


@operation("sns", "Subscribe")
def subscribe(call: Call) -> dict[str, Any]:
    """Subscribe, and ask for confirmation where that is needed."""
    params = call.params
    demand(call.domain.topics.get(params["TopicArn"]), call.caller, "Subscribe")
    what = (params["Protocol"], params.get("Endpoint", ""))
    made, new = call.domain.subscriptions.subscribe(
        params["TopicArn"], call.account, what, params.get("Attributes", {})
    )
    if new and made.token:
        call.domain.publisher.ask(made)
    shown = made.arn if not made.token or params.get("ReturnSubscriptionArn") else "pending confirmation"
    return {"SubscriptionArn": shown}


@operation("sns", "ConfirmSubscription")
def confirm(call: Call) -> dict[str, Any]:
    """Confirm by a token."""
    return {
        "SubscriptionArn": call.domain.subscriptions.confirm(
            call.params["TopicArn"], call.params["Token"]
        ).arn
    }


@operation("sns", "Unsubscribe")
def unsubscribe(call: Call) -> dict[str, Any]:
    """End a subscription."""
    arn = call.params["SubscriptionArn"]
    parts = arn.split(":")
    if len(parts) < 6:
        raise wrong(f"SubscriptionArn Reason: An ARN must have at least 6 elements, not {len(parts)}")
    found = call.domain.subscriptions.look_up(arn)
    if found is not None:
        demand_own(found, call.caller, "Unsubscribe")
        call.domain.subscriptions.unsubscribe(arn)
    return {}


@operation("sns", "GetSubscriptionAttributes")
def attributes(call: Call) -> dict[str, Any]:
    """What a subscription is, and what is set."""
    found = _own(call, "GetSubscriptionAttributes")
    told = {
        "SubscriptionArn": found.arn,
        "TopicArn": found.topic_arn,
        "Owner": found.account,
        "Protocol": found.protocol,
        "Endpoint": found.endpoint,
        "PendingConfirmation": json.dumps(bool(found.token)),
        "ConfirmationWasAuthenticated": json.dumps(found.protocol in {"sqs", "lambda"}),
        "RawMessageDelivery": "false",
        "SubscriptionPrincipal": f"arn:aws:iam::{found.account}:root",
        **found.attributes,
    }
    if "FilterPolicy" in found.attributes:
        told.setdefault("FilterPolicyScope", "MessageAttributes")
    return {"Attributes": told}


@operation("sns", "SetSubscriptionAttributes")
def set_attribute(call: Call) -> dict[str, Any]:
    """Set one attribute."""
    found, params = _own(call, "SetSubscriptionAttributes"), call.params
    call.domain.subscriptions.change(found.arn, params["AttributeName"], params.get("AttributeValue", ""))
    return {}


@operation("sns", "ListSubscriptions")
def list_subscriptions(call: Call) -> dict[str, Any]:
    """The account's subscriptions in the region."""
    found = call.domain.subscriptions.of_account(call.account, call.region)
    return page("Subscriptions", found, call.params, _summary)


@operation("sns", "ListSubscriptionsByTopic")
def list_by_topic(call: Call) -> dict[str, Any]:
    """A topic's subscriptions."""
    topic = call.domain.topics.get(call.params["TopicArn"])
    demand(topic, call.caller, "ListSubscriptionsByTopic")
    return page("Subscriptions", call.domain.subscriptions.of_topic(topic.arn), call.params, _summary)


def _own(call: Call, action: str) -> Subscription:
    found = call.domain.subscriptions.get(call.params["SubscriptionArn"])
    demand_own(found, call.caller, action)
    return found


def _summary(found: Subscription) -> dict[str, Any]:
    return {
        "SubscriptionArn": PENDING if found.token else found.arn,
        "Owner": found.account,
        "Protocol": found.protocol,
        "Endpoint": found.endpoint,
        "TopicArn": found.topic_arn,
    }
