from __future__ import annotations

import pytest

from ropeway.values import strictjson


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": [1, 2.5, null]}', {"a": [1, 2.5, None]}),
        (b'"\xc3\xa9"', "é"),
        (r'"\ud83d\ude00"', "😀"),
        (r'"\\ud800"', r"\ud800"),
    ],
)
def test_json_is_read(text: str | bytes, value: object) -> None:
    assert strictjson.loads(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "NaN",
        "[Infinity]",
        "1e999",
        "-1e999",
        r'"\ud800"',
        r'{"\uDFFF": 1}',
        b'"\xed\xa0\x80"',
        b"\xff\xfe1\x00",
        "[" * 100_000,
        "9" * 5000,
        "",
        "{",
    ],
)
def test_what_nothing_can_hold_is_refused(text: str | bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        strictjson.loads(text)
