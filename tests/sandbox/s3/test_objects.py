"""Objects: content, metadata, ranges, conditions, checksums, copies, tags, versions."""

from __future__ import annotations

import hashlib
import http.client
import json
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import urlsplit

import pytest

from ropeway.sandbox.server import Server
from tests.sandbox.s3.refusal import code_of

KEYS = [
    "plain",
    "a/b/c",
    "with space",
    "plus+and%20",
    "ünï/日本",
    "//double//",
    "dots/../up",
    "q?x=1&y#z",
    "\u00e9" * 200,
]


@pytest.mark.parametrize("key", KEYS)
def test_a_key_comes_back_as_it_went(s3: Any, bucket: str, key: str) -> None:
    s3.put_object(Bucket=bucket, Key=key, Body=key.encode())
    assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == key.encode()
    assert [each["Key"] for each in s3.list_objects_v2(Bucket=bucket)["Contents"]] == [key]


@pytest.mark.parametrize("size", [0, 1, 65_536, 1_048_577, 20_000_000])
def test_content_comes_back_byte_for_byte(s3: Any, bucket: str, size: int) -> None:
    body = hashlib.shake_128(b"seed").digest(size)
    put = s3.put_object(Bucket=bucket, Key="k", Body=body)
    assert put["ETag"] == f'"{hashlib.md5(body).hexdigest()}"'
    got = s3.get_object(Bucket=bucket, Key="k")
    assert got["ContentLength"] == size
    assert got["Body"].read() == body


def test_metadata_and_headers_are_told(s3: Any, bucket: str) -> None:
    told = {
        "ContentType": "text/csv",
        "CacheControl": "no-store",
        "ContentDisposition": "attachment",
        "ContentEncoding": "gzip",
        "ContentLanguage": "de",
        "Metadata": {"Run-Id": "7", "note": "x y"},
        "StorageClass": "STANDARD_IA",
    }
    s3.put_object(Bucket=bucket, Key="k", Body=b"1", **told)
    head = s3.head_object(Bucket=bucket, Key="k")
    assert {name: head[name] for name in told} == {**told, "Metadata": {"run-id": "7", "note": "x y"}}
    assert s3.list_objects_v2(Bucket=bucket)["Contents"][0]["StorageClass"] == "STANDARD_IA"
    got = s3.get_object(Bucket=bucket, Key="k", ResponseContentType="text/plain")
    assert got["ContentType"] == "text/plain"


@pytest.mark.parametrize(
    ("header", "content", "told"),
    [
        ("bytes=0-3", b"0123", "bytes 0-3/10"),
        ("bytes=4-", b"456789", "bytes 4-9/10"),
        ("bytes=-2", b"89", "bytes 8-9/10"),
        ("bytes=8-99", b"89", "bytes 8-9/10"),
        ("bytes=-99", b"0123456789", "bytes 0-9/10"),
        ("bytes=5-2", b"0123456789", None),
        ("lines=1-2", b"0123456789", None),
    ],
)
def test_a_range_is_cut_out(s3: Any, bucket: str, header: str, content: bytes, told: str | None) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"0123456789")
    got = s3.get_object(Bucket=bucket, Key="k", Range=header)
    assert got["Body"].read() == content
    assert got.get("ContentRange") == told
    assert got["ResponseMetadata"]["HTTPStatusCode"] == (206 if told else 200)


def test_a_range_outside_is_refused(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"0123456789")
    assert code_of(s3.get_object, Bucket=bucket, Key="k", Range="bytes=10-") == "InvalidRange"


def test_reads_obey_their_conditions(s3: Any, bucket: str) -> None:
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"1")["ETag"]
    later = datetime.now(timezone.utc) + timedelta(hours=1)
    earlier = later - timedelta(hours=2)
    for good in (
        {"IfMatch": etag},
        {"IfNoneMatch": '"x"'},
        {"IfModifiedSince": earlier},
        {"IfUnmodifiedSince": later},
    ):
        s3.get_object(Bucket=bucket, Key="k", **good)
    for stale in ({"IfNoneMatch": etag}, {"IfModifiedSince": later}):
        assert code_of(s3.get_object, Bucket=bucket, Key="k", **stale) == "304"
    for failed in ({"IfMatch": '"x"'}, {"IfUnmodifiedSince": earlier}):
        assert code_of(s3.get_object, Bucket=bucket, Key="k", **failed) == "PreconditionFailed"


