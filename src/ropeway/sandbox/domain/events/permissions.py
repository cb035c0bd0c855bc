"""Whether EventBridge may: by the role that a target names, or by the policy of what it is.

A role must trust the service that delivers, and its policies must allow the action on the target. Without a role, the
policy of the function, queue, topic, log group or bus must let the service in; the conditions ``aws:SourceArn`` and
``aws:SourceAccount`` see the rule or schedule that sends.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.domain.events.failures import Undeliverable
from ropeway.sandbox.domain.events.model import Delivery
from ropeway.sandbox.domain.identity.attached import Attached
from ropeway.sandbox.domain.identity.simulate import Question, simulate
from ropeway.sandbox.domain.policy import Decision, evaluate
from ropeway.sandbox.domain.ports import Peers
from ropeway.values.arn import Arn

__all__ = ["Permissions"]


class Permissions:
    """Decides, by what IAM and the targets' services tell.

    Args:
        calls: the API of this server.
    """

    def __init__(self, calls: Peers) -> None:
        self._calls = calls
        self._attached = Attached(calls)

    def by_role(self, delivery: Delivery, action: str, resource: str) -> None:
        """Demand that the target's role lets the service do something.

        Raises:
            Undeliverable: it does not trust the service, or does not allow the action, or there is none.
        """
        role = delivery.target.get("RoleArn", "")
        if not role:
            raise Undeliverable(
                "NO_PERMISSIONS", f"A RoleArn is required for target {delivery.target['Arn']}."
            )
        if not self.trusts(role, delivery.principal, delivery.source, delivery.account):
            raise Undeliverable(
                "FAILED_TO_ASSUME_ROLE", f"Provided role {role} cannot be assumed by {delivery.principal}."
            )
        question = Question(role, Arn.parse(role).account, action, resource, _context(delivery))
        verdict = simulate(question, self._attached.policies(role), boundary=self._attached.boundary(role))
        if verdict.decision != "allowed" or verdict.within_boundary is False:
            raise Undeliverable(
                "NO_PERMISSIONS",
                f"Role {role} is not authorized to perform: {action} on resource: {resource}",
            )

    def by_policy(
        self, delivery: Delivery, policy: Mapping[str, Any] | str | None, action: str, resource: str
    ) -> None:
        """Demand that a resource's policy lets the service in.

        Raises:
            Undeliverable: it does not.
        """
        if not self.lets_in(delivery, policy, action, resource):
            raise Undeliverable(
                "NO_PERMISSIONS",
                f"{delivery.principal} is not authorized to perform: {action} on resource: {resource} because no "
                "resource-based policy allows it",
            )

    def lets_in(
        self, delivery: Delivery, policy: Mapping[str, Any] | str | None, action: str, resource: str
    ) -> bool:
        """Whether a resource's policy allows the service that delivers an action."""
        decision = evaluate(
            _document(policy),
            principal_arn=delivery.principal,
            principal_account="",
            action=action,
            resource=resource,
            context=_context(delivery),
        )
        return decision is Decision.ALLOW

    def by_key(self, delivery: Delivery, key: str, where: tuple[str, str]) -> None:
        """Demand that the key that a queue or topic is encrypted with lets the service in.

        Args:
            delivery: what is to be delivered.
            key: a key's id, ARN or alias.
            where: account and region of the queue or topic.

        Raises:
            Undeliverable: the key is AWS's own, or its policy does not.
        """
        account, region = where
        if "alias/aws/" in key:
            raise Undeliverable(
                "NO_PERMISSIONS",
                f"{key} is an AWS managed key, which {delivery.principal} may not use: take a customer managed key "
                "whose policy allows it kms:GenerateDataKey* and kms:Decrypt.",
            )
        try:
            told = self._calls.call("kms", "DescribeKey", {"KeyId": key}, account=account, region=region)
            arn = told["KeyMetadata"]["Arn"]
            wanted = {"KeyId": told["KeyMetadata"]["KeyId"], "PolicyName": "default"}
            owner = Arn.parse(arn).account
            policy = self._calls.call("kms", "GetKeyPolicy", wanted, account=owner, region=region)["Policy"]
        except DomainError as error:
            raise Undeliverable("NO_PERMISSIONS", f"Key {key}: {error.message}") from error
        for action in ("kms:GenerateDataKey", "kms:Decrypt"):
            self.by_policy(delivery, policy, action, arn)

    def trusts(self, role: str, principal: str, source: str, account: str) -> bool:
        """Whether a role is there and may be assumed by a service."""
        try:
            parsed = Arn.parse(role)
            name = parsed.name.rpartition("/")[2]
            told = self._calls.call(
                "iam", "GetRole", {"RoleName": name}, account=parsed.account, region="us-east-1"
            )
        except (DomainError, ValueError):
            return False
        decision = evaluate(
            _document(told["Role"]["AssumeRolePolicyDocument"]),
            principal_arn=principal,
            principal_account="",
            action="sts:AssumeRole",
            resource=role,
            context={"aws:SourceArn": source, "aws:SourceAccount": account},
        )
        return decision is Decision.ALLOW


def _context(delivery: Delivery) -> dict[str, list[str]]:
    return {"aws:SourceArn": [delivery.source], "aws:SourceAccount": [delivery.account]}


def _document(policy: Mapping[str, Any] | str | None) -> Mapping[str, Any]:
    """A policy that a service keeps; Lambda's name a service as a plain text, which moto keeps as it was sent."""
    document: Any = policy or {}
    if isinstance(document, str):  # IAM's are percent-encoded
        document = json.loads(document if document.lstrip().startswith("{") else unquote(document))
    statements = document.get("Statement", [])
    several = statements if isinstance(statements, list) else [statements]
    return {**document, "Statement": [_plain(statement) for statement in several]}


def _plain(statement: Mapping[str, Any]) -> Mapping[str, Any]:
    who = statement.get("Principal")
    if isinstance(who, str) and who != "*":
        kind = "Service" if who.endswith(".amazonaws.com") else "AWS"
        return {**statement, "Principal": {kind: who}}
    return statement
