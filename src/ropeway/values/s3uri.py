"""S3 addresses as SageMaker writes them: ``s3://bucket/key``.

>>> S3Uri.parse("s3://data/train/part1.csv").key
'train/part1.csv'
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["S3Uri"]


@dataclass(frozen=True)
class S3Uri:
    """A bucket and a key (or a key prefix, which may be empty)."""

    bucket: str
    key: str

    @classmethod
    def parse(cls, text: str) -> S3Uri:
        """Take an ``s3://`` address apart.

        Raises:
            ValueError: the text is no S3 address or names no bucket.
        """
        scheme, separator, rest = text.partition("://")
        bucket, _, key = rest.partition("/")
        if scheme != "s3" or not separator or not bucket:
            raise ValueError(f"not an S3 address: {text!r} (expected s3://bucket/key)")
        return cls(bucket, key)

    def child(self, *parts: str) -> S3Uri:
        """The address below this one, joined by single slashes."""
        pieces = [self.key.rstrip("/")] if self.key else []
        pieces += [part.strip("/") for part in parts if part.strip("/")]
        return S3Uri(self.bucket, "/".join(pieces))

    @property
    def name(self) -> str:
        """The last part of the key."""
        return self.key.rstrip("/").rpartition("/")[2]

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}"
