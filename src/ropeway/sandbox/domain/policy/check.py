"""Whether a document is a policy: checked when it is set, so that evaluation never meets a broken one.

A refusal names the place (``Statement 2 (AllowRead), Condition, NumericEquals``) and what is wrong there.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from ropeway.sandbox.domain.errors import Invalid
from ropeway.sandbox.domain.policy.conditions import OPERATORS, moment, network, number, parts_of, text_of
from ropeway.sandbox.domain.policy.principals import listed

__all__ = ["check", "parse"]

_TOP = {"Version", "Id", "Statement"}
_MEMBERS = {
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
}
_KINDS = {"AWS", "Service", "Federated", "CanonicalUser"}
_ACTION = re.compile(r"\*|[A-Za-z0-9-]+:[A-Za-z0-9*?]+")
_AWS_PRINCIPAL = re.compile(
    r"\*|\d{12}|arn:aws[\w-]*:(?:iam|sts)::(?:\d{12}|cloudfront):[^*?]+|A[A-Z0-9]{15,}"
)


def parse(text: str | bytes, *, principal: bool = True, resource: bool = True) -> dict[str, Any]:
    """A policy from its JSON text, checked.

    Raises:
        Invalid: ``MalformedPolicy``; the message says where.
    """
    try:
        document = json.loads(text)
    except ValueError as error:
        raise _wrong("Policy", f"is not valid JSON: {error}") from error
    check(document, principal=principal, resource=resource)
    checked: dict[str, Any] = document
    return checked


def check(policy: Any, *, principal: bool = True, resource: bool = True) -> None:
    """Refuse what is no policy.

    Args:
        policy: the document, as JSON gives it.
        principal: statements must name a principal (resource policies do, identity policies must not).
        resource: statements must name a resource (a role's trust policy must not).

    Raises:
        Invalid: ``MalformedPolicy``; the message says where.
    """
    if not isinstance(policy, Mapping):
        raise _wrong("Policy", "must be a JSON object")
    _known(policy, _TOP, "Policy")
    if policy.get("Version", "2008-10-17") not in {"2012-10-17", "2008-10-17"}:
        raise _wrong("Version", f"must be 2012-10-17 or 2008-10-17, not {policy['Version']!r}")
    if not isinstance(policy.get("Id", ""), str):
        raise _wrong("Id", "must be a string")
    statements = policy.get("Statement")
    if not isinstance(statements, Mapping | list) or not statements:
        raise _wrong("Statement", "must be a statement or a list of at least one")
    sids: set[str] = set()
    for position, statement in enumerate(listed(statements), start=1):
        where = f"Statement {position}"
        if not isinstance(statement, Mapping):
            raise _wrong(where, "must be a JSON object")
        where = _sid(statement, where, sids)
        _statement(statement, where, principal=principal, resource=resource)


def _sid(statement: Mapping[str, Any], where: str, seen: set[str]) -> str:
    sid = statement.get("Sid")
    if sid is None or sid == "":
        return where
    if not isinstance(sid, str):
        raise _wrong(where, "Sid must be a string")
    if sid in seen:
        raise _wrong(where, f"Sid {sid!r} is used twice")
    seen.add(sid)
    return f"{where} ({sid})"


def _statement(statement: Mapping[str, Any], where: str, *, principal: bool, resource: bool) -> None:
    _known(statement, _MEMBERS, where)
    if statement.get("Effect") not in {"Allow", "Deny"}:
        raise _wrong(where, "Effect must be Allow or Deny")
    who = _one_of(statement, "Principal", where, wanted=principal)
    if who:
        _principal(statement[who], f"{where}, {who}")
    what = _one_of(statement, "Action", where, wanted=True)
    if what:
        _strings(statement[what], f"{where}, {what}", _action)
    which = _one_of(statement, "Resource", where, wanted=resource)
    if which:
        _strings(statement[which], f"{where}, {which}", _resource)
    _condition(statement.get("Condition", {}), f"{where}, Condition")


def _one_of(statement: Mapping[str, Any], name: str, where: str, *, wanted: bool) -> str | None:
    present = [each for each in (name, f"Not{name}") if each in statement]
    if not wanted and present:
        raise _wrong(where, f"{present[0]} has no place in this kind of policy")
    if wanted and len(present) != 1:
        raise _wrong(where, f"needs exactly one of {name} and Not{name}")
    return present[0] if present else None


def _principal(value: Any, where: str) -> None:
    if value == "*":
        return
    if not isinstance(value, Mapping) or not value:
        raise _wrong(where, 'must be "*" or an object with AWS, Service, Federated or CanonicalUser')
    _known(value, _KINDS, where)
    for kind, entries in value.items():
        _strings(entries, f"{where}, {kind}", _aws_principal if kind == "AWS" else _anything)


def _strings(value: Any, where: str, problem: Callable[[str], str | None]) -> None:
    if not listed(value):
        raise _wrong(where, "must not be empty")
    for each in listed(value):
        if not isinstance(each, str) or not each:
            raise _wrong(where, "must be a string or a list of strings")
        found = problem(each)
        if found:
            raise _wrong(where, found)


def _action(text: str) -> str | None:
    return None if _ACTION.fullmatch(text) else f"{text!r} is not an action such as s3:GetObject"


def _resource(text: str) -> str | None:
    right = text == "*" or (text.startswith("arn:") and text.count(":") >= 5) or text.startswith("${")
    return None if right or text.startswith("*") else f"{text!r} is not an ARN or *"


def _aws_principal(text: str) -> str | None:
    return None if _AWS_PRINCIPAL.fullmatch(text) else f"{text!r} is not an account, an IAM ARN or *"


def _anything(_text: str) -> str | None:
    return None


def _condition(block: Any, where: str) -> None:
    if not isinstance(block, Mapping):
        raise _wrong(where, "must be a JSON object")
    for name, keys in block.items():
        quantifier, base, if_exists = parts_of(name)
        if quantifier not in {"", "ForAnyValue", "ForAllValues"} or base not in {*OPERATORS, "Null"}:
            raise _wrong(where, f"{name!r} is not a condition operator")
        if base == "Null" and (if_exists or quantifier):
            raise _wrong(where, f"Null has no form {name!r}")
        if not isinstance(keys, Mapping) or not keys:
            raise _wrong(f"{where}, {name}", "must be an object with at least one condition key")
        for key, values in keys.items():
            _values(base, values, f"{where}, {name}, {key}")


def _values(base: str, values: Any, where: str) -> None:
    if not listed(values):
        raise _wrong(where, "must not be empty")
    for value in listed(values):
        if not isinstance(value, str | int | float):
            raise _wrong(where, "must be a string or a list of strings")
        text = text_of(value)
        found = None if "${" in text else _misread(base, text)
        if found:
            raise _wrong(where, f"{text!r} is not {found}")


def _misread(base: str, text: str) -> str | None:
    """What a value should have been, or None when it can be read as its operator's type."""
    if base.startswith("Numeric"):
        return "a number" if number(text) is None else None
    if base.startswith("Date"):
        return "a date" if moment(text) is None else None
    if base in {"Bool", "Null"}:
        return None if text.lower() in {"true", "false"} else "true or false"
    if base.endswith("IpAddress"):
        return "an IP address or range" if network(text) is None else None
    if base == "BinaryEquals":
        return None if _is_base64(text) else "base64"
    return None


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode(text, validate=True)
    except binascii.Error:
        return False
    return True


def _known(value: Mapping[str, Any], allowed: set[str], where: str) -> None:
    for name in value:
        if name not in allowed:
            raise _wrong(where, f"has an unknown element {name!r}")


def _wrong(where: str, what: str) -> Invalid:
    return Invalid(f"{where}: {what}.", code="MalformedPolicy")
