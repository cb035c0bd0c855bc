"""Contents as files: staged, hashed, then linked to the address that their SHA-256 gives.

    staging/<token>        being written, or written and not yet anybody's; a part of an unfinished upload
    blobs/ab/ab12…         a content, read-only

A content gets its address by a hard link inside the transaction that adds the version (``install``); its staging
name goes after the commit (``installed``). So a crash leaves either no link or a staging name beside it, and
``sweep`` at start removes what no row refers to: a half object cannot be. Contents without a version are removed
under the writer's lock (``collect``), where no install can run.

fsync is left out: a killed process loses nothing, a power cut may lose the last objects.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import secrets
import shutil
import stat
from collections.abc import Iterable, Mapping
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO

from ropeway.sandbox.domain.objects.checksums import start, verify
from ropeway.sandbox.domain.objects.model import Content
from ropeway.sandbox.store.db import Database

__all__ = ["FileBlobs"]

_PIECE = 1 << 20
# From here on handing a piece to a thread costs less than hashing it.
_BESIDE = 1 << 18
_READ_ONLY = 0o444


class FileBlobs:
    """Implements ``domain.objects.ports.Blobs`` below one folder."""

    def __init__(self, folder: Path, database: Database) -> None:
        self._blobs = folder / "blobs"
        self._staging = folder / "staging"
        self._database = database
        self._consumed: dict[str, Path] = {}  # staging file → the file that goes with it
        # Idle threads end with the pool, the pool with this object.
        self._hashers = ThreadPoolExecutor(4, thread_name_prefix="md5")
        self._staging.mkdir(parents=True, exist_ok=True)
        self.sweep()

    def stage(self, *, part: bool = False) -> FileStaging:
        """A new file to write to."""
        return FileStaging(self._staging / _token(), self._hashers, sha256=not part)

    def adopt(self, source: Path, *, consume: bool) -> Content:
        """Stage a file's content.

        A consumed file is moved, unless other names share its bytes (a linked input that a job passed on) or it
        is on another file system: then it is copied and removed. Until ``installed`` it has its own name too, so
        that an upload which a crash cut off can be done again.
        """
        details = source.lstat()
        movable = consume and stat.S_ISREG(details.st_mode) and details.st_nlink == 1
        if not movable or details.st_dev != self._staging.stat().st_dev:
            content = self._copy(source)
        else:
            content = self._measure(source)
            target = self._staging / content.file
            os.link(source, target)
            target.chmod(_READ_ONLY)
        if consume:
            self._consumed[content.file] = source
        return content

    def _copy(self, source: Path) -> Content:
        staging = self.stage()
        try:
            with source.open("rb", buffering=0) as stream:
                while piece := stream.read(_PIECE):
                    staging.write(piece)
            return staging.finish({})
        except BaseException:
            staging.discard()
            raise

    def _measure(self, source: Path) -> Content:
        sha256, md5, size = hashlib.sha256(), hashlib.md5(usedforsecurity=False), 0
        with source.open("rb", buffering=0) as stream:
            while piece := stream.read(_PIECE):
                sha256.update(piece)
                md5.update(piece)
                size += len(piece)
        return Content(_token(), size, sha256.hexdigest(), md5.hexdigest())

    def again(self, sha256: str, algorithm: str | None) -> Content:
        """Stage a content that is there already, by another name for it."""
        name = _token()
        os.link(self.path(sha256), self._staging / name)
        checksums = {}
        if algorithm is not None:
            running = start(algorithm)
            with self.open_staged(name) as stream:
                while piece := stream.read(_PIECE):
                    running.update(piece)
            checksums = verify({algorithm: running}, {})
        return Content(name, 0, sha256, "", checksums)

    def install(self, content: Content) -> None:
        """Give a staged content its address, inside the caller's transaction."""
        with contextlib.suppress(FileExistsError):  # the same bytes are there already
            source, target = self._staging / content.file, self.path(content.sha256)
            try:
                os.link(source, target)
            except FileNotFoundError:  # the first of its folder
                target.parent.mkdir(parents=True, exist_ok=True)
                os.link(source, target)

    def installed(self, content: Content) -> None:
        """Remove the staging name, and the file that the content was taken from."""
        self.discard([content.file])
        source = self._consumed.pop(content.file, None)
        if source is not None:
            source.unlink(missing_ok=True)

    def discard(self, files: Iterable[str]) -> None:
        """Remove staging files."""
        for file in files:
            (self._staging / file).unlink(missing_ok=True)

    def open_staged(self, file: str) -> BinaryIO:
        """Read a staged part."""
        return (self._staging / file).open("rb", buffering=0)

    def path(self, sha256: str) -> Path:
        """Where a content is."""
        return self._blobs / sha256[:2] / sha256

    def open(self, sha256: str) -> BinaryIO:
        """Read a content."""
        return self.path(sha256).open("rb", buffering=0)

    def place(self, sha256: str, target: Path, *, link: bool) -> None:
        """Put a content at a path: hard-linked when asked for and possible, else copied."""
        source = self.path(sha256)
        if link:
            try:
                os.link(source, target)
                return
            except OSError as error:
                if error.errno not in {errno.EXDEV, errno.EMLINK, errno.EPERM}:
                    raise
        shutil.copyfile(source, target)

    def collect(self) -> None:
        """Remove contents that no version has any more."""
        unused = "SELECT sha256 FROM blobs WHERE refs = 0 LIMIT 1000"
        while self._database.reader.execute(unused).fetchone() is not None:
            with self._database.transaction() as connection:
                for row in connection.execute(unused).fetchall():
                    self.path(row["sha256"]).unlink(missing_ok=True)
                    connection.execute("DELETE FROM blobs WHERE sha256 = ?", (row["sha256"],))

    def sweep(self) -> None:
        """Remove what a crash left: staging files of nobody, and the contents they were linked to."""
        with self._database.transaction() as connection:
            parts = {row["file"] for row in connection.execute("SELECT file FROM upload_parts")}
            for leftover in self._staging.iterdir():
                if leftover.name in parts:
                    continue
                if leftover.stat().st_nlink > 1:
                    digest = self._measure(leftover).sha256
                    known = connection.execute("SELECT 1 FROM blobs WHERE sha256 = ?", (digest,)).fetchone()
                    if known is None:
                        self.path(digest).unlink(missing_ok=True)
                leftover.unlink()
        self.collect()


