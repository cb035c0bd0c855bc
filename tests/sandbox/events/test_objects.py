"""S3's events: through EventBridge and straight to queues."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

Client = Callable[..., Any]


def make_bucket(client: Client, name: str, **notifications: Any) -> None:
    s3 = client("s3")
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_bucket_notification_configuration(Bucket=name, NotificationConfiguration=notifications)


def test_objects_are_told_to_eventbridge(client: Client, listen: Callable[..., Any]) -> None:
    make_bucket(client, "told-objects", EventBridgeConfiguration={})
    pattern = {
        "source": ["aws.s3"],
        "detail": {"bucket": {"name": ["told-objects"]}, "object": {"key": [{"prefix": "in/"}]}},
    }
    queue, s3 = listen("objects", pattern), client("s3")
    s3.put_object(Bucket="told-objects", Key="out/x", Body=b"no")
    etag = s3.put_object(Bucket="told-objects", Key="in/a b.csv", Body=b"1,2\n")["ETag"]
    s3.copy_object(Bucket="told-objects", Key="in/copy", CopySource="told-objects/out/x")
    s3.delete_object(Bucket="told-objects", Key="in/copy")
    made, copied, gone = queue.events(3)
    assert (made["detail-type"], made["resources"]) == ("Object Created", ["arn:aws:s3:::told-objects"])
    item = made["detail"]["object"]
    assert (item["key"], item["size"], f'"{item["etag"]}"') == ("in/a b.csv", 4, etag)
    assert (made["detail"]["reason"], copied["detail"]["reason"]) == ("PutObject", "CopyObject")
    assert (gone["detail-type"], gone["detail"]["deletion-type"]) == ("Object Deleted", "Permanently Deleted")
    assert made["detail"]["object"]["sequencer"] < copied["detail"]["object"]["sequencer"]


def test_a_bucket_sends_records_to_its_queue(client: Client, queue: Callable[..., Any]) -> None:
    made = queue("records", open_to="s3.amazonaws.com")
    rules = [{"Name": "suffix", "Value": ".csv"}]
    entry = {
        "Id": "csv",
        "QueueArn": made.arn,
        "Events": ["s3:ObjectCreated:*"],
        "Filter": {"Key": {"FilterRules": rules}},
    }
    make_bucket(client, "records-objects", QueueConfigurations=[entry])
    client("s3").put_object(Bucket="records-objects", Key="a.txt", Body=b"x")
    client("s3").put_object(Bucket="records-objects", Key="a b.csv", Body=b"x")
    test, told = made.events(2)
    assert (test["Event"], test["Bucket"]) == ("s3:TestEvent", "records-objects")
    (record,) = told["Records"]
    assert (record["eventName"], record["s3"]["object"]["key"]) == ("ObjectCreated:Put", "a+b.csv")
    assert record["s3"]["configurationId"] == "csv"


def test_a_delete_marker_says_what_it_is(client: Client, listen: Callable[..., Any]) -> None:
    make_bucket(client, "marked-objects", EventBridgeConfiguration={})
    s3 = client("s3")
    s3.put_bucket_versioning(Bucket="marked-objects", VersioningConfiguration={"Status": "Enabled"})
    queue = listen(
        "markers", {"detail-type": ["Object Deleted"], "resources": ["arn:aws:s3:::marked-objects"]}
    )
    s3.put_object(Bucket="marked-objects", Key="k", Body=b"x")
    marker = s3.delete_object(Bucket="marked-objects", Key="k")["VersionId"]
    s3.delete_object(Bucket="marked-objects", Key="k", VersionId=marker)
    first, second = queue.events(2)
    assert first["detail"]["deletion-type"] == "Delete Marker Created"
    assert first["detail"]["object"]["version-id"] == marker
    assert second["detail"]["deletion-type"] == "Permanently Deleted"


def test_a_queue_that_does_not_let_s3_in_is_refused(client: Client, queue: Callable[..., Any]) -> None:
    made = queue("closed-to-s3")
    with pytest.raises(
        ClientError, match="Unable to validate the following destination configurations"
    ) as caught:
        make_bucket(
            client,
            "closed-objects",
            QueueConfigurations=[{"QueueArn": made.arn, "Events": ["s3:ObjectCreated:*"]}],
        )
    assert caught.value.response["Error"]["Code"] == "InvalidArgument"
