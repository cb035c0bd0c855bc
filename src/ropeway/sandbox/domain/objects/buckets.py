"""Buckets: create, list, delete, versioning, policy, and their configuration documents.

Every sub-resource (encryption, lifecycle, CORS, …) is one mechanism: a JSON document of a kind, kept as it was sent.
Only the policy and versioning change what the sandbox does; the others are kept and told, not acted on.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from typing import Any

from ropeway.sandbox.domain.objects import faults
from ropeway.sandbox.domain.objects.access import POLICY, Requester
from ropeway.sandbox.domain.objects.model import Bucket
from ropeway.sandbox.domain.objects.ports import BucketRows
from ropeway.sandbox.domain.policy import parse
from ropeway.values.clock import Clock

__all__ = ["Buckets"]

_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_FIRST_REGION = "us-east-1"
_MAX_POLICY = 20_480


class Buckets:
    """Buckets of all accounts; names are unique among them, as on AWS."""

    def __init__(self, rows: BucketRows, clock: Clock) -> None:
        self._rows = rows
        self._clock = clock

    def create(self, who: Requester, name: str, region: str, constraint: str | None) -> Bucket:
        """Create a bucket.

        Args:
            who: its owner.
            name: of 3 to 63 characters.
            region: where the request was sent to.
            constraint: the location the request asks for.

        Raises:
            DomainError: the name or the location is wrong, or the name is taken.
        """
        if who.caller.anonymous:
            raise faults.denied()
        if not _NAME.fullmatch(name) or ".." in name or _is_address(name):
            raise faults.refused("InvalidBucketName", "The specified bucket is not valid.", BucketName=name)
        location = _location(region, constraint)
        if self._rows.add(name, who.caller.account, location, self._clock.now()):
            return self._get(name)
        bucket = self._get(name)
        own = bucket.account == who.caller.account
        if own and region == _FIRST_REGION and bucket.region == _FIRST_REGION:
            return bucket  # the one region that answers a repetition with success
        raise faults.bucket_exists(name, own=own)

    def _get(self, name: str) -> Bucket:
        bucket = self._rows.get(name)
        if bucket is None:
            raise faults.no_such_bucket(name)
        return bucket

    def owned_by(self, account: str) -> Sequence[Bucket]:
        """An account's buckets by name."""
        return self._rows.owned_by(account)

    def delete(self, bucket: Bucket) -> None:
        """Delete an empty bucket.

        Raises:
            DomainError: ``BucketNotEmpty``.
        """
        if self._rows.delete(bucket):
            return
        text = "The bucket you tried to delete is not empty"
        if bucket.versioning:
            text = f"{text}. You must delete all versions in the bucket."
        raise faults.refused("BucketNotEmpty", text, 409, BucketName=bucket.name)

    def set_versioning(self, bucket: Bucket, status: str | None) -> None:
        """Switch versioning on or suspend it."""
        if status not in {"Enabled", "Suspended"}:
            raise faults.refused(
                "IllegalVersioningConfigurationException", "The Versioning element must be specified"
            )
        if status == "Suspended" and self._rows.document(bucket, "object-lock") is not None:
            text = "An Object Lock configuration is present on this bucket, so the versioning state cannot be changed."
            raise faults.refused("InvalidBucketState", text, 409)
        self._rows.set_versioning(bucket, status)

    def set_policy(self, bucket: Bucket, text: str) -> None:
        """Replace the bucket's policy.

        Raises:
            DomainError: ``MalformedPolicy``: it is no policy, or is about another bucket.
        """
        if len(text) > _MAX_POLICY:
            raise faults.refused("PolicyTooLarge", "The policy is larger than 20 KB")
        policy = parse(text)
        statements = policy["Statement"] if isinstance(policy["Statement"], list) else [policy["Statement"]]
        for statement in statements:
            _check_resources(statement, bucket)
        self._rows.put_document(bucket, POLICY, "", policy)

    def put(self, bucket: Bucket, kind: str, document: Any, id_: str = "") -> None:
        """Keep a configuration document."""
        self._rows.put_document(bucket, kind, id_, document)

    def get(self, bucket: Bucket, kind: str, id_: str = "") -> Any:
        """A configuration document, or None."""
        return self._rows.document(bucket, kind, id_)

    def all(self, bucket: Bucket, kind: str) -> Sequence[Any]:
        """The configuration documents of a kind that has several."""
        return self._rows.documents(bucket, kind)

    def forget(self, bucket: Bucket, kind: str, id_: str = "") -> bool:
        """Delete a configuration document; False when there is none."""
        return self._rows.delete_document(bucket, kind, id_)


def _location(region: str, constraint: str | None) -> str:
    if constraint == "EU":
        constraint = "eu-west-1"
    if region == _FIRST_REGION:
        return constraint or region
    if constraint != region:
        text = (
            f"The {constraint or 'unspecified'} location constraint is incompatible for the region specific endpoint "
            "this request was sent to."
        )
        raise faults.refused("IllegalLocationConstraintException", text)
    return region


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _check_resources(statement: dict[str, Any], bucket: Bucket) -> None:
    resources = statement.get("Resource", statement.get("NotResource", []))
    for resource in [resources] if isinstance(resources, str) else resources:
        named = resource.removeprefix("arn:aws:s3:::").partition("/")[0]
        if named != bucket.name and not any(sign in named for sign in "*?$"):
            raise faults.refused("MalformedPolicy", "Policy has invalid resource")
