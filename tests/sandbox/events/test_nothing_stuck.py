"""What goes wrong around events ends with a clear word, and everything else goes on: nothing is stuck."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ropeway.sandbox.server import Server
from tests.sandbox.made import function

Client = Callable[..., Any]
LOUD = """
def handler(event, context):
    print("x" * 1_000_000)
    for number in range(2_000):
        print("line", number, "." * 500)
    print("said it all")
"""
BAD_PATTERNS = [
    ("{", "Filter is not an object"),
    ("[]", "Filter is not an object"),
    ("{}", "Empty objects are not allowed"),
    ('{"source": []}', "Empty arrays are not allowed"),
    ('{"source": "mine"}', '"source" must be an object or an array'),
    ('{"detail": {"n": [{"numeric": [">", "ten"]}]}}', "must be numeric"),
    ('{"detail": {"n": [{"like": "x"}]}}', "Unrecognized match type like"),
    ('{"detail": ' * 40 + '{"n": [1]}' + "}" * 40, "nested too deeply"),
]


def still_running(sandbox: Server) -> list[str]:
    """What is still being delivered or run a second of the clock later, after a while of patience."""
    request = urllib.request.Request(
        f"{sandbox.endpoint}/_sandbox/clock", data=b'{"advance": 1, "patience": 30}', method="POST"
    )
    with urllib.request.urlopen(request) as answer:
        running: list[str] = json.loads(answer.read())["running"]
    return running


def put(client: Client, source: str, number: int = 1) -> str:
    entry = {"Source": source, "DetailType": "test", "Detail": json.dumps({"n": number})}
    identity: str = client("events").put_events(Entries=[entry])["Entries"][0]["EventId"]
    return identity


def aim(client: Client, name: str, **target: Any) -> None:
    events = client("events")
    events.put_rule(Name=name, EventPattern=json.dumps({"source": [name]}))
    answer = events.put_targets(Rule=name, Targets=[{"Id": "only", **target}])
    assert answer["FailedEntryCount"] == 0


@pytest.mark.parametrize(("pattern", "reason"), BAD_PATTERNS, ids=[reason for _, reason in BAD_PATTERNS])
def test_a_bad_pattern_is_refused_and_leaves_the_rule(
    client: Client, listen: Callable[..., Any], pattern: str, reason: str
) -> None:
    events, name = client("events"), f"kept-{len(pattern)}"
    queue = listen(name, {"source": [name]})
    with pytest.raises(ClientError) as caught:
        events.put_rule(Name=name, EventPattern=pattern)
    error = caught.value.response["Error"]
    assert error["Code"] == "InvalidEventPatternException"
    assert reason in error["Message"]
    identity = put(client, name)
    assert [event["id"] for event in queue.events(1)] == [identity]


def test_buses_of_three_accounts_in_a_circle_end(
    client: Client, queue: Callable[..., Any], sandbox: Server
) -> None:
    accounts, dead = ("111111111111", "222222222222", "333333333333"), {}
    arns = {}
    for account in accounts:
        events = client("events", account=account)
        arns[account] = events.create_event_bus(Name="round")["EventBusArn"]
        events.put_permission(
            EventBusName="round", Action="events:PutEvents", Principal="*", StatementId="all"
        )
        dead[account] = queue("round-dead", account=account)
    for place, account in enumerate(accounts):
        events = client("events", account=account)
        events.put_rule(Name="on", EventBusName="round", EventPattern='{"source": ["mine"]}')
        target = {"Id": "next", "Arn": arns[accounts[(place + 1) % 3]]}
        letters = {"DeadLetterConfig": {"Arn": dead[account].arn}}
        events.put_targets(Rule="on", EventBusName="round", Targets=[{**target, **letters}])
    entry = {"Source": "mine", "DetailType": "test", "Detail": "{}", "EventBusName": "round"}
    client("events").put_events(Entries=[entry])
    (message,) = dead["222222222222"].messages(1)
    assert (
        message["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "THIRD_ACCOUNT_HOP_DETECTED"
    )  # the event came from dev to preprod, and would go on to prod
    assert still_running(sandbox) == []


def test_a_function_that_prints_megabytes_holds_up_nobody(
    client: Client, queue: Callable[..., Any], listen: Callable[..., Any], sandbox: Server
) -> None:
    loud, dead = function(client("lambda"), "loud", LOUD), queue("loud-dead")
    aim(client, "loud", Arn=loud, DeadLetterConfig={"Arn": dead.arn})
    beside = listen("beside", {"source": ["loud"]})
    put(client, "loud")
    (message,) = dead.messages(1)  # nobody has let EventBridge call it yet
    assert message["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "NO_PERMISSIONS"
    client("lambda").add_permission(
        FunctionName="loud",
        StatementId="events",
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
    )
    sent = {put(client, "loud", number) for number in range(5)}
    assert sent < {event["id"] for event in beside.events(6)}
    assert still_running(sandbox) == []
    assert dead.messages(1, 1) == []
    assert len(said(client, 5)) == 5


def said(client: Client, count: int) -> list[str]:
    """The last lines that the function printed, from its log; fewer when no more are written in time."""
    logs, found = client("logs"), list[str]()
    for _ in range(500):
        pages = logs.get_paginator("filter_log_events").paginate(
            logGroupName="/aws/lambda/loud", filterPattern='"said it all"'
        )
        found = [event["message"] for page in pages for event in page["events"]]
        if len(found) >= count:
            break
    return found


def test_a_target_that_may_not_is_told_and_the_next_event_comes_when_it_may(
    client: Client, queue: Callable[..., Any], sandbox: Server
) -> None:
    made, dead = queue("opens", open_to=None), queue("opens-dead")
    aim(client, "opens", Arn=made.arn, DeadLetterConfig={"Arn": dead.arn})
    for number in range(12):  # more than one lot of a queue
        put(client, "opens", number)
    codes = [m["MessageAttributes"]["ERROR_CODE"]["StringValue"] for m in dead.messages(12)]
    assert codes == ["NO_PERMISSIONS"] * 12
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [{**statement, "Resource": made.arn}]})
    client("sqs").set_queue_attributes(QueueUrl=made.url, Attributes={"Policy": policy})
    identity = put(client, "opens")
    assert [event["id"] for event in made.events(1)] == [identity]
    client("sqs").set_queue_attributes(QueueUrl=made.url, Attributes={"Policy": ""})
    put(client, "opens")
    (message,) = dead.messages(1)  # what was seen a moment ago does not count
    assert message["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "NO_PERMISSIONS"
    assert still_running(sandbox) == []
