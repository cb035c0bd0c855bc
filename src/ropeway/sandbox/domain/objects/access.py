"""Who may do what with a bucket, by the bucket's policy.

The owner's account may do everything that the policy does not deny; any other account, and a caller without
credentials, needs a statement that allows it. IAM's identity policies are not evaluated, and neither are ACLs
(buckets have the modern default, where ACLs are off). Account root can always read, replace and delete its
bucket's policy, so that no policy locks everybody out.

Loopback counts as a secure transport: ``aws:SecureTransport`` is ``true``, else the usual deny-without-TLS
statement would lock a bucket that is served over plain HTTP by design.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from ropeway.sandbox.domain.caller import Caller
from ropeway.sandbox.domain.objects.faults import denied, no_such_bucket
from ropeway.sandbox.domain.objects.model import Bucket
from ropeway.sandbox.domain.objects.ports import BucketRows
from ropeway.sandbox.domain.policy import Decision, evaluate

__all__ = ["POLICY", "Access", "Requester"]

POLICY = "policy"
_ROLE = re.compile(r"arn:aws[\w-]*:iam::(\d{12}):role/?(?:.*/)?([^/]+)")
_POLICY_ACTIONS = {"s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"}


@dataclass(frozen=True)
class Requester:
    """A caller and what conditions can ask about the request.

    Attributes:
        context: condition keys (``aws:SourceIp``, ``s3:prefix``, …).
    """

    caller: Caller
    context: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def root(cls, account: str) -> Requester:
        """An account's root, as jobs and the engine act."""
        return cls(Caller(account, f"arn:aws:iam::{account}:root", account, account))

    @classmethod
    def acting(cls, who: str) -> Requester:
        """Who jobs and the engine act as: a role by its ARN, or an account's root by twelve digits."""
        found = _ROLE.fullmatch(who)
        if found is None:
            return cls.root(who)
        account, name = found.groups()
        arn = f"arn:aws:sts::{account}:assumed-role/{name}/SageMaker"
        return cls(Caller(account, arn, name, account))


class Access:
    """Opens buckets for callers."""

    def __init__(self, buckets: BucketRows) -> None:
        self._buckets = buckets

    def open(
        self,
        who: Requester,
        name: str,
        action: str | None,
        key: str | None = None,
        *,
        owner: str | None = None,
    ) -> Bucket:
        """A bucket, when the caller may do this to it (or to one of its objects).

        Args:
            who: the caller.
            name: the bucket.
            action: ``s3:GetObject``; None leaves the question open.
            key: the object's, None for an action on the bucket.
            owner: the account that the caller expects to own it.

        Raises:
            DomainError: ``NoSuchBucket`` or ``AccessDenied``.
        """
        bucket = self._buckets.get(name)
        if bucket is None:
            raise no_such_bucket(name)
        if owner is not None and owner != bucket.account:
            raise denied()
        if action is not None and not self.allowed(who, bucket, action, key):
            raise denied(_told(who, bucket, action, key))
        return bucket

    def allowed(self, who: Requester, bucket: Bucket, action: str, key: str | None = None) -> bool:
        """Whether the caller may."""
        own = who.caller.account == bucket.account
        policy = self._buckets.document(bucket, POLICY)
        if policy is None or (own and action in _POLICY_ACTIONS and who.caller.arn.endswith(":root")):
            return own
        decision = evaluate(
            policy,
            principal_arn=who.caller.arn,
            principal_account=who.caller.account,
            action=action,
            resource=bucket.arn if key is None else f"{bucket.arn}/{key}",
            context={"aws:SecureTransport": "true", **who.context},
        )
        return decision is Decision.ALLOW or (own and decision is Decision.NONE)


def _told(who: Requester, bucket: Bucket, action: str, key: str | None) -> str:
    if who.caller.anonymous:
        return "Access Denied"
    resource = bucket.arn if key is None else f"{bucket.arn}/{key}"
    return f'User: {who.caller.arn} is not authorized to perform: {action} on resource: "{resource}"'
