"""Tags: at most fifty keys on a resource, none of them AWS's own.

A resource's tags live and die with it: whoever deletes it calls ``clear``. The table does not ask whether a
resource exists, because it also serves ARNs that other parts of the sandbox own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ropeway.sandbox.domain.errors import Invalid, LimitExceeded
from ropeway.sandbox.domain.tags.ports import TagStore

__all__ = ["Tags"]

_MOST = 50


class Tags:
    """Tags by ARN. A tag is API-shaped: ``{"Key": …, "Value": …}``."""

    def __init__(self, store: TagStore) -> None:
        self._store = store

    def add(self, arn: str, tags: Sequence[Mapping[str, str]]) -> Sequence[dict[str, str]]:
        """Set tags; returns all that the resource then has.

        Raises:
            Invalid: a key occurs twice or is reserved.
            LimitExceeded: the resource would have more than fifty.
        """
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
        self._store.remove(arn, keys)

    def list(self, arn: str) -> Sequence[dict[str, str]]:
        """All tags of a resource."""
        return [{"Key": key, "Value": value} for key, value in self._store.get(arn).items()]

    def clear(self, arn: str) -> None:
        """The resource is gone, and its tags with it."""
        self._store.clear(arn)
