"""The user's runtimes: ``.ropeway/runtimes.toml``.

    [[runtime]]
    name = "team image"                      # required
    image = "*.dkr.ecr.*/team/*:*"           # a glob; or /regex/ between slashes; the whole address must match
    kind = "script"                          # xgboost, sklearn, script or python (the default)
    python = "/usr/bin/python3.12"           # the sandbox's own by default
    requirements = ["lightgbm==4.5"]         # installed once, on top of that interpreter's packages
    train = ["python", "-m", "team.train"]   # default commands
    process = ["python", "-m", "team.process"]
    serve = ["python", "-m", "team.serve"]
    env = { TEAM_MODE = "local" }

Entries come before the built-in ones, in their order. The file is read again when it has changed. A mistake in it
names the file and the key, and fails the jobs that would have used it.
"""

from __future__ import annotations

import fnmatch
import re
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ropeway.sandbox.runners.runtimes import KINDS, Runtime, Runtimes

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

__all__ = ["RuntimeFile", "RuntimeFileError", "parse_runtimes"]

_TEXTS = {"name", "image", "kind", "python"}
_LISTS = {"requirements", "train", "serve", "process"}


class RuntimeFileError(Exception):
    """The file is wrong; the text names file and key."""


class RuntimeFile:
    """The table of runtimes with a user's file in front.

    Args:
        path: the file; it need not exist.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._seen: tuple[int, int] | None = None
        self._table = Runtimes()

    def match(self, image: str) -> Runtime:
        """The runtime of an image, by the file as it is now.

        Raises:
            RuntimeFileError: the file is wrong.
            UnknownImageError: no runtime stands for the image.
        """
        return self._current().match(image)

    def _current(self) -> Runtimes:
        with self._lock:
            try:
                status = self._path.stat()
            except FileNotFoundError:
                self._seen, self._table = None, Runtimes()
                return self._table
            seen = (status.st_mtime_ns, status.st_size)
            if seen != self._seen:
                self._table = Runtimes(parse_runtimes(self._path))
                self._seen = seen
            return self._table


def parse_runtimes(path: Path) -> list[Runtime]:
    """The runtimes of a file.

    Raises:
        RuntimeFileError: it is wrong.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RuntimeFileError(f"{path}: {error}") from error
    unknown = sorted(set(content) - {"runtime"})
    entries = content.get("runtime", [])
    if unknown or not isinstance(entries, list):
        raise RuntimeFileError(
            f"{path}: expected [[runtime]] tables, found {', '.join(unknown) or 'runtime'}"
        )
    return [_runtime(path, f"runtime[{index}]", entry) for index, entry in enumerate(entries)]


def _runtime(path: Path, where: str, entry: Mapping[str, Any]) -> Runtime:
    for key, value in entry.items():
        problem = _problem(key, value)
        if problem:
            raise RuntimeFileError(f"{path}: {where}.{key}: {problem}")
    for key in ("name", "image"):
        if not entry.get(key):
            raise RuntimeFileError(f"{path}: {where}.{key}: is required")
    python = Path(entry["python"]).expanduser() if "python" in entry else None
    if python is not None and not python.is_file():
        raise RuntimeFileError(f"{path}: {where}.python: there is no file {python}")
    return Runtime(
        name=entry["name"],
        image=_pattern(path, where, entry["image"]),
        kind=entry.get("kind", "python"),
        python=python,
        requirements=tuple(entry.get("requirements", ())),
        train=tuple(entry.get("train", ())),
        serve=tuple(entry.get("serve", ())),
        process=tuple(entry.get("process", ())),
        env=dict(entry.get("env", {})),
    )


def _problem(key: str, value: object) -> str:
    """What is wrong with a key's value; "" when nothing is."""
    if key == "kind" and value not in KINDS:
        return f"must be one of {', '.join(KINDS)}"
    if key in _TEXTS:
        return "" if isinstance(value, str) else "must be a text"
    if key in _LISTS:
        texts = isinstance(value, list) and all(isinstance(item, str) for item in value)
        return "" if texts else "must be a list of texts"
    if key == "env":
        texts = isinstance(value, dict) and all(isinstance(item, str) for item in value.values())
        return "" if texts else "must be a table of texts"
    return f"is not a key of a runtime; known are {', '.join(sorted({*_TEXTS, *_LISTS, 'env'}))}"


def _pattern(path: Path, where: str, image: str) -> str:
    if not (len(image) > 1 and image.startswith("/") and image.endswith("/")):
        return fnmatch.translate(image)
    try:
        re.compile(image[1:-1])
    except re.error as error:
        raise RuntimeFileError(f"{path}: {where}.image: {error}") from error
    return image[1:-1]