def test_writes_obey_their_conditions(s3: Any, bucket: str) -> None:
    etag = s3.put_object(Bucket=bucket, Key="lock", Body=b"1", IfNoneMatch="*")["ETag"]
    again = {"Bucket": bucket, "Key": "lock", "Body": b"2"}
    assert code_of(s3.put_object, **again, IfNoneMatch="*") == "PreconditionFailed"
    assert code_of(s3.put_object, **again, IfMatch='"x"') == "PreconditionFailed"
    s3.put_object(**again, IfMatch=etag)
    assert code_of(s3.put_object, Bucket=bucket, Key="none", Body=b"", IfMatch=etag) == "NoSuchKey"


@pytest.mark.parametrize("algorithm", ["CRC32", "SHA1", "SHA256"])
def test_a_checksum_is_kept(s3: Any, bucket: str, algorithm: str) -> None:
    put = s3.put_object(Bucket=bucket, Key="k", Body=b"content", ChecksumAlgorithm=algorithm)
    head = s3.head_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
    assert head[f"Checksum{algorithm}"] == put[f"Checksum{algorithm}"]
    assert head["ChecksumType"] == "FULL_OBJECT"


@pytest.mark.parametrize(
    "wrong",
    [{"ChecksumCRC32": "AAAAAA=="}, {"ChecksumSHA256": "A" * 43 + "="}, {"ContentMD5": "A" * 22 + "=="}],
)
def test_a_wrong_digest_is_refused_and_leaves_nothing(s3: Any, bucket: str, wrong: dict[str, str]) -> None:
    assert code_of(s3.put_object, Bucket=bucket, Key="k", Body=b"1", **wrong) == "BadDigest"
    assert code_of(s3.head_object, Bucket=bucket, Key="k") == "404"


def _send(sandbox: Server, method: str, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
    parts = urlsplit(sandbox.endpoint)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 0, timeout=20)
    scope = "AWS4-HMAC-SHA256 Credential=111111111111/20260101/us-east-1/s3/aws4_request, Signature=0"
    connection.request(method, path, body, {"Authorization": scope, **headers})
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, content


def test_signed_and_unsigned_chunks_are_joined(s3: Any, bucket: str, sandbox: Server) -> None:
    signed = b"5;chunk-signature=00\r\nhello\r\n1;chunk-signature=01\r\n!\r\n0;chunk-signature=02\r\n\r\n"
    headers = {
        "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
        "Content-Encoding": "aws-chunked,gzip",
        "x-amz-decoded-content-length": "6",
    }
    assert _send(sandbox, "PUT", f"/{bucket}/k", signed, headers)[0] == 200
    got = s3.get_object(Bucket=bucket, Key="k")
    assert (got["Body"].read(), got["ContentEncoding"]) == (b"hello!", "gzip")
    trailed = b"5\r\nhello\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n"
    headers = {
        "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        "x-amz-trailer": "x-amz-checksum-crc32",
    }
    status, answer = _send(sandbox, "PUT", f"/{bucket}/k", trailed, headers)
    assert (status, b"BadDigest" in answer) == (400, True)


@pytest.mark.parametrize(
    ("method", "path", "body", "code"),
    [
        ("POST", "/{bucket}?delete", b"<Delete><Obj", b"MalformedXML"),
        ("PUT", "/{bucket}?versioning", b"<V><Status>Maybe</Status></V>", b"MalformedXML"),
        ("GET", "/{bucket}/%ff", b"", b"InvalidURI"),
        ("PATCH", "/{bucket}/k", b"", b"MethodNotAllowed"),
        ("GET", "/{bucket}?max-keys=many", b"", b"InvalidArgument"),
    ],
)
def test_bad_input_is_the_callers_fault(
    bucket: str, sandbox: Server, method: str, path: str, body: bytes, code: bytes
) -> None:
    status, answer = _send(sandbox, method, path.format(bucket=bucket), body, {})
    assert 400 <= status < 500
    assert b"<Code>" + code in answer


