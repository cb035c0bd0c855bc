"""Patterns of policies: ``*`` and ``?``, and policy variables such as ``${aws:username}``.

A variable's value is text: wildcards in it are letters. A variable that the request has no (single) value for
makes the whole pattern match nothing, as AWS does, unless it has a default (``${aws:username, 'nobody'}``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from ropeway.sandbox.domain.globs import ANYTHING, expression_of

__all__ = ["Context", "matches", "resolve"]

# Condition keys in lower case with their values.
Context = Mapping[str, Sequence[str]]

_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_DEFAULT = re.compile(r"\s*([^,]+?)\s*,\s*'(.*)'\s*")


def matches(pattern: str, text: str, context: Context | None = None, *, ignore_case: bool = False) -> bool:
    """Whether a text fits a pattern.

    Args:
        pattern: with wildcards, and with variables when ``context`` is given.
        text: what is compared, all of it.
        context: the values of variables; None takes ``${`` as letters (policies older than 2012-10-17).
        ignore_case: letters of both cases are the same.
    """
    pieces: list[str] = []
    for piece, literal in _pieces(pattern, context):
        if piece is None:
            return False
        pieces += [re.escape(piece)] if literal else _translate(piece)
    return _compile(expression_of(pieces), ignore_case).fullmatch(text) is not None


def resolve(pattern: str, context: Context | None) -> str | None:
    """A text with its variables filled in, wildcards left as letters; None when a variable has no value."""
    pieces = [piece for piece, _ in _pieces(pattern, context)]
    known = [piece for piece in pieces if piece is not None]
    return "".join(known) if len(known) == len(pieces) else None


def _pieces(pattern: str, context: Context | None) -> Iterator[tuple[str | None, bool]]:
    """The pattern in pieces: (text, whether wildcards in it are letters)."""
    if context is None or "${" not in pattern:
        yield pattern, False
        return
    end = 0
    for found in _VARIABLE.finditer(pattern):
        yield pattern[end : found.start()], False
        yield _value(found.group(1), context), True
        end = found.end()
    yield pattern[end:], False


def _value(name: str, context: Context) -> str | None:
    if name in {"*", "?", "$"}:
        return name
    default = _DEFAULT.fullmatch(name)
    key = default.group(1) if default else name.strip()
    values = context.get(key.lower(), ())
    if len(values) == 1:
        return values[0]
    return default.group(2) if default and not values else None


def _translate(piece: str) -> list[str]:
    wild = {"*": ANYTHING, "?": "."}
    return [wild.get(part, re.escape(part)) for part in re.split(r"([*?])", piece)]


@lru_cache(maxsize=4096)
def _compile(expression: str, ignore_case: bool) -> re.Pattern[str]:
    return re.compile(expression, re.DOTALL | (re.IGNORECASE if ignore_case else 0))
