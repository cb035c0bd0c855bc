"""Objects that were made or deleted, as a bucket's notification configuration wants them told.

With ``EventBridgeConfiguration`` the default bus of the bucket's owner gets ``Object Created`` and ``Object Deleted``;
queues, topics and functions that the configuration names get S3's own records. Both are written in the transaction of
the object. Left out: who asked and from where, which the store of objects is not told.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timezone
from itertools import combinations
from typing import Any
from urllib.parse import quote_plus

from ropeway.sandbox.domain.events.model import Delivery, Fact
from ropeway.sandbox.domain.events.sink import EventSink
from ropeway.sandbox.domain.objects.model import NULL, Bucket, Version
from ropeway.sandbox.domain.objects.ports import BucketRows
from ropeway.values.clock import Clock
from ropeway.values.ids import Ids

__all__ = ["S3", "ObjectEvents", "ambiguity", "destinations"]

S3 = "s3.amazonaws.com"
"""Who delivers S3's own records."""

_KINDS = (
    ("QueueConfigurations", "QueueArn"),
    ("TopicConfigurations", "TopicArn"),
    ("LambdaFunctionConfigurations", "LambdaFunctionArn"),
)
_NAMES = {
    "PutObject": "ObjectCreated:Put",
    "CopyObject": "ObjectCreated:Copy",
    "CompleteMultipartUpload": "ObjectCreated:CompleteMultipartUpload",
}


def destinations(document: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], str]]:
    """The entries of a configuration, each with the ARN that it sends to."""
    for kind, member in _KINDS:
        for entry in document.get(kind, ()):
            yield entry, entry[member]


def ambiguity(document: Mapping[str, Any]) -> str | None:
    """What S3 says of a configuration by which one object would be told twice, or None."""
    entries = [entry for entry, _ in destinations(document)]
    for first, second in combinations(entries, 2):
        names = [[name.removeprefix("s3:") for name in entry.get("Events", ())] for entry in (first, second)]
        if not any(_fits(one, other) or _fits(other, one) for one in names[0] for other in names[1]):
            continue
        (prefix, suffix), (other_prefix, other_suffix) = _filter(first), _filter(second)
        before = prefix.startswith(other_prefix) or other_prefix.startswith(prefix)
        if before and (suffix.endswith(other_suffix) or other_suffix.endswith(suffix)):
            if not any((prefix, suffix, other_prefix, other_suffix)):
                return "Configurations overlap. Configurations on the same bucket cannot share a common event type."
            return (
                "Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the prefixes "
                "are overlapping for the same event type."
            )
    return None


