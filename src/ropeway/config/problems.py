"""What is wrong with a configuration, and where; many at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ropeway.errors import ConfigError

__all__ = ["Finding", "Path", "Problem", "dotted", "refuse"]

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Finding:
    """A problem by the place in the data, before its line is known.

    Attributes:
        path: keys and indexes from the root.
        message: what is wrong, without the place.
        advice: what to do about it.
        at_key: whether the key itself is meant, not its value.
    """

    path: Path
    message: str
    advice: str
    at_key: bool = False


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong.

    Attributes:
        file: the file's name, as it was given.
        line: from 1.
        column: from 1.
        key: dotted path, ``units.retail.region``; empty for the file as a whole.
        message: what is wrong.
        advice: what to do about it.
    """

    file: str
    line: int
    column: int
    key: str
    message: str
    advice: str = field(compare=False)

    def __str__(self) -> str:
        key = f" {self.key}:" if self.key else ""
        return f"{self.file}:{self.line}:{self.column}:{key} {self.message}"


def dotted(path: Path) -> str:
    """``("units", "a", "tags", 0)`` as ``units.a.tags[0]``."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def refuse(problems: Iterable[Problem]) -> ConfigError:
    """The error that tells these problems, in the file's order."""
    return ConfigError([(str(each), each.advice) for each in sorted(set(problems))])
