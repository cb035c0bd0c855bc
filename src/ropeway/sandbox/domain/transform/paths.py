"""The JSONPath subset of InputFilter and OutputFilter.

``$`` the record, ``.name`` and ``['name']`` a member, ``*`` all, ``['a','b']`` some members (an object of them),
``[1,3]`` some elements, ``[1:3]`` a slice; negative indexes count from the end. A CSV row is an array. After a step
that selects many elements, the next applies to each. Not in the subset, as on AWS: ``..``, filters, functions.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from ropeway.sandbox.domain.transform.records import TransformError

__all__ = ["Path", "parse"]

_Step = Callable[[Any], Any]
_NAME = re.compile(r"\.([A-Za-z_][\w-]*|\*)")
_BRACKET = re.compile(r"\[((?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|[^\]'\"])*)\]")
_QUOTED = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"")
_INDEX = re.compile(r"-?\d+")
_SLICE = re.compile(r"(-?\d+)?\s*:\s*(-?\d+)?")


class Path:
    """A parsed path: select from values."""

    def __init__(self, text: str, steps: list[tuple[_Step, bool]]) -> None:
        self._text = text
        self._steps = steps

    @property
    def is_root(self) -> bool:
        """Whether it selects everything: ``$``."""
        return not self._steps

    def select(self, value: Any) -> Any:
        """What it selects.

        Raises:
            TransformError: it selects nothing of the value.
        """
        many = False
        for step, spreads in self._steps:
            try:
                value = [step(item) for item in value] if many else step(value)
            except (KeyError, IndexError, TypeError) as error:
                raise TransformError(f"the filter {self._text} selects nothing of a record") from error
            many = many or spreads
        return value


def parse(text: str) -> Path:
    """Parse a path.

    Raises:
        TransformError: it is outside the subset.
    """
    if not text.startswith("$"):
        raise TransformError(f"the filter {text!r} does not begin with $")
    position = 1
    steps: list[tuple[_Step, bool]] = []
    while position < len(text):
        found = _NAME.match(text, position) or _BRACKET.match(text, position)
        step = None if found is None else _step(found)
        if found is None or step is None:
            raise TransformError(f"the filter {text!r} is not understood at {text[position:]!r}")
        steps.append(step)
        position = found.end()
    return Path(text, steps)


def _step(found: re.Match[str]) -> tuple[_Step, bool] | None:
    inner = found[1].strip()
    if inner == "*":
        return _all, True
    if found.re is _NAME:
        return _member(inner), False
    part = _SLICE.fullmatch(inner)
    if part:
        return _slice(part), True
    names = [first or second for first, second in _QUOTED.findall(inner)]
    if names and not _QUOTED.sub("", inner).replace(",", "").strip():
        return (_member(names[0]), False) if len(names) == 1 else (_members(names), False)
    items = [item.strip() for item in inner.split(",")]
    if not all(_INDEX.fullmatch(item) for item in items):
        return None
    numbers = [int(item) for item in items]
    return (_element(numbers[0]), False) if len(numbers) == 1 else (_elements(numbers), True)


def _all(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return list(_array(value))


def _member(name: str) -> _Step:
    return lambda value: _object(value)[name]


def _members(names: list[str]) -> _Step:
    return lambda value: {name: _object(value)[name] for name in names}


def _element(index: int) -> _Step:
    return lambda value: _array(value)[index]


def _elements(indexes: list[int]) -> _Step:
    return lambda value: [_array(value)[index] for index in indexes]


def _slice(part: re.Match[str]) -> _Step:
    start, end = (int(bound) if bound is not None else None for bound in part.groups())
    return lambda value: _array(value)[start:end]


def _array(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError("no array")
    return value


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError("no object")
    return value
