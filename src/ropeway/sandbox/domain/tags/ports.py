"""What tags need: a place to keep them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

__all__ = ["TagStore"]


class TagStore(Protocol):
    """Keeps tags by ARN, in the order in which their keys were first set."""

    def get(self, arn: str) -> dict[str, str]:
        """All tags of a resource."""

    def put(self, arn: str, tags: Mapping[str, str]) -> None:
        """Add tags; a key that is there takes the new value."""

    def remove(self, arn: str, keys: Sequence[str]) -> None:
        """Take tags away; keys that are not there are ignored."""

    def clear(self, arn: str) -> None:
        """Take all tags of a resource away."""

    def everything(self, account: str, region: str) -> dict[str, dict[str, str]]:
        """All tags of one account and region, by ARN."""
