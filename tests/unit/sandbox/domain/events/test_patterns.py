"""Event patterns: what matches, what is refused, and that random patterns and events obey the rules."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.domain.events.patterns import compile_pattern

CASES: list[tuple[Any, Any, bool]] = [
    # a leaf's matchers, the value (... for none), whether it matches
    (["a"], "a", True),
    (["a"], "A", False),
    (["a", "b"], "b", True),
    (["a"], ["x", "a"], True),
    (["a"], [["a"]], True),
    ([1], 1, True),
    ([1], True, False),
    ([True], True, True),
    ([1], 1.0, False),
    ([None], None, True),
    ([None], ..., False),
    ([""], "", True),
    (["a"], {"a": 1}, False),
    ([{"prefix": "ab"}], "abc", True),
    ([{"prefix": "ab"}], "xab", False),
    ([{"prefix": {"equals-ignore-case": "AB"}}], "abc", True),
    ([{"suffix": ".csv"}], "x.csv", True),
    ([{"suffix": {"equals-ignore-case": ".CSV"}}], "x.csv", True),
    ([{"suffix": ".csv"}], 5, False),
    ([{"equals-ignore-case": "Straße"}], "STRASSE", True),
    ([{"wildcard": "a*c"}], "abbc", True),
    ([{"wildcard": "a*c"}], "ac", True),
    ([{"wildcard": "a*c"}], "acd", False),
    ([{"wildcard": "a\\*c"}], "a*c", True),
    ([{"wildcard": "a\\*c"}], "abc", False),
    ([{"wildcard": "*/in/*.csv"}], "x/in/y\n.csv", True),
    ([{"anything-but": "a"}], "b", True),
    ([{"anything-but": "a"}], "a", False),
    ([{"anything-but": ["a", "b"]}], "b", False),
    ([{"anything-but": [1, 2]}], 3, True),
    ([{"anything-but": "a"}], ..., False),
    ([{"anything-but": {"prefix": "a"}}], "ab", False),
    ([{"anything-but": {"prefix": ["a", "b"]}}], "cb", True),
    ([{"anything-but": {"suffix": "b"}}], "ab", False),
    ([{"anything-but": {"equals-ignore-case": ["A"]}}], "a", False),
    ([{"anything-but": {"wildcard": "a*"}}], "ba", True),
    ([{"numeric": ["=", 300]}], 3.0e2, True),
    ([{"numeric": [">", 0, "<=", 5]}], 5, True),
    ([{"numeric": [">", 0, "<=", 5]}], 0, False),
    ([{"numeric": ["<", 0]}], "-1", False),
    ([{"numeric": ["<", 2]}], True, False),
    ([{"exists": True}], None, True),
    ([{"exists": True}], ..., False),
    ([{"exists": True}], {"b": 1}, False),
    ([{"exists": False}], ..., True),
    ([{"exists": False}], "", False),
    ([{"exists": False}, "a"], "a", True),
    ([{"cidr": "10.0.0.0/24"}], "10.0.0.255", True),
    ([{"cidr": "10.0.0.0/24"}], "10.0.1.0", False),
    ([{"cidr": "2001:db8::/32"}], "2001:db8::1", True),
    ([{"cidr": "10.0.0.0/24"}], "nowhere", False),
]


@pytest.mark.parametrize(
    ("matchers", "value", "wanted"), CASES, ids=[json.dumps(case[0]) + repr(case[1]) for case in CASES]
)
def test_a_leaf(matchers: Any, value: Any, wanted: bool) -> None:
    event = {} if value is ... else {"field": value}
    assert compile_pattern(json.dumps({"detail": {"field": matchers}}))({"detail": event}) is wanted


def test_all_fields_must_match() -> None:
    matches = compile_pattern('{"source": ["s"], "detail": {"a": ["1"], "b": ["2"]}}')
    assert matches({"source": "s", "detail": {"a": "1", "b": "2", "c": "3"}})
    assert not matches({"source": "s", "detail": {"a": "1"}})
    assert not matches({"source": "t", "detail": {"a": "1", "b": "2"}})


def test_one_object_of_a_list_must_match_all_that_is_said_of_it() -> None:
    matches = compile_pattern('{"items": {"a": ["1"], "b": ["2"]}}')
    assert matches({"items": [{"a": "0"}, {"a": "1", "b": "2"}]})
    assert not matches({"items": [{"a": "1", "b": "0"}, {"a": "0", "b": "2"}]})


def test_or_holds_with_one_alternative_and_the_rest() -> None:
    pattern = {"source": ["s"], "$or": [{"a": ["1"]}, {"detail": {"b": [{"numeric": [">", 2]}]}}]}
    matches = compile_pattern(json.dumps(pattern))
    assert matches({"source": "s", "a": "1"})
    assert matches({"source": "s", "detail": {"b": 3}})
    assert not matches({"source": "s", "a": "2"})
    assert not matches({"source": "t", "a": "1"})


def test_what_is_absent_may_be_absent_with_all_around_it() -> None:
    matches = compile_pattern('{"detail": {"a": {"b": [{"exists": false}]}}}')
    assert matches({"detail": {}})
    assert matches({"detail": {"a": {"c": 1}}})
    assert not matches({"detail": {"a": {"b": 1}}})


BAD = [
    ("nonsense", "Filter is not an object"),
    ("[1]", "Filter is not an object"),
    ("{}", "Empty objects are not allowed"),
    ('{"source": "a"}', '"source" must be an object or an array'),
    ('{"source": []}', "Empty arrays are not allowed"),
    ('{"source": {}}', "Empty objects are not allowed"),
    ('{"source": [["a"]]}', "Match value must be String, number, true, false, or null"),
    ('{"source": [{"like": "a"}]}', "Unrecognized match type like"),
    ('{"source": [{"prefix": 1}]}', "prefix match pattern must be a string"),
    ('{"source": [{"prefix": "a", "suffix": "b"}]}', "Only one key allowed in match expression"),
    ('{"source": [{"exists": "yes"}]}', "exists match pattern must be either true or false"),
    ('{"source": [{"numeric": [">", "a"]}]}', "Value of > must be numeric"),
    ('{"source": [{"numeric": ["~", 1]}]}', "Unrecognized numeric range operator: ~"),
    ('{"source": [{"numeric": [">", 5, "<", 1]}]}', "Bad numeric range"),
    ('{"source": [{"numeric": [">"]}]}', "Bad numeric range"),
    ('{"source": [{"wildcard": "a**b"}]}', "Consecutive wildcard characters at pos 1"),
    ('{"source": [{"wildcard": "a\\\\x"}]}', "Invalid escape character at pos 1"),
    ('{"source": [{"cidr": "10.0.0.0.0/8"}]}', "Malformed CIDR"),
    ('{"source": [{"anything-but": []}]}', "Empty arrays are not allowed"),
    ('{"source": [{"anything-but": ["a", 1]}]}', "mixed type is not supported"),
    ('{"source": [{"anything-but": {"cidr": "10.0.0.0/8"}}]}', "Unsupported anything-but pattern: cidr"),
    ('{"source": [{"anything-but": {"prefix": ""}}]}', "Null prefix not allowed"),
    ('{"$or": [{"source": ["a"]}]}', "at least 2 Objects"),
]


@pytest.mark.parametrize(("text", "reason"), BAD, ids=[text for text, _ in BAD])
def test_what_is_no_pattern(text: str, reason: str) -> None:
    with pytest.raises(DomainError) as caught:
        compile_pattern(text)
    assert caught.value.code == "InvalidEventPatternException"
    assert caught.value.message.startswith("Event pattern is not valid. Reason: ")
    assert reason in caught.value.message


def some_event(rng: random.Random, depth: int = 3) -> dict[str, Any]:
    def value(left: int) -> Any:
        kind = rng.randrange(7 if left else 5)
        if kind == 5:
            return [value(0) for _ in range(rng.randrange(1, 4))]
        if kind == 6:
            return {name: value(left - 1) for name in rng.sample("abcde", rng.randrange(1, 4))}
        return rng.choice(["x", "xy", "Y", "", 0, 1, -2.5, 300, True, False, None])

    return {name: value(depth) for name in rng.sample("abcde", rng.randrange(1, 5))}


def exact(event: Any) -> Any:
    """The pattern that asks for every scalar of an event."""
    return {
        name: exact(item) if isinstance(item, dict) else [item if not isinstance(item, list) else item[0]]
        for name, item in event.items()
    }


@pytest.mark.parametrize("seed", range(200))
def test_random_events_match_what_they_are_and_nothing_they_are_not(seed: int) -> None:
    rng = random.Random(seed)
    event = some_event(rng)
    pattern = exact(event)
    assert compile_pattern(json.dumps(pattern))(event)
    name = rng.choice(sorted(event))
    assert not compile_pattern(json.dumps({**pattern, name: ["somewhere else"]}))(event)
    assert not compile_pattern(json.dumps({**pattern, "z": [{"exists": True}]}))(event)
    assert compile_pattern(json.dumps({**pattern, "z": [{"exists": False}]}))(event)
    either = {"$or": [{"z": ["nothing"]}, pattern]}
    assert compile_pattern(json.dumps(either))(event)
    scalars = {
        key: item for key, item in event.items() if isinstance(item, str | int | float) and item is not True
    }
    for key, item in scalars.items():
        if isinstance(item, bool):
            continue
        but = compile_pattern(json.dumps({key: [{"anything-but": item}]}))
        same = compile_pattern(json.dumps({key: [item]}))
        other = some_event(rng)
        if isinstance(other.get(key), str | int | float):
            assert but(other) is not same(other)
        assert not but(event)
    for key, item in scalars.items():
        if isinstance(item, str) and item:
            cut = rng.randrange(len(item)) + 1
            assert compile_pattern(json.dumps({key: [{"prefix": item[:cut]}]}))(event)
            assert compile_pattern(json.dumps({key: [{"suffix": item[-cut:]}]}))(event)
            assert compile_pattern(json.dumps({key: [{"wildcard": f"{item[:cut]}*"}]}))(event)


@pytest.mark.parametrize("seed", range(100))
def test_random_junk_is_compiled_or_refused_and_never_more(seed: int) -> None:
    rng = random.Random(seed)
    names = ["a", "$or", "prefix", "numeric", "exists", "anything-but", "wildcard", "cidr"]

    def junk(depth: int) -> Any:
        kind = rng.randrange(6 if depth else 4)
        if kind == 4:
            return [junk(depth - 1) for _ in range(rng.randrange(4))]
        if kind == 5:
            return {rng.choice(names): junk(depth - 1) for _ in range(rng.randrange(3))}
        return rng.choice(["x", "*", "**", "\\", 1, 2.5, True, False, None, ">", "10.0.0.0/8"])

    pattern = {rng.choice(names): junk(4) for _ in range(3)}
    try:
        outcome: Any = compile_pattern(json.dumps(pattern))(some_event(rng))
    except DomainError as error:
        outcome = error.code
    assert outcome in (True, False, "InvalidEventPatternException")
