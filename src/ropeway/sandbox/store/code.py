"""Zips of Lambda code and layers, by their hash: ``<hex>.zip`` and beside it ``<hex>/``, unpacked when first used.

Unpacking goes to a folder of another name that is renamed when complete, so a crash leaves no half of a function.
"""

from __future__ import annotations

import base64
import hashlib
import io
import os
import shutil
import stat
import tempfile
import zipfile
from pathlib import Path, PurePosixPath

from ropeway.sandbox.domain.errors import Invalid

__all__ = ["FileCode"]

_MAX_UNPACKED = 262_144_000


class FileCode:
    """Implements ``domain.functions.CodeStore`` in a folder.

    Args:
        max_unpacked: bytes that a zip may unpack to; Lambda's limit by default.
    """

    def __init__(self, folder: Path, *, max_unpacked: int = _MAX_UNPACKED) -> None:
        self._folder = folder
        self._max_unpacked = max_unpacked

    def put(self, content: bytes) -> str:
        """Keep a zip; its SHA-256 in base64.

        Raises:
            Invalid: it is no zip, or unpacks to more than Lambda takes.
        """
        _check(content, self._max_unpacked)
        digest = hashlib.sha256(content)
        self._folder.mkdir(parents=True, exist_ok=True)
        target = self._folder / f"{digest.hexdigest()}.zip"
        if not target.exists():
            with tempfile.NamedTemporaryFile(dir=self._folder, delete=False) as part:
                part.write(content)
            Path(part.name).replace(target)
        return base64.b64encode(digest.digest()).decode()

    def folder(self, sha256: str) -> Path | None:
        """Where a zip is unpacked, or None when there is none of this hash."""
        name = base64.b64decode(sha256).hex()
        target = self._folder / name
        if target.is_dir():
            return target
        archive = self._folder / f"{name}.zip"
        if not archive.exists():
            return None
        part = Path(tempfile.mkdtemp(dir=self._folder))
        _unpack(archive, part)
        part.chmod(0o755)
        try:
            part.rename(target)
        except OSError:  # another thread was faster
            shutil.rmtree(part)
        return target


def _check(content: bytes, max_unpacked: int) -> None:
    wrong = "Could not unzip uploaded file. Please check your file, then try to upload again."
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.infolist()
    except (zipfile.BadZipFile, ValueError) as error:
        raise Invalid(wrong, code="InvalidParameterValueException") from error
    if sum(entry.file_size for entry in names) > max_unpacked:
        raise Invalid(
            f"Unzipped size must be smaller than {max_unpacked} bytes", code="InvalidParameterValueException"
        )
    for entry in names:
        path = PurePosixPath(entry.filename)
        if path.is_absolute() or ".." in path.parts or stat.S_ISLNK(entry.external_attr >> 16):
            raise Invalid(f"{wrong} ({entry.filename})", code="InvalidParameterValueException")


def _unpack(archive: Path, folder: Path) -> None:
    with zipfile.ZipFile(archive) as source:
        for entry in source.infolist():
            written = source.extract(entry, folder)
            mode = (entry.external_attr >> 16) & 0o777
            if mode and not entry.is_dir():
                os.chmod(written, mode | 0o444)  # noqa: PTH101 - extract() gives a string
