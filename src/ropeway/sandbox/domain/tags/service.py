"""Tags: at most fifty keys on a resource, none of them AWS's own.

A resource's tags live and die with it: whoever deletes it calls ``clear``. The table does not ask whether a
resource exists, because it serves ARNs of every part of the sandbox. Resources that moto keeps (``_AT_MOTO``) have
their tags there, where their creation put them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ropeway.sandbox.domain.errors import DomainError, Invalid, LimitExceeded
from ropeway.sandbox.domain.ports import Peers
from ropeway.sandbox.domain.tags.ports import TagStore
from ropeway.values.arn import Arn

__all__ = ["Tags"]

_MOST = 50
_AT_MOTO = frozenset(
    {
        "model-card",
    }
)


class Tags:
    """Tags by ARN. A tag is API-shaped: ``{"Key": …, "Value": …}``."""

    def __init__(self, store: TagStore, peers: Peers) -> None:
        self._store = store
        self._peers = peers

    def add(self, arn: str, tags: Sequence[Mapping[str, str]]) -> Sequence[dict[str, str]]:
        """Set tags; returns all that the resource then has.

        Raises:
            Invalid: a key occurs twice or is reserved.
            LimitExceeded: the resource would have more than fifty.
        """
        if _at_moto(arn):
            answer: Sequence[dict[str, str]] = self._ask(arn, "AddTags", {"Tags": tags})["Tags"]
            return answer
        wanted = {tag["Key"]: tag["Value"] for tag in tags}
        if len(wanted) < len(tags):
            raise Invalid("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
        for key in wanted:
            if key.lower().startswith("aws:"):
                raise Invalid(f"Tag keys that start with aws: are reserved: {key}")
        if len({**self._store.get(arn), **wanted}) > _MOST:
            raise LimitExceeded(f"A resource has at most {_MOST} tags: {arn}")
        if wanted:
            self._store.put(arn, wanted)
        return self.list(arn)

    def remove(self, arn: str, keys: Sequence[str]) -> None:
        """Take tags away; keys that are not there are ignored."""
        if _at_moto(arn):
            self._ask(arn, "DeleteTags", {"TagKeys": keys})
        else:
            self._store.remove(arn, keys)

    def list(self, arn: str) -> Sequence[dict[str, str]]:
        """All tags of a resource."""
        if _at_moto(arn):
            tags: Sequence[dict[str, str]] = self._ask(arn, "ListTags", {}).get("Tags", [])
            return tags
        return [{"Key": key, "Value": value} for key, value in self._store.get(arn).items()]

    def everything(self, account: str, region: str) -> dict[str, dict[str, str]]:
        """All tags of one account and region, by ARN; those that moto keeps are not among them."""
        return self._store.everything(account, region)

    def clear(self, arn: str) -> None:
        """The resource is gone, and its tags with it."""
        self._store.clear(arn)

    def _ask(self, arn: str, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
        parsed = Arn.parse(arn)
        try:
            return self._peers.call(
                "sagemaker",
                operation,
                {"ResourceArn": arn, **params},
                account=parsed.account,
                region=parsed.region,
            )
        except DomainError as error:
            if error.status < 500:
                raise
            # moto fails on the tags of a resource that it does not have, instead of saying so.
            raise Invalid(f"Could not find resource {arn}.") from error


def _at_moto(arn: str) -> bool:
    return Arn.parse(arn).kind in _AT_MOTO
