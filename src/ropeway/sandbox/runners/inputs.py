"""S3 inputs of a job, placed where its process will see them.

Objects are linked from the store where the process cannot write through the link, else copied. A single object
lands under its base name, a prefix keeps the keys below it; as on AWS a prefix is a plain string.
"""

from __future__ import annotations

import gzip
import json
import posixpath
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.runners.context import JobError, Owner, ProcessContext, acting
from ropeway.sandbox.runners.jobfolder import JobFolder
from ropeway.values.s3uri import S3Uri

__all__ = ["Item", "Source", "fetch", "items", "missing", "place"]


@dataclass(frozen=True)
class Source:
    """Where an input comes from.

    Attributes:
        kind: ``S3Prefix`` or ``ManifestFile``.
        gzip: files are decompressed on the way.
        writable: the files are the process's own to change: never linked.
    """

    uri: str
    kind: str = "S3Prefix"
    gzip: bool = False
    writable: bool = False


@dataclass(frozen=True)
class Item:
    """One object of a source.

    Attributes:
        relative: its place below the source, with slashes.
    """

    bucket: str
    key: str
    relative: str


def place(job: Owner, context: ProcessContext, folder: JobFolder, source: Source, seen: str) -> int:
    """Put a source's files below a path that the process sees; the number of files.

    Raises:
        JobError: nothing is there, the manifest is no manifest, access is refused, or a name cannot be a path.
    """
    target = folder.output(seen) if source.writable else folder.input(seen)
    target.mkdir(parents=True, exist_ok=True)
    count = 0
    try:
        for item in items(job, context, source):
            _put(job, context, item, target, source, link=folder.link and not source.writable)
            count += 1
    except DomainError as error:
        raise JobError(missing(job, source.uri, error.message)) from error
    if not count:
        raise JobError(missing(job, source.uri))
    return count


def fetch(job: Owner, context: ProcessContext, uri: str, target: Path) -> None:
    """Copy one object to a host path.

    Raises:
        JobError: it is not there.
    """
    address = _parse(uri)
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        context.objects.materialize(acting(job), address.bucket, address.key, target, link=False)
    except DomainError as error:
        raise JobError(missing(job, uri, error.message)) from error


def items(job: Owner, context: ProcessContext, source: Source) -> Iterator[Item]:
    """The objects of a source, in key order or in the manifest's.

    Raises:
        JobError: the manifest is no manifest.
        DomainError: access is refused.
    """
    address = _parse(source.uri)
    if source.kind == "S3Prefix":
        for found in context.objects.list(acting(job), address.bucket, address.key):
            if not found.key.endswith("/"):
                yield Item(address.bucket, found.key, _relative(found.key, address.key))
    elif source.kind == "ManifestFile":
        yield from _manifest(context.objects.read(acting(job), address.bucket, address.key), source.uri)
    else:
        raise JobError(f"ClientError: S3DataType {source.kind} of {source.uri} does not run in the sandbox")


def _manifest(content: bytes, uri: str) -> Iterator[Item]:
    try:
        head, *names = json.loads(content)
        base = S3Uri.parse(head["prefix"])
    except (ValueError, TypeError, KeyError) as error:
        raise JobError(
            f'ClientError: {uri} is no manifest: expected [{{"prefix": "s3://…"}}, "name", …]'
        ) from error
    for name in names:
        yield Item(base.bucket, base.key + str(name), str(name))


def _relative(key: str, prefix: str) -> str:
    if key == prefix:
        return posixpath.basename(key)
    if prefix.endswith("/") or not prefix:
        return key[len(prefix) :]
    if key[len(prefix)] == "/":
        return key[len(prefix) + 1 :]
    return key[prefix.rfind("/") + 1 :]  # `train` also means `train2/…`


def _put(
    job: Owner, context: ProcessContext, item: Item, target: Path, source: Source, *, link: bool
) -> None:
    place_at = target / item.relative.lstrip("/")
    if ".." in item.relative.split("/"):
        raise JobError(f"ClientError: the key {item.key!r} of {source.uri} cannot be a path")
    try:
        place_at.parent.mkdir(parents=True, exist_ok=True)
        if source.gzip and place_at.suffix == ".gz":
            packed = place_at.with_name(place_at.name + ".packed")
            context.objects.materialize(acting(job), item.bucket, item.key, packed, link=False)
            _decompress(packed, place_at.with_suffix(""))
        else:
            # Two inputs may meet at one path; the later one wins, as a download would.
            place_at.unlink(missing_ok=True)
            context.objects.materialize(acting(job), item.bucket, item.key, place_at, link=link)
    except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
        raise JobError(
            f"ClientError: {source.uri} has both a file and a folder at {item.relative}; they cannot both be downloaded"
        ) from error


def _decompress(packed: Path, target: Path) -> None:
    try:
        with gzip.open(packed, "rb") as source, target.open("wb") as file:
            shutil.copyfileobj(source, file, 1 << 20)
    except (gzip.BadGzipFile, EOFError) as error:
        raise JobError(f"ClientError: {target.name}.gz is not gzip-compressed: {error}") from error
    finally:
        packed.unlink()


def _parse(uri: str) -> S3Uri:
    try:
        return S3Uri.parse(uri)
    except ValueError as error:
        raise JobError(f"ClientError: {error}") from error


def missing(job: Owner, uri: str, message: str = "") -> str:
    """What AWS says about an input without objects."""
    bucket = uri.removeprefix("s3://").partition("/")[0]
    text = (
        f'ClientError: No S3 objects found under S3 URL "{uri}" given in input data source. Please ensure that the '
        f"bucket exists in the selected region ({job.region}), that objects exist under that S3 prefix, and that "
        f'the role "{job.role_arn}" has "s3:ListBucket" permissions on bucket "{bucket}".'
    )
    return f"{text} Error message from S3: {message}" if message else text
