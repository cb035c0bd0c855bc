"""Every condition operator, with values present, wrong and missing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from ropeway.sandbox.domain.policy.conditions import OPERATORS, holds


def _holds(operator: str, wanted: Any, value: str | Sequence[str] | None, **others: Sequence[str]) -> bool:
    context: dict[str, Sequence[str]] = dict(others)
    if value is not None:
        context["k:key"] = [value] if isinstance(value, str) else value
    return holds({operator: {"K:Key": wanted}}, context, variables=True)


@pytest.mark.parametrize(
    ("operator", "wanted", "fitting", "other"),
    [
        ("StringEquals", ["a", "b"], "b", "B"),
        ("StringNotEquals", ["a", "b"], "c", "a"),
        ("StringEqualsIgnoreCase", "Ab", "aB", "abc"),
        ("StringNotEqualsIgnoreCase", "Ab", "abc", "AB"),
        ("StringLike", "te?t/*", "test/1", "tet/1"),
        ("StringNotLike", "te?t/*", "tet/1", "test/1"),
        ("NumericEquals", 10, "10.0", "11"),
        ("NumericNotEquals", "10", "11", "10"),
        ("NumericLessThan", "10", "9.5", "10"),
        ("NumericLessThanEquals", "10", "10", "10.5"),
        ("NumericGreaterThan", "10", "11", "10"),
        ("NumericGreaterThanEquals", "10", "10", "9"),
        ("DateEquals", "2026-01-02T00:00:00Z", "1767312000", "2026-01-02T00:00:01Z"),
        ("DateNotEquals", "2026-01-02", "2026-01-03T00:00:00Z", "2026-01-02T00:00:00+00:00"),
        ("DateLessThan", "2026-01-02", "2026-01-01T23:59:59Z", "2026-01-02T00:00:00Z"),
        ("DateLessThanEquals", "2026-01-02", "2026-01-02T00:00:00Z", "2026-01-03"),
        ("DateGreaterThan", "2026-01-02", "2026-01-02T00:00:01Z", "2026-01-01"),
        ("DateGreaterThanEquals", "2026-01-02", "2026-01-02", "2026-01-01"),
        ("Bool", True, "true", "false"),
        ("Bool", "FALSE", "false", "true"),
        ("BinaryEquals", "QmFy", "QmFy", "QmF6"),
        ("IpAddress", ["10.0.0.0/8", "192.168.1.1"], "10.2.3.4", "11.0.0.1"),
        ("IpAddress", "2001:db8::/32", "2001:db8::1", "10.0.0.1"),
        ("NotIpAddress", "10.0.0.0/8", "11.0.0.1", "10.0.0.1"),
        ("ArnEquals", "arn:aws:sns:*:1*:topic", "arn:aws:sns:eu-west-1:111111111111:topic", "arn:aws:sns:a"),
        ("ArnLike", "arn:aws:s3:::b/*", "arn:aws:s3:::b/x:y", "arn:aws:s3:eu-west-1::b/x"),
        ("ArnNotEquals", "arn:aws:sns:*:1:t", "arn:aws:sns:r:2:t", "arn:aws:sns:r:1:t"),
        ("ArnNotLike", "arn:aws:sns:*:1:t", "no arn", "arn:aws:sns:r:1:t"),
    ],
)
def test_an_operator_tells_values_apart(operator: str, wanted: Any, fitting: str, other: str) -> None:
    assert _holds(operator, wanted, fitting)
    assert not _holds(operator, wanted, other)
    assert _holds(f"{operator}IfExists", wanted, fitting)
    assert not _holds(f"{operator}IfExists", wanted, other)


def test_every_operator_is_tried_above() -> None:
    tried = test_an_operator_tells_values_apart.pytestmark[0].args[1]
    assert {case[0] for case in tried} == set(OPERATORS)


@pytest.mark.parametrize("operator", sorted(OPERATORS))
def test_a_missing_key_fails_positive_operators_only(operator: str) -> None:
    assert _holds(operator, "1", None) is ("Not" in operator)
    assert _holds(f"{operator}IfExists", "1", None)
    assert _holds(f"ForAllValues:{operator}", "1", None)
    assert not _holds(f"ForAnyValue:{operator}", "1", None)


@pytest.mark.parametrize("value", ["none", ""])
def test_a_value_of_another_type_fits_nothing(value: str) -> None:
    assert not _holds("NumericLessThan", "10", value)
    assert not _holds("DateLessThan", "2026-01-01", value)
    assert not _holds("IpAddress", "10.0.0.0/8", value)
    assert not _holds("BinaryEquals", "QmFy", f"?{value}")


def test_null_asks_whether_the_key_is_there() -> None:
    assert _holds("Null", "true", None)
    assert not _holds("Null", "true", "x")
    assert _holds("Null", False, "x")
    assert not _holds("Null", "false", None)


def test_for_all_values_wants_each_of_them() -> None:
    assert _holds("ForAllValues:StringEquals", ["a", "b"], ["a", "b", "a"])
    assert not _holds("ForAllValues:StringEquals", ["a", "b"], ["a", "c"])
    assert _holds("ForAllValues:StringNotEquals", ["a", "b"], ["c", "d"])
    assert not _holds("ForAllValues:StringNotEquals", ["a", "b"], ["c", "a"])


def test_for_any_value_wants_one_of_them() -> None:
    assert _holds("ForAnyValue:StringLike", ["a*"], ["x", "ab"])
    assert not _holds("ForAnyValue:StringLike", ["a*"], ["x", "y"])
    assert _holds("ForAnyValue:StringNotEquals", ["a"], ["a", "b"])
    assert not _holds("ForAnyValue:StringNotEquals", ["a"], ["a", "a"])


def test_a_key_with_several_values_fits_when_one_does_and_a_negated_one_when_none_does() -> None:
    assert _holds("StringEquals", "a", ["x", "a"])
    assert not _holds("StringNotEquals", "a", ["x", "a"])


def test_all_operators_and_all_keys_must_hold() -> None:
    block = {"StringEquals": {"a": "1", "b": "2"}, "Bool": {"c": "true"}}
    context = {"a": ["1"], "b": ["2"], "c": ["true"]}
    assert holds(block, context, variables=True)
    for key in context:
        assert not holds(block, {**context, key: ["other"]}, variables=True)


def test_variables_are_filled_in() -> None:
    other = {"aws:user": ["ana"]}
    assert _holds("StringEquals", "home/${aws:User}", "home/ana", **other)
    assert not _holds("StringEquals", "home/${aws:User}", "home/${aws:User}", **other)
    assert _holds("StringLike", "${aws:User}/*", "ana/x", **other)
    assert _holds("ArnLike", "arn:aws:s3:::b/${aws:User}/*", "arn:aws:s3:::b/ana/x", **other)
    assert not _holds("StringEqualsIgnoreCase", "${aws:nobody}", "x", **other)
    assert not _holds("NumericEquals", "${aws:nobody}", "1", **other)
    assert not _holds("StringEquals", "${aws:user}", "ana", **{"aws:user": ["ana", "bob"]})
    assert not holds(
        {"StringEquals": {"k": "${aws:user}"}}, {"k": ["ana"], "aws:user": ["ana"]}, variables=False
    )
