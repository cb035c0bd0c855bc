"""Uploads in parts: create, upload a part, complete, abort, and the lists of parts and of uploads."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from ropeway.sandbox.domain.objects import faults
from ropeway.sandbox.domain.objects.checksums import ALGORITHMS, start
from ropeway.sandbox.domain.objects.conditions import WriteIf
from ropeway.sandbox.domain.objects.encryption import encryption_told
from ropeway.sandbox.domain.objects.listing import Query, collect, successor
from ropeway.sandbox.domain.objects.model import Bucket, Upload
from ropeway.sandbox.domain.objects.multipart import Chosen
from ropeway.sandbox.operations.call import Call
from ropeway.sandbox.operations.s3.attributes import attributes_of, moment, tags_of, version_id
from ropeway.sandbox.operations.s3.body import checksums_of, incoming
from ropeway.sandbox.operations.s3.gate import on_bucket, requester
from ropeway.sandbox.operations.s3.lists import encoder, limit_of, owner

__all__: list[str] = []

_WHOLE_ONLY = {"CRC64NVME"}
_PARTS_ONLY = {"SHA1", "SHA256"}


@on_bucket("CreateMultipartUpload", "s3:PutObject")
def create_multipart_upload(call: Call, bucket: Bucket) -> dict[str, Any]:
    """Begin an upload in parts."""
    params = call.params
    tags = tags_of(params.get("Tagging"))
    encryption = call.domain.objects.encryption
    attributes = encryption.choose(requester(call), bucket, params["Key"], attributes_of(params))
    algorithm, kind = params.get("ChecksumAlgorithm"), params.get("ChecksumType")
    if algorithm is not None:
        start(algorithm)
        kind = kind or ("FULL_OBJECT" if algorithm in _WHOLE_ONLY else "COMPOSITE")
        if (kind == "FULL_OBJECT" and algorithm in _PARTS_ONLY) or (
            kind == "COMPOSITE" and algorithm in _WHOLE_ONLY
        ):
            text = f"The {kind} checksum type cannot be used with the {algorithm.lower()} checksum algorithm."
            raise faults.invalid_request(text)
        attributes.update(ChecksumAlgorithm=algorithm, ChecksumType=kind)
    elif kind is not None:
        raise faults.invalid_request(
            "The x-amz-checksum-type header can only be used with x-amz-checksum-algorithm."
        )
    upload = call.domain.objects.multipart.create(bucket, params["Key"], attributes, tags)
    return {
        "Bucket": bucket.name,
        "Key": upload.key,
        "UploadId": upload.id,
        "ChecksumAlgorithm": algorithm,
        "ChecksumType": kind,
        **encryption_told(attributes),
    }


def _upload(call: Call, bucket: Bucket) -> Upload:
    return call.domain.objects.multipart.get(bucket, call.params["Key"], call.params["UploadId"])


def _open_upload(call: Call, bucket: Bucket) -> Upload:
    """An upload to go on with: its parts are written, and read to be joined, with its key."""
    upload = _upload(call, bucket)
    call.domain.objects.encryption.check(requester(call), bucket, upload.key, upload.attributes)
    return upload


@on_bucket("UploadPart", "s3:PutObject")
def upload_part(call: Call, bucket: Bucket) -> dict[str, Any]:
    """Receive one part."""
    upload, body = _open_upload(call, bucket), incoming(call)
    part = call.domain.objects.multipart.put_part(upload, call.params["PartNumber"], body)
    return {
        "ETag": part.etag,
        **encryption_told(upload.attributes),
        **{f"Checksum{name}": value for name, value in part.checksums.items()},
    }


@on_bucket("CompleteMultipartUpload", "s3:PutObject")
def complete_multipart_upload(call: Call, bucket: Bucket) -> dict[str, Any]:
    """Make an object of the parts."""
    params = call.params
    upload = _open_upload(call, bucket)
    listed = (params.get("MultipartUpload") or {}).get("Parts", [])
    chosen = [
        Chosen(
            part["PartNumber"],
            part.get("ETag", ""),
            {name: part[f"Checksum{name}"] for name in ALGORITHMS if f"Checksum{name}" in part},
        )
        for part in listed
        if "PartNumber" in part
    ]
    condition = WriteIf(params.get("IfMatch"), params.get("IfNoneMatch"))
    version = call.domain.objects.multipart.complete(bucket, upload, chosen, condition, checksums_of(params))
    found = version.attributes.get("Checksums", {})
    return {
        "Location": f"{call.endpoint}/{bucket.name}/{quote(upload.key)}",
        "Bucket": bucket.name,
        "Key": upload.key,
        "ETag": version.etag,
        "VersionId": version_id(bucket, version),
        **encryption_told(upload.attributes),
        **{f"Checksum{name}": value for name, value in found.items()},
        "ChecksumType": version.attributes.get("ChecksumType") if found else None,
    }


@on_bucket("AbortMultipartUpload", "s3:AbortMultipartUpload")
def abort_multipart_upload(call: Call, bucket: Bucket) -> None:
    """Forget an upload."""
    call.domain.objects.multipart.abort(_upload(call, bucket))


@on_bucket("ListParts", "s3:ListMultipartUploadParts")
def list_parts(call: Call, bucket: Bucket) -> dict[str, Any]:
    """The parts that are there."""
    upload = _upload(call, bucket)
    after, limit = int(call.params.get("PartNumberMarker", 0)), limit_of(call, "MaxParts")
    parts = [part for part in call.domain.objects.multipart.parts(upload) if part.number > after]
    page = parts[:limit]
    return {
        "Bucket": bucket.name,
        "Key": upload.key,
        "UploadId": upload.id,
        "PartNumberMarker": after,
        "NextPartNumberMarker": page[-1].number if page else 0,
        "MaxParts": limit,
        "IsTruncated": len(parts) > limit,
        "Parts": [
            {
                "PartNumber": part.number,
                "LastModified": moment(part.modified),
                "ETag": part.etag,
                "Size": part.size,
                **{f"Checksum{name}": value for name, value in part.checksums.items()},
            }
            for part in page
        ],
        "Initiator": owner(bucket.account),
        "Owner": owner(bucket.account),
        "StorageClass": upload.attributes.get("StorageClass", "STANDARD"),
        "ChecksumAlgorithm": upload.attributes.get("ChecksumAlgorithm"),
        "ChecksumType": upload.attributes.get("ChecksumType"),
    }


@on_bucket("ListMultipartUploads", "s3:ListBucketMultipartUploads")
def list_multipart_uploads(call: Call, bucket: Bucket) -> dict[str, Any]:
    """The uploads that are under way, by key and id."""
    params, encode, rows = call.params, encoder(call), call.domain.objects.rows.uploads
    key, after = params.get("KeyMarker", ""), params.get("UploadIdMarker") or None
    delimiter, limit = params.get("Delimiter", ""), limit_of(call, "MaxUploads")
    start_key = key if after else _behind(key, delimiter, params.get("Prefix", ""))
    query = Query(params.get("Prefix", ""), delimiter, start_key, limit)
    page = collect(
        query,
        lambda first, stop, resumed: rows.scan(
            bucket, first, stop, after if resumed and first == key else None
        ),
    )
    last = page.last
    return {
        "Bucket": bucket.name,
        "KeyMarker": encode(key),
        "UploadIdMarker": after or "",
        "NextKeyMarker": encode(last if isinstance(last, str) else last.key) if last else None,
        "NextUploadIdMarker": last.id if isinstance(last, Upload) else None,
        "Prefix": encode(params.get("Prefix", "")),
        "Delimiter": encode(delimiter) if delimiter else None,
        "MaxUploads": limit,
        "IsTruncated": page.truncated,
        "EncodingType": params.get("EncodingType"),
        "CommonPrefixes": [{"Prefix": encode(prefix)} for prefix in page.prefixes],
        "Uploads": [
            {
                "UploadId": upload.id,
                "Key": encode(upload.key),
                "Initiated": moment(upload.created),
                "StorageClass": upload.attributes.get("StorageClass", "STANDARD"),
                "Owner": owner(bucket.account),
                "Initiator": owner(bucket.account),
                "ChecksumAlgorithm": upload.attributes.get("ChecksumAlgorithm"),
                "ChecksumType": upload.attributes.get("ChecksumType"),
            }
            for upload in page.items
        ],
    }


def _behind(marker: str, delimiter: str, prefix: str) -> str:
    if delimiter and marker.endswith(delimiter) and len(marker) > len(prefix):
        return successor(marker) or marker
    return f"{marker}\0" if marker else ""
