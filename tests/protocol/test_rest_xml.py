"""S3's wire format: which operation a request means, what is read of it, what an answer looks like."""

from __future__ import annotations

import io
from datetime import datetime, timezone

import pytest

from ropeway.sandbox.domain.errors import DomainError, Invalid
from ropeway.sandbox.edge.codec import rest_xml
from ropeway.sandbox.edge.codec.s3_route import address_of
from ropeway.sandbox.operations.service_models import service_model
from ropeway.sandbox.operations.wire import Headers, Request

MODEL = service_model("s3")


def _request(method: str, target: str, body: bytes = b"", **headers: str) -> Request:
    path, _, query = target.partition("?")
    named = Headers(
        {"Host": "127.0.0.1:4566", **{name.replace("_", "-"): value for name, value in headers.items()}}
    )
    return Request(method, path, query, named, io.BytesIO(body), len(body))


@pytest.mark.parametrize(
    ("method", "target", "operation"),
    [
        ("GET", "/", "ListBuckets"),
        ("PUT", "/b", "CreateBucket"),
        ("GET", "/b", "ListObjects"),
        ("GET", "/b/?list-type=2&prefix=a", "ListObjectsV2"),
        ("GET", "/b?versions", "ListObjectVersions"),
        ("GET", "/b?uploads=", "ListMultipartUploads"),
        ("POST", "/b?delete", "DeleteObjects"),
        ("GET", "/b?lifecycle", "GetBucketLifecycleConfiguration"),
        ("PUT", "/b?notification", "PutBucketNotificationConfiguration"),
        ("GET", "/b?metrics", "ListBucketMetricsConfigurations"),
        ("GET", "/b?metrics&id=x", "GetBucketMetricsConfiguration"),
        ("GET", "/b/k", "GetObject"),
        ("GET", "/b/k?X-Amz-Expires=60&X-Amz-Signature=0", "GetObject"),
        ("GET", "/b/k?tagging", "GetObjectTagging"),
        ("GET", "/b/k?uploadId=u", "ListParts"),
        ("POST", "/b/k?uploads", "CreateMultipartUpload"),
        ("POST", "/b/k?uploadId=u", "CompleteMultipartUpload"),
        ("PUT", "/b/k?partNumber=1&uploadId=u", "UploadPart"),
        ("DELETE", "/b/k?uploadId=u", "AbortMultipartUpload"),
        ("DELETE", "/b/k?versionId=v", "DeleteObject"),
    ],
)
def test_a_request_means_an_operation(method: str, target: str, operation: str) -> None:
    assert rest_xml.operation_of(MODEL, _request(method, target)) == operation


def test_a_copy_is_told_by_its_header() -> None:
    copy = _request("PUT", "/b/k", x_amz_copy_source="b/k")
    assert rest_xml.operation_of(MODEL, copy) == "CopyObject"
    part = _request("PUT", "/b/k?partNumber=1&uploadId=u", x_amz_copy_source="b/k")
    assert rest_xml.operation_of(MODEL, part) == "UploadPartCopy"


@pytest.mark.parametrize(
    ("host", "path", "bucket", "key"),
    [
        ("127.0.0.1:4566", "/b/a/k", "b", "a/k"),
        ("localhost:4566", "/b", "b", ""),
        ("b.localhost:4566", "/a/k", "b", "a/k"),
        ("my.b.s3.eu-west-1.amazonaws.com", "/a%20k", "my.b", "a k"),
        ("b.s3.amazonaws.com", "//k", "b", "/k"),
        ("s3.eu-west-1.amazonaws.com", "/b/k", "b", "k"),
        ("s3.localhost", "/b/k", "b", "k"),
        ("b.127.0.0.1:4566", "/k", "b", "k"),
    ],
)
def test_bucket_and_key_are_in_path_or_host(host: str, path: str, bucket: str, key: str) -> None:
    address = address_of(_request("GET", path, Host=host))
    assert (address.bucket, address.key) == (bucket, key)


def test_members_are_read_from_everywhere() -> None:
    body = b'<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Object><Key>a&amp;b</Key></Object>'
    body += b"<Object><Key>c</Key><VersionId>v</VersionId></Object><Quiet>true</Quiet></Delete>"
    request = _request("POST", "/b?delete", body, x_amz_expected_bucket_owner="1")
    assert rest_xml.parse(MODEL, MODEL.operation_model("DeleteObjects"), request) == {
        "Bucket": "b",
        "ExpectedBucketOwner": "1",
        "Delete": {"Objects": [{"Key": "a&b"}, {"Key": "c", "VersionId": "v"}], "Quiet": True},
    }


def test_an_answer_escapes_and_flattens() -> None:
    moment = datetime(2026, 1, 2, 3, 4, 5, 600_000, tzinfo=timezone.utc)
    result = {"Name": "b", "Contents": [{"Key": "a<&", "LastModified": moment}], "IsTruncated": False}
    answer = rest_xml.serialize(MODEL, MODEL.operation_model("ListObjectsV2"), result, "id")
    assert isinstance(answer.body, bytes)
    assert b"<Contents><Key>a&lt;&amp;</Key><LastModified>2026-01-02T03:04:05.600Z" in answer.body
    assert b"<ListBucketResult " in answer.body
    assert ("x-amz-request-id", "id") in answer.headers


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("Value 'x' at 'storageClass' failed to satisfy constraint", b"InvalidStorageClass"),
        ("Value 'x' at 'a.locationConstraint' failed to satisfy constraint", b"InvalidLocationConstraint"),
        ("Value 'x' at 'delete.objects' failed to satisfy constraint", b"MalformedXML"),
        ("Value 'x' at 'maxKeys' failed to satisfy constraint", b"InvalidArgument"),
    ],
)
def test_a_broken_constraint_gets_a_code_of_s3(message: str, code: bytes) -> None:
    answer = rest_xml.fault(Invalid(message), "id", "/b")
    assert isinstance(answer.body, bytes)
    assert b"<Code>" + code + b"</Code>" in answer.body


def test_what_is_no_xml_is_refused() -> None:
    request = _request("PUT", "/b?tagging", b"<Tagging>")
    with pytest.raises(DomainError) as caught:
        rest_xml.parse(MODEL, MODEL.operation_model("PutBucketTagging"), request)
    assert caught.value.code == "MalformedXML"
