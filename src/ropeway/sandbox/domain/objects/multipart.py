"""Uploads in parts: create, upload parts in any order and again, complete or abort.

Parts are staging files. Completion joins them into one content and hashes it; the ETag is S3's: the MD5 of the
parts' MD5s with ``-<number of parts>``. Until completion nothing of an upload can be seen or read. A completion
that fails leaves the upload as it was.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ropeway.sandbox.domain.objects import checksums, faults
from ropeway.sandbox.domain.objects.conditions import WriteIf
from ropeway.sandbox.domain.objects.contents import Incoming, receive
from ropeway.sandbox.domain.objects.model import Bucket, Content, Part, Upload, Version
from ropeway.sandbox.domain.objects.ports import Blobs, UploadRows
from ropeway.sandbox.domain.objects.service import Draft, Objects, check_key
from ropeway.values.clock import Clock
from ropeway.values.ids import Ids

__all__ = ["Chosen", "Multipart"]

_PIECE = 1 << 20
_MIN_PART = 5 * 1024 * 1024
_MAX_PARTS = 10_000


@dataclass(frozen=True)
class Chosen:
    """A part as a completion names it; None is not said."""

    number: int
    etag: str
    checksums: Mapping[str, str]


class Multipart:
    """Uploads in parts of all buckets."""

    def __init__(self, rows: UploadRows, objects: Objects, clock: Clock, ids: Ids) -> None:
        self._rows = rows
        self._objects = objects
        self._clock = clock
        self._ids = ids

    @property
    def _blobs(self) -> Blobs:
        return self._objects.blobs

    def create(
        self, bucket: Bucket, key: str, attributes: Mapping[str, Any], tags: Mapping[str, str]
    ) -> Upload:
        """Begin an upload; the attributes are those of the object to be."""
        check_key(key)
        upload = Upload(self._ids.token(64), bucket.id, key, self._clock.now(), attributes, tags)
        self._rows.add(upload)
        return upload

    def get(self, bucket: Bucket, key: str, upload_id: str) -> Upload:
        """An upload that is under way.

        Raises:
            DomainError: ``NoSuchUpload``.
        """
        upload = self._rows.get(upload_id)
        if upload is None or upload.bucket != bucket.id or upload.key != key:
            raise faults.no_such_upload(upload_id)
        return upload

    def put_part(self, upload: Upload, number: int, incoming: Incoming) -> Part:
        """Receive a part; one of the same number is replaced."""
        if not 1 <= number <= _MAX_PARTS:
            text = f"Part number must be an integer between 1 and {_MAX_PARTS}, inclusive"
            raise faults.invalid_argument(text, "partNumber", str(number))
        content = receive(self._blobs, incoming, part=True)
        part = Part(number, content.file, content.size, content.md5, content.checksums, self._clock.now())
        if self._rows.get(upload.id) is None:
            self._blobs.discard([content.file])
            raise faults.no_such_upload(upload.id)
        replaced = self._rows.put_part(upload.id, part)
        if replaced is not None:
            self._blobs.discard([replaced])
        return part

    def parts(self, upload: Upload) -> Sequence[Part]:
        """The parts that are there, by number."""
        return self._rows.parts(upload.id)

    def abort(self, upload: Upload) -> None:
        """Forget an upload and its parts."""
        self._blobs.discard(self._rows.remove(upload.id))

    def complete(
        self,
        bucket: Bucket,
        upload: Upload,
        chosen: Sequence[Chosen],
        condition: WriteIf,
        announced: Mapping[str, str],
    ) -> Version:
        """Make an object of the parts; ``announced`` are checksums that the caller sent.

        Raises:
            DomainError: ``InvalidPart``, ``InvalidPartOrder``, ``EntityTooSmall``, or the condition's.
        """
        parts = self._choose(upload, chosen)
        content = self._join(parts, _whole_algorithms(upload))
        digests = b"".join(bytes.fromhex(part.md5) for part in parts)
        etag = f'"{hashlib.md5(digests, usedforsecurity=False).hexdigest()}-{len(parts)}"'
        attributes = {**upload.attributes, **_told(upload, parts, content), "Md5": content.md5}
        try:
            _compare(attributes.get("Checksums", {}), announced)
        except BaseException:
            self._blobs.discard([content.file])
            raise
        draft = Draft(
            upload.key, content, attributes, upload.tags, condition, etag, "CompleteMultipartUpload"
        )
        version = self._objects.put(bucket, draft)
        self.abort(upload)
        return version

    def _choose(self, upload: Upload, chosen: Sequence[Chosen]) -> list[Part]:
        there = {part.number: part for part in self._rows.parts(upload.id)}
        if not chosen:
            text = "The XML you provided was not well-formed or did not validate against our published schema"
            raise faults.refused("MalformedXML", text)
        if any(one.number >= two.number for one, two in itertools.pairwise(chosen)):
            text = (
                "The list of parts was not in ascending order. The parts list must be specified in order by part "
                "number."
            )
            raise faults.refused("InvalidPartOrder", text)
        for choice in chosen:
            part = there.get(choice.number)
            if part is None or part.md5 != choice.etag.strip('"') or not _agree(part, choice):
                raise faults.invalid_part(upload.id, choice.number, choice.etag)
        parts = [there[choice.number] for choice in chosen]
        for part in parts[:-1]:
            if part.size < _MIN_PART:
                text = "Your proposed upload is smaller than the minimum allowed size"
                raise faults.refused(
                    "EntityTooSmall",
                    text,
                    ProposedSize=str(part.size),
                    MinSizeAllowed=str(_MIN_PART),
                    PartNumber=str(part.number),
                    ETag=part.md5,
                )
        return parts

    def _join(self, parts: Sequence[Part], algorithms: Sequence[str]) -> Content:
        sums = {name: checksums.start(name) for name in algorithms}
        staging = self._blobs.stage()
        try:
            for part in parts:
                with self._blobs.open_staged(part.file) as source:
                    while piece := source.read(_PIECE):
                        staging.write(piece)
                        for each in sums.values():
                            each.update(piece)
            return staging.finish(checksums.verify(sums, {}))
        except BaseException:
            staging.discard()
            raise


def _agree(part: Part, choice: Chosen) -> bool:
    return all(part.checksums.get(name, value) == value for name, value in choice.checksums.items())


def _compare(found: Mapping[str, str], announced: Mapping[str, str]) -> None:
    for name, value in announced.items():
        # Of a composite checksum the number of parts need not be sent.
        if name in found and value.partition("-")[0] != found[name].partition("-")[0]:
            raise faults.refused(
                "BadDigest", f"The {name} you specified did not match the calculated checksum."
            )


def _whole_algorithms(upload: Upload) -> list[str]:
    algorithm = upload.attributes.get("ChecksumAlgorithm")
    return [algorithm] if algorithm and upload.attributes.get("ChecksumType") == "FULL_OBJECT" else []


def _told(upload: Upload, parts: Sequence[Part], content: Content) -> dict[str, Any]:
    sizes = [
        {"PartNumber": part.number, "Size": part.size, "Checksums": dict(part.checksums)} for part in parts
    ]
    algorithm = upload.attributes.get("ChecksumAlgorithm")
    if not algorithm:
        return {"Parts": sizes}
    if content.checksums:
        return {"Parts": sizes, "Checksums": dict(content.checksums), "ChecksumType": "FULL_OBJECT"}
    if not all(algorithm in part.checksums for part in parts):
        return {"Parts": sizes}
    whole = checksums.composite(algorithm, (part.checksums[algorithm] for part in parts))
    return {"Parts": sizes, "Checksums": {algorithm: whole}, "ChecksumType": "COMPOSITE"}
