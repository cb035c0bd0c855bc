"""Event patterns: whether an event matches, by the rules of EventBridge's user guide ("event patterns").

A pattern has the event's shape. Each leaf is a list of matchers, of which one must match; all fields must match.
Where the event has a list, one of its items must match: of a list of objects, one object must match everything that
the pattern says of it. ``$or`` holds when one of its alternatives does. Numbers that are written with a fraction and
numbers that are not are different for an exact match, as on AWS; ``numeric`` compares by value.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.domain.globs import ANYTHING, expression_of

__all__ = ["Pattern", "compile_pattern", "invalid"]

Test = Callable[[Any], bool]
Pattern = Callable[[Mapping[str, Any]], bool]

_NUMBERS = {
    "<": lambda value, bound: value < bound,
    "<=": lambda value, bound: value <= bound,
    ">": lambda value, bound: value > bound,
    ">=": lambda value, bound: value >= bound,
    "=": lambda value, bound: value == bound,
}
_LARGEST = 5_000_000_000
_DEEPEST = 32
_NOTHING: Mapping[str, Any] = {}


def invalid(reason: str) -> DomainError:
    """The error of a pattern that is none."""
    return DomainError(
        f"Event pattern is not valid. Reason: {reason}", code="InvalidEventPatternException", status=400
    )


def compile_pattern(text: str) -> Pattern:
    """A pattern's test, of its JSON text.

    Raises:
        DomainError: ``InvalidEventPatternException``, with the reason.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise invalid(f"Filter is not an object: {error}") from error
    if not isinstance(document, Mapping):
        raise invalid("Filter is not an object")
    if not document:
        raise invalid("Empty objects are not allowed")
    return _fields(document, 1)


def _fields(document: Mapping[str, Any], depth: int) -> Test:
    if depth > _DEEPEST:
        raise invalid("the pattern is nested too deeply")
    if not document:
        raise invalid("Empty objects are not allowed")
    tests: list[tuple[str, Test]] = []
    either: list[Test] = []
    for name, value in document.items():
        if name == "$or" and isinstance(value, list) and all(isinstance(each, Mapping) for each in value):
            if len(value) < 2:
                raise invalid("There must have at least 2 Objects in $or relationship.")
            either = [_fields(each, depth + 1) for each in value]
        elif isinstance(value, Mapping):
            tests.append((name, _fields(value, depth + 1)))
        elif isinstance(value, list):
            tests.append((name, _leaf(value)))
        else:
            raise invalid(f'"{name}" must be an object or an array')

    def test(value: Any) -> bool:
        if isinstance(value, list):
            items = [item for item in value if isinstance(item, Mapping)] or [_NOTHING]
            return any(test(item) for item in items)
        found = value if isinstance(value, Mapping) else _NOTHING
        return all(each(found.get(name, _NOTHING)) for name, each in tests) and (
            not either or any(each(found) for each in either)
        )

    return test


def _leaf(matchers: Sequence[Any]) -> Test:
    if not matchers:
        raise invalid("Empty arrays are not allowed")
    tests = [_matcher(each) for each in matchers if not _is_absence(each)]
    absent = len(tests) < len(matchers)

    def test(value: Any) -> bool:
        values = value if isinstance(value, list) else [value]
        scalars = [each for each in _flat(values) if not isinstance(each, Mapping)]
        if not scalars:
            return absent
        return any(each(scalar) for scalar in scalars for each in tests)

    return test


def _flat(values: Sequence[Any]) -> list[Any]:
    found: list[Any] = []
    for value in values:
        if isinstance(value, list):
            found += _flat(value)
        else:
            found.append(value)
    return found


def _is_absence(matcher: Any) -> bool:
    return isinstance(matcher, Mapping) and matcher.get("exists") is False and len(matcher) == 1


def _matcher(matcher: Any) -> Test:
    if matcher is None or isinstance(matcher, str | int | float | bool):
        return lambda value: type(value) is type(matcher) and value == matcher
    if not isinstance(matcher, Mapping):
        raise invalid("Match value must be String, number, true, false, or null")
    if len(matcher) != 1:
        raise invalid("Only one key allowed in match expression")
    ((name, operand),) = matcher.items()
    make = _MATCHERS.get(name)
    if make is None:
        raise invalid(f"Unrecognized match type {name}")
    return make(operand)


