"""What a job leaves in S3: folders, and archives whose bytes depend on their content alone.

Only regular files are uploaded; symbolic links are not. An archive of the same files is the same to the byte
(names sorted, no times, no owners), so that the same model has the same digest and caching can see it.
"""

from __future__ import annotations

import gzip
import tarfile
from pathlib import Path

from ropeway.sandbox.domain.jobs.model import Job
from ropeway.sandbox.runners.context import JobError, RunContext, acting
from ropeway.sandbox.runners.jobfolder import JobFolder
from ropeway.values.s3uri import S3Uri

__all__ = ["Continuous", "store", "upload", "upload_archive"]

_LEVEL = 1  # weights hardly shrink, and time counts


def store(
    job: Job, context: RunContext, bucket: str, key: str, source: Path, *, consume: bool = True
) -> None:
    """Store one file as the job's role does: under the key that the job's request names."""
    context.objects.put_file(acting(job), bucket, key, source, consume=consume, kms_key=job.output_key)


def upload(job: Job, context: RunContext, folder: JobFolder, seen: str, uri: str) -> int:
    """Store the files below a path of a job that has ended; the number of files.

    What the process wrote moves into the store: it is gone from the folder.
    """
    address = _address(uri)
    count = 0
    for file in list(folder.files(seen)):
        key = address.child(file.relative).key
        store(job, context, address.bucket, key, file.path, consume=file.written)
        count += 1
    return count


class Continuous:
    """Stores files of a running job as they change.

    Args:
        seen: the folder, as the process sees it.
        uri: where its files go.
    """

    def __init__(self, job: Job, context: RunContext, folder: JobFolder, seen: str, uri: str) -> None:
        self._job = job
        self._context = context
        self._folder = folder
        self._seen = seen
        self._address = _address(uri)
        self._stored: dict[str, tuple[int, int]] = {}

    def sync(self) -> None:
        """Store what the process wrote or changed since the last time."""
        for file in self._folder.files(self._seen):
            try:
                status = file.path.stat()
                state = (status.st_size, status.st_mtime_ns)
                if not file.written or self._stored.get(file.relative) == state:
                    continue
                key = self._address.child(file.relative).key
                store(self._job, self._context, self._address.bucket, key, file.path, consume=False)
            except FileNotFoundError:  # the process removed or renamed it meanwhile
                continue
            self._stored[file.relative] = state


def upload_archive(job: Job, context: RunContext, folder: JobFolder, seen: str, uri: str) -> None:
    """Store a folder of a job that has ended as one ``.tar.gz``, its content at the root."""
    archive = context.workspace / "archive.tar.gz"
    pack(folder, seen, archive)
    address = _address(uri)
    store(job, context, address.bucket, address.key, archive)


def pack(folder: JobFolder, seen: str, archive: Path) -> None:
    """Write a folder's files to an archive."""
    with (
        archive.open("wb") as raw,
        gzip.GzipFile(filename="", mode="wb", fileobj=raw, compresslevel=_LEVEL, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar,
    ):
        known: set[str] = set()
        for file in folder.files(seen):
            for parent in reversed(Path(file.relative).parents[:-1] if "/" in file.relative else []):
                if str(parent) not in known:
                    known.add(str(parent))
                    entry = tarfile.TarInfo(str(parent))
                    entry.type, entry.mode = tarfile.DIRTYPE, 0o755
                    tar.addfile(entry)
            entry = tarfile.TarInfo(file.relative)
            status = file.path.stat()
            entry.size, entry.mode = status.st_size, 0o755 if status.st_mode & 0o100 else 0o644
            with file.path.open("rb") as content:
                tar.addfile(entry, content)


def _address(uri: str) -> S3Uri:
    try:
        return S3Uri.parse(uri)
    except ValueError as error:
        raise JobError(f"ClientError: {error}") from error
