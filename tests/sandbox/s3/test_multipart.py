"""Uploads in parts."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from boto3.s3.transfer import TransferConfig

from tests.sandbox.s3.refusal import code_of

MIB = 1024 * 1024
FIVE = b"x" * (5 * MIB)


def _upload(s3: Any, bucket: str, *bodies: bytes, **options: Any) -> tuple[str, list[dict[str, Any]]]:
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k", **options)["UploadId"]
    parts = []
    for number, body in enumerate(bodies, start=1):
        part = s3.upload_part(Bucket=bucket, Key="k", UploadId=upload, PartNumber=number, Body=body)
        parts.append({"PartNumber": number, "ETag": part["ETag"]})
    return upload, parts


def _complete(s3: Any, bucket: str, upload: str, parts: list[dict[str, Any]], **options: Any) -> Any:
    listed = {"Parts": parts}
    return s3.complete_multipart_upload(
        Bucket=bucket, Key="k", UploadId=upload, MultipartUpload=listed, **options
    )


def test_parts_become_an_object(s3: Any, bucket: str) -> None:
    upload, parts = _upload(s3, bucket, FIVE, b"end", Metadata={"m": "1"}, ContentType="text/csv")
    assert code_of(s3.head_object, Bucket=bucket, Key="k") == "404"
    listed = s3.list_parts(Bucket=bucket, Key="k", UploadId=upload)["Parts"]
    assert [each["Size"] for each in listed] == [5 * MIB, 3]
    done = _complete(s3, bucket, upload, parts)
    digests = hashlib.md5(FIVE).digest() + hashlib.md5(b"end").digest()
    assert done["ETag"] == f'"{hashlib.md5(digests).hexdigest()}-2"'
    got = s3.get_object(Bucket=bucket, Key="k")
    assert got["Body"].read() == FIVE + b"end"
    assert (got["Metadata"], got["ContentType"]) == ({"m": "1"}, "text/csv")
    part = s3.get_object(Bucket=bucket, Key="k", PartNumber=2)
    assert (part["Body"].read(), part["PartsCount"]) == (b"end", 2)
    assert code_of(s3.list_parts, Bucket=bucket, Key="k", UploadId=upload) == "NoSuchUpload"


def test_a_completion_that_is_wrong_changes_nothing(s3: Any, bucket: str) -> None:
    upload, parts = _upload(s3, bucket, b"small", b"end")
    assert code_of(_complete, s3=s3, bucket=bucket, upload=upload, parts=parts) == "EntityTooSmall"
    assert code_of(_complete, s3=s3, bucket=bucket, upload=upload, parts=parts[::-1]) == "InvalidPartOrder"
    assert code_of(_complete, s3=s3, bucket=bucket, upload=upload, parts=[]) == "MalformedXML"
    wrong = [{"PartNumber": 1, "ETag": '"x"'}]
    assert code_of(_complete, s3=s3, bucket=bucket, upload=upload, parts=wrong) == "InvalidPart"
    _complete(s3, bucket, upload, parts[:1])
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"small"


def test_an_aborted_upload_is_gone(s3: Any, bucket: str) -> None:
    upload, _ = _upload(s3, bucket, b"x")
    s3.abort_multipart_upload(Bucket=bucket, Key="k", UploadId=upload)
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket)
    late = {"Bucket": bucket, "Key": "k", "UploadId": upload, "PartNumber": 1}
    assert code_of(s3.upload_part, **late, Body=b"") == "NoSuchUpload"


def test_a_part_can_be_sent_again(s3: Any, bucket: str) -> None:
    upload, _ = _upload(s3, bucket, b"first")
    again = s3.upload_part(Bucket=bucket, Key="k", UploadId=upload, PartNumber=1, Body=b"second")
    _complete(s3, bucket, upload, [{"PartNumber": 1, "ETag": again["ETag"]}])
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"second"


def test_a_part_can_be_a_range_of_an_object(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="source", Body=b"0123456789")
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    source = {"CopySource": {"Bucket": bucket, "Key": "source"}, "CopySourceRange": "bytes=2-5"}
    named = {"Bucket": bucket, "Key": "k", "UploadId": upload, "PartNumber": 1}
    part = s3.upload_part_copy(**named, **source)["CopyPartResult"]
    _complete(s3, bucket, upload, [{"PartNumber": 1, "ETag": part["ETag"]}])
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"2345"
    outside = {**source, "CopySourceRange": "bytes=2-99"}
    other = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    assert code_of(s3.upload_part_copy, **{**named, "UploadId": other}, **outside) == "InvalidArgument"


@pytest.mark.parametrize(("algorithm", "kind"), [("SHA256", "COMPOSITE"), ("CRC32", "FULL_OBJECT")])
def test_checksums_of_parts_make_one(s3: Any, bucket: str, algorithm: str, kind: str) -> None:
    upload = s3.create_multipart_upload(
        Bucket=bucket, Key="k", ChecksumAlgorithm=algorithm, ChecksumType=kind
    )
    named = {"Bucket": bucket, "Key": "k", "UploadId": upload["UploadId"]}
    part = s3.upload_part(**named, PartNumber=1, Body=b"1", ChecksumAlgorithm=algorithm)
    member = f"Checksum{algorithm}"
    chosen = {"PartNumber": 1, "ETag": part["ETag"], member: part[member]}
    done = _complete(s3, bucket, upload["UploadId"], [chosen])
    assert done["ChecksumType"] == kind
    assert done[member].endswith("-1") is (kind == "COMPOSITE")


def test_boto3_moves_large_files_in_parts(s3: Any, bucket: str, tmp_path: Any) -> None:
    source, target = tmp_path / "in", tmp_path / "out"
    source.write_bytes(hashlib.shake_128(b"large").digest(30 * MIB))
    config = TransferConfig(multipart_threshold=8 * MIB, multipart_chunksize=8 * MIB)
    s3.upload_file(str(source), bucket, "k", Config=config)
    s3.download_file(bucket, "k", str(target), Config=config)
    assert target.read_bytes() == source.read_bytes()
    s3.copy({"Bucket": bucket, "Key": "k"}, bucket, "copy", Config=config)
    assert s3.head_object(Bucket=bucket, Key="copy")["ContentLength"] == 30 * MIB
