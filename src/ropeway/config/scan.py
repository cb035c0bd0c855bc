"""What must not stand in the file at all, whatever key it is under: secrets, and variables nobody expands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ropeway.config.problems import Finding, Path

__all__ = ["scan"]

_SECRET_KEY = re.compile(
    r"(?i)(^|[_-])(password|passwd|secrets?|token|pat|api[_-]?key|access[_-]?key([_-]?id)?|private[_-]?key|credentials?)$"
)
_SECRET_VALUE = re.compile(
    r"\b(AKIA|ASIA)[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{20,}|\bgithub_pat_\w{20,}|\bglpat-[\w-]{16,}"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----|\bxox[abpr]-[\w-]{10,}"
)
_VARIABLE = re.compile(r"\$\{[^}]*\}|\$\([^)]*\)|^\$[A-Za-z_]\w*$|\{\{.*\}\}")
# Below these keys the names are the user's own.
_FREE = {"tags", "keys"}


def scan(data: Any, path: Path = ()) -> Iterator[Finding]:
    """Find secrets, by key and by look, and what looks like a variable. A secret's text is never repeated."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield from _key(str(key), (*path, key))
            yield from scan(value, (*path, key))
    elif isinstance(data, list):
        for at, value in enumerate(data):
            yield from scan(value, (*path, at))
    elif isinstance(data, str):
        yield from _value(data, path)


def _key(key: str, path: Path) -> Iterator[Finding]:
    owned = len(path) > 1 and path[-2] in _FREE
    if not owned and _SECRET_KEY.search(key):
        yield Finding(path, f"{key!r} would hold a secret", _KEEP_OUT, at_key=True)


def _value(value: str, path: Path) -> Iterator[Finding]:
    if _SECRET_VALUE.search(value):
        yield Finding(path, "the value looks like a secret", _KEEP_OUT)
    elif found := _VARIABLE.search(value):
        yield Finding(
            path,
            f"{found[0]!r} is not expanded: environment variables are not read here",
            "write the value itself; the file is the single source",
        )


_KEEP_OUT = (
    "take it out, and replace the secret if the file was shared: secrets belong to AWS Secrets Manager"
)
