"""What counts as drift."""

from __future__ import annotations

from typing import Any

import pytest

from ropeway.infra.drifted import drifted
from ropeway.infra.stream import Change


def document(before: Any, after: Any, action: str = "update", back: Any = ...) -> dict[str, Any]:
    """A plan that read ``after`` where the state had ``before``, and would bring ``back`` (by default, before)."""

    def told(was: Any, becomes: Any, *actions: str) -> list[dict[str, Any]]:
        change = {"actions": list(actions), "before": was, "after": becomes}
        return [{"address": "aws_x.a", "type": "aws_x", "change": change}]

    wanted = before if back is ... else back
    planned = told(after, wanted, "no-op" if after == wanted else "update")
    return {"resource_drift": told(before, after, action), "resource_changes": planned}


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


def test_what_no_apply_would_bring_back_does_not_count() -> None:
    filled = {"policy": "{}", "name": "x"}
    assert drifted(document({"policy": "", "name": "x"}, filled, back=filled)) == []
    renamed = {"policy": "{}", "name": "y"}  # a change of the configuration waits, of something else
    assert drifted(document({"policy": "", "name": "x"}, filled, back=renamed)) == []


def test_what_was_changed_and_would_be_brought_back_is_named() -> None:
    told = drifted(document({"tags": {"a": "1"}, "name": "x"}, {"tags": {"a": "2"}, "name": "x", "size": 3}))
    assert told == [Change("aws_x.a", "update", "aws_x", "size, tags")]


def test_what_is_gone_is_told() -> None:
    assert drifted(document({"name": "x"}, None, "delete")) == [Change("aws_x.a", "delete", "aws_x")]
    assert drifted({}) == []
