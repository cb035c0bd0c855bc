"""Principals of resource policies: does an entry such as an account or a role name the one who calls?

A role's entry names all its sessions; an account's entry (its number, or its root's ARN) names everybody in the
account. A service calls under its name (``events.amazonaws.com``) and is named by ``Service`` entries only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["listed", "names", "role_of"]

_SESSION = re.compile(r"arn:(aws[\w-]*):sts::(\d{12}):assumed-role/([^/]+)/[^/]+")
_ACCOUNT = re.compile(r"(?:arn:aws[\w-]*:iam::)?(\d{12})(?::root)?")
_ROLE = re.compile(r"arn:(aws[\w-]*):iam::(\d{12}):role/(?:.*/)?([^/]+)")


def names(principal: Any, arn: str, account: str) -> bool:
    """Whether a ``Principal`` element names the caller.

    Args:
        principal: ``"*"``, or lists by kind (``AWS``, ``Service``, ``Federated``, ``CanonicalUser``).
        arn: the caller's ARN, a service's name, or nothing for an anonymous caller.
        account: the caller's account; empty for services and anonymous callers.
    """
    if principal == "*":
        return True
    if not isinstance(principal, Mapping):
        return False
    for kind, entries in principal.items():
        if any(_entry(kind, entry, arn, account) for entry in listed(entries)):
            return True
    return False


def listed(value: Any) -> Sequence[Any]:
    """One value, or a list of them, as a list."""
    return value if isinstance(value, list | tuple) else [value]


def role_of(arn: str) -> str | None:
    """The role behind a session's ARN, without its path, which sessions do not tell; None for other ARNs."""
    session = _SESSION.fullmatch(arn)
    if session is None:
        return None
    return f"arn:{session.group(1)}:iam::{session.group(2)}:role/{session.group(3)}"


def _entry(kind: str, entry: str, arn: str, account: str) -> bool:
    if kind in {"Service", "Federated"}:
        return bool(arn) and entry == arn
    if kind != "AWS":
        return False
    if entry in {"*", arn}:
        return bool(arn) or entry == "*"
    whole_account = _ACCOUNT.fullmatch(entry)
    if whole_account is not None:
        return whole_account.group(1) == account
    role = _ROLE.fullmatch(entry)
    session = _SESSION.fullmatch(arn)
    return role is not None and session is not None and role.groups() == session.groups()
