"""What a condition step compares, on values that are resolved already.

Numbers compare as numbers, text as text, booleans as booleans. Text that reads as a number compares with numbers
as one, since JSON files and parameters mix them; any other mixture is unequal, and has no order.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["MEMBERS", "ConditionError", "holds"]

_ORDERINGS: dict[str, Callable[[Any, Any], bool]] = {
    "GreaterThan": operator.gt,
    "GreaterThanOrEqualTo": operator.ge,
    "LessThan": operator.lt,
    "LessThanOrEqualTo": operator.le,
}
_SIDES = ("LeftValue", "RightValue")

# Every type with the members that it must have; Not has Condition, or Expression as some SDKs write it.
MEMBERS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys((*_ORDERINGS, "Equals", "NotEquals"), _SIDES),
    "In": ("QueryValue", "Values"),
    "NotIn": ("QueryValue", "Values"),
    "Not": (),
    "Or": ("Conditions",),
}


class ConditionError(Exception):
    """Two values have no order."""


def holds(condition: Mapping[str, Any]) -> bool:
    """Whether a condition is true.

    Args:
        condition: one entry of Conditions, with its expressions resolved.

    Raises:
        ConditionError: values of different kinds are ordered.
    """
    kind = condition["Type"]
    if kind == "Not":
        return not holds(condition["Condition"] if "Condition" in condition else condition["Expression"])
    if kind == "Or":
        return any(holds(each) for each in condition["Conditions"])
    if kind in {"In", "NotIn"}:
        found = any(_equal(condition["QueryValue"], value) for value in condition["Values"])
        return found is (kind == "In")
    left, right = condition["LeftValue"], condition["RightValue"]
    if kind in {"Equals", "NotEquals"}:
        return _equal(left, right) is (kind == "Equals")
    pair = _alike(left, right)
    if pair is None:
        raise ConditionError(f"{left!r} and {right!r} cannot be compared by {kind}")
    return _ORDERINGS[kind](*pair)


def _equal(left: Any, right: Any) -> bool:
    pair = _alike(left, right)
    return pair is not None and bool(pair[0] == pair[1])


def _alike(left: Any, right: Any) -> tuple[Any, Any] | None:
    if isinstance(left, bool) or isinstance(right, bool):
        both = isinstance(left, bool) and isinstance(right, bool)
        return (left, right) if both else None
    if isinstance(left, str) and isinstance(right, str):
        return left, right
    numbers = _number(left), _number(right)
    return None if None in numbers else numbers


def _number(value: Any) -> float | None:
    if not isinstance(value, str | int | float):
        return None
    try:
        return float(value)
    except ValueError:
        return None
