"""Local files of a pipeline, as data: what to upload where. Nothing is uploaded here.

Addresses carry the SHA-256 of the content, so an unchanged script keeps its address, and step caching works.
A folder of sources becomes one ``sourcedir.tar.gz`` with fixed owners and times: same files, same bytes.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ropeway.errors import DefinitionError
from ropeway.values.s3uri import S3Uri

__all__ = ["Asset", "Build", "FunctionAsset", "digest", "source_archive"]

_IGNORED = {"__pycache__", ".git", ".ipynb_checkpoints", ".DS_Store"}


@dataclass(frozen=True)
class Asset:
    """One object to upload.

    Attributes:
        path: the local file or folder that it is made of.
        uri: where it goes.
        packed: the bytes, when they are not the file's own.
    """

    path: Path
    uri: S3Uri
    packed: bytes | None = None

    def content(self) -> bytes:
        """The bytes to upload."""
        return self.path.read_bytes() if self.packed is None else self.packed


@dataclass(frozen=True)
class FunctionAsset:
    """One Lambda function to create or update before the pipeline runs.

    Attributes:
        name: the function's name.
        archive: the zip file's bytes.
        handler: ``module.function``.
        role: the ARN of the function's role.
        timeout: seconds, at most 600 in a pipeline.
    """

    name: str
    archive: bytes
    handler: str
    role: str
    runtime: str
    timeout: int
    memory: int


class Build:
    """What steps need while a definition is built, and what they leave behind to upload.

    Args:
        pipeline: the pipeline's name.
        bucket: where local files and default outputs go.
        role: the steps' role when they name none.
        region: of the pipeline's Lambda functions.
    """

    def __init__(self, pipeline: str, *, bucket: str | None, role: str | None, region: str | None) -> None:
        self.pipeline = pipeline
        self.role = role
        self.region = region
        self._bucket = bucket
        self.assets: dict[S3Uri, Asset] = {}
        self.functions: dict[str, FunctionAsset] = {}

    def bucket_for(self, step: str, purpose: str) -> str:
        """The bucket, which the step needs.

        Raises:
            DefinitionError: the pipeline names none.
        """
        if self._bucket is None:
            raise DefinitionError(
                f"step {step}: {purpose} needs a bucket, and the pipeline names none",
                hint='give one: Pipeline(..., bucket="...")',
            )
        return self._bucket

    def file(self, step: str, path: Path, kind: str = "code") -> S3Uri:
        """The address of one local file, which will be uploaded."""
        if not path.is_file():
            raise _missing(step, path)
        content = path.read_bytes()
        uri = self._address(step, path, kind).child(digest(content), path.name)
        self.assets[uri] = Asset(path, uri)
        return uri

    def folder(self, step: str, path: Path, kind: str = "input") -> S3Uri:
        """The address of a local folder, whose files will be uploaded."""
        files = _files(path)
        if not files:
            raise DefinitionError(f"step {step}: the folder {path} has no files")
        names = [file.relative_to(path).as_posix() for file in files]
        contents = [file.read_bytes() for file in files]
        whole = digest("".join(f"{n}:{digest(c)}\n" for n, c in zip(names, contents, strict=True)).encode())
        base = self._address(step, path, kind).child(whole)
        for file, name in zip(files, names, strict=True):
            uri = base.child(name)
            self.assets[uri] = Asset(file, uri)
        return base

    def sources(self, step: str, path: Path, entry_point: str) -> S3Uri:
        """The address of a source archive made of a script or of a folder that holds ``entry_point``."""
        if not (path / entry_point if path.is_dir() else path).is_file():
            raise _missing(step, path / entry_point if path.is_dir() else path)
        packed = source_archive(path)
        uri = self._address(step, path, "code").child(digest(packed), "sourcedir.tar.gz")
        self.assets[uri] = Asset(path, uri, packed)
        return uri

    def _address(self, step: str, path: Path, kind: str) -> S3Uri:
        return S3Uri(self.bucket_for(step, f"the local {path}"), f"{self.pipeline}/{kind}")


def digest(content: bytes) -> str:
    """The SHA-256 of some bytes, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def source_archive(path: Path) -> bytes:
    """A script, or a folder's files, as ``tar.gz`` bytes that depend on nothing but names and contents."""
    files: Sequence[Path] = _files(path) if path.is_dir() else [path]
    root = path if path.is_dir() else path.parent
    buffer = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=buffer, mode="wb", mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for file in files:
            content = file.read_bytes()
            entry = tarfile.TarInfo(file.relative_to(root).as_posix())
            entry.size = len(content)
            entry.mode = 0o755 if file.stat().st_mode & 0o100 else 0o644
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def _files(folder: Path) -> list[Path]:
    found = [
        file
        for file in folder.rglob("*")
        if file.is_file() and not _IGNORED.intersection(file.relative_to(folder).parts)
    ]
    return sorted(found)


def _missing(step: str, path: Path) -> DefinitionError:
    return DefinitionError(
        f"step {step}: there is no file {path}",
        hint="paths are relative to the current folder; use Path(__file__).parent to be independent of it",
    )
