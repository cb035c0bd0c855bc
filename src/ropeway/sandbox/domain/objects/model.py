"""What S3 keeps: buckets, versions of objects, uploads in parts, and contents on their way into the store.

A key has versions, ordered by ``seq``. The newest is what a plain GET finds, unless it is a delete marker. In a
bucket that never had versioning a key has one version, called ``null``, that each PUT replaces; suspended
versioning keeps the named versions and replaces only ``null``.

``attributes`` has the members that HeadObject tells, by their API names (``ContentType``, ``Metadata``, …), and
so needs no translation on the way in or out; ``Checksums``, ``ChecksumType`` and ``Parts`` are ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["NULL", "Bucket", "Content", "Part", "Upload", "Version"]

NULL = "null"


@dataclass(frozen=True)
class Bucket:
    """A bucket.

    Attributes:
        created: seconds since 1970-01-01 UTC.
        versioning: "" (never on), "Enabled" or "Suspended".
    """

    id: int
    name: str
    account: str
    region: str
    created: float
    versioning: str = ""

    @property
    def arn(self) -> str:
        """The bucket's ARN."""
        return f"arn:aws:s3:::{self.name}"


@dataclass(frozen=True)
class Content:
    """Bytes that are staged: written and hashed, not yet anybody's.

    Attributes:
        file: the staging file's name, which only the blob store can read.
        sha256: hex digest, empty for a part of an upload.
        md5: hex digest.
        checksums: algorithm (``CRC32``) to base64 digest.
    """

    file: str
    size: int
    sha256: str
    md5: str
    checksums: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Version:
    """One version of an object, or a delete marker.

    Attributes:
        latest: it is the newest of its key.
        etag: with its quotation marks; empty for a delete marker.
        modified: seconds since 1970-01-01 UTC.
    """

    key: str
    version_id: str = NULL
    marker: bool = False
    latest: bool = True
    size: int = 0
    etag: str = ""
    sha256: str = ""
    modified: float = 0.0
    attributes: Mapping[str, Any] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    seq: int = 0


@dataclass(frozen=True)
class Upload:
    """An upload in parts that is under way."""

    id: str
    bucket: int
    key: str
    created: float
    attributes: Mapping[str, Any]
    tags: Mapping[str, str]


@dataclass(frozen=True)
class Part:
    """One part of an upload.

    Attributes:
        file: its file's name in the blob store.
        md5: hex digest.
    """

    number: int
    file: str
    size: int
    md5: str
    checksums: Mapping[str, str]
    modified: float

    @property
    def etag(self) -> str:
        """With its quotation marks."""
        return f'"{self.md5}"'
