"""S3 as one value: what its operations and the rest of the sandbox reach it by."""

from __future__ import annotations

from dataclasses import dataclass

from ropeway.sandbox.domain.keys.ports import KeyRecords
from ropeway.sandbox.domain.keys.service import Keys
from ropeway.sandbox.domain.objects.access import Access
from ropeway.sandbox.domain.objects.buckets import Buckets
from ropeway.sandbox.domain.objects.encryption import Encryption
from ropeway.sandbox.domain.objects.local import LocalObjects
from ropeway.sandbox.domain.objects.multipart import Multipart
from ropeway.sandbox.domain.objects.ports import Blobs, BucketRows, UploadRows, VersionRows
from ropeway.sandbox.domain.objects.service import Objects
from ropeway.sandbox.domain.ports import Transactions
from ropeway.values.clock import Clock
from ropeway.values.ids import Ids

__all__ = ["S3", "Rows"]


@dataclass(frozen=True)
class Rows:
    """S3's repositories, and where its keys are."""

    buckets: BucketRows
    versions: VersionRows
    uploads: UploadRows
    keys: KeyRecords


@dataclass(frozen=True)
class S3:
    """The services of S3.

    Attributes:
        rows: for lists, which read and decide nothing.
        local: S3 for jobs and the engine, as the port ``ObjectStore``.
        clock: for presigned requests, which expire.
    """

    access: Access
    encryption: Encryption
    buckets: Buckets
    objects: Objects
    multipart: Multipart
    rows: Rows
    local: LocalObjects
    clock: Clock

    @classmethod
    def over(cls, rows: Rows, blobs: Blobs, transactions: Transactions, clock: Clock, ids: Ids) -> S3:
        """Put the services together over a store."""
        access = Access(rows.buckets)
        encryption = Encryption(Keys(rows.keys), rows.buckets)
        objects = Objects(rows.versions, blobs, transactions, clock, ids)
        return cls(
            access=access,
            encryption=encryption,
            buckets=Buckets(rows.buckets, clock),
            objects=objects,
            multipart=Multipart(rows.uploads, objects, clock, ids),
            rows=rows,
            local=LocalObjects((access, encryption), objects, rows.versions),
            clock=clock,
        )
