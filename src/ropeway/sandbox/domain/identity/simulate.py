"""What a set of policies decides for an action on a resource, by IAM's rules.

A deny anywhere wins. Without one, an identity policy or, on a resource of the same account, the resource's policy
must allow; a permissions boundary, where there is one, must allow too what identity policies allow. Left out:
organisation and session policies, which the sandbox does not have.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ropeway.sandbox.domain.policy import Decision, evaluate
from ropeway.sandbox.domain.policy.principals import listed

__all__ = ["NamedPolicy", "Question", "Verdict", "missing_keys", "simulate"]


@dataclass(frozen=True)
class NamedPolicy:
    """A policy document and where it comes from.

    Attributes:
        kind: ``user``, ``group``, ``role``, ``aws-managed``, ``user-managed``, ``resource`` or ``none``.
    """

    name: str
    kind: str
    document: Mapping[str, Any]


@dataclass(frozen=True)
class Question:
    """May this principal do this to that?

    Attributes:
        context: condition keys with their values.
    """

    principal_arn: str
    account: str
    action: str
    resource: str
    context: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Verdict:
    """The answer.

    Attributes:
        decision: ``allowed``, ``explicitDeny`` or ``implicitDeny``.
        matched: the policies that decided so; none for an implicit deny.
        within_boundary: whether the permissions boundary allows, or None without one.
    """

    decision: str
    matched: Sequence[NamedPolicy]
    within_boundary: bool | None = None


def simulate(
    question: Question,
    identity: Sequence[NamedPolicy],
    *,
    boundary: Sequence[NamedPolicy] = (),
    resource_policy: NamedPolicy | None = None,
) -> Verdict:
    """Decide one question."""
    decisions = [(policy, _decide(policy, question, principal=True)) for policy in identity]
    if resource_policy is not None:
        decisions.append((resource_policy, _decide(resource_policy, question, principal=False)))
    bounds = [_decide(policy, question, principal=True) for policy in boundary]
    within = Decision.ALLOW in bounds and Decision.DENY not in bounds if boundary else None
    denying = [policy for policy, decision in decisions if decision is Decision.DENY]
    denying += [
        policy for policy, decision in zip(boundary, bounds, strict=True) if decision is Decision.DENY
    ]
    if denying:
        return Verdict("explicitDeny", denying, within)
    allowing = [policy for policy, decision in decisions if decision is Decision.ALLOW]
    if within is False:
        allowing = [policy for policy in allowing if policy is resource_policy]
    return Verdict("allowed" if allowing else "implicitDeny", allowing, within)


def missing_keys(policies: Sequence[NamedPolicy], context: Mapping[str, Any]) -> list[str]:
    """Condition keys that policies ask for and the context does not give, as the policies write them."""
    given = {name.lower() for name in context}
    asked: dict[str, str] = {}
    for policy in policies:
        for statement in listed(policy.document.get("Statement", [])):
            for keys in statement.get("Condition", {}).values():
                asked |= {name.lower(): name for name in keys}
    known = {"aws:principalaccount", "aws:principalarn", "aws:principaltype", "aws:username"}
    return sorted(name for lowered, name in asked.items() if lowered not in given | known)


def _decide(policy: NamedPolicy, question: Question, *, principal: bool) -> Decision:
    """One policy's word; an identity policy speaks of whoever carries it."""
    document = policy.document
    if principal:
        statements = [
            {**entry, "Principal": "*"}
            for entry in listed(document.get("Statement", []))
            if "NotPrincipal" not in entry
        ]
        document = {**document, "Statement": statements}
    return evaluate(
        document,
        principal_arn=question.principal_arn,
        principal_account=question.account,
        action=question.action,
        resource=question.resource,
        context=question.context,
    )
