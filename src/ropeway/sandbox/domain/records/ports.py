"""A record, and where records are kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from ropeway.sandbox.domain.listing import Listing, Page

__all__ = ["Record", "RecordStore"]


@dataclass(frozen=True)
class Record:
    """One resource.

    Attributes:
        kind: the API's noun: ``UserProfile``.
        parent: the resource that it lives in, or the empty text.
        created, modified: seconds since 1970-01-01 UTC.
        document: API-shaped, JSON-compatible.
    """

    arn: str
    kind: str
    account: str
    region: str
    name: str
    parent: str
    created: float
    modified: float
    document: Mapping[str, Any]


class RecordStore(Protocol):
    """Keeps records by ARN."""

    def get(self, arn: str) -> Record | None:
        """A record, or None."""

    def put(self, record: Record) -> None:
        """Keep a record; one of its ARN is replaced."""

    def delete(self, arn: str) -> None:
        """Forget a record."""

    def list(self, kind: str, account: str, region: str, listing: Listing) -> Page[Record]:
        """Records of a kind in an account and region; ``equals`` may name ``parent``."""

    def count(self, kind: str, account: str, region: str, parent: str) -> int:
        """How many of a kind live in a parent."""
