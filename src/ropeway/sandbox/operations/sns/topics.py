"""Topics, their tags and permissions, and messages for them."""

from __future__ import annotations

import json
from typing import Any

from ropeway.sandbox.domain.errors import DomainError, NotThere
from ropeway.sandbox.domain.topics.access import demand
from ropeway.sandbox.domain.topics.model import Topic
from ropeway.sandbox.domain.topics.service import no_topic, wrong
from ropeway.sandbox.operations.call import Call
from ropeway.sandbox.operations.registry import operation
from ropeway.sandbox.operations.sns.paging import page

__all__: list[str] = []

_POLICY = {
    "http": {
        "defaultHealthyRetryPolicy": {
            "minDelayTarget": 20,
            "maxDelayTarget": 20,
            "numRetries": 3,
            "numMaxDelayRetries": 0,
            "numNoDelayRetries": 0,
            "numMinDelayRetries": 0,
            "backoffFunction": "linear",
        },
        "disableSubscriptionOverrides": False,
        "defaultRequestPolicy": {"headerContentType": "text/plain; charset=UTF-8"},
    }
}
_MOST = 10


@operation("sns", "CreateTopic")
def create(call: Call) -> dict[str, Any]:
    """Keep a topic."""
    arn = f"arn:aws:sns:{call.region}:{call.account}:{call.params['Name']}"
    topic = call.domain.topics.create(arn, call.params.get("Attributes", {}), call.params.get("Tags", ()))
    return {"TopicArn": topic.arn}


@operation("sns", "GetTopicAttributes")
def attributes(call: Call) -> dict[str, Any]:
    """What is set, and what is counted."""
    topic = _found(call, "GetTopicAttributes")
    subscriptions = call.domain.subscriptions.of_topic(topic.arn)
    pending = sum(bool(each.token) for each in subscriptions)
    policy = {**_POLICY, **json.loads(topic.attributes.get("DeliveryPolicy") or "{}")}
    return {
        "Attributes": {
            "TopicArn": topic.arn,
            "Owner": topic.account,
            "SubscriptionsPending": str(pending),
            "SubscriptionsConfirmed": str(len(subscriptions) - pending),
            "SubscriptionsDeleted": str(topic.deleted),
            "EffectiveDeliveryPolicy": json.dumps(policy, separators=(",", ":")),
            **topic.attributes,
        }
    }


@operation("sns", "SetTopicAttributes")
def set_attribute(call: Call) -> dict[str, Any]:
    """Set one attribute."""
    topic, params = _found(call, "SetTopicAttributes"), call.params
    call.domain.topics.change(topic.arn, params["AttributeName"], params.get("AttributeValue", ""))
    return {}


@operation("sns", "DeleteTopic")
def delete(call: Call) -> dict[str, Any]:
    """Forget a topic; one that is not there is no error."""
    try:
        topic = _found(call, "DeleteTopic")
    except DomainError as error:
        if error.code != no_topic().code:
            raise
    else:
        call.domain.topics.delete(topic.arn)
    return {}


@operation("sns", "ListTopics")
def list_topics(call: Call) -> dict[str, Any]:
    """Topics of the account and region."""
    found = call.domain.topics.list(call.account, call.region)
    return page("Topics", found, call.params, lambda topic: {"TopicArn": topic.arn})


@operation("sns", "Publish")
def publish(call: Call) -> dict[str, Any]:
    """Take a message for a topic."""
    params = call.params
    arn = params.get("TopicArn") or params.get("TargetArn")
    if params.get("PhoneNumber") or (arn and ":endpoint/" in arn):
        raise NotThere("The sandbox sends no SMS and reaches no mobile applications.")
    if not arn:
        raise wrong("TopicArn or TargetArn Reason: no value for required parameter")
    return _sent(call, _topic_of(call, arn, "Publish"), params)


