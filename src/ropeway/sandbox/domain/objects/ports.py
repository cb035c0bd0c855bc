"""What S3 needs from the store: rows (``BucketRows``, ``VersionRows``, ``UploadRows``) and files (``Blobs``)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from ropeway.sandbox.domain.objects.model import Bucket, Content, Part, Upload, Version

__all__ = ["Blobs", "BucketRows", "Staging", "UploadRows", "VersionRows"]


class Staging(Protocol):
    """A file that content is being written to."""

    def write(self, piece: bytes) -> None:
        """Append."""

    def finish(self, checksums: Mapping[str, str]) -> Content:
        """Close the file and tell what it holds."""

    def discard(self) -> None:
        """Remove the file; nothing happens when that is done already."""


class Blobs(Protocol):
    """Contents as files, addressed by their SHA-256."""

    def stage(self, *, part: bool = False) -> Staging:
        """A new file to write to; a part of an upload needs no SHA-256."""

    def adopt(self, source: Path, *, consume: bool) -> Content:
        """Stage a file's content: the file itself when it may be consumed, else a copy."""

    def again(self, sha256: str, algorithm: str | None) -> Content:
        """Stage a content that is there already, without copying it; size and MD5 are left out.

        With an algorithm its checksum is taken, which reads the content.
        """

    def install(self, content: Content) -> None:
        """Give a staged content its address. Call it in the transaction that adds the version."""

    def installed(self, content: Content) -> None:
        """The transaction is through: the staging file may go."""

    def discard(self, files: Iterable[str]) -> None:
        """Remove staging files."""

    def open_staged(self, file: str) -> BinaryIO:
        """Read a staged part."""

    def path(self, sha256: str) -> Path:
        """Where a content is."""

    def open(self, sha256: str) -> BinaryIO:
        """Read a content; it stays readable until it is closed, whatever becomes of the object."""

    def place(self, sha256: str, target: Path, *, link: bool) -> None:
        """Put a content at a path: hard-linked when asked for and possible, else copied."""

    def collect(self) -> None:
        """Remove contents that no version has any more."""


class BucketRows(Protocol):
    """Buckets and their configuration documents."""

    def add(self, name: str, account: str, region: str, created: float) -> bool:
        """Add a bucket; False when the name is taken."""

    def get(self, name: str) -> Bucket | None:
        """A bucket by its name."""

    def owned_by(self, account: str) -> Sequence[Bucket]:
        """An account's buckets by name."""

    def delete(self, bucket: Bucket) -> bool:
        """Delete a bucket with its documents and unfinished uploads; False when it has versions."""

    def set_versioning(self, bucket: Bucket, status: str) -> None:
        """Switch versioning."""

    def put_document(self, bucket: Bucket, kind: str, id_: str, document: Any) -> None:
        """Keep a JSON document."""

    def document(self, bucket: Bucket, kind: str, id_: str = "") -> Any:
        """A JSON document, or None."""

    def documents(self, bucket: Bucket, kind: str) -> Sequence[Any]:
        """All documents of a kind by id."""

    def delete_document(self, bucket: Bucket, kind: str, id_: str = "") -> bool:
        """Forget a document; False when there is none."""


class VersionRows(Protocol):
    """Versions of objects."""

    def latest(self, bucket: Bucket, key: str) -> Version | None:
        """The newest version of a key, which may be a delete marker."""

    def get(self, bucket: Bucket, key: str, version_id: str) -> Version | None:
        """One version."""

    def add(self, bucket: Bucket, version: Version) -> None:
        """Make a version the newest of its key."""

    def remove(self, bucket: Bucket, version: Version) -> None:
        """Remove one version; the one before it becomes the newest."""

    def update(self, version: Version) -> None:
        """Write a version's attributes and tags."""

    def scan(self, bucket: Bucket, start: str, stop: str | None) -> Iterator[Version]:
        """Objects from key ``start`` on, before ``stop``, by key; of their attributes only the storage class."""

    def scan_versions(
        self, bucket: Bucket, start: str, stop: str | None, below: int | None
    ) -> Iterator[Version]:
        """Versions by key, newest first; ``below`` leaves out those of key ``start`` from that seq on."""


class UploadRows(Protocol):
    """Uploads in parts."""

    def add(self, upload: Upload) -> None:
        """Keep a new upload."""

    def get(self, upload_id: str) -> Upload | None:
        """An upload by id."""

    def remove(self, upload_id: str) -> Sequence[str]:
        """Forget an upload and its parts; the parts' files."""

    def scan(self, bucket: Bucket, start: str, stop: str | None, after_id: str | None) -> Iterator[Upload]:
        """Uploads by key and id; ``after_id`` leaves out those of key ``start`` up to that id."""

    def put_part(self, upload_id: str, part: Part) -> str | None:
        """Keep a part; the file of the part it replaces."""

    def parts(self, upload_id: str) -> Sequence[Part]:
        """An upload's parts by number."""
