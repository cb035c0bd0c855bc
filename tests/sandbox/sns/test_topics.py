"""Topics, subscriptions and messages, by boto3, with real queues, functions, HTTP subscribers and a mailbox."""

from __future__ import annotations

import base64
import http.server
import json
import queue as queues
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from ropeway.sandbox.server import Server
from tests.sandbox.made import function, message

Client = Callable[..., Any]
ACCOUNT = "111111111111"


def allowed(sqs: Any, name: str, topic: str) -> tuple[str, str]:
    """A queue that a topic may send to: its URL and ARN."""
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:{name}"
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    return url, arn


def taken(sqs: Any, url: str) -> str:
    """The next message of a queue, taken out of it."""
    found = message(sqs, url)
    sqs.delete_message(QueueUrl=url, ReceiptHandle=found["ReceiptHandle"])
    return str(found["Body"])


def mails(sandbox: Server, to: str) -> list[dict[str, Any]]:
    """The mails of one receiver, once there are any more than before."""
    with urllib.request.urlopen(f"{sandbox.endpoint}/_sandbox/mail?to={to}") as answer:
        found: list[dict[str, Any]] = json.load(answer)["mails"]
    return found


def eventually(look: Callable[[], Any]) -> Any:
    """What a look gives as soon as it gives something."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.02)
    raise AssertionError("nothing came")


@pytest.fixture
def sns(client: Client) -> Any:
    return client("sns")


def test_a_queue_gets_the_envelope_or_the_raw_message(sns: Any, client: Client) -> None:
    sqs = client("sqs")
    topic = sns.create_topic(Name="plain")["TopicArn"]
    url, arn = allowed(sqs, "envelope", topic)
    raw_url, raw = allowed(sqs, "raw", topic)
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=raw, Attributes={"RawMessageDelivery": "true"})
    attribute = {"kind": {"DataType": "String", "StringValue": "a"}}
    sent = sns.publish(TopicArn=topic, Message="hello", Subject="s", MessageAttributes=attribute)
    envelope = json.loads(message(sqs, url)["Body"])
    assert (envelope["Message"], envelope["Subject"], envelope["MessageId"]) == (
        "hello",
        "s",
        sent["MessageId"],
    )
    assert envelope["MessageAttributes"] == {"kind": {"Type": "String", "Value": "a"}}
    plain = message(sqs, raw_url)
    assert (plain["Body"], plain["MessageAttributes"]["kind"]["StringValue"]) == ("hello", "a")


def test_filters_choose_messages(sns: Any, client: Client) -> None:
    sqs = client("sqs")
    topic = sns.create_topic(Name="filtered")["TopicArn"]
    policies = {
        "by-attribute": ({"price": [{"numeric": [">", 10]}]}, "MessageAttributes"),
        "by-body": ({"state": ["failed"]}, "MessageBody"),
    }
    urls = {}
    for name, (policy, scope) in policies.items():
        urls[name], arn = allowed(sqs, name, topic)
        attributes = {
            "FilterPolicy": json.dumps(policy),
            "FilterPolicyScope": scope,
            "RawMessageDelivery": "true",
        }
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes=attributes)
    for price, state in ((5, "fine"), (5, "failed"), (20, "fine")):
        sns.publish(
            TopicArn=topic,
            Message=json.dumps({"state": state, "price": price}),
            MessageAttributes={"price": {"DataType": "Number", "StringValue": str(price)}},
        )
    assert json.loads(message(sqs, urls["by-attribute"])["Body"])["price"] == 20
    assert json.loads(message(sqs, urls["by-body"])["Body"])["state"] == "failed"
    for url in urls.values():
        assert "Messages" not in sqs.receive_message(QueueUrl=url)
    with pytest.raises(ClientError, match="FilterPolicy"):
        sns.subscribe(
            TopicArn=topic,
            Protocol="sqs",
            Endpoint=f"arn:aws:sqs:eu-west-1:{ACCOUNT}:x",
            Attributes={"FilterPolicy": '{"a": 1}'},
        )


def test_a_function_is_called_where_its_policy_says_so(sns: Any, client: Client) -> None:
    functions, sqs = client("lambda"), client("sqs")
    topic = sns.create_topic(Name="calls")["TopicArn"]
    url = sqs.create_queue(QueueName="called")["QueueUrl"]
    code = (
        "import boto3, json\ndef handler(event, context):\n"
        f"    boto3.client('sqs').send_message(QueueUrl='{url}', MessageBody=json.dumps(event))\n"
    )
    arn = function(functions, "listener", code)
    functions.add_permission(
        FunctionName="listener",
        StatementId="topic",
        Action="lambda:InvokeFunction",
        Principal="sns.amazonaws.com",
        SourceArn=topic,
    )
    sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=arn)
    sns.publish(TopicArn=topic, Message="wake up")
    (record,) = json.loads(message(sqs, url)["Body"])["Records"]
    assert (record["EventSource"], record["Sns"]["Message"], record["Sns"]["Subject"]) == (
        "aws:sns",
        "wake up",
        None,
    )


def test_what_a_queue_does_not_let_in_goes_to_the_dead_letters(sns: Any, client: Client) -> None:
    sqs = client("sqs")
    topic = sns.create_topic(Name="closed")["TopicArn"]
    sqs.create_queue(QueueName="shut")
    dead_url, dead = allowed(sqs, "dead-letters", topic)
    sns.subscribe(
        TopicArn=topic,
        Protocol="sqs",
        Endpoint=f"arn:aws:sqs:eu-west-1:{ACCOUNT}:shut",
        Attributes={"RedrivePolicy": json.dumps({"deadLetterTargetArn": dead})},
    )
    sns.publish(TopicArn=topic, Message="let me in")
    assert json.loads(message(sqs, dead_url)["Body"])["Message"] == "let me in"


def test_an_encrypted_queue_needs_its_keys_policy(sns: Any, client: Client) -> None:
    sqs, kms = client("sqs"), client("kms")
    topic = sns.create_topic(Name="sealed")["TopicArn"]
    url, arn = allowed(sqs, "sealed", topic)
    dead, dead_arn = allowed(sqs, "sealed-dead", topic)
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"KmsMasterKeyId": key})
    redrive = json.dumps({"deadLetterTargetArn": dead_arn})
    attributes = {"RawMessageDelivery": "true", "RedrivePolicy": redrive}
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes=attributes)
    sns.publish(TopicArn=topic, Message="kept out")
    assert message(sqs, dead)["Body"] == "kept out"
    policy = json.loads(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"])
    may = ["kms:GenerateDataKey*", "kms:Decrypt"]
    who = {"Service": "sns.amazonaws.com"}
    policy["Statement"].append({"Effect": "Allow", "Principal": who, "Action": may, "Resource": "*"})
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=json.dumps(policy))
    sns.publish(TopicArn=topic, Message="let in")
    assert message(sqs, url)["Body"] == "let in"


def test_mail_comes_after_its_receiver_has_confirmed(sns: Any, sandbox: Server) -> None:
    topic = sns.create_topic(Name="mail", Attributes={"DisplayName": "Ropeway"})["TopicArn"]
    answer = sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="lead@example.com")
    assert answer["SubscriptionArn"] == "pending confirmation"
    (listed,) = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert listed["SubscriptionArn"] == "PendingConfirmation"
    (asked,) = eventually(lambda: mails(sandbox, "lead@example.com"))
    assert (asked["sender"], asked["subject"]) == ("Ropeway", "AWS Notification - Subscription Confirmation")
    sns.publish(TopicArn=topic, Message="too early")
    with urllib.request.urlopen(asked["link"]) as page:
        arn = json.load(page)["SubscriptionArn"]
    told = sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
    assert (told["PendingConfirmation"], told["Endpoint"]) == ("false", "lead@example.com")
    sns.publish(TopicArn=topic, Message="drift was found", Subject="Drift")
    mail = eventually(lambda: mails(sandbox, "lead@example.com")[1:])[0]
    assert (mail["subject"], mail["body"]) == ("Drift", "drift was found")
    counted = sns.get_topic_attributes(TopicArn=topic)["Attributes"]
    assert (counted["SubscriptionsConfirmed"], counted["SubscriptionsPending"]) == ("1", "0")
    sns.unsubscribe(SubscriptionArn=arn)
    assert sns.get_topic_attributes(TopicArn=topic)["Attributes"]["SubscriptionsDeleted"] == "1"
    with pytest.raises(urllib.error.HTTPError, match="400"):
        urllib.request.urlopen(asked["link"])
    request = urllib.request.Request(f"{sandbox.endpoint}/_sandbox/mail", method="DELETE")
    with urllib.request.urlopen(request) as page:
        assert json.load(page)["cleared"] >= 2
    assert mails(sandbox, "lead@example.com") == []


@pytest.fixture
def listener() -> Iterator[tuple[str, queues.Queue[dict[str, Any]]]]:
    """A web server on loopback: its address, and what is posted to it."""
    posted: queues.Queue[dict[str, Any]] = queues.Queue()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            posted.put({**json.loads(body), "kind": self.headers["x-amz-sns-message-type"]})
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/hook", posted
    server.shutdown()
    thread.join()
    server.server_close()


def verify(document: dict[str, Any]) -> None:
    """The signature is the certificate's, as SNS's guide says to check it."""
    names = ["Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
    signed = "".join(f"{name}\n{document[name]}\n" for name in names if name in document)
    with urllib.request.urlopen(document["SigningCertURL"]) as page:
        certificate = x509.load_pem_x509_certificate(page.read())
    key: Any = certificate.public_key()
    digest = {"1": hashes.SHA1(), "2": hashes.SHA256()}[document["SignatureVersion"]]
    key.verify(base64.b64decode(document["Signature"]), signed.encode(), padding.PKCS1v15(), digest)


def test_an_address_confirms_and_gets_signed_messages(
    sns: Any, listener: tuple[str, queues.Queue[dict[str, Any]]]
) -> None:
    address, posted = listener
    topic = sns.create_topic(Name="web")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=address)
    asked = posted.get(timeout=30)
    assert asked["kind"] == "SubscriptionConfirmation"
    verify(asked)
    sns.confirm_subscription(TopicArn=topic, Token=asked["Token"])
    sns.publish(TopicArn=topic, Message="posted", Subject="s")
    told = posted.get(timeout=30)
    assert (told["kind"], told["Message"]) == ("Notification", "posted")
    verify(told)
    sns.set_topic_attributes(TopicArn=topic, AttributeName="SignatureVersion", AttributeValue="2")
    sns.publish(TopicArn=topic, Message="posted")
    again = posted.get(timeout=30)
    assert again["SignatureVersion"] == "2"
    verify(again)
    with pytest.raises(ClientError, match="Token"):
        sns.confirm_subscription(TopicArn=topic, Token="none")


def test_a_topic_is_what_was_said(sns: Any) -> None:
    arn = sns.create_topic(Name="said", Tags=[{"Key": "a", "Value": "b"}])["TopicArn"]
    assert sns.create_topic(Name="said")["TopicArn"] == arn
    with pytest.raises(ClientError, match="different attributes"):
        sns.create_topic(Name="said", Attributes={"DisplayName": "other"})
    sns.set_topic_attributes(TopicArn=arn, AttributeName="DisplayName", AttributeValue="d")
    sns.add_permission(TopicArn=arn, Label="l", AWSAccountId=["222222222222"], ActionName=["Publish"])
    told = sns.get_topic_attributes(TopicArn=arn)["Attributes"]
    assert (told["DisplayName"], told["Owner"]) == ("d", ACCOUNT)
    assert len(json.loads(told["Policy"])["Statement"]) == 2
    sns.remove_permission(TopicArn=arn, Label="l")
    assert len(json.loads(sns.get_topic_attributes(TopicArn=arn)["Attributes"]["Policy"])["Statement"]) == 1
    assert sns.get_data_protection_policy(ResourceArn=arn)["DataProtectionPolicy"] == ""
    sns.tag_resource(ResourceArn=arn, Tags=[{"Key": "c", "Value": "d"}])
    sns.untag_resource(ResourceArn=arn, TagKeys=["a"])
    assert sns.list_tags_for_resource(ResourceArn=arn)["Tags"] == [{"Key": "c", "Value": "d"}]
    assert arn in [each["TopicArn"] for each in sns.list_topics()["Topics"]]
    made = sns.subscribe(TopicArn=arn, Protocol="email", Endpoint="a@b.c", ReturnSubscriptionArn=True)
    sns.set_subscription_attributes(
        SubscriptionArn=made["SubscriptionArn"], AttributeName="FilterPolicy", AttributeValue='{"a": ["b"]}'
    )
    attributes = sns.get_subscription_attributes(SubscriptionArn=made["SubscriptionArn"])["Attributes"]
    assert (attributes["FilterPolicy"], attributes["FilterPolicyScope"]) == (
        '{"a": ["b"]}',
        "MessageAttributes",
    )
    assert made["SubscriptionArn"].startswith(f"{arn}:")
    assert [
        each["Endpoint"] for each in sns.list_subscriptions()["Subscriptions"] if each["TopicArn"] == arn
    ] == ["a@b.c"]
    sns.delete_topic(TopicArn=arn)
    with pytest.raises(ClientError, match="Topic does not exist"):
        sns.get_topic_attributes(TopicArn=arn)


def test_messages_that_are_wrong_are_refused(sns: Any) -> None:
    topic = sns.create_topic(Name="strict")["TopicArn"]
    for wrong, reason in (
        ({"Message": ""}, "Empty message"),
        ({"Message": "x" * 300_000}, "too long"),
        ({"Message": "{", "MessageStructure": "json"}, "failed to parse"),
        ({"Message": "{}", "MessageStructure": "json"}, "No default entry"),
        ({"Message": "m", "Subject": "a\nb"}, "Subject"),
        (_attribute("a", "Number", "many"), "Could not cast message attribute 'a' value to number"),
        (_attribute("a", "String", ""), "must contain non-empty message attribute value"),
        (_attribute("a", "Text", "b"), "has an invalid message attribute type"),
        (_attribute("a b", "String", "c"), "message attribute name 'a b' is invalid"),
        (_attribute("a", "String.Array", "b"), "is no JSON array"),
    ):
        with pytest.raises(ClientError, match=reason):
            sns.publish(TopicArn=topic, **wrong)
    with pytest.raises(ClientError, match="Topic does not exist"):
        sns.publish(TopicArn=topic + "x", Message="m")
    with pytest.raises(ClientError, match="An ARN must have at least 6 elements, not 1"):
        sns.publish(TopicArn="strict", Message="m")
    with pytest.raises(ClientError, match="sends no SMS"):
        sns.publish(PhoneNumber="+15555550100", Message="m")
    done = sns.publish_batch(
        TopicArn=topic,
        PublishBatchRequestEntries=[
            {"Id": "1", "Message": "m"},
            {"Id": "2", "Message": "m", "Subject": "\n"},
        ],
    )
    assert [each["Id"] for each in done["Successful"]] == ["1"]
    assert [each["Id"] for each in done["Failed"]] == ["2"]
    for wrong_name in ("a b", "plain.fifo"):
        with pytest.raises(ClientError, match="Topic Name"):
            sns.create_topic(Name=wrong_name)


def _attribute(name: str, kind: str, value: str) -> dict[str, Any]:
    return {"Message": "m", "MessageAttributes": {name: {"DataType": kind, "StringValue": value}}}


@pytest.mark.parametrize(
    ("protocol", "endpoint", "attributes", "reason"),
    [
        ("sms", "+15555550100", {}, "does not deliver messages of topics by sms"),
        ("sqs", "arn:aws:sqs:queue", {}, "SQS endpoint ARN"),
        ("email", "a@b.c", {"RawMessageDelivery": "true"}, "does not support raw message delivery"),
        ("email", "a@b.c", {"FilterPolicy": '{"a": {"b": ["c"]}}'}, "does not support nested filter policy"),
        ("email", "a@b.c", {"RedrivePolicy": '{"deadLetterTargetArn": "x"}'}, "is an invalid arn: x"),
    ],
)
def test_subscriptions_that_are_wrong_are_refused(
    sns: Any, protocol: str, endpoint: str, attributes: dict[str, str], reason: str
) -> None:
    topic = sns.create_topic(Name="subscribed")["TopicArn"]
    with pytest.raises(ClientError, match=reason):
        sns.subscribe(TopicArn=topic, Protocol=protocol, Endpoint=endpoint, Attributes=attributes)
    assert sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"] == []


def test_what_is_no_subscription_or_policy_is_refused(sns: Any) -> None:
    topic = sns.create_topic(Name="ruled")["TopicArn"]
    with pytest.raises(ClientError, match="An ARN must have at least 6 elements"):
        sns.unsubscribe(SubscriptionArn="PendingConfirmation")
    with pytest.raises(ClientError, match="has an unknown element"):
        sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue='{"a": 1}')


def test_another_account_may_do_what_the_policy_says(sns: Any, client: Client) -> None:
    topic = sns.create_topic(Name="guarded")["TopicArn"]
    other = client("sns", account="222222222222")
    made = sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="a@b.c", ReturnSubscriptionArn=True)
    for attempt in (
        lambda: other.publish(TopicArn=topic, Message="m"),
        lambda: other.publish_batch(TopicArn=topic, PublishBatchRequestEntries=[{"Id": "1", "Message": "m"}]),
        lambda: other.subscribe(TopicArn=topic, Protocol="email", Endpoint="x@y.z"),
        lambda: other.get_topic_attributes(TopicArn=topic),
        lambda: other.set_topic_attributes(TopicArn=topic, AttributeName="DisplayName", AttributeValue="x"),
        lambda: other.delete_topic(TopicArn=topic),
        lambda: other.tag_resource(ResourceArn=topic, Tags=[{"Key": "a", "Value": "b"}]),
        lambda: other.unsubscribe(SubscriptionArn=made["SubscriptionArn"]),
        lambda: other.get_subscription_attributes(SubscriptionArn=made["SubscriptionArn"]),
    ):
        with pytest.raises(ClientError, match="is not authorized to perform: SNS:") as caught:
            attempt()  # type: ignore[no-untyped-call]
        assert caught.value.response["Error"]["Code"] == "AuthorizationError"
    sns.add_permission(TopicArn=topic, Label="l", AWSAccountId=["222222222222"], ActionName=["Publish"])
    assert other.publish(TopicArn=topic, Message="m")["MessageId"]
    deny = {"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "sns:Publish", "Resource": topic}]}
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=json.dumps(deny))
    with pytest.raises(ClientError, match="with an explicit deny"):
        sns.publish(TopicArn=topic, Message="m")


def test_a_binary_attribute_arrives(sns: Any, client: Client) -> None:
    sqs = client("sqs")
    topic = sns.create_topic(Name="binary")["TopicArn"]
    url, arn = allowed(sqs, "binary", topic)
    made = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)["SubscriptionArn"]
    sent = {"b": {"DataType": "Binary", "BinaryValue": b"\x00\xff"}}
    sns.publish(TopicArn=topic, Message="m", MessageAttributes=sent)
    document = json.loads(message(sqs, url)["Body"])
    assert document["MessageAttributes"] == {"b": {"Type": "Binary", "Value": "AP8="}}
    sns.set_subscription_attributes(
        SubscriptionArn=made, AttributeName="RawMessageDelivery", AttributeValue="true"
    )
    sns.publish(TopicArn=topic, Message="m", MessageAttributes=sent)
    assert message(sqs, url)["MessageAttributes"]["b"]["BinaryValue"] == b"\x00\xff"


def test_a_fifo_topic_takes_a_message_once(sns: Any, client: Client) -> None:
    sqs = client("sqs")
    topic = sns.create_topic(
        Name="ordered.fifo", Attributes={"FifoTopic": "true", "ContentBasedDeduplication": "true"}
    )["TopicArn"]
    url = sqs.create_queue(QueueName="ordered.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    arn = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:ordered.fifo"
    policy = {
        "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": arn}]
    }
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
    first = sns.publish(TopicArn=topic, Message="m", MessageGroupId="g")
    again = sns.publish(TopicArn=topic, Message="m", MessageGroupId="g")
    assert again["MessageId"] == first["MessageId"]
    assert taken(sqs, url) == "m"
    for number in range(40):
        sns.publish(TopicArn=topic, Message=str(number), MessageGroupId="g")
    assert [taken(sqs, url) for _ in range(40)] == [str(number) for number in range(40)]
    with pytest.raises(ClientError, match="MessageGroupId"):
        sns.publish(TopicArn=topic, Message="m")
