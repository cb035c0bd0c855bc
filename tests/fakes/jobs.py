"""Stand-ins for what a job runner talks to: a store of objects in a folder, reports in a list, no CloudWatch."""

from __future__ import annotations

import hashlib
import os
import shutil
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.domain.jobs.model import Outcome
from ropeway.sandbox.domain.ports import ObjectInfo
from ropeway.sandbox.domain.sessions import Session


class FolderObjects:
    """An object store whose objects are files ``<bucket>/<key>`` of a folder; implements ``ObjectStore``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def head(self, who: str, bucket: str, key: str) -> ObjectInfo | None:
        path = self.folder / bucket / key
        return self._info(bucket, key) if path.is_file() else None

    def list(self, who: str, bucket: str, prefix: str) -> Iterator[ObjectInfo]:
        root = self.folder / bucket
        if not root.is_dir():
            raise DomainError("The specified bucket does not exist", code="NoSuchBucket", status=404)
        for path in sorted(root.rglob("*")):
            key = path.relative_to(root).as_posix()
            if path.is_file() and key.startswith(prefix):
                yield self._info(bucket, key)

    def read(self, who: str, bucket: str, key: str, version: str | None = None) -> bytes:
        return self._path(bucket, key).read_bytes()

    def materialize(self, who: str, bucket: str, key: str, target: Path, *, link: bool) -> None:
        source = self._path(bucket, key)
        if link:
            os.link(source, target)
        else:
            shutil.copyfile(source, target)

    def put_file(
        self, who: str, bucket: str, key: str, source: Path, *, consume: bool, kms_key: str = ""
    ) -> ObjectInfo:
        path = self.folder / bucket / key
        path.parent.mkdir(parents=True, exist_ok=True)
        if consume:
            shutil.move(source, path)
        else:
            shutil.copyfile(source, path)
        return self._info(bucket, key)

    def put_bytes(self, who: str, bucket: str, key: str, content: bytes) -> ObjectInfo:
        path = self.folder / bucket / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return self._info(bucket, key)

    def remove(self, who: str, bucket: str, key: str) -> None:
        (self.folder / bucket / key).unlink(missing_ok=True)

    def text(self, uri: str) -> str:
        """An object by its address."""
        return (self.folder / uri.removeprefix("s3://")).read_text(encoding="utf-8")

    def _path(self, bucket: str, key: str) -> Path:
        path = self.folder / bucket / key
        if not path.is_file():
            raise DomainError("The specified key does not exist.", code="NoSuchKey", status=404)
        return path

    def _info(self, bucket: str, key: str) -> ObjectInfo:
        content = (self.folder / bucket / key).read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        return ObjectInfo(bucket, key, len(content), f'"{digest[:32]}"', 0.0, digest)


class RecordedReports:
    """Remembers what a runner reports; implements ``JobReports``."""

    def __init__(self) -> None:
        self.phases: list[tuple[str, str]] = []
        self.outcomes: dict[str, Outcome] = {}
        self.finishes = 0
        self._changed = threading.Condition()

    def progressed(self, arn: str, secondary: str, message: str) -> None:
        with self._changed:
            self.phases.append((arn, secondary))
            self._changed.notify_all()

    def finished(self, arn: str, outcome: Outcome) -> None:
        with self._changed:
            self.outcomes[arn] = outcome
            self.finishes += 1
            self._changed.notify_all()

    def wait(self, arn: str, seconds: float = 60) -> Outcome:
        """The outcome of a job."""
        with self._changed:
            assert self._changed.wait_for(lambda: arn in self.outcomes, seconds), f"{arn} did not finish"
            return self.outcomes[arn]


class RecordedPeers:
    """Remembers calls of other services; implements ``Peers``. While ``broken`` it fails as nobody foresaw."""

    def __init__(self) -> None:
        self.broken = False
        self.calls: list[tuple[str, Mapping[str, Any]]] = []

    def call(
        self, service: str, operation: str, params: Mapping[str, Any], *, account: str, region: str
    ) -> dict[str, Any]:
        if self.broken:
            raise RuntimeError("the log's service is broken")
        self.calls.append((f"{service}:{operation}", dict(params)))
        return {}

    @property
    def messages(self) -> list[str]:
        """The messages of all log events."""
        batches = [params["logEvents"] for name, params in self.calls if name == "logs:PutLogEvents"]
        return [event["message"] for batch in batches for event in batch]


class MemorySessions:
    """Keeps sessions in memory; implements ``SessionStore``."""

    def __init__(self) -> None:
        self.sessions: dict[str, Session] = {}

    def add(self, session: Session) -> None:
        self.sessions[session.access_key] = session

    def get(self, access_key: str) -> Session | None:
        return self.sessions.get(access_key)
