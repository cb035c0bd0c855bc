"""S3 addresses."""

from __future__ import annotations

import pytest

from ropeway.values.s3uri import S3Uri


@pytest.mark.parametrize(
    ("text", "bucket", "key", "name"),
    [
        ("s3://data/train/part1.csv", "data", "train/part1.csv", "part1.csv"),
        ("s3://data/train/", "data", "train/", "train"),
        ("s3://data/", "data", "", ""),
        ("s3://data", "data", "", ""),
    ],
)
def test_an_address_is_taken_apart(text: str, bucket: str, key: str, name: str) -> None:
    uri = S3Uri.parse(text)
    assert (uri.bucket, uri.key, uri.name) == (bucket, key, name)


@pytest.mark.parametrize("text", ["", "data/key", "http://data/key", "s3://", "s3:///key"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not an S3 address"):
        S3Uri.parse(text)


def test_children_are_joined_by_single_slashes() -> None:
    assert str(S3Uri.parse("s3://data/a/").child("/b/", "", "c.csv")) == "s3://data/a/b/c.csv"
    assert str(S3Uri.parse("s3://data").child("c.csv")) == "s3://data/c.csv"
