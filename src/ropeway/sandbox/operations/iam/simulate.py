"""SimulatePrincipalPolicy and SimulateCustomPolicy: evaluated, over the policies that IAM holds.

The sandbox does not enforce identity policies; it tells what they would decide on AWS.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ropeway.sandbox.domain.errors import Invalid
from ropeway.sandbox.domain.identity.simulate import NamedPolicy, Question, Verdict, missing_keys, simulate
from ropeway.sandbox.domain.policy import parse
from ropeway.sandbox.operations.call import Call
from ropeway.sandbox.operations.registry import operation
from ropeway.values.arn import Arn

__all__: list[str] = []

_WORST = ("explicitDeny", "implicitDeny", "allowed")


@operation("iam", "SimulatePrincipalPolicy")
def simulate_principal(call: Call) -> dict[str, Any]:
    """What a user's, group's or role's policies decide."""
    source = call.params["PolicySourceArn"]
    identity = [*call.domain.attached.policies(source), *_given(call, "PolicyInputList")]
    boundary = _given(call, "PermissionsBoundaryPolicyInputList") or call.domain.attached.boundary(source)
    return _answer(call, call.params.get("CallerArn", source), identity, boundary)


@operation("iam", "SimulateCustomPolicy")
def simulate_custom(call: Call) -> dict[str, Any]:
    """What given policies decide."""
    caller = call.params.get("CallerArn", f"arn:aws:iam::{call.account}:user/simulated")
    boundary = _given(call, "PermissionsBoundaryPolicyInputList")
    return _answer(call, caller, _given(call, "PolicyInputList"), boundary)


def _account_of(caller: str) -> str:
    try:
        return Arn.parse(caller).account
    except ValueError as error:
        raise Invalid(f"Invalid Entity Arn: {caller}", code="InvalidInput") from error


def _answer(
    call: Call, caller: str, identity: Sequence[NamedPolicy], boundary: Sequence[NamedPolicy]
) -> dict[str, Any]:
    params = call.params
    given = params.get("ResourcePolicy")
    resource_policy = (
        None if given is None else NamedPolicy("ResourcePolicy", "resource", _parsed(given, True))
    )
    context = {
        entry["ContextKeyName"]: entry["ContextKeyValues"]
        for entry in params.get("ContextEntries", ())
        if "ContextKeyName" in entry and "ContextKeyValues" in entry
    }
    account = _account_of(caller)
    missing = missing_keys([*identity, *boundary], context)

    def results() -> Iterator[dict[str, Any]]:
        for action in params["ActionNames"]:
            verdicts = {
                resource: simulate(
                    Question(caller, account, action, resource, context),
                    identity,
                    boundary=boundary,
                    resource_policy=resource_policy,
                )
                for resource in params.get("ResourceArns", ["*"])
            }
            yield _result(action, verdicts, missing)

    found = list(results())
    start = _start(params)
    end = start + params.get("MaxItems", 100)
    more = {"IsTruncated": True, "Marker": str(end)} if end < len(found) else {"IsTruncated": False}
    return {"EvaluationResults": found[start:end], **more}


def _result(action: str, verdicts: Mapping[str, Verdict], missing: Sequence[str]) -> dict[str, Any]:
    worst = min(verdicts.values(), key=lambda verdict: _WORST.index(verdict.decision))
    several = [
        {
            "EvalResourceName": resource,
            "EvalResourceDecision": verdict.decision,
            "MatchedStatements": _matched(verdict),
            "MissingContextValues": missing,
            **_boundary(verdict),
        }
        for resource, verdict in verdicts.items()
    ]
    return {
        "EvalActionName": action,
        "EvalResourceName": next(iter(verdicts)) if len(verdicts) == 1 else "*",
        "EvalDecision": worst.decision,
        "MatchedStatements": _matched(worst),
        "MissingContextValues": missing,
        **_boundary(worst),
        "ResourceSpecificResults": several,
    }


def _matched(verdict: Verdict) -> list[dict[str, str]]:
    return [{"SourcePolicyId": policy.name, "SourcePolicyType": policy.kind} for policy in verdict.matched]


def _boundary(verdict: Verdict) -> dict[str, Any]:
    if verdict.within_boundary is None:
        return {}
    return {"PermissionsBoundaryDecisionDetail": {"AllowedByPermissionsBoundary": verdict.within_boundary}}


def _given(call: Call, member: str) -> list[NamedPolicy]:
    texts = call.params.get(member, ())
    return [
        NamedPolicy(f"{member}.{number}", "none", _parsed(text, False))
        for number, text in enumerate(texts, start=1)
    ]


def _parsed(text: str, resource: bool) -> Mapping[str, Any]:
    try:
        return parse(text, principal=resource)
    except Invalid as error:
        raise Invalid(error.message, code="InvalidInput") from error


def _start(params: Mapping[str, Any]) -> int:
    marker = params.get("Marker", "0")
    if not marker.isdigit():
        raise Invalid("Invalid Marker.", code="InvalidInput")
    return int(marker)
