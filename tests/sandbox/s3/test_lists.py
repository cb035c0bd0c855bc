"""Pages of keys, versions and uploads."""

from __future__ import annotations

from typing import Any

import pytest

KEYS = ["a", "b/1", "b/2", "b/c/3", "d", "e/1", "é", "z z"]


@pytest.fixture
def filled(s3: Any, bucket: str) -> str:
    """A bucket with a small tree."""
    for key in KEYS:
        s3.put_object(Bucket=bucket, Key=key, Body=b"")
    return bucket


@pytest.mark.parametrize("page", [1, 2, 3, 1000])
@pytest.mark.parametrize("operation", ["list_objects_v2", "list_objects", "list_object_versions"])
def test_pages_join_to_the_whole(s3: Any, filled: str, operation: str, page: int) -> None:
    pages = s3.get_paginator(operation).paginate(Bucket=filled, PaginationConfig={"PageSize": page})
    member = "Versions" if operation == "list_object_versions" else "Contents"
    assert [each["Key"] for answer in pages for each in answer.get(member, [])] == sorted(
        KEYS, key=str.encode
    )


@pytest.mark.parametrize("page", [1, 2, 1000])
@pytest.mark.parametrize("operation", ["list_objects_v2", "list_objects", "list_object_versions"])
def test_a_delimiter_folds_keys(s3: Any, filled: str, operation: str, page: int) -> None:
    pages = list(
        s3.get_paginator(operation).paginate(
            Bucket=filled, Delimiter="/", PaginationConfig={"PageSize": page}
        )
    )
    member = "Versions" if operation == "list_object_versions" else "Contents"
    assert [each["Key"] for answer in pages for each in answer.get(member, [])] == ["a", "d", "z z", "é"]
    assert [each["Prefix"] for answer in pages for each in answer.get("CommonPrefixes", [])] == ["b/", "e/"]


def test_prefix_and_start_narrow_a_list(s3: Any, filled: str) -> None:
    def keys(**narrow: str) -> list[str]:
        return [each["Key"] for each in s3.list_objects_v2(Bucket=filled, **narrow).get("Contents", [])]

    assert keys(Prefix="b/") == ["b/1", "b/2", "b/c/3"]
    assert keys(Prefix="b/", Delimiter="/") == ["b/1", "b/2"]
    assert keys(StartAfter="d") == ["e/1", "z z", "é"]
    assert keys(Prefix="nothing") == []


def test_no_keys_are_asked_for(s3: Any, filled: str) -> None:
    answer = s3.list_objects_v2(Bucket=filled, MaxKeys=0)
    assert (answer["KeyCount"], answer["IsTruncated"]) == (0, False)


@pytest.mark.parametrize("page", [1, 2, 3])
def test_versions_of_one_key_span_pages(s3: Any, versioned: str, page: int) -> None:
    made = [s3.put_object(Bucket=versioned, Key="k", Body=bytes([n]))["VersionId"] for n in range(5)]
    pages = s3.get_paginator("list_object_versions").paginate(
        Bucket=versioned, PaginationConfig={"PageSize": page}
    )
    listed = [each for answer in pages for each in answer["Versions"]]
    assert [each["VersionId"] for each in listed] == made[::-1]
    assert [each["IsLatest"] for each in listed] == [True, False, False, False, False]


@pytest.mark.parametrize("page", [1, 2, 1000])
def test_uploads_are_listed_by_key(s3: Any, bucket: str, page: int) -> None:
    keys = ["a", "a", "b/1", "c"]
    made = {s3.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"] for key in keys}
    paginator = s3.get_paginator("list_multipart_uploads")
    pages = paginator.paginate(Bucket=bucket, PaginationConfig={"PageSize": page})
    listed = [each for answer in pages for each in answer["Uploads"]]
    assert [each["Key"] for each in listed] == keys
    assert {each["UploadId"] for each in listed} == made
