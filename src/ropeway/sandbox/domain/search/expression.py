"""Search expressions: filters, nested filters and subexpressions, joined by And or Or.

Filters compare the values of one property; one of several values is enough. What a document does not have is
neither equal nor greater, and it is *not equal*. Numbers and times compare as such, text by Equals, NotEquals,
Contains and In only; values of maps compare as numbers when both sides are, else as text. An operator left out is
Equals, a boolean operator left out is And. A nested filter holds when one element of its list passes all its filters.

Left out: relevance, and AWS's delay of some seconds before a change is found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timezone
from operator import ge, gt, le, lt
from typing import Any

from ropeway.sandbox.domain.errors import Invalid
from ropeway.sandbox.domain.search.properties import Properties, values_of

__all__ = ["check", "matches", "ordered", "required"]

_ORDER: Mapping[str, Callable[[Any, Any], bool]] = {
    "GreaterThan": gt,
    "GreaterThanOrEqualTo": ge,
    "LessThan": lt,
    "LessThanOrEqualTo": le,
}
_PRESENCE = frozenset({"Exists", "NotExists"})
_TEXTUAL = frozenset({"Contains", "In"})
_MANY_CONTAINS = ("Experiment", "Trial", "Run")


def check(expression: Mapping[str, Any], properties: Properties) -> None:
    """Refuse an expression that means nothing.

    Raises:
        Invalid: a property is unknown, or an operator or value does not fit it.
    """
    contains = 0
    for entry in _filters(expression, properties):
        name, operator, value = entry["Name"], entry.get("Operator", "Equals"), entry.get("Value")
        kind = properties.kind(name)
        if operator in _PRESENCE:
            if value is not None:
                raise Invalid(f"Filter value must not be given with operator {operator} (property {name}).")
            continue
        if value is None:
            raise Invalid(f"Filter value must be given with operator {operator} (property {name}).")
        if (operator in _ORDER and kind in {"text", "flag"}) or (
            operator in _TEXTUAL and kind not in {"text", "free"}
        ):
            raise Invalid(f"Operator {operator} is not supported for property {name}.")
        if kind in {"number", "time"}:
            _bound(kind, value, name)
        contains += operator == "Contains" and not name.startswith(_MANY_CONTAINS)
    if contains > 1:
        raise Invalid("'CONTAINS' operator usage limit of 1 has been exceeded.")


def matches(expression: Mapping[str, Any], document: Mapping[str, Any], properties: Properties) -> bool:
    """Whether a document is what a checked expression looks for; the empty expression selects everything."""
    results = [
        *(_passes(entry, document, properties) for entry in expression.get("Filters", ())),
        *(_nested(entry, document, properties) for entry in expression.get("NestedFilters", ())),
        *(matches(inner, document, properties) for inner in expression.get("SubExpressions", ())),
    ]
    return any(results) if expression.get("Operator") == "Or" and results else all(results)


def ordered(
    documents: Sequence[Mapping[str, Any]], name: str, *, descending: bool
) -> list[Mapping[str, Any]]:
    """Documents by a property; those without it come last, or stand by their creation where changes are asked for."""

    def value_of(document: Mapping[str, Any]) -> Any:
        value = next(values_of(document, name), None)
        if value is None and name == "LastModifiedTime":
            return next(values_of(document, "CreationTime"), None)
        return value

    keyed = [(value_of(document), document) for document in documents]
    have = [entry for entry in keyed if entry[0] is not None]
    numbers = all(isinstance(value, int | float) for value, _ in have)
    have.sort(key=lambda entry: entry[0] if numbers else str(entry[0]), reverse=descending)
    return [document for _, document in have] + [document for value, document in keyed if value is None]


def required(expression: Mapping[str, Any], name: str) -> str | None:
    """The text that a property must equal, when the expression says so of every document."""
    if expression.get("Operator") == "Or":
        return None
    for entry in expression.get("Filters", ()):
        if entry["Name"] == name and entry.get("Operator", "Equals") == "Equals":
            value: str | None = entry.get("Value")
            return value
    return None


def _filters(expression: Mapping[str, Any], properties: Properties) -> Iterator[Mapping[str, Any]]:
    yield from expression.get("Filters", ())
    for nested in expression.get("NestedFilters", ()):
        prefix = nested["NestedPropertyName"]
        if prefix not in properties.lists:
            raise Invalid(f"Unknown nested property name: {prefix}")
        for entry in nested["Filters"]:
            yield {**entry, "Name": _full(prefix, entry["Name"])}
    for inner in expression.get("SubExpressions", ()):
        yield from _filters(inner, properties)


def _full(prefix: str, name: str) -> str:
    return name if name.startswith(f"{prefix}.") else f"{prefix}.{name}"


def _nested(nested: Mapping[str, Any], document: Mapping[str, Any], properties: Properties) -> bool:
    prefix = nested["NestedPropertyName"]
    elements: Any = document
    for part in prefix.split("."):
        elements = elements.get(part, ()) if isinstance(elements, Mapping) else ()
    for element in elements:
        if all(
            _compare(
                entry,
                list(values_of(element, _full(prefix, entry["Name"])[len(prefix) + 1 :])),
                properties.kind(_full(prefix, entry["Name"])),
            )
            for entry in nested["Filters"]
        ):
            return True
    return False


def _passes(entry: Mapping[str, Any], document: Mapping[str, Any], properties: Properties) -> bool:
    return _compare(entry, list(values_of(document, entry["Name"])), properties.kind(entry["Name"]))


def _compare(entry: Mapping[str, Any], values: Sequence[Any], kind: str) -> bool:
    operator: str = entry.get("Operator", "Equals")
    wanted: str = entry.get("Value", "")
    if operator in _PRESENCE:
        return bool(values) == (operator == "Exists")
    if operator == "NotEquals":
        return not any(_equal(kind, value, wanted) for value in values)
    if operator == "Contains":
        return any(wanted in str(value) for value in values)
    if operator == "In":
        return any(str(value) in {part.strip() for part in wanted.split(",")} for value in values)
    if operator in _ORDER:
        compare = _ORDER[operator]
        return any(compare(*_pair(kind, value, wanted)) for value in values)
    return any(_equal(kind, value, wanted) for value in values)


def _equal(kind: str, value: Any, wanted: str) -> bool:
    left, right = _pair(kind, value, wanted)
    return bool(left == right)


def _pair(kind: str, value: Any, wanted: str) -> tuple[Any, Any]:
    """Both sides in a form that compares."""
    if kind in {"number", "time"}:
        return value, _bound(kind, wanted, "")
    if kind == "free":
        try:
            return float(value), float(wanted)
        except (TypeError, ValueError):
            pass
    if isinstance(value, bool):
        return str(value).lower(), wanted.lower()
    return str(value), wanted


def _bound(kind: str, text: str, name: str) -> float:
    try:
        if kind == "number":
            return float(text)
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError as error:
        shape = "a number" if kind == "number" else "a time as in 2026-01-31T12:00:00"
        raise Invalid(f"The value of property {name} must be {shape}: {text}") from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp()
