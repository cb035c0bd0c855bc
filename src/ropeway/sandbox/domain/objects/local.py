"""S3 from inside the sandbox: jobs and the engine read and write objects as files.

The same policies of buckets and keys hold for them: ``who`` is a role by its ARN, or an account by its number.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ropeway.sandbox.domain.objects.access import Access, Requester
from ropeway.sandbox.domain.objects.contents import Incoming, receive
from ropeway.sandbox.domain.objects.encryption import Encryption
from ropeway.sandbox.domain.objects.listing import Query, collect
from ropeway.sandbox.domain.objects.model import Bucket, Content, Version
from ropeway.sandbox.domain.objects.ports import VersionRows
from ropeway.sandbox.domain.objects.service import Draft, Objects
from ropeway.sandbox.domain.ports import ObjectInfo

__all__ = ["LocalObjects"]

_PAGE = 1000
_DEFAULT_TYPE = {"ContentType": "binary/octet-stream"}


class LocalObjects:
    """Implements ``domain.ports.ObjectStore``."""

    def __init__(self, gates: tuple[Access, Encryption], objects: Objects, rows: VersionRows) -> None:
        self._access, self._encryption = gates
        self._objects = objects
        self._rows = rows

    def head(self, who: str, bucket: str, key: str) -> ObjectInfo | None:
        """The current version of an object, or None."""
        found = self._access.open(Requester.acting(who), bucket, "s3:GetObject", key)
        version = self._rows.latest(found, key)
        return None if version is None or version.marker else _info(found, version)

    def list(self, who: str, bucket: str, prefix: str) -> Iterator[ObjectInfo]:
        """Current versions whose key starts with the prefix, in key order."""
        found = self._access.open(Requester.acting(who), bucket, "s3:ListBucket")
        start = prefix
        while True:
            page = collect(
                Query(prefix=prefix, start=start, limit=_PAGE),
                lambda first, stop, _resumed: self._rows.scan(found, first, stop),
            )
            for version in page.items:
                yield _info(found, version)
            if not page.truncated:
                return
            start = f"{page.items[-1].key}\0"

    def read(self, who: str, bucket: str, key: str, version: str | None = None) -> bytes:
        """A small object's content: its current version's, or that of the version named."""
        action = "s3:GetObject" if version is None else "s3:GetObjectVersion"
        place = self._access.open(Requester.acting(who), bucket, action, key)
        found = self._objects.find(place, key, version)
        self._encryption.check(Requester.acting(who), place, key, found.attributes)
        with self._objects.blobs.open(found.sha256) as stream:
            return stream.read()

    def materialize(self, who: str, bucket: str, key: str, target: Path, *, link: bool) -> None:
        """Put the content at ``target``: hard-linked when ``link`` (where the file system can), else copied."""
        _, version = self._find(who, bucket, key)
        try:
            self._objects.blobs.place(version.sha256, target, link=link)
        except FileNotFoundError:  # replaced since it was found
            _, version = self._find(who, bucket, key)
            self._objects.blobs.place(version.sha256, target, link=link)

    def put_file(
        self, who: str, bucket: str, key: str, source: Path, *, consume: bool, kms_key: str = ""
    ) -> ObjectInfo:
        """Store a file's content; with ``consume`` the file itself is moved into the store."""
        found = self._access.open(Requester.acting(who), bucket, "s3:PutObject", key)
        attributes = self._attributes(who, found, key, kms_key)
        return self._put(found, key, self._objects.blobs.adopt(source, consume=consume), attributes)

    def put_bytes(self, who: str, bucket: str, key: str, content: bytes) -> ObjectInfo:
        """Store a small object."""
        found = self._access.open(Requester.acting(who), bucket, "s3:PutObject", key)
        attributes = self._attributes(who, found, key, "")
        received = receive(self._objects.blobs, Incoming([content] if content else []))
        return self._put(found, key, received, attributes)

    def remove(self, who: str, bucket: str, key: str) -> None:
        """Delete an object; it need not be there."""
        self._objects.delete(self._access.open(Requester.acting(who), bucket, "s3:DeleteObject", key), key)

    def _attributes(self, who: str, bucket: Bucket, key: str, kms_key: str) -> Mapping[str, Any]:
        asked = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": kms_key} if kms_key else {}
        return self._encryption.choose(Requester.acting(who), bucket, key, {**_DEFAULT_TYPE, **asked})

    def _put(self, bucket: Bucket, key: str, content: Content, attributes: Mapping[str, Any]) -> ObjectInfo:
        return _info(bucket, self._objects.put(bucket, Draft(key, content, attributes, {})))

    def _find(self, who: str, bucket: str, key: str) -> tuple[Bucket, Version]:
        found = self._access.open(Requester.acting(who), bucket, "s3:GetObject", key)
        version = self._objects.find(found, key)
        self._encryption.check(Requester.acting(who), found, key, version.attributes)
        return found, version


def _info(bucket: Bucket, version: Version) -> ObjectInfo:
    return ObjectInfo(
        bucket=bucket.name,
        key=version.key,
        size=version.size,
        etag=version.etag,
        modified=version.modified,
        sha256=version.sha256,
        version_id=None if version.version_id == "null" else version.version_id,
    )
