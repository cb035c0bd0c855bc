"""Conditional requests: ``If-Match`` and its relations, for reading, copying and writing.

Precedence is RFC 9110's: a tag condition that is there decides, the date beside it is then not looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ropeway.sandbox.domain.objects.faults import (
    conditional_conflict,
    failed_precondition,
    no_such_key,
    not_modified,
)
from ropeway.sandbox.domain.objects.model import Version

__all__ = ["ReadIf", "WriteIf"]


@dataclass(frozen=True)
class ReadIf:
    """Conditions on the version that is read.

    Attributes:
        copying: it is the source of a copy, where all failures are 412.
    """

    match: str | None = None
    none_match: str | None = None
    modified_since: datetime | None = None
    unmodified_since: datetime | None = None
    copying: bool = False

    def check(self, version: Version) -> None:
        """Compare.

        Raises:
            DomainError: ``PreconditionFailed`` or ``NotModified``.
        """
        prefix = "x-amz-copy-source-" if self.copying else ""
        modified = int(version.modified)
        if self.match is not None:
            if not _fits(self.match, version.etag):
                raise failed_precondition(f"{prefix}If-Match")
        elif self.unmodified_since is not None and modified > self.unmodified_since.timestamp():
            raise failed_precondition(f"{prefix}If-Unmodified-Since")
        if self.none_match is not None:
            if _fits(self.none_match, version.etag):
                raise (
                    failed_precondition(f"{prefix}If-None-Match")
                    if self.copying
                    else not_modified(version.etag)
                )
        elif self.modified_since is not None and modified <= self.modified_since.timestamp():
            raise (
                failed_precondition(f"{prefix}If-Modified-Since")
                if self.copying
                else not_modified(version.etag)
            )


@dataclass(frozen=True)
class WriteIf:
    """Conditions on what is there before a write; checked in the transaction that writes."""

    match: str | None = None
    none_match: str | None = None

    def check(self, key: str, current: Version | None) -> None:
        """Compare.

        Args:
            key: for the error.
            current: the newest version, None when there is none or it is a delete marker.

        Raises:
            DomainError: ``PreconditionFailed``, or ``NoSuchKey`` when there is nothing to match.
        """
        if self.none_match is not None:
            if self.none_match != "*" or self.match is not None:
                raise conditional_conflict()
            if current is not None:
                raise failed_precondition("If-None-Match")
        if self.match is not None:
            if current is None:
                raise no_such_key(key)
            if not _fits(self.match, current.etag):
                raise failed_precondition("If-Match")


def _fits(condition: str, etag: str) -> bool:
    tags = {tag.strip().removeprefix("W/").strip('"') for tag in condition.split(",")}
    return "*" in tags or etag.strip('"') in tags
