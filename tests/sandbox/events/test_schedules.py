"""Schedules of rules and of EventBridge Scheduler, as they are made and told."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from botocore.exceptions import ClientError

Client = Callable[..., Any]
ROLE = "arn:aws:iam::111111111111:role/RopewayExecutionRole"
OFF = {"Mode": "OFF"}


def test_a_rate_of_scheduler_begins_at_once(client: Client, queue: Callable[..., Any]) -> None:
    scheduler, made = client("scheduler"), queue("planned")

    scheduler.create_schedule_group(Name="daily", Tags=[{"Key": "team", "Value": "risk"}])
    target = {
        "Arn": made.arn,
        "RoleArn": role(client, "sends"),
        "Input": '{"at": "<aws.scheduler.scheduled-time>"}',
    }
    arn = scheduler.create_schedule(
        Name="often",
        GroupName="daily",
        ScheduleExpression="rate(1 day)",
        FlexibleTimeWindow=OFF,
        Target=target,
    )["ScheduleArn"]
    (event,) = made.events(1)
    told = scheduler.get_schedule(Name="often", GroupName="daily")
    assert arn == told["Arn"] == "arn:aws:scheduler:eu-west-1:111111111111:schedule/daily/often"
    assert event == {"at": told["CreationDate"].astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")}
    assert told["Target"]["RetryPolicy"] == {"MaximumEventAgeInSeconds": 86400, "MaximumRetryAttempts": 185}
    assert (told["State"], told["ScheduleExpressionTimezone"]) == ("ENABLED", "UTC")
    assert [each["Name"] for each in scheduler.list_schedules(GroupName="daily")["Schedules"]] == ["often"]
    group = scheduler.get_schedule_group(Name="daily")
    assert scheduler.list_tags_for_resource(ResourceArn=group["Arn"])["Tags"] == [
        {"Key": "team", "Value": "risk"}
    ]
    scheduler.tag_resource(ResourceArn=group["Arn"], Tags=[{"Key": "tier", "Value": "1"}])
    scheduler.untag_resource(ResourceArn=group["Arn"], TagKeys=["team"])
    assert scheduler.list_tags_for_resource(ResourceArn=group["Arn"])["Tags"] == [
        {"Key": "tier", "Value": "1"}
    ]
    scheduler.delete_schedule_group(Name="daily")
    assert [each["Name"] for each in scheduler.list_schedule_groups()["ScheduleGroups"]] == ["default"]
    with pytest.raises(ClientError, match="does not exist") as caught:
        scheduler.get_schedule(Name="often", GroupName="daily")
    assert caught.value.response["Error"]["Code"] == "ResourceNotFoundException"


def test_a_schedule_that_is_over_goes_if_it_is_told_to(client: Client, queue: Callable[..., Any]) -> None:
    scheduler, made = client("scheduler"), queue("once")
    soon = datetime.now(timezone.utc) + timedelta(seconds=2)
    scheduler.create_schedule(
        Name="once",
        ScheduleExpression=f"at({soon:%Y-%m-%dT%H:%M:%S})",
        FlexibleTimeWindow=OFF,
        ActionAfterCompletion="DELETE",
        Target={"Arn": made.arn, "RoleArn": role(client, "sends-once")},
    )
    (event,) = made.events(1)
    assert event["source"] == "aws.scheduler"
    with pytest.raises(scheduler.exceptions.ResourceNotFoundException):
        scheduler.get_schedule(Name="once")


def test_an_update_replaces_a_schedule(client: Client, queue: Callable[..., Any]) -> None:
    scheduler, made = client("scheduler"), queue("replaced")
    settings = {"FlexibleTimeWindow": OFF, "Target": {"Arn": made.arn, "RoleArn": role(client, "replaces")}}
    scheduler.create_schedule(
        Name="changes", ScheduleExpression="cron(0 6 * * ? *)", Description="early", **settings
    )
    scheduler.update_schedule(
        Name="changes",
        ScheduleExpression="cron(0 7 * * ? *)",
        ScheduleExpressionTimezone="Europe/Berlin",
        **settings,
    )
    told = scheduler.get_schedule(Name="changes")
    assert (told["ScheduleExpression"], told["ScheduleExpressionTimezone"]) == (
        "cron(0 7 * * ? *)",
        "Europe/Berlin",
    )
    assert "Description" not in told
    scheduler.delete_schedule(Name="changes")
    assert scheduler.list_schedules(NamePrefix="changes")["Schedules"] == []


def test_a_schedule_calls_an_operation(client: Client, queue: Callable[..., Any]) -> None:
    made = queue("called")
    client("scheduler").create_schedule(
        Name="calls",
        ScheduleExpression="rate(1 day)",
        FlexibleTimeWindow=OFF,
        Target={
            "Arn": "arn:aws:scheduler:::aws-sdk:sqs:sendMessage",
            "RoleArn": role(client, "calls"),
            "Input": json.dumps({"QueueUrl": made.url, "MessageBody": '"called"'}),
        },
    )
    assert made.events(1) == ["called"]


WRONG = [
    ({"ScheduleExpression": "cron(0 6 * * * *)"}, "Invalid Schedule Expression"),
    ({"ScheduleExpression": "rate(1 fortnight)"}, "Invalid Schedule Expression"),
    ({"ScheduleExpressionTimezone": "Europe/Atlantis"}, "Invalid Timezone"),
    ({"FlexibleTimeWindow": {"Mode": "FLEXIBLE"}}, "MaximumWindowInMinutes"),
    ({"Target": {"Arn": "arn:aws:sqs:eu-west-1:111111111111:q", "RoleArn": ROLE[:-4]}}, "assume the role"),
    ({"GroupName": "nowhere"}, "group nowhere does not exist"),
    (
        {"Target": {"Arn": "arn:aws:ecs:eu-west-1:111111111111:cluster/c", "RoleArn": ROLE}},
        "does not schedule ecs",
    ),
    (
        {"Target": {"Arn": "arn:aws:scheduler:::aws-sdk:sqs:shout", "RoleArn": ROLE}},
        "sqs has no operation shout",
    ),
    (
        {"Target": {"Arn": "arn:aws:scheduler:::aws-sdk:sqs:listQueues", "RoleArn": ROLE}},
        "do not call operations that only read",
    ),
]


@pytest.mark.parametrize(("change", "text"), WRONG, ids=[text for _, text in WRONG])
def test_what_is_no_schedule_is_refused(client: Client, change: dict[str, Any], text: str) -> None:
    good = {
        "Name": "wrong",
        "ScheduleExpression": "rate(1 day)",
        "FlexibleTimeWindow": OFF,
        "Target": {"Arn": "arn:aws:sqs:eu-west-1:111111111111:q", "RoleArn": ROLE},
    }
    with pytest.raises(ClientError, match=text):
        client("scheduler").create_schedule(**{**good, **change})


@pytest.mark.parametrize(
    "expression", ["rate(0 days)", "rate(1 days)", "rate(2 day)", "cron(0 6 * * * *)", "at(noon)"]
)
def test_a_rule_with_a_bad_schedule_is_refused(client: Client, expression: str) -> None:
    with pytest.raises(ClientError, match="Parameter ScheduleExpression is not valid") as caught:
        client("events").put_rule(Name="bad-schedule", ScheduleExpression=expression)
    assert caught.value.response["Error"]["Code"] == "ValidationException"
    with pytest.raises(ClientError, match="Rule bad-schedule does not exist on EventBus default"):
        client("events").describe_rule(Name="bad-schedule")


def role(client: Client, name: str) -> str:
    """A role that schedules may use to send to queues."""
    iam = client("iam")
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": "scheduler.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    may = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}
    with contextlib.suppress(iam.exceptions.EntityAlreadyExistsException):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps({"Statement": [trust]}))
    document = json.dumps({"Version": "2012-10-17", "Statement": [may]})
    iam.put_role_policy(RoleName=name, PolicyName="send", PolicyDocument=document)
    return f"arn:aws:iam::111111111111:role/{name}"