class FileStaging:
    """Implements ``domain.objects.ports.Staging``: writes and hashes in one pass.

    MD5 is the slowest part of a large write: it runs in a thread beside the rest.
    """

    def __init__(self, path: Path, hashers: Executor, *, sha256: bool) -> None:
        self._hashers = hashers
        self._hashing: Future[None] | None = None
        self._path = path
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _READ_ONLY)
        self._sha256 = hashlib.sha256() if sha256 else None
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._size = 0
        self._open = True

    def write(self, piece: bytes) -> None:
        """Append."""
        self._settle()
        if len(piece) < _BESIDE:
            self._md5.update(piece)
        else:
            self._hashing = self._hashers.submit(self._md5.update, piece)
        if self._sha256 is not None:
            self._sha256.update(piece)
        self._size += len(piece)
        rest = memoryview(piece)
        while rest:
            rest = rest[os.write(self._file, rest) :]

    def finish(self, checksums: Mapping[str, str]) -> Content:
        """Close the file and tell what it holds."""
        self._settle()
        self._close()
        sha256 = "" if self._sha256 is None else self._sha256.hexdigest()
        return Content(self._path.name, self._size, sha256, self._md5.hexdigest(), checksums)

    def discard(self) -> None:
        """Remove the file."""
        self._close()
        self._path.unlink(missing_ok=True)

    def _settle(self) -> None:
        if self._hashing is not None:
            self._hashing.result()
            self._hashing = None

    def _close(self) -> None:
        if self._open:
            self._open = False
            os.close(self._file)


def _token() -> str:
    return secrets.token_hex(16)