def test_a_bucket_may_be_in_the_host_name(s3: Any, bucket: str, sandbox: Server) -> None:
    s3.put_object(Bucket=bucket, Key="a/b", Body=b"1")
    for host in (
        f"{bucket}.localhost:4566",
        f"{bucket}.s3.eu-west-1.amazonaws.com",
        f"{bucket}.s3.localhost",
    ):
        assert _send(sandbox, "GET", "/a/b", b"", {"Host": host}) == (200, b"1")


def test_a_copy_carries_or_replaces_metadata(s3: Any, bucket: str) -> None:
    s3.put_object(
        Bucket=bucket, Key="a b", Body=b"1", Metadata={"x": "1"}, Tagging="t=1", ContentType="text/csv"
    )
    source = {"Bucket": bucket, "Key": "a b"}
    s3.copy_object(Bucket=bucket, Key="kept", CopySource=source)
    s3.copy_object(
        Bucket=bucket, Key="new", CopySource=source, MetadataDirective="REPLACE", Metadata={"y": "2"}
    )
    kept, new = s3.head_object(Bucket=bucket, Key="kept"), s3.head_object(Bucket=bucket, Key="new")
    assert (kept["Metadata"], kept["ContentType"], kept["ContentLength"]) == ({"x": "1"}, "text/csv", 1)
    assert new["Metadata"] == {"y": "2"}
    assert s3.get_object_tagging(Bucket=bucket, Key="kept")["TagSet"] == [{"Key": "t", "Value": "1"}]
    assert code_of(s3.copy_object, Bucket=bucket, Key="a b", CopySource=source) == "InvalidRequest"
    missing = {"Bucket": bucket, "Key": "none"}
    assert code_of(s3.copy_object, Bucket=bucket, Key="z", CopySource=missing) == "NoSuchKey"
    failed = {"CopySourceIfMatch": '"x"'}
    assert (
        code_of(s3.copy_object, Bucket=bucket, Key="z", CopySource=source, **failed) == "PreconditionFailed"
    )


def test_tags_are_replaced_and_deleted(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"1", Tagging="a=1&b=")
    assert s3.get_object(Bucket=bucket, Key="k")["TagCount"] == 2
    s3.put_object_tagging(Bucket=bucket, Key="k", Tagging={"TagSet": [{"Key": "c", "Value": "3"}]})
    assert s3.get_object_tagging(Bucket=bucket, Key="k")["TagSet"] == [{"Key": "c", "Value": "3"}]
    s3.delete_object_tagging(Bucket=bucket, Key="k")
    assert s3.get_object_tagging(Bucket=bucket, Key="k")["TagSet"] == []
    twice = {"TagSet": [{"Key": "c", "Value": "3"}, {"Key": "c", "Value": "4"}]}
    assert code_of(s3.put_object_tagging, Bucket=bucket, Key="k", Tagging=twice) == "InvalidTag"


def test_versions_are_kept_hidden_and_removed(s3: Any, versioned: str) -> None:
    first = s3.put_object(Bucket=versioned, Key="k", Body=b"1")["VersionId"]
    second = s3.put_object(Bucket=versioned, Key="k", Body=b"2")["VersionId"]
    assert s3.get_object(Bucket=versioned, Key="k")["Body"].read() == b"2"
    assert s3.get_object(Bucket=versioned, Key="k", VersionId=first)["Body"].read() == b"1"
    marker = s3.delete_object(Bucket=versioned, Key="k")
    assert marker["DeleteMarker"] is True
    assert code_of(s3.get_object, Bucket=versioned, Key="k") == "NoSuchKey"
    assert code_of(s3.head_object, Bucket=versioned, Key="k", VersionId=marker["VersionId"]) == "405"
    assert "Contents" not in s3.list_objects_v2(Bucket=versioned)
    listed = s3.list_object_versions(Bucket=versioned)
    assert [each["VersionId"] for each in listed["Versions"]] == [second, first]
    assert [each["IsLatest"] for each in listed["DeleteMarkers"]] == [True]
    s3.delete_object(Bucket=versioned, Key="k", VersionId=marker["VersionId"])
    assert s3.get_object(Bucket=versioned, Key="k")["VersionId"] == second
    s3.delete_object(Bucket=versioned, Key="k", VersionId=second)
    assert s3.get_object(Bucket=versioned, Key="k")["VersionId"] == first
    assert code_of(s3.get_object, Bucket=versioned, Key="k", VersionId=second) == "NoSuchVersion"


