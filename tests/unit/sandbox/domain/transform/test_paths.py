"""The JSONPath subset."""

from __future__ import annotations

from typing import Any

import pytest

from ropeway.sandbox.domain.transform.paths import parse
from ropeway.sandbox.domain.transform.records import TransformError

ROW = ["a", "b", "c", "d"]
RECORD = {"id": 1, "deep": {"x": [1, 2, 3]}, "items": [{"n": 1}, {"n": 2}]}


@pytest.mark.parametrize(
    ("path", "value", "found"),
    [
        ("$", ROW, ROW),
        ("$[0]", ROW, "a"),
        ("$[-1]", ROW, "d"),
        ("$[0,-1]", ROW, ["a", "d"]),
        ("$[1:]", ROW, ["b", "c", "d"]),
        ("$[:-1]", ROW, ["a", "b", "c"]),
        ("$[1:3]", ROW, ["b", "c"]),
        ("$[*]", ROW, ROW),
        ("$.id", RECORD, 1),
        ("$['id']", RECORD, 1),
        ("$.deep.x[1]", RECORD, 2),
        ("$.deep.*", RECORD, [[1, 2, 3]]),
        ("$['id', 'deep']", RECORD, {"id": 1, "deep": {"x": [1, 2, 3]}}),
        ("$.items[*].n", RECORD, [1, 2]),
    ],
)
def test_a_path_selects(path: str, value: Any, found: Any) -> None:
    assert parse(path).select(value) == found


@pytest.mark.parametrize("path", ["", "id", "$..x", "$[?(@.x)]", "$[", "$[a]", "$.a b", "$[1,]", "$[]"])
def test_what_is_outside_the_subset_is_refused(path: str) -> None:
    with pytest.raises(TransformError, match="filter"):
        parse(path)


@pytest.mark.parametrize("path", ["$.none", "$[0]", "$['id','none']", "$.id.x", "$.id[1:]"])
def test_a_path_that_finds_nothing_is_told(path: str) -> None:
    with pytest.raises(TransformError, match="selects nothing"):
        parse(path).select(RECORD)