def _text_test(name: str, check: Callable[[str, str], bool]) -> Callable[[Any], Test]:
    """A matcher with one text, or ``equals-ignore-case`` of one: prefix and suffix."""

    def make(operand: Any) -> Test:
        if isinstance(operand, Mapping):
            if set(operand) != {"equals-ignore-case"}:
                raise invalid(f"Unsupported {name} pattern: {next(iter(operand), '')}")
            text = _text(operand["equals-ignore-case"], f"equals-ignore-case of {name}").casefold()
            return lambda value: isinstance(value, str) and check(value.casefold(), text)
        wanted = _text(operand, name)
        return lambda value: isinstance(value, str) and check(value, wanted)

    return make


def _text(operand: Any, name: str) -> str:
    if not isinstance(operand, str):
        raise invalid(f"{name} match pattern must be a string")
    return operand


def _ignoring_case(operand: Any) -> Test:
    wanted = _text(operand, "equals-ignore-case").casefold()
    return lambda value: isinstance(value, str) and value.casefold() == wanted


def _wildcard(operand: Any) -> Test:
    expression = re.compile(_expression_of(_text(operand, "wildcard")), re.DOTALL)
    return lambda value: isinstance(value, str) and expression.fullmatch(value) is not None


def _expression_of(text: str) -> str:
    parts: list[str] = []
    position = 0
    while position < len(text):
        letter = text[position]
        if letter == "\\":
            if position + 1 == len(text) or text[position + 1] not in "*\\":
                raise invalid(f"Invalid escape character at pos {position}")
            position += 1
            parts.append(re.escape(text[position]))
        elif letter == "*":
            if parts and parts[-1] == ANYTHING:
                raise invalid(f"Consecutive wildcard characters at pos {position - 1}")
            parts.append(ANYTHING)
        else:
            parts.append(re.escape(letter))
        position += 1
    return expression_of(parts)


def _numeric(operand: Any) -> Test:
    if not isinstance(operand, list) or not operand:
        raise invalid("Value of numeric must be an array.")
    if len(operand) not in {2, 4}:
        raise invalid("Too many elements in numeric expression" if len(operand) > 4 else "Bad numeric range")
    pairs = [(operand[place], operand[place + 1]) for place in range(0, len(operand), 2)]
    for sign, bound in pairs:
        if not isinstance(sign, str) or sign not in _NUMBERS:
            raise invalid(f"Unrecognized numeric range operator: {sign}")
        if not _is_number(bound) or abs(bound) > _LARGEST:
            raise invalid(f"Value of {sign} must be numeric")
    if len(pairs) == 2 and not (
        pairs[0][0] in {">", ">="} and pairs[1][0] in {"<", "<="} and pairs[0][1] < pairs[1][1]
    ):
        raise invalid("Bad numeric range")
    return lambda value: _is_number(value) and all(_NUMBERS[sign](value, bound) for sign, bound in pairs)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _exists(operand: Any) -> Test:
    if operand is not True:  # false never comes here: it asks for what is not there
        raise invalid("exists match pattern must be either true or false.")
    return lambda _value: True


def _cidr(operand: Any) -> Test:
    try:
        network = ipaddress.ip_network(_text(operand, "cidr"), strict=False)
    except ValueError as error:
        raise invalid(f"Malformed CIDR, one '/' required: {operand}") from error

    def test(value: Any) -> bool:
        if not isinstance(value, str):
            return False
        try:
            return ipaddress.ip_address(value) in network
        except ValueError:
            return False

    return test


def _anything_but(operand: Any) -> Test:
    if isinstance(operand, Mapping):
        if len(operand) != 1:
            raise invalid("Anything-But expression name not found or too many expressions")
        ((name, operands),) = operand.items()
        if name not in {"prefix", "suffix", "equals-ignore-case", "wildcard"}:
            raise invalid(f"Unsupported anything-but pattern: {name}")
        several = operands if isinstance(operands, list) else [operands]
        if not several or "" in several:
            raise invalid(f"Null {name} not allowed")
        excluded = [_MATCHERS[name](each) for each in several]
    else:
        several = operand if isinstance(operand, list) else [operand]
        if not several:
            raise invalid("Empty arrays are not allowed")
        kinds = {isinstance(each, str) for each in several}
        if len(kinds) > 1 or not all(isinstance(each, str) or _is_number(each) for each in several):
            raise invalid(
                "Inside anything but list, either all values are number or string, mixed type is not supported"
            )
        excluded = [_matcher(each) for each in several]
    return lambda value: not any(test(value) for test in excluded)


_MATCHERS: Mapping[str, Callable[[Any], Test]] = {
    "prefix": _text_test("prefix", str.startswith),
    "suffix": _text_test("suffix", str.endswith),
    "anything-but": _anything_but,
    "numeric": _numeric,
    "exists": _exists,
    "wildcard": _wildcard,
    "equals-ignore-case": _ignoring_case,
    "cidr": _cidr,
}
