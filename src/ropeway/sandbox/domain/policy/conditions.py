"""Conditions of policy statements: every operator of IAM, their set forms and ``…IfExists``.

A block holds when all its operators and all their keys hold. Of a key's values one must fit; for a negated
operator none may. A key that the request does not have fails a positive operator and satisfies a negated one
and ``…IfExists``. Values that cannot be read as the operator's type fit nothing.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from ropeway.sandbox.domain.policy.patterns import Context, matches, resolve
from ropeway.sandbox.domain.policy.principals import listed

__all__ = ["OPERATORS", "holds", "moment", "network", "number", "parts_of", "text_of"]

# (the policy's value, the request's value, the request's context or None) → whether they fit.
Test = Callable[[str, str, "Context | None"], bool]


@dataclass(frozen=True)
class _Operator:
    test: Test
    negated: bool = False


def parts_of(name: str) -> tuple[str, str, bool]:
    """An operator's name as (``ForAnyValue``, ``ForAllValues`` or nothing; the operator; with IfExists)."""
    quantifier, colon, rest = name.rpartition(":")
    base = rest.removesuffix("IfExists") if rest != "IfExists" else rest
    return (quantifier if colon else ""), base, base != rest


def holds(block: Mapping[str, Mapping[str, Any]], context: Context, *, variables: bool) -> bool:
    """Whether a statement's ``Condition`` holds.

    Args:
        block: operator → key → value or values.
        context: the request's condition keys, in lower case.
        variables: policy variables in values are filled in.
    """
    return all(
        _key_holds(
            name, context.get(key.lower()), [text_of(item) for item in listed(wanted)], context, variables
        )
        for name, keys in block.items()
        for key, wanted in keys.items()
    )


def _key_holds(
    name: str, present: Sequence[str] | None, wanted: Sequence[str], context: Context, variables: bool
) -> bool:
    quantifier, base, if_exists = parts_of(name)
    if base == "Null":
        return any((value.lower() == "true") == (not present) for value in wanted)
    chosen = OPERATORS[base]
    if not present:
        return if_exists or quantifier == "ForAllValues" or (chosen.negated and quantifier != "ForAnyValue")

    def fits(value: str) -> bool:
        found = any(chosen.test(each, value, context if variables else None) for each in wanted)
        return found != chosen.negated

    # A key with several values under a plain operator: one must fit; under a negated one none may.
    everyone = quantifier == "ForAllValues" or (not quantifier and chosen.negated)
    return all(map(fits, present)) if everyone else any(map(fits, present))


def text_of(value: Any) -> str:
    """A JSON scalar as conditions compare it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def number(text: str) -> float | None:
    """A number, or None."""
    try:
        return float(text)
    except ValueError:
        return None


def moment(text: str) -> float | None:
    """A date in ISO 8601, or seconds since the epoch, as the latter; None when it is neither."""
    seconds = number(text)
    if seconds is not None:
        return seconds
    try:
        found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=timezone.utc)).timestamp()


def network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    """An address or a range of them, or None."""
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def _equals(wanted: str, value: str, context: Context | None) -> bool:
    return resolve(wanted, context) == value


def _equals_ignoring_case(wanted: str, value: str, context: Context | None) -> bool:
    resolved = resolve(wanted, context)
    return resolved is not None and resolved.casefold() == value.casefold()


def _like(wanted: str, value: str, context: Context | None) -> bool:
    return matches(wanted, value, context)


def _arn_like(wanted: str, value: str, context: Context | None) -> bool:
    # Wildcards do not reach over the colons of an ARN, but for its last part.
    ours, theirs = wanted.split(":", 5), value.split(":", 5)
    if "${" in wanted:  # a variable's name has a colon: compare as one text
        return matches(wanted, value, context)
    return len(ours) == len(theirs) == 6 and all(map(matches, ours, theirs))


def _binary(wanted: str, value: str, _context: Context | None) -> bool:
    try:
        return base64.b64decode(wanted, validate=True) == base64.b64decode(value, validate=True)
    except binascii.Error:
        return False


def _bool(wanted: str, value: str, _context: Context | None) -> bool:
    return wanted.lower() == value.lower()


def _address(wanted: str, value: str, _context: Context | None) -> bool:
    ours, theirs = network(wanted), network(value)
    if ours is None or theirs is None or ours.version != theirs.version:
        return False
    return theirs.network_address in ours and theirs.broadcast_address in ours


def _compared(read: Callable[[str], float | None], compare: Callable[[float, float], bool]) -> Test:
    def test(wanted: str, value: str, context: Context | None) -> bool:
        right = resolve(wanted, context)
        ours = None if right is None else read(right)
        theirs = read(value)
        return ours is not None and theirs is not None and compare(theirs, ours)

    return test


def _ordered(kind: str, read: Callable[[str], float | None]) -> dict[str, _Operator]:
    return {
        f"{kind}Equals": _Operator(_compared(read, operator.eq)),
        f"{kind}NotEquals": _Operator(_compared(read, operator.eq), negated=True),
        f"{kind}LessThan": _Operator(_compared(read, operator.lt)),
        f"{kind}LessThanEquals": _Operator(_compared(read, operator.le)),
        f"{kind}GreaterThan": _Operator(_compared(read, operator.gt)),
        f"{kind}GreaterThanEquals": _Operator(_compared(read, operator.ge)),
    }


OPERATORS: Mapping[str, _Operator] = {
    "StringEquals": _Operator(_equals),
    "StringNotEquals": _Operator(_equals, negated=True),
    "StringEqualsIgnoreCase": _Operator(_equals_ignoring_case),
    "StringNotEqualsIgnoreCase": _Operator(_equals_ignoring_case, negated=True),
    "StringLike": _Operator(_like),
    "StringNotLike": _Operator(_like, negated=True),
    **_ordered("Numeric", number),
    **_ordered("Date", moment),
    "Bool": _Operator(_bool),
    "BinaryEquals": _Operator(_binary),
    "IpAddress": _Operator(_address),
    "NotIpAddress": _Operator(_address, negated=True),
    "ArnEquals": _Operator(_arn_like),
    "ArnLike": _Operator(_arn_like),
    "ArnNotEquals": _Operator(_arn_like, negated=True),
    "ArnNotLike": _Operator(_arn_like, negated=True),
}
