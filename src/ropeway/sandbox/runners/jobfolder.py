"""A job's private folder on the host: where what the process sees under ``/opt/ml`` really is.

    <folder>/ml       what the process writes, and files that it may change
    <folder>/inputs   linked inputs; only where the host can overlay (see ``namespaces``)

With the overlay ``/opt/ml`` is both, ``ml`` on top; a deleted input is a *whiteout* in ``ml``. Without it
everything is in ``ml``, and inputs must be copies.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["ML", "JobFolder", "SeenFile"]

ML = "/opt/ml"


@dataclass(frozen=True)
class SeenFile:
    """A regular file as the process left it.

    Attributes:
        relative: its path below the folder asked for, with slashes.
        path: where it is on the host.
        written: the process wrote it; else it is an input that was left alone and may be shared.
    """

    relative: str
    path: Path
    written: bool


class JobFolder:
    """A job's private folder on the host.

    Args:
        path: the folder; made when missing.
        overlay: the host's ``overlay``: inputs may be linked.
    """

    def __init__(self, path: Path, *, overlay: bool) -> None:
        self.path = path
        self.link = overlay
        (path / "ml").mkdir(parents=True, exist_ok=True)

    def input(self, seen: str) -> Path:
        """Where to place an input that the process sees at a path under ``/opt/ml``.

        With ``link`` it may be a hard link: the process cannot write through it.

        Raises:
            ValueError: the path is not under ``/opt/ml``.
        """
        return self.path / ("inputs" if self.link else "ml") / _below_ml(seen)

    def output(self, seen: str) -> Path:
        """Where the process's own writes below a path are, and where files that it may change are placed.

        Raises:
            ValueError: the path is not under ``/opt/ml``.
        """
        return self.path / "ml" / _below_ml(seen)

    def text(self, seen: str, limit: int) -> str:
        """The beginning of a text file that the process wrote; "" when there is none."""
        try:
            with self.output(seen).open(encoding="utf-8", errors="replace") as file:
                return file.read(limit).strip()
        except OSError:
            return ""

    def files(self, seen: str) -> Iterator[SeenFile]:
        """The regular files below a path in name order, as the process left them; symbolic links are not followed."""
        upper = self.output(seen)
        lower = self.input(seen) if self.link else None
        if lower is not None and (not lower.is_dir() or upper.is_symlink()):
            lower = None
        yield from _merged(upper, lower, "")


def _merged(upper: Path, lower: Path | None, prefix: str) -> Iterator[SeenFile]:
    above = _entries(upper)
    below = _entries(lower) if lower is not None and not _is_opaque(upper) else {}
    for name in sorted({*above, *below}):
        mode = above[name] if name in above else below[name]
        relative = f"{prefix}{name}"
        if stat.S_ISREG(mode):
            folder = upper if name in above or lower is None else lower
            yield SeenFile(relative, folder / name, written=name in above)
        elif stat.S_ISDIR(mode):
            deeper = lower / name if lower is not None and stat.S_ISDIR(below.get(name, 0)) else None
            yield from _merged(upper / name, deeper, relative + "/")


def _entries(folder: Path) -> dict[str, int]:
    """Names and modes; a whiteout (a character device) is an entry that is neither file nor folder."""
    try:
        with os.scandir(folder) as found:
            return {entry.name: entry.stat(follow_symlinks=False).st_mode for entry in found}
    except (FileNotFoundError, NotADirectoryError):
        return {}


def _is_opaque(folder: Path) -> bool:
    """Whether the folder was deleted and made anew, so that nothing below it shows through."""
    return any(_attribute(folder, f"{space}.overlay.opaque") == b"y" for space in ("trusted", "user"))


def _attribute(folder: Path, name: str) -> bytes:
    try:
        return os.getxattr(folder, name)
    except (OSError, AttributeError):  # not set, or a system without extended attributes
        return b""


def _below_ml(seen: str) -> str:
    inside = os.path.normpath(seen)
    if inside != ML and not inside.startswith(ML + "/"):
        raise ValueError(f"{seen} is not under {ML}")
    return inside[len(ML) + 1 :]
