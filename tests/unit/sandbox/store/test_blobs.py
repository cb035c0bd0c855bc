"""Contents as files: what a crash leaves, what goes, and S3 from inside the sandbox."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.domain.objects.access import Requester
from ropeway.sandbox.domain.objects.contents import Incoming, receive
from ropeway.sandbox.domain.objects.s3 import S3, Rows
from ropeway.sandbox.domain.objects.service import Draft
from ropeway.sandbox.store.blobs import FileBlobs
from ropeway.sandbox.store.db import Database
from ropeway.sandbox.store.objects import SqliteBuckets, SqliteVersions
from ropeway.sandbox.store.uploads import SqliteUploads
from ropeway.values.clock import SystemClock
from ropeway.values.ids import RandomIds
from tests.fakes.keys import FakeKeys

OWNER, OTHER = "111111111111", "222222222222"


@dataclass
class Store:
    """S3 over a folder, with one bucket called ``data``."""

    folder: Path
    database: Database
    blobs: FileBlobs
    s3: S3

    def files(self, kind: str) -> list[Path]:
        return [path for path in (self.folder / kind).rglob("*") if path.is_file()]


def _open(folder: Path) -> Store:
    database = Database(folder / "state.sqlite")
    blobs = FileBlobs(folder, database)
    rows = Rows(SqliteBuckets(database), SqliteVersions(database), SqliteUploads(database), FakeKeys())
    return Store(folder, database, blobs, S3.over(rows, blobs, database, SystemClock(), RandomIds()))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = _open(tmp_path / "s3")
    opened.s3.buckets.create(Requester.root(OWNER), "data", "us-east-1", None)
    yield opened
    opened.database.close()


def test_a_file_is_moved_in_and_linked_out(store: Store, tmp_path: Path) -> None:
    source = tmp_path / "model"
    source.write_bytes(b"weights")
    info = store.s3.local.put_file(OWNER, "data", "m/model", source, consume=True)
    assert not source.exists()
    assert (info.size, info.sha256) == (7, hashlib.sha256(b"weights").hexdigest())
    store.s3.local.materialize(OWNER, "data", "m/model", tmp_path / "linked", link=True)
    store.s3.local.materialize(OWNER, "data", "m/model", tmp_path / "copied", link=False)
    blob = store.files("blobs")[0]
    assert (tmp_path / "linked").samefile(blob)
    assert not (tmp_path / "copied").samefile(blob)
    assert blob.stat().st_mode & 0o777 == 0o444
    (tmp_path / "copied").write_bytes(b"own")


def test_a_file_with_other_names_is_copied_in(store: Store, tmp_path: Path) -> None:
    source, other = tmp_path / "a", tmp_path / "b"
    source.write_bytes(b"before")
    os.link(source, other)
    store.s3.local.put_file(OWNER, "data", "k", source, consume=True)
    assert not source.exists()
    other.write_bytes(b"after")
    assert store.s3.local.read(OWNER, "data", "k") == b"before"


def test_the_same_bytes_are_kept_once_and_go_with_the_last_object(store: Store) -> None:
    for key in ("a", "b"):
        store.s3.local.put_bytes(OWNER, "data", key, b"same")
    bucket = store.s3.access.open(Requester.root(OWNER), "data", None)
    assert len(store.files("blobs")) == 1
    store.s3.objects.delete(bucket, "a")
    assert len(store.files("blobs")) == 1
    store.s3.objects.delete(bucket, "b")
    assert store.files("blobs") == []
    assert store.files("staging") == []


def test_an_overwritten_content_goes(store: Store) -> None:
    for content in (b"one", b"two"):
        store.s3.local.put_bytes(OWNER, "data", "k", content)
    assert [path.read_bytes() for path in store.files("blobs")] == [b"two"]


def test_a_crash_before_the_commit_leaves_nothing(store: Store) -> None:
    content = receive(store.blobs, Incoming([b"half"]))
    store.blobs.install(content)  # the process dies here: linked, no row
    assert len(store.files("blobs")) == 1
    store.database.close()
    again = _open(store.folder)
    assert again.files("blobs") == []
    assert again.files("staging") == []
    again.database.close()


def test_a_crash_after_the_commit_loses_nothing(store: Store) -> None:
    store.s3.local.put_bytes(OWNER, "data", "k", b"whole")
    leftover = store.folder / "staging" / "leftover"
    os.link(store.files("blobs")[0], leftover)  # the process died before the staging name went
    store.database.close()
    again = _open(store.folder)
    assert again.s3.local.read(OWNER, "data", "k") == b"whole"
    assert again.files("staging") == []
    again.database.close()


def test_a_refused_body_leaves_no_file(store: Store) -> None:
    with pytest.raises(DomainError, match="number of bytes"):
        receive(store.blobs, Incoming([b"ab"], size=3))
    assert store.files("staging") == []


def test_a_failed_condition_leaves_no_content(store: Store) -> None:
    bucket = store.s3.access.open(Requester.root(OWNER), "data", None)
    content = receive(store.blobs, Incoming([b"x"]))
    with pytest.raises(DomainError, match="too long"):
        store.s3.objects.put(bucket, Draft("k" * 1025, content, {}, {}))
    assert store.files("staging") == store.files("blobs") == []


def test_other_accounts_need_a_policy(store: Store) -> None:
    store.s3.local.put_bytes(OWNER, "data", "k", b"1")
    with pytest.raises(DomainError) as caught:
        store.s3.local.read(OTHER, "data", "k")
    assert caught.value.code == "AccessDenied"
    with pytest.raises(DomainError) as caught:
        store.s3.local.head(OWNER, "none", "k")
    assert caught.value.code == "NoSuchBucket"
    assert store.s3.local.head(OWNER, "data", "none") is None


def test_a_list_goes_on_over_pages(store: Store) -> None:
    bucket = store.s3.access.open(Requester.root(OWNER), "data", None)
    content = receive(store.blobs, Incoming([b""]))
    store.blobs.discard([content.file])
    with store.database.transaction():
        for number in range(2500):
            shared = (
                receive(store.blobs, Incoming([])) if number == 0 else store.blobs.again(content.sha256, None)
            )
            store.s3.objects.put(bucket, Draft(f"p/{number:05d}", shared, {}, {}, etag='"e"'))
    listed = [info.key for info in store.s3.local.list(OWNER, "data", "p/")]
    assert listed == [f"p/{number:05d}" for number in range(2500)]
