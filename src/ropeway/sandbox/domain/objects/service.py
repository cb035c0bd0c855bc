"""Objects: put, find, delete, copy, tag. Versions and delete markers follow the bucket's versioning.

A write stages its bytes first, then, in one transaction, checks its conditions, links the content to its address
and adds the version; a reader sees the object before or after, never between. What is not any version's content
any more is removed afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from ropeway.sandbox.domain.objects import faults
from ropeway.sandbox.domain.objects.conditions import WriteIf
from ropeway.sandbox.domain.objects.model import NULL, Bucket, Content, Version
from ropeway.sandbox.domain.objects.ports import Blobs, VersionRows
from ropeway.sandbox.domain.ports import Transactions
from ropeway.values.clock import Clock
from ropeway.values.ids import Ids

__all__ = ["Deleted", "Draft", "Objects"]

_MAX_KEY = 1024


@dataclass(frozen=True)
class Draft:
    """A version to be.

    Attributes:
        etag: with its quotation marks; None takes the content's MD5.
        reason: the operation that makes it, as events tell it.
    """

    key: str
    content: Content
    attributes: Mapping[str, Any]
    tags: Mapping[str, str]
    condition: WriteIf = field(default_factory=WriteIf)
    etag: str | None = None
    reason: str = "PutObject"


@dataclass(frozen=True)
class Deleted:
    """What a delete did: the version removed, or the delete marker made."""

    version_id: str | None
    marker: bool


Watchers = tuple[Callable[[Bucket, Version, str], None], Callable[[Bucket, Version, str], None]]
"""What is called with versions that were added and why, and with what was deleted and how."""


class Objects:
    """Objects of all buckets."""

    def __init__(
        self, rows: VersionRows, blobs: Blobs, transactions: Transactions, clock: Clock, ids: Ids
    ) -> None:
        self._rows = rows
        self.blobs = blobs
        self._transactions = transactions
        self._clock = clock
        self._ids = ids
        self._watchers: list[Watchers] = []

    def watch(self, watchers: Watchers) -> None:
        """Have functions called with every version that is added or removed, inside its transaction."""
        self._watchers.append(watchers)

    def put(self, bucket: Bucket, draft: Draft) -> Version:
        """Make staged content the newest version of a key.

        Raises:
            DomainError: the key is too long, or a condition does not hold; the content is discarded then.
        """
        try:
            check_key(draft.key)
            with self._transactions.transaction():
                current = self._rows.latest(bucket, draft.key)
                draft.condition.check(draft.key, None if current is None or current.marker else current)
                self.blobs.install(draft.content)
                version = self._version(bucket, draft)
                self._rows.add(bucket, version)
                for created, _ in self._watchers:
                    created(bucket, version, draft.reason)
        finally:
            self.blobs.installed(draft.content)
        if current is not None and version.version_id == NULL:
            self.blobs.collect()
        return version

    def _version(self, bucket: Bucket, draft: Draft) -> Version:
        return Version(
            key=draft.key,
            version_id=self._new_version_id(bucket),
            size=draft.content.size,
            etag=draft.etag or f'"{draft.content.md5}"',
            sha256=draft.content.sha256,
            modified=self._clock.now(),
            attributes=draft.attributes,
            tags=draft.tags,
        )

    def _new_version_id(self, bucket: Bucket) -> str:
        return self._ids.token(32) if bucket.versioning == "Enabled" else NULL

    def find(self, bucket: Bucket, key: str, version_id: str | None = None) -> Version:
        """The newest version, or the named one, to read.

        Raises:
            DomainError: ``NoSuchKey``, ``NoSuchVersion``, or ``MethodNotAllowed`` for a named delete marker.
        """
        if version_id is None:
            version = self._rows.latest(bucket, key)
            if version is None:
                raise faults.no_such_key(key)
            if version.marker:
                raise faults.no_such_key(key, marker=version.version_id)
            return version
        version = self._rows.get(bucket, key, version_id)
        if version is None:
            raise faults.no_such_version(key, version_id)
        if version.marker:
            raise faults.marker_method(version.version_id, version.modified)
        return version

    def delete(
        self,
        bucket: Bucket,
        key: str,
        version_id: str | None = None,
        *,
        condition: WriteIf | None = None,
        bypass: bool = False,
    ) -> Deleted:
        """Delete a key (a delete marker where versions are kept) or one version for good.

        Args:
            bucket: the bucket.
            key: need not exist.
            version_id: the version to remove.
            condition: what must be there.
            bypass: governance retention does not hold the caller back.
        """
        with self._transactions.transaction():
            if condition is not None:
                current = self._rows.latest(bucket, key)
                condition.check(key, None if current is None or current.marker else current)
            if version_id is not None:
                deleted = self._remove(bucket, key, version_id, bypass=bypass)
            elif bucket.versioning:
                marker = Version(key, self._new_version_id(bucket), marker=True, modified=self._clock.now())
                self._rows.add(bucket, marker)
                for _, gone in self._watchers:
                    gone(bucket, marker, "Delete Marker Created")
                deleted = Deleted(marker.version_id, marker=True)
            else:
                self._remove(bucket, key, NULL, bypass=bypass)
                deleted = Deleted(None, marker=False)
        self.blobs.collect()
        return deleted

    def _remove(self, bucket: Bucket, key: str, version_id: str, *, bypass: bool) -> Deleted:
        version = self._rows.get(bucket, key, version_id)
        if version is None:
            return Deleted(version_id, marker=False)
        self._check_lock(version, bypass=bypass)
        self._rows.remove(bucket, version)
        for _, gone in self._watchers:
            gone(bucket, version, "Permanently Deleted")
        return Deleted(version_id, marker=version.marker)

    def _check_lock(self, version: Version, *, bypass: bool) -> None:
        lock = version.attributes
        until = lock.get("ObjectLockRetainUntilDate")
        retained = until is not None and datetime.fromisoformat(until).timestamp() > self._clock.now()
        held = lock.get("ObjectLockLegalHoldStatus") == "ON"
        if held or (retained and not (bypass and lock.get("ObjectLockMode") == "GOVERNANCE")):
            raise faults.denied("Access Denied because object protected by object lock.")

    def retag(self, version: Version, tags: Mapping[str, str]) -> None:
        """Replace a version's tags."""
        self._rows.update(replace(version, tags=dict(tags)))

    def amend(self, version: Version, attributes: Mapping[str, Any]) -> None:
        """Set attributes of a version (retention, legal hold); None takes one away."""
        merged = {**version.attributes, **attributes}
        kept = {name: value for name, value in merged.items() if value is not None}
        self._rows.update(replace(version, attributes=kept))


def check_key(key: str) -> None:
    """Refuse a key that is too long.

    Raises:
        DomainError: ``KeyTooLongError``.
    """
    size = len(key.encode("utf-8", "surrogateescape"))
    if size > _MAX_KEY:
        text = "Your key is too long"
        raise faults.refused("KeyTooLongError", text, Size=str(size), MaxSizeAllowed=str(_MAX_KEY))
