"""Items of distributed Map states as objects hold them, and what is no such object."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ropeway.sandbox.domain.statemachines.errors import StateError
from ropeway.sandbox.domain.statemachines.mapitems import FAILED, GET, LIST, read_items
from tests.fakes.jobs import FolderObjects

ROLE = "arn:aws:iam::111111111111:role/r"


def items(folder: Path, text: str, *, resource: str = GET, **config: Any) -> list[Any]:
    objects = FolderObjects(folder)
    objects.put_bytes(ROLE, "b", "k", text.encode())
    parameters = {"Bucket": "b", "Prefix": "k"} if resource == LIST else {"Bucket": "b", "Key": "k"}
    return read_items(objects, ROLE, {"resource": resource, "parameters": parameters, "config": config})


@pytest.mark.parametrize(
    ("text", "config", "found"),
    [
        ("[1, 2]", {"InputType": "JSON"}, [1, 2]),
        ('{"a": 1}', {"InputType": "JSON"}, [{"Key": "a", "Value": 1}]),
        ('{"a/b": [{"c": [7]}]}', {"InputType": "JSON", "ItemsPointer": "/a~1b/0/c"}, [7]),
        ("1\n\n[2]\n", {"InputType": "JSONL"}, [1, [2]]),
        ('"a\u2028b"\r\n{"c": "\x85"}', {"InputType": "JSONL"}, ["a\u2028b", {"c": "\x85"}]),
        ("\ufeffa,b\n1,2\n\n3\n", {"InputType": "CSV"}, [{"a": "1", "b": "2"}, {"a": "3", "b": ""}]),
        (
            'a;b\n"x;y";"l1\nl2"\n',
            {"InputType": "CSV", "CSVDelimiter": "SEMICOLON"},
            [{"a": "x;y", "b": "l1\nl2"}],
        ),
        ("a\n1\n2\n", {"InputType": "CSV", "MaxItems": 1}, [{"a": "1"}]),
        ("", {"InputType": "CSV"}, []),
    ],
)
def test_items_are_read(tmp_path: Path, text: str, config: dict[str, Any], found: list[Any]) -> None:
    assert items(tmp_path, text, **config) == found


@pytest.mark.parametrize(
    ("text", "config"),
    [
        ("{", {"InputType": "JSON"}),
        ("1", {"InputType": "JSON"}),
        ("[1]", {"InputType": "JSON", "ItemsPointer": "/none"}),
        ("1\nx\n", {"InputType": "JSONL"}),
        ("[NaN]", {"InputType": "JSON"}),
    ],
)
def test_what_holds_no_items_fails_the_reader(tmp_path: Path, text: str, config: dict[str, Any]) -> None:
    with pytest.raises(StateError) as failed:
        items(tmp_path, text, **config)
    assert failed.value.error == FAILED


def test_a_bucket_that_is_missing_fails_the_reader(tmp_path: Path) -> None:
    reader = {"resource": LIST, "parameters": {"Bucket": "none"}, "config": {}}
    with pytest.raises(StateError, match="bucket does not exist"):
        read_items(FolderObjects(tmp_path), ROLE, reader)
    assert [each["Key"] for each in items(tmp_path, "x", resource=LIST)] == ["k"]
