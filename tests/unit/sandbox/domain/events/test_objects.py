"""Notification configurations by which one object would be told twice."""

from __future__ import annotations

from typing import Any

import pytest

from ropeway.sandbox.domain.events.objects import ambiguity


def entry(*events: str, **rules: str) -> dict[str, Any]:
    kept = [{"Name": name, "Value": value} for name, value in rules.items()]
    return {"QueueArn": "q", "Events": list(events), "Filter": {"Key": {"FilterRules": kept}}}


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        (entry("s3:ObjectCreated:*"), entry("s3:ObjectCreated:Put"), "Configurations overlap"),
        (entry("s3:ObjectCreated:*"), entry("s3:ObjectRemoved:*"), None),
        (
            entry("s3:ObjectCreated:*", prefix="in/"),
            entry("s3:ObjectCreated:*", prefix="in/csv/"),
            "Configuration is ambiguously defined",
        ),
        (entry("s3:ObjectCreated:*", prefix="in/"), entry("s3:ObjectCreated:*", prefix="out/"), None),
        (
            entry("s3:ObjectCreated:*", prefix="in/", suffix=".csv"),
            entry("s3:ObjectCreated:Copy", prefix="in/", suffix=".json"),
            None,
        ),
        (
            entry("s3:ObjectCreated:Copy", suffix=".csv"),
            entry("s3:ObjectCreated:Copy", suffix="a.csv"),
            "Configuration is ambiguously defined",
        ),
    ],
)
def test_what_overlaps_is_told(first: dict[str, Any], second: dict[str, Any], told: str | None) -> None:
    for document in (
        {"QueueConfigurations": [first, second]},
        {"QueueConfigurations": [second], "TopicConfigurations": [{**first, "TopicArn": "t"}]},
    ):
        found = ambiguity(document)
        assert found is None if told is None else found is not None and found.startswith(told)
