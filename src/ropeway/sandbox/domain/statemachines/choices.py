"""Choice rules in JSONPath: comparisons, tests of types, And, Or, Not.

A comparison of values of different types is false. ``IsPresent`` is the only one that takes a path to nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from ropeway.sandbox.domain.globs import ANYTHING, expression_of
from ropeway.sandbox.domain.statemachines.errors import RUNTIME, StateError
from ropeway.sandbox.domain.statemachines.paths import Scope, read

__all__ = ["COMPARISONS", "holds", "moment"]

_ORDERS: Mapping[str, Callable[[Any, Any], bool]] = {
    "Equals": lambda left, right: left == right,
    "LessThan": lambda left, right: left < right,
    "GreaterThan": lambda left, right: left > right,
    "LessThanEquals": lambda left, right: left <= right,
    "GreaterThanEquals": lambda left, right: left >= right,
}
_TESTS = frozenset({"IsNull", "IsPresent", "IsNumeric", "IsString", "IsBoolean", "IsTimestamp"})
_STAMP = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})")


def moment(value: Any) -> datetime | None:
    """A timestamp of RFC 3339 as its moment; anything else is None."""
    if not isinstance(value, str) or not _STAMP.fullmatch(value):
        return None
    # Python 3.10 reads three or six digits of a fraction only.
    whole = re.sub(r"\.(\d+)", lambda match: "." + match.group(1)[:6].ljust(6, "0"), value)
    try:
        return datetime.fromisoformat(whole.replace("Z", "+00:00"))
    except ValueError:
        return None


_KINDS: Mapping[str, Callable[[Any], Any]] = {
    "String": lambda value: value if isinstance(value, str) else None,
    "Numeric": lambda value: value if _is_number(value) else None,
    "Timestamp": moment,
}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


COMPARISONS = frozenset(
    {
        *_TESTS,
        "StringMatches",
        "BooleanEquals",
        "BooleanEqualsPath",
        *(f"{kind}{order}{path}" for kind in _KINDS for order in _ORDERS for path in ("", "Path")),
    }
)


def holds(rule: Mapping[str, Any], scope: Scope) -> bool:
    """Whether a rule holds.

    Raises:
        StateError: a path leads nowhere, or the rule compares nothing.
    """
    if "And" in rule:
        return all(holds(inner, scope) for inner in rule["And"])
    if "Or" in rule:
        return any(holds(inner, scope) for inner in rule["Or"])
    if "Not" in rule:
        return not holds(rule["Not"], scope)
    name = next((field for field in rule if field in COMPARISONS), None)
    if name is None:
        raise StateError(RUNTIME, f"The choice rule {dict(rule)} compares nothing")
    if name == "IsPresent":
        return _present(rule["Variable"], scope) is rule[name]
    return _compare(name, read(rule["Variable"], scope, field="Variable"), rule[name], scope)


def _present(path: str, scope: Scope) -> bool:
    try:
        found = read(path, scope, field="Variable")
    except StateError:  # paths can be read: they were looked at when the machine was made
        return False
    return found != [] or path.count("*") == 0


def _compare(name: str, left: Any, right: Any, scope: Scope) -> bool:
    if name in _TESTS:
        return _is(name, left) is right
    if name == "StringMatches":
        return isinstance(left, str) and _pattern(right).fullmatch(left) is not None
    if name.endswith("Path"):
        name, right = name[: -len("Path")], read(right, scope, field=name)
    if name == "BooleanEquals":
        return isinstance(left, bool) and left == right
    kind = next(each for each in _KINDS if name.startswith(each))
    first, second = _KINDS[kind](left), _KINDS[kind](right)
    if first is None or second is None:
        return False
    return _ORDERS[name[len(kind) :]](first, second)


def _is(name: str, value: Any) -> bool:
    if name == "IsNull":
        return value is None
    if name == "IsBoolean":
        return isinstance(value, bool)
    if name == "IsNumeric":
        return _is_number(value)
    return moment(value) is not None if name == "IsTimestamp" else isinstance(value, str)


def _pattern(text: str) -> re.Pattern[str]:
    """``*`` stands for anything; a backslash takes the meaning from what follows it."""
    pieces: list[str] = []
    at = 0
    while at < len(text):
        if text[at] == "\\" and at + 1 < len(text):
            pieces.append(re.escape(text[at + 1]))
            at += 2
            continue
        pieces.append(ANYTHING if text[at] == "*" else re.escape(text[at]))
        at += 1
    return re.compile(expression_of(pieces), re.DOTALL)
