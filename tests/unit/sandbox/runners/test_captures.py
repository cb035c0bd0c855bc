"""Captured requests reach S3, also when a server was killed before; what S3 refuses harms nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ropeway.sandbox.domain.endpoints.model import Endpoint
from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.domain.ports import ObjectInfo
from ropeway.sandbox.runners.captures import CaptureFiles
from ropeway.values.ids import RandomIds
from tests.fakes.clock import FakeClock
from tests.fakes.jobs import FolderObjects

SCORES = Endpoint("111111111111", "eu-west-1", "scores", "InService", 0.0, 0.0)


class Objects(FolderObjects):
    """S3 with one bucket."""

    def put_file(
        self, who: str, bucket: str, key: str, source: Path, *, consume: bool, kms_key: str = ""
    ) -> ObjectInfo:
        if bucket != "bucket":
            raise DomainError("The specified bucket does not exist", code="NoSuchBucket", status=404)
        return super().put_file(who, bucket, key, source, consume=consume, kms_key=kms_key)

    @property
    def found(self) -> dict[str, list[str]]:
        """The lines of every object, by its key."""
        return {
            info.key: self.read("", "bucket", info.key).decode().splitlines()
            for info in self.list("", "bucket", "")
        }


@pytest.fixture
def objects(tmp_path: Path) -> Objects:
    (tmp_path / "s3" / "bucket").mkdir(parents=True)
    return Objects(tmp_path / "s3")


def files(tmp_path: Path, objects: Objects, clock: FakeClock) -> CaptureFiles:
    return CaptureFiles(tmp_path / "captures", objects, clock, RandomIds())


def test_records_wait_a_little_and_come_as_one_file(tmp_path: Path, objects: Objects) -> None:
    clock = FakeClock(1_764_000_123.0)
    captures = files(tmp_path, objects, clock)
    for number in range(3):
        captures.put(SCORES, "main", "s3://bucket/captured", {"number": number})
    captures.flush()
    assert objects.found == {}
    clock.pass_seconds(5)
    captures.flush()
    ((key, lines),) = objects.found.items()
    assert key.startswith("captured/scores/main/2025/11/24/16/02-03-000-")
    assert [json.loads(line)["number"] for line in lines] == [0, 1, 2]
    assert list((tmp_path / "captures").iterdir()) == []


def test_what_a_killed_server_left_is_uploaded_by_the_next(tmp_path: Path, objects: Objects) -> None:
    clock = FakeClock()
    files(tmp_path, objects, clock).put(SCORES, "main", "s3://bucket", {"number": 7})
    files(tmp_path, objects, clock).flush()
    assert [json.loads(line) for lines in objects.found.values() for line in lines] == [{"number": 7}]


def test_a_bucket_that_is_gone_loses_its_records_and_no_others(tmp_path: Path, objects: Objects) -> None:
    captures = files(tmp_path, objects, FakeClock())
    captures.put(SCORES, "main", "s3://gone/captured", {"number": 1})
    captures.put(SCORES, "main", "s3://bucket/captured", {"number": 2})
    captures.flush(everything=True)
    assert [json.loads(line) for lines in objects.found.values() for line in lines] == [{"number": 2}]
    assert list((tmp_path / "captures").iterdir()) == []
