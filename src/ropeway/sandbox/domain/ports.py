"""What the domain needs from the world, as protocols. ``store`` and ``runners`` implement them.

Ports of one area only (its repository, say) live beside that area, in ``domain/<area>/ports.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

__all__ = ["Alarms", "ObjectInfo", "ObjectStore", "Peers", "Transactions"]


class Alarms(Protocol):
    """Calls back at a moment. Alarms do not outlive the process: set them again after a restart."""

    def at(self, moment: float, work: Callable[[], None]) -> None:
        """Have a function called soon after the clock shows a moment, in another thread.

        Args:
            moment: epoch seconds.
            work: what to do; short, or handed on to a thread of its own.
        """


class Transactions(Protocol):
    """All-or-nothing changes across repositories."""

    def transaction(self) -> AbstractContextManager[object]:
        """One transaction of the calling thread; a nested one joins the outer one."""


@dataclass(frozen=True)
class ObjectInfo:
    """What a listing tells of one S3 object.

    Attributes:
        size: bytes.
        etag: with its quotation marks.
        modified: seconds since 1970-01-01 UTC.
        sha256: hex digest of the content: its address in the store.
    """

    bucket: str
    key: str
    size: int
    etag: str
    modified: float
    sha256: str
    version_id: str | None = None


class ObjectStore(Protocol):
    """S3 as jobs and the engine use it: by file, under the policies of buckets and keys.

    ``who`` acts: a role by its ARN, or an account's root by its number.
    Missing buckets and keys and refused access raise ``DomainError`` with S3's codes
    (``NoSuchBucket``, ``NoSuchKey``, ``AccessDenied``).
    """

    def head(self, who: str, bucket: str, key: str) -> ObjectInfo | None:
        """The current version of an object, or None; a missing bucket raises."""

    def list(self, who: str, bucket: str, prefix: str) -> Iterator[ObjectInfo]:
        """Current versions whose key starts with the prefix, in key order."""

    def read(self, who: str, bucket: str, key: str, version: str | None = None) -> bytes:
        """A small object's content: its current version's, or that of the version named."""

    def materialize(self, who: str, bucket: str, key: str, target: Path, *, link: bool) -> None:
        """Put the content at ``target`` (parents exist): hard-linked when ``link``, else an own copy.

        A linked file shares its bytes with the store: ask for links only where writes cannot reach them.
        """

    def put_file(
        self, who: str, bucket: str, key: str, source: Path, *, consume: bool, kms_key: str = ""
    ) -> ObjectInfo:
        """Store a file's content; with ``consume`` the file itself is moved into the store.

        ``kms_key`` encrypts it; without one the bucket's default does.
        """

    def put_bytes(self, who: str, bucket: str, key: str, content: bytes) -> ObjectInfo:
        """Store a small object."""

    def remove(self, who: str, bucket: str, key: str) -> None:
        """Delete an object (a delete marker where versions are kept); it need not be there.

        Not for use inside a transaction: the content is gone even when the transaction is undone.
        """


class Peers(Protocol):
    """Calls to AWS services that the sandbox serves by moto (logs, IAM, Lambda's control plane, …)."""

    def call(
        self, service: str, operation: str, params: Mapping[str, Any], *, account: str, region: str
    ) -> dict[str, Any]:
        """One API call, as boto3 would make it.

        Raises:
            DomainError: with the code and message that the service answered.
        """
