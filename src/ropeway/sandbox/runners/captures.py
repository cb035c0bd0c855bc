"""Captured requests on their way to S3: lines in local files, uploaded some seconds later.

A record is on disk when ``put`` returns, with what is needed to upload it beside it: a server that is killed leaves
files that the next one uploads. What S3 refuses (the bucket is gone, say) is dropped with a warning: a capture never
harms an endpoint.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ropeway.sandbox.domain.endpoints import capture
from ropeway.sandbox.domain.endpoints.model import Endpoint
from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.domain.ports import ObjectStore
from ropeway.values.clock import Clock
from ropeway.values.ids import Ids
from ropeway.values.s3uri import S3Uri

__all__ = ["CaptureFiles"]

_SECONDS = 3.0
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Target:
    account: str
    endpoint: str
    variant: str
    destination: str
    moment: float


class CaptureFiles:
    """Implements ``domain.endpoints.ports.CaptureSink``.

    Args:
        folder: where files wait for their upload.
    """

    def __init__(self, folder: Path, objects: ObjectStore, clock: Clock, ids: Ids) -> None:
        self._folder = folder
        self._objects = objects
        self._clock = clock
        self._ids = ids
        self._lock = threading.Lock()
        self._open: dict[tuple[str, str, str], tuple[str, _Target]] = {}

    def put(self, endpoint: Endpoint, variant: str, destination: str, record: Mapping[str, Any]) -> None:
        """Keep a record; it is on disk when this returns."""
        text = json.dumps(record, separators=(",", ":"))
        where = (endpoint.arn, variant, destination)
        with self._lock:
            if where not in self._open:
                self._open[where] = self._begin(
                    _Target(endpoint.account, endpoint.name, variant, destination, self._clock.now())
                )
            name, _ = self._open[where]
            with (self._folder / f"{name}.jsonl").open("a", encoding="utf-8") as file:
                file.write(text + "\n")

    def flush(self, *, everything: bool = False) -> None:
        """Upload what has waited long enough, or all of it; also what a server before left."""
        with self._lock:
            old = self._clock.now() - _SECONDS
            due = {where for where, (_, target) in self._open.items() if everything or target.moment <= old}
            for where in due:
                del self._open[where]
            waiting = {name for name, _ in self._open.values()}
        if self._folder.is_dir():
            for path in sorted(self._folder.glob("*.json")):
                if path.stem not in waiting:
                    self._upload(path)

    def _begin(self, target: _Target) -> tuple[str, _Target]:
        self._folder.mkdir(parents=True, exist_ok=True)
        name = self._ids.uuid()
        (self._folder / f"{name}.json").write_text(json.dumps(asdict(target)), encoding="utf-8")
        return name, target

    def _upload(self, path: Path) -> None:
        lines = path.with_suffix(".jsonl")
        try:
            target = _Target(**json.loads(path.read_text(encoding="utf-8")))
            address = S3Uri.parse(target.destination)
            key = capture.key(address.key, target.endpoint, target.variant, target.moment, path.stem)
            self._objects.put_file(target.account, address.bucket, key, lines, consume=True)
        except (DomainError, ValueError, TypeError, FileNotFoundError) as error:
            _log.warning("captured requests of %s were not uploaded: %s", path, error)
            lines.unlink(missing_ok=True)
        path.unlink(missing_ok=True)
