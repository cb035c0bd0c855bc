"""What a resource policy decides for one request.

A statement applies when principal, action, resource and conditions all fit. One that denies wins over any that
allow; when none applies, the policy says nothing, and the caller's own account decides.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from typing import Any

from ropeway.sandbox.domain.policy.conditions import holds
from ropeway.sandbox.domain.policy.patterns import Context, matches
from ropeway.sandbox.domain.policy.principals import listed, names, role_of

__all__ = ["Decision", "evaluate"]


class Decision(enum.Enum):
    """What a policy says about a request."""

    ALLOW = "allow"
    DENY = "deny"
    NONE = "none"


def evaluate(
    policy: Mapping[str, Any],
    *,
    principal_arn: str,
    principal_account: str,
    action: str,
    resource: str,
    context: Mapping[str, str | Sequence[str]],
) -> Decision:
    """Decide by one policy.

    Args:
        policy: a document that ``check`` accepts.
        principal_arn: the caller's ARN (``arn:aws:sts::1…:assumed-role/Role/session``), a service's name
            (``events.amazonaws.com``), or nothing for an anonymous caller.
        principal_account: twelve digits, or nothing.
        action: ``s3:GetObject``.
        resource: the resource's ARN.
        context: condition keys (any case) with their values; ``aws:PrincipalArn``, ``aws:PrincipalAccount``,
            ``aws:PrincipalType`` and ``aws:username`` are known from the principal.
    """
    keys = _context(principal_arn, principal_account, context)
    variables = policy.get("Version") == "2012-10-17"
    decision = Decision.NONE
    for statement in listed(policy.get("Statement", [])):
        if not (
            _principal_fits(statement, principal_arn, principal_account)
            and _action_fits(statement, action)
            and _resource_fits(statement, resource, keys if variables else None)
            and holds(statement.get("Condition", {}), keys, variables=variables)
        ):
            continue
        if statement["Effect"] == "Deny":
            return Decision.DENY
        decision = Decision.ALLOW
    return decision


def _context(arn: str, account: str, given: Mapping[str, str | Sequence[str]]) -> Context:
    keys: dict[str, Sequence[str]] = {}
    if account:
        keys["aws:principalaccount"] = [account]
        keys["aws:principalarn"] = [role_of(arn) or arn]
        keys["aws:principaltype"] = [_kind(arn)]
    elif not arn:
        keys["aws:principaltype"] = ["Anonymous"]
    if ":user/" in arn:
        keys["aws:username"] = [arn.rpartition("/")[2]]
    for name, value in given.items():
        keys[name.lower()] = [value] if isinstance(value, str) else list(value)
    return keys


def _kind(arn: str) -> str:
    if ":assumed-role/" in arn:
        return "AssumedRole"
    return "User" if ":user/" in arn else "Account"


def _principal_fits(statement: Mapping[str, Any], arn: str, account: str) -> bool:
    if "NotPrincipal" in statement:
        return not names(statement["NotPrincipal"], arn, account)
    return names(statement.get("Principal"), arn, account)


def _action_fits(statement: Mapping[str, Any], action: str) -> bool:
    if "NotAction" in statement:
        return not any(matches(each, action, ignore_case=True) for each in listed(statement["NotAction"]))
    return any(matches(each, action, ignore_case=True) for each in listed(statement.get("Action", [])))


def _resource_fits(statement: Mapping[str, Any], resource: str, context: Context | None) -> bool:
    if "NotResource" in statement:
        return not any(matches(each, resource, context) for each in listed(statement["NotResource"]))
    # A trust policy names no resource: it is about the role that carries it.
    return any(matches(each, resource, context) for each in listed(statement.get("Resource", ["*"])))