@operation("sns", "PublishBatch")
def publish_batch(call: Call) -> dict[str, Any]:
    """Take up to ten messages."""
    entries = call.params["PublishBatchRequestEntries"]
    topic = _found(call, "Publish")
    names = [entry["Id"] for entry in entries]
    if not entries or len(entries) > _MOST or len(set(names)) < len(names):
        code, text = "BatchEntryIdsNotDistinct", "Two or more batch entries in the request have the same Id."
        if not entries:
            code, text = "EmptyBatchRequest", "The batch request doesn't contain any entries."
        elif len(entries) > _MOST:
            code, text = (
                "TooManyEntriesInBatchRequest",
                "The batch request contains more entries than permissible.",
            )
        raise DomainError(text, code=code, status=400)
    done: dict[str, list[dict[str, Any]]] = {"Successful": [], "Failed": []}
    for entry in entries:
        try:
            done["Successful"].append({"Id": entry["Id"], **_sent(call, topic, entry)})
        except DomainError as error:
            told = {"Id": entry["Id"], "Code": error.code, "Message": error.message, "SenderFault": True}
            done["Failed"].append(told)
    return done


@operation("sns", "AddPermission")
def add_permission(call: Call) -> dict[str, Any]:
    """Let accounts do something with a topic."""
    params = call.params
    topic = _found(call, "AddPermission")
    policy = json.loads(topic.attributes["Policy"])
    if any(each.get("Sid") == params["Label"] for each in policy["Statement"]):
        raise wrong("Statement already exists")
    policy["Statement"].append(
        {
            "Sid": params["Label"],
            "Effect": "Allow",
            "Principal": {"AWS": [f"arn:aws:iam::{account}:root" for account in params["AWSAccountId"]]},
            "Action": [f"SNS:{name}" for name in params["ActionName"]],
            "Resource": topic.arn,
        }
    )
    call.domain.topics.change(topic.arn, "Policy", json.dumps(policy))
    return {}


@operation("sns", "RemovePermission")
def remove_permission(call: Call) -> dict[str, Any]:
    """Take a statement of that label away."""
    topic = _found(call, "RemovePermission")
    policy = json.loads(topic.attributes["Policy"])
    policy["Statement"] = [each for each in policy["Statement"] if each.get("Sid") != call.params["Label"]]
    call.domain.topics.change(topic.arn, "Policy", json.dumps(policy))
    return {}


@operation("sns", "TagResource")
def tag(call: Call) -> dict[str, Any]:
    """Set tags of a topic."""
    call.domain.tags.add(_topic(call).arn, call.params["Tags"])
    return {}


@operation("sns", "UntagResource")
def untag(call: Call) -> dict[str, Any]:
    """Take tags away."""
    call.domain.tags.remove(_topic(call).arn, call.params["TagKeys"])
    return {}


@operation("sns", "ListTagsForResource")
def list_tags(call: Call) -> dict[str, Any]:
    """A topic's tags."""
    return {"Tags": call.domain.tags.list(_topic(call).arn)}


@operation("sns", "GetDataProtectionPolicy")
def data_protection(call: Call) -> dict[str, Any]:
    """None: putting one is refused."""
    topic = call.domain.topics.get(call.params["ResourceArn"])
    del topic
    return {"DataProtectionPolicy": ""}


def _found(call: Call, action: str) -> Topic:
    return _topic_of(call, call.params["TopicArn"], action)


def _topic_of(call: Call, arn: str, action: str) -> Topic:
    """A topic that the caller may do this with."""
    parts = arn.split(":")
    if len(parts) < 6:
        raise wrong(f"TopicArn Reason: An ARN must have at least 6 elements, not {len(parts)}")
    topic = call.domain.topics.get(arn)
    demand(topic, call.caller, action)
    return topic


def _topic(call: Call) -> Topic:
    try:
        return _topic_of(call, call.params["ResourceArn"], call.operation)
    except DomainError as error:
        if error.code != no_topic().code:
            raise
        raise DomainError("Resource does not exist", code="ResourceNotFound", status=404) from error


def _sent(call: Call, topic: Topic, params: dict[str, Any]) -> dict[str, Any]:
    message = call.domain.publisher.publish(topic.arn, params)
    if not topic.fifo:
        return {"MessageId": message}
    return {"MessageId": message, "SequenceNumber": f"{int(message.replace('-', '')[:16], 16):020d}"}
