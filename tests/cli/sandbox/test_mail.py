"""The mailbox by command."""

from __future__ import annotations

import json

import boto3

from tests.cli.conftest import Shell


def test_mails_are_listed_shown_confirmed_and_cleared(shell: Shell) -> None:
    assert shell("sandbox", "mail", "list").stdout == "no mails\n"
    nothing = shell("sandbox", "mail", "show")
    assert (nothing.returncode, "there is no mail in the mailbox" in nothing.stderr) == (2, True)
    endpoint = json.loads(shell("sandbox", "status", "--output", "json").stdout)["endpoint"]
    sns = boto3.client(
        "sns",
        endpoint_url=endpoint,
        region_name="eu-west-1",
        aws_access_key_id="111111111111",
        aws_secret_access_key="secret",
    )
    topic = sns.create_topic(Name="news")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="lead@example.com")
    for _ in range(200):
        listed = json.loads(shell("sandbox", "mail", "list", "--output", "json").stdout)["mails"]
        if listed:
            break
    assert [(mail["receiver"], mail["waits"]) for mail in listed] == [("lead@example.com", True)]
    confirmed = json.loads(shell("sandbox", "mail", "confirm", "--output", "json").stdout)["confirmed"]
    assert [each["SubscriptionArn"].startswith(topic) for each in confirmed] == [True]
    assert shell("sandbox", "mail", "confirm").stdout == "nobody waits for a confirmation\n"
    assert "Subject: AWS Notification - Subscription Confirmation" in shell("sandbox", "mail", "show").stdout
    assert "removed 1 mails" in shell("sandbox", "mail", "clear").stdout
