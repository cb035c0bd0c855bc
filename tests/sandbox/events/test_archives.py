"""Archives keep what they are to keep, and replays give it to the bus again."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from botocore.exceptions import ClientError

Client = Callable[..., Any]


def test_what_was_archived_is_replayed(client: Client, queue: Callable[..., Any]) -> None:
    events, made = client("events"), queue("replayed")
    bus = events.create_event_bus(Name="archived")["EventBusArn"]
    pattern = '{"detail": {"keep": [true]}}'
    archive = events.create_archive(
        ArchiveName="kept", EventSourceArn=bus, EventPattern=pattern, RetentionDays=3
    )["ArchiveArn"]
    with pytest.raises(events.exceptions.ResourceAlreadyExistsException):
        events.create_archive(ArchiveName="kept", EventSourceArn=bus)
    ids = []
    for keep in (True, False, True):
        entry = {
            "Source": "mine",
            "DetailType": "t",
            "Detail": json.dumps({"keep": keep}),
            "EventBusName": "archived",
        }
        ids.append(events.put_events(Entries=[entry])["Entries"][0]["EventId"])
    told = events.describe_archive(ArchiveName="kept")
    assert (told["EventCount"], told["RetentionDays"], told["EventPattern"]) == (2, 3, pattern)
    rule = events.put_rule(Name="again", EventBusName="archived", EventPattern='{"source": ["mine"]}')[
        "RuleArn"
    ]
    events.put_targets(Rule="again", EventBusName="archived", Targets=[{"Id": "q", "Arn": made.arn}])
    now = datetime.now(timezone.utc)
    replay = {
        "ReplayName": "first",
        "EventSourceArn": archive,
        "EventStartTime": now - timedelta(hours=1),
        "EventEndTime": now + timedelta(hours=1),
        "Destination": {"Arn": bus, "FilterArns": [rule]},
    }
    assert events.start_replay(**replay)["State"] == "STARTING"
    found = made.events(2)
    assert [(event["id"], event["replay-name"]) for event in found] == [(ids[0], "first"), (ids[2], "first")]
    assert events.describe_archive(ArchiveName="kept")["EventCount"] == 2
    assert events.describe_replay(ReplayName="first")["State"] == "COMPLETED"
    assert [each["ReplayName"] for each in events.list_replays()["Replays"]] == ["first"]
    with pytest.raises(events.exceptions.IllegalStatusException):
        events.cancel_replay(ReplayName="first")
    with pytest.raises(events.exceptions.ResourceAlreadyExistsException):
        events.start_replay(**replay)
    with pytest.raises(ClientError, match="Cross event bus replay is not permitted"):
        events.start_replay(
            **{**replay, "ReplayName": "x", "Destination": {"Arn": bus.replace("archived", "default")}}
        )
    events.update_archive(ArchiveName="kept", Description="d")
    assert [each["ArchiveName"] for each in events.list_archives(NamePrefix="k")["Archives"]] == ["kept"]
    events.delete_archive(ArchiveName="kept")
    with pytest.raises(ClientError, match="Archive kept does not exist"):
        events.describe_archive(ArchiveName="kept")