class ObjectEvents:
    """Tells of objects."""

    def __init__(self, buckets: BucketRows, sink: EventSink, sources: tuple[Clock, Ids]) -> None:
        self._buckets = buckets
        self._sink = sink
        self._clock, self._ids = sources

    def created(self, bucket: Bucket, version: Version, reason: str) -> None:
        """A version was added, by ``PutObject`` and its like."""
        told = {"size": version.size, "etag": version.etag.strip('"')}
        self._tell(
            bucket,
            version,
            ("Object Created", _NAMES.get(reason, "ObjectCreated:Put")),
            told,
            {"reason": reason},
        )

    def deleted(self, bucket: Bucket, version: Version, kind: str) -> None:
        """A version was ``Permanently Deleted``, or a ``Delete Marker Created``."""
        made = kind == "Delete Marker Created"
        name = "ObjectRemoved:DeleteMarkerCreated" if made else "ObjectRemoved:Delete"
        more = {"reason": "DeleteObject", "deletion-type": kind}
        told = {} if version.marker else {"etag": version.etag.strip('"')}
        self._tell(bucket, version, ("Object Deleted", name), told, more)

    def configured(self, bucket: Bucket, document: Mapping[str, Any]) -> None:
        """A bucket has another configuration: queues and topics get S3's test message."""
        told = {
            "Service": "Amazon S3",
            "Event": "s3:TestEvent",
            "Time": _instant(self._clock.now()),
            "Bucket": bucket.name,
            "RequestId": self._ids.token(16).upper(),
        }
        for entry, arn in destinations(document):
            if ":lambda:" not in arn:
                self._sink.queue(self.delivery(bucket, entry, arn, json.dumps(told)))

    def delivery(self, bucket: Bucket, entry: Mapping[str, Any], arn: str, text: str) -> Delivery:
        """What a destination of a bucket is to get."""
        now = self._clock.now()
        return Delivery(
            id=self._ids.uuid(),
            source=bucket.arn,
            principal=S3,
            account=bucket.account,
            region=bucket.region,
            target={"Id": entry.get("Id", ""), "Arn": arn},
            payload=text,
            event={},
            created=now,
            due=now,
        )

    def _tell(
        self,
        bucket: Bucket,
        version: Version,
        names: tuple[str, str],
        told: Mapping[str, Any],
        more: Mapping[str, str],
    ) -> None:
        document = self._buckets.document(bucket, "notification")
        if not document:
            return
        identity = {"sequencer": f"{int(self._clock.now() * 1_000_000):016X}"}
        if version.version_id != NULL:
            identity["version-id"] = version.version_id
        if document.get("EventBridgeConfiguration") is not None:
            self._event(bucket, names[0], {"key": version.key, **told, **identity}, more)
        for entry, arn in destinations(document):
            if _wanted(entry, names[1], version.key):
                self._record(bucket, entry, arn, (names[1], version.key), {**told, **identity})

    def _event(
        self, bucket: Bucket, detail_type: str, item: Mapping[str, Any], more: Mapping[str, str]
    ) -> None:
        detail = {
            "version": "0",
            "bucket": {"name": bucket.name},
            "object": item,
            "request-id": self._ids.token(16).upper(),
            "requester": bucket.account,
            "source-ip-address": "127.0.0.1",
            **more,
        }
        self._sink.emit(Fact(bucket.account, bucket.region, "aws.s3", detail_type, [bucket.arn], detail))

    def _record(
        self,
        bucket: Bucket,
        entry: Mapping[str, Any],
        arn: str,
        what: tuple[str, str],
        told: Mapping[str, Any],
    ) -> None:
        item = {"key": quote_plus(what[1], safe="/")}
        for member, name in (
            ("size", "size"),
            ("etag", "eTag"),
            ("version-id", "versionId"),
            ("sequencer", "sequencer"),
        ):
            if member in told:
                item[name] = told[member]
        identity = {"principalId": bucket.account}
        record = {
            "eventVersion": "2.1",
            "eventSource": "aws:s3",
            "awsRegion": bucket.region,
            "eventTime": _instant(self._clock.now()),
            "eventName": what[0],
            "userIdentity": identity,
            "requestParameters": {"sourceIPAddress": "127.0.0.1"},
            "responseElements": {"x-amz-request-id": self._ids.token(16).upper()},
            "s3": {
                "s3SchemaVersion": "1.0",
                "configurationId": entry.get("Id", ""),
                "bucket": {"name": bucket.name, "ownerIdentity": identity, "arn": bucket.arn},
                "object": item,
            },
        }
        text = json.dumps({"Records": [record]}, separators=(",", ":"))
        self._sink.queue(self.delivery(bucket, entry, arn, text))


def _wanted(entry: Mapping[str, Any], name: str, key: str) -> bool:
    kinds: Sequence[str] = entry.get("Events", ())
    if not any(_fits(each.removeprefix("s3:"), name) for each in kinds):
        return False
    prefix, suffix = _filter(entry)
    return key.startswith(prefix) and key.endswith(suffix)


def _filter(entry: Mapping[str, Any]) -> tuple[str, str]:
    """The prefix and the suffix of the keys that an entry of a configuration wants."""
    rules = ((entry.get("Filter") or {}).get("Key") or {}).get("FilterRules", ())
    found = {rule["Name"].lower(): rule.get("Value", "") for rule in rules}
    return found.get("prefix", ""), found.get("suffix", "")


def _fits(pattern: str, name: str) -> bool:
    return name.startswith(pattern[:-1]) if pattern.endswith("*") else pattern == name


def _instant(epoch: float) -> str:
    moment = datetime.fromtimestamp(epoch, tz=timezone.utc)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"