def test_suspended_versioning_replaces_only_null(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"0")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    named = s3.put_object(Bucket=bucket, Key="k", Body=b"1")["VersionId"]
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
    assert s3.put_object(Bucket=bucket, Key="k", Body=b"2")["VersionId"] == "null"
    listed = s3.list_object_versions(Bucket=bucket)["Versions"]
    assert [each["VersionId"] for each in listed] == ["null", named]
    assert s3.get_object(Bucket=bucket, Key="k", VersionId="null")["Body"].read() == b"2"


def test_many_are_deleted_at_once(s3: Any, bucket: str) -> None:
    for key in "ab":
        s3.put_object(Bucket=bucket, Key=key, Body=b"")
    targets = [{"Key": key} for key in "abc"]
    assert len(s3.delete_objects(Bucket=bucket, Delete={"Objects": targets})["Deleted"]) == 3
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0
    s3.delete_object(Bucket=bucket, Key="never")


def test_attributes_are_told_on_demand(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"12", ChecksumAlgorithm="SHA256")
    wanted = ["ETag", "ObjectSize", "Checksum", "StorageClass"]
    told = s3.get_object_attributes(Bucket=bucket, Key="k", ObjectAttributes=wanted)
    assert (told["ObjectSize"], told["StorageClass"]) == (2, "STANDARD")
    assert told["ETag"] == hashlib.md5(b"12").hexdigest()
    assert "ChecksumSHA256" in told["Checksum"]


def test_a_locked_version_stays(s3: Any) -> None:
    s3.create_bucket(Bucket="locked-bucket", ObjectLockEnabledForBucket=True)
    version = s3.put_object(Bucket="locked-bucket", Key="k", Body=b"1")["VersionId"]
    until = datetime.now(timezone.utc) + timedelta(days=1)
    named = {"Bucket": "locked-bucket", "Key": "k"}
    s3.put_object_retention(**named, Retention={"Mode": "GOVERNANCE", "RetainUntilDate": until})
    assert s3.get_object_retention(**named)["Retention"]["Mode"] == "GOVERNANCE"
    assert code_of(s3.delete_object, **named, VersionId=version) == "AccessDenied"
    s3.delete_object(**named, VersionId=version, BypassGovernanceRetention=True)


def test_a_presigned_address_works_until_it_expires(client: Any, bucket: str, sandbox: Server) -> None:
    for version in ("s3v4", "s3"):
        s3 = client("s3", region="us-east-1", config={"signature_version": version})
        put = s3.generate_presigned_url("put_object", {"Bucket": bucket, "Key": "p"}, ExpiresIn=60)
        assert _send_url(put, "PUT", b"1") == (200, b"")
        get = s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "p"}, ExpiresIn=60)
        assert _send_url(get, "GET") == (200, b"1")
        late = s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "p"}, ExpiresIn=-10)
        status, answer = _send_url(late, "GET")
        assert status in {400, 403}
        assert status == 400 or b"Request has expired" in answer


def _send_url(url: str, method: str, body: bytes = b"") -> tuple[int, bytes]:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 0, timeout=20)
    connection.request(method, f"{parts.path}?{parts.query}", body)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, content


def test_anybody_may_read_what_the_policy_opens(s3: Any, bucket: str, sandbox: Server) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"1")
    address = f"{sandbox.endpoint}/{bucket}/k"
    assert _send_url(address, "GET")[0] == 403
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
    }
    s3.put_bucket_policy(
        Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    )
    assert _send_url(address, "GET") == (200, b"1")
    assert _send_url(address, "PUT", b"2")[0] == 403
