"""The policies that IAM holds for a user, group or role: inline and attached, its groups' included.

IAM is moto's; this asks it as any caller would.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from ropeway.sandbox.domain.errors import DomainError, Invalid
from ropeway.sandbox.domain.identity.simulate import NamedPolicy
from ropeway.sandbox.domain.ports import Peers
from ropeway.values.arn import Arn

__all__ = ["Attached"]

_NOUNS = {"role": "Role", "user": "User", "group": "Group"}


class Attached:
    """Collects policies."""

    def __init__(self, peers: Peers) -> None:
        self._peers = peers

    def policies(self, arn: str) -> Sequence[NamedPolicy]:
        """The identity policies of a principal.

        Raises:
            Invalid: the ARN is none of a user, group or role.
            DomainError: there is no such principal (``NoSuchEntity``).
        """
        kind, name, account = _parts(arn)
        found = list(self._of(kind, name, account))
        if kind == "user":
            for group in self._ask("ListGroupsForUser", {"UserName": name}, account)["Groups"]:
                found += self._of("group", group["GroupName"], account)
        return found

    def boundary(self, arn: str) -> Sequence[NamedPolicy]:
        """A principal's permissions boundary: one policy, or none."""
        kind, name, account = _parts(arn)
        if kind == "group":
            return ()
        noun = _NOUNS[kind]
        told = self._ask(f"Get{noun}", {f"{noun}Name": name}, account)[noun]
        bound = told.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
        return (self._managed(bound, account),) if bound else ()

    def _of(self, kind: str, name: str, account: str) -> Iterator[NamedPolicy]:
        noun = _NOUNS[kind]
        who = {f"{noun}Name": name}
        for policy in self._ask(f"List{noun}Policies", who, account)["PolicyNames"]:
            told = self._ask(f"Get{noun}Policy", {**who, "PolicyName": policy}, account)
            yield NamedPolicy(policy, kind, _document(told["PolicyDocument"]))
        for entry in self._ask(f"ListAttached{noun}Policies", who, account)["AttachedPolicies"]:
            yield self._managed(entry["PolicyArn"], account)

    def _managed(self, arn: str, account: str) -> NamedPolicy:
        policy = self._ask("GetPolicy", {"PolicyArn": arn}, account)["Policy"]
        wanted = {"PolicyArn": arn, "VersionId": policy["DefaultVersionId"]}
        version = self._ask("GetPolicyVersion", wanted, account)["PolicyVersion"]
        kind = "aws-managed" if ":iam::aws:" in arn else "user-managed"
        return NamedPolicy(policy["PolicyName"], kind, _document(version["Document"]))

    def _ask(self, operation: str, params: Mapping[str, Any], account: str) -> dict[str, Any]:
        return self._peers.call("iam", operation, params, account=account, region="us-east-1")


def _parts(arn: str) -> tuple[str, str, str]:
    try:
        parsed = Arn.parse(arn)
    except ValueError:
        parsed = None
    if parsed is None or parsed.service != "iam" or parsed.kind not in _NOUNS:
        raise Invalid(f"Invalid Entity Arn: {arn}", code="InvalidInput")
    return parsed.kind, parsed.name.rpartition("/")[2], parsed.account


def _document(text: Any) -> Mapping[str, Any]:
    """A policy as IAM answers it: JSON text, percent-encoded."""
    if isinstance(text, Mapping):
        return text
    try:
        document: Mapping[str, Any] = json.loads(text if text.lstrip().startswith("{") else unquote(text))
    except ValueError as error:
        raise DomainError(f"IAM holds a policy that is not JSON: {error}") from error
    return document
