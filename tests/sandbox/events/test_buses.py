"""Buses, rules and PutEvents as an API: across accounts, in circles, tagged, refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

Client = Callable[..., Any]
OTHER = "222222222222"


def put(client: Client, account: str = "111111111111", **entry: Any) -> Any:
    whole = {"Source": "mine", "DetailType": "test", "Detail": "{}", **entry}
    return client("events", account=account).put_events(Entries=[whole])["Entries"][0]


def code(caught: pytest.ExceptionInfo[ClientError]) -> str:
    return str(caught.value.response["Error"]["Code"])


def test_the_life_of_a_bus(client: Client) -> None:
    events = client("events")
    arn = events.create_event_bus(Name="life", Description="first", Tags=[{"Key": "a", "Value": "1"}])[
        "EventBusArn"
    ]
    assert arn == "arn:aws:events:eu-west-1:111111111111:event-bus/life"
    with pytest.raises(events.exceptions.ResourceAlreadyExistsException):
        events.create_event_bus(Name="life")
    events.update_event_bus(Name="life", Description="second")
    assert events.describe_event_bus(Name="life")["Description"] == "second"
    assert {"default", "life"} <= {bus["Name"] for bus in events.list_event_buses()["EventBuses"]}
    assert events.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "a", "Value": "1"}]
    events.tag_resource(ResourceARN=arn, Tags=[{"Key": "b", "Value": "2"}])
    events.untag_resource(ResourceARN=arn, TagKeys=["a"])
    assert events.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "b", "Value": "2"}]
    events.put_rule(Name="in-it", EventBusName="life", EventPattern='{"source": ["mine"]}')
    with pytest.raises(ClientError, match="has rules"):
        events.delete_event_bus(Name="life")
    events.delete_rule(Name="in-it", EventBusName="life")
    events.delete_event_bus(Name="life")
    with pytest.raises(ClientError, match="Event bus life does not exist") as caught:
        events.describe_event_bus(Name="life")
    assert code(caught) == "ResourceNotFoundException"
    with pytest.raises(ClientError, match="Cannot delete event bus default"):
        events.delete_event_bus(Name="default")


def test_the_life_of_a_rule(client: Client, queue: Callable[..., Any]) -> None:
    events, made = client("events"), queue("life-of-rule")
    pattern = '{"source":["mine"]}'
    arn = events.put_rule(
        Name="life", EventPattern=pattern, Description="d", Tags=[{"Key": "a", "Value": "1"}]
    )["RuleArn"]
    told = events.describe_rule(Name="life")
    told.pop("ResponseMetadata")
    assert told == {
        "Name": "life",
        "Arn": arn,
        "EventPattern": pattern,
        "State": "ENABLED",
        "Description": "d",
        "EventBusName": "default",
        "CreatedBy": "111111111111",
    }
    events.put_targets(Rule="life", Targets=[{"Id": str(number), "Arn": made.arn} for number in range(5)])
    with pytest.raises(events.exceptions.LimitExceededException):
        events.put_targets(Rule="life", Targets=[{"Id": "6", "Arn": made.arn}])
    assert [each["Id"] for each in events.list_targets_by_rule(Rule="life")["Targets"]] == list("01234")
    assert events.list_rule_names_by_target(TargetArn=made.arn)["RuleNames"] == ["life"]
    assert [rule["Name"] for rule in events.list_rules(NamePrefix="li")["Rules"]] == ["life"]
    with pytest.raises(ClientError, match="Rule can't be deleted since it has targets"):
        events.delete_rule(Name="life")
    events.disable_rule(Name="life")
    put(client)
    events.enable_rule(Name="life")
    assert made.messages(1, 1) == []
    gone = events.remove_targets(Rule="life", Ids=["0", "1", "2", "3", "4", "9"])
    assert (gone["FailedEntryCount"], gone["FailedEntries"][0]["TargetId"]) == (1, "9")
    events.delete_rule(Name="life")
    events.delete_rule(Name="life")
    with pytest.raises(ClientError, match="Rule life does not exist on EventBus default"):
        events.list_targets_by_rule(Rule="life")


def test_another_account_may_put_what_the_policy_lets_in(client: Client, queue: Callable[..., Any]) -> None:
    events, made = client("events"), queue("across")
    bus = events.create_event_bus(Name="shared")["EventBusArn"]
    events.put_rule(Name="across", EventBusName="shared", EventPattern='{"source": ["mine"]}')
    events.put_targets(Rule="across", EventBusName="shared", Targets=[{"Id": "q", "Arn": made.arn}])
    assert put(client, OTHER, EventBusName=bus)["ErrorCode"] == "AccessDeniedException"
    events.put_permission(
        EventBusName="shared", Action="events:PutEvents", Principal=OTHER, StatementId="other"
    )
    assert "EventId" in put(client, OTHER, EventBusName=bus)
    (event,) = made.events(1)
    assert event["account"] == OTHER
    assert OTHER in events.describe_event_bus(Name="shared")["Policy"]
    events.remove_permission(EventBusName="shared", StatementId="other")
    assert put(client, OTHER, EventBusName=bus)["ErrorCode"] == "AccessDeniedException"
    with pytest.raises(ClientError, match="does not have a policy"):
        events.remove_permission(EventBusName="shared", StatementId="other")


def test_rules_of_another_accounts_bus_need_its_policy(client: Client, queue: Callable[..., Any]) -> None:
    events, other = client("events"), client("events", account=OTHER)
    bus = events.create_event_bus(Name="guarded")["EventBusArn"]
    events.put_rule(Name="guarded", EventBusName="guarded", EventPattern='{"source": ["mine"]}')
    pattern = {"EventPattern": '{"source": ["mine"]}'}
    target = {"Id": "q", "Arn": queue("listens", account=OTHER).arn}
    for attempt, rest in (
        (other.put_rule, {"Name": "guarded", **pattern}),
        (other.put_targets, {"Rule": "guarded", "Targets": [target]}),
        (other.disable_rule, {"Name": "guarded"}),
        (other.delete_rule, {"Name": "guarded"}),
        (other.describe_rule, {"Name": "guarded"}),
        (other.list_rules, {}),
    ):
        with pytest.raises(ClientError, match="is not authorized to perform: events:") as caught:
            attempt(EventBusName=bus, **rest)
        assert caught.value.response["Error"]["Code"] == "AccessDeniedException"
    with pytest.raises(ClientError, match="is not authorized to perform: events:DescribeEventBus"):
        other.describe_event_bus(Name=bus)
    with pytest.raises(ClientError, match="Cross-account archives"):
        other.create_archive(ArchiveName="a", EventSourceArn=bus)
    with pytest.raises(ClientError, match="does not exist"):
        other.tag_resource(ResourceARN=bus, Tags=[{"Key": "a", "Value": "b"}])
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": OTHER},
        "Action": ["events:PutRule"],
        "Resource": "arn:aws:events:*:*:rule/guarded/theirs",
        "Condition": {"StringEquals": {"events:creatorAccount": OTHER}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    events.put_permission(EventBusName="guarded", Policy=policy)
    assert other.put_rule(Name="theirs", EventBusName=bus, **pattern)["RuleArn"].endswith("/guarded/theirs")


def test_a_rule_sends_to_the_bus_of_another_account(client: Client, queue: Callable[..., Any]) -> None:
    here, there = client("events"), client("events", account=OTHER)
    made, dead = queue("other-side", account=OTHER), queue("other-dead")
    target = f"arn:aws:events:eu-west-1:{OTHER}:event-bus/default"
    there.put_rule(Name="arrives", EventPattern='{"source": ["travels"]}')
    there.put_targets(Rule="arrives", Targets=[{"Id": "q", "Arn": made.arn}])
    here.put_rule(Name="leaves", EventPattern='{"source": ["travels"]}')
    here.put_targets(
        Rule="leaves", Targets=[{"Id": "bus", "Arn": target, "DeadLetterConfig": {"Arn": dead.arn}}]
    )
    put(client, Source="travels")
    (message,) = dead.messages(1)
    assert message["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "NO_PERMISSIONS"
    there.put_permission(Action="events:PutEvents", Principal="111111111111", StatementId="dev")
    identity = put(client, Source="travels")["EventId"]
    (event,) = made.events(1)
    assert (event["id"], event["account"]) == (identity, "111111111111")


def test_rules_in_a_circle_end_after_one_round(client: Client, queue: Callable[..., Any]) -> None:
    events, made, dead = client("events"), queue("circle"), queue("circle-dead")
    buses = [events.create_event_bus(Name=f"circle-{name}")["EventBusArn"] for name in "ab"]
    for number, name in enumerate("ab"):
        settings = {"EventBusName": f"circle-{name}", "Rule": "on"}
        events.put_rule(Name="on", EventBusName=f"circle-{name}", EventPattern='{"source": ["mine"]}')
        other = {"Id": "bus", "Arn": buses[1 - number], "DeadLetterConfig": {"Arn": dead.arn}}
        events.put_targets(**settings, Targets=[{"Id": "q", "Arn": made.arn}, other])
    identity = put(client, EventBusName="circle-a")["EventId"]
    assert [event["id"] for event in made.events(2)] == [identity, identity]
    (message,) = dead.messages(1)
    assert message["MessageAttributes"]["ERROR_CODE"]["StringValue"].startswith("THIRD_")
    assert made.messages(1, 1) == []
    own = {"Id": "own", "Arn": buses[0]}
    with pytest.raises(ClientError, match="cannot be a target of its own rule"):
        events.put_targets(Rule="on", EventBusName="circle-a", Targets=[own])


WRONG = [
    ({"Source": "aws.ec2"}, "NotAuthorizedForSourceException"),
    ({"Detail": "[]"}, "MalformedDetail"),
    ({"Detail": "{"}, "MalformedDetail"),
    ({"Detail": '{"a": NaN}'}, "MalformedDetail"),
    ({"DetailType": ""}, "InvalidArgument"),
]


@pytest.mark.parametrize(("entry", "wanted"), WRONG, ids=[wanted + str(entry) for entry, wanted in WRONG])
def test_a_bad_entry_is_refused_by_itself(client: Client, entry: dict[str, Any], wanted: str) -> None:
    whole = {"Source": "mine", "DetailType": "test", "Detail": "{}"}
    answer = client("events").put_events(Entries=[{**whole, **entry}, whole])
    assert answer["FailedEntryCount"] == 1
    assert answer["Entries"][0]["ErrorCode"] == wanted
    assert "EventId" in answer["Entries"][1]


def test_events_that_are_too_big_are_refused(client: Client) -> None:
    with pytest.raises(ClientError, match="over the limit") as caught:
        put(client, Detail=json.dumps({"x": "y" * 1_100_000}))
    assert code(caught) == "ValidationException"


def test_a_pattern_can_be_tried(client: Client) -> None:
    events = client("events")
    event = {
        "id": "1",
        "account": "1",
        "source": "mine",
        "time": "t",
        "region": "r",
        "resources": [],
        "detail-type": "d",
    }
    assert (
        events.test_event_pattern(EventPattern='{"source": ["mine"]}', Event=json.dumps(event))["Result"]
        is True
    )
    assert (
        events.test_event_pattern(EventPattern='{"source": ["his"]}', Event=json.dumps(event))["Result"]
        is False
    )
    with pytest.raises(ClientError, match="Event pattern is not valid") as caught:
        events.test_event_pattern(EventPattern='{"source": "mine"}', Event=json.dumps(event))
    assert code(caught) == "InvalidEventPatternException"
    with pytest.raises(ClientError, match='"source" must be an object or an array'):
        events.put_rule(Name="bad-pattern", EventPattern='{"source": "mine"}')
    with pytest.raises(ClientError, match="EventPattern or ScheduleExpression must be specified"):
        events.put_rule(Name="no-pattern")
    events.create_event_bus(Name="no-schedules")
    with pytest.raises(ClientError, match="supported only on the default event bus"):
        events.put_rule(Name="s", EventBusName="no-schedules", ScheduleExpression="rate(1 day)")
