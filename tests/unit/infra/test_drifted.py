"""What counts as drift."""

from __future__ import annotations

from typing import Any

import pytest

from ropeway.infra.drifted import drifted
from ropeway.infra.stream import Change


def document(before: Any, after: Any, action: str = "update") -> dict[str, Any]:
    change = {"actions": [action], "before": before, "after": after}
    return {"resource_drift": [{"address": "aws_x.a", "type": "aws_x", "change": change}]}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"tags": None}, {"tags": {}}),
        ({"rule": []}, {"rule": None}),
        ({"kms": ""}, {"kms": None}),
        ({"block": [{"prefix": ""}]}, {"block": [{"prefix": None}]}),
        ({"force": None}, {"force": False}),
    ],
)
def test_noise_does_not_count(before: Any, after: Any) -> None:
    assert drifted(document(before, after)) == []


def test_what_differs_is_named() -> None:
    told = drifted(document({"tags": {"a": "1"}, "name": "x"}, {"tags": {"a": "2"}, "name": "x", "size": 3}))
    assert told == [Change("aws_x.a", "update", "aws_x", "size, tags")]


def test_what_is_gone_is_told() -> None:
    assert drifted(document({"name": "x"}, None, "delete")) == [Change("aws_x.a", "delete", "aws_x")]
    assert drifted({}) == []
