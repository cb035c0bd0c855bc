"""Paths into JSON values: ``$.a[0]``, ``$$.Execution.Name``, ``$variable.b``.

A path that can match one place only gives the value there and fails without one; any other gives a list. The
reference paths of ResultPath name one place and may make it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from ropeway.sandbox.domain.statemachines.errors import PARAMETER_PATH, RESULT_PATH, RUNTIME, StateError

__all__ = ["Scope", "is_path", "read", "well_formed", "write"]

# Nothing catches a path to nowhere in these.
_FILTERS = frozenset({"InputPath", "OutputPath", "ItemsPath", "Variable"})
_VARIABLE = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*)")
_PART = re.compile(r"""\.([^.\[\]]+)|\[\s*(\d+)\s*\]|\[\s*'([^']*)'\s*\]|\[\s*"([^"]*)"\s*\]""")


@dataclass(frozen=True)
class Scope:
    """What paths of a state can see.

    Attributes:
        data: ``$``.
        context: ``$$``, the context object.
        variables: ``$name``.
    """

    data: Any
    context: Mapping[str, Any]
    variables: Mapping[str, Any] = field(default_factory=dict)


def is_path(text: object) -> bool:
    """Whether a value is written as a path."""
    return isinstance(text, str) and text.startswith("$")


def well_formed(text: str) -> bool:
    """Whether a path can be read."""
    if not text.startswith("$"):
        return False
    try:
        _compiled(_rest(text))
    except ValueError:
        return False
    return True


def read(text: str, scope: Scope, *, field: str) -> Any:
    """What a path leads to.

    Args:
        text: the path.
        scope: what it can see.
        field: the field that it stands in, for the error's text.

    Raises:
        StateError: nothing is there, or it is no path.
    """
    value, rest = _root(text, scope, field)
    try:
        path, singular = _compiled(rest)
    except ValueError as error:
        raise StateError(RUNTIME, f"The path '{text}' of the field '{field}' is invalid: {error}") from error
    # The library would read a text as JSON.
    found = path.findall(value) if not isinstance(value, str) else [value] if rest == "$" else []
    if not singular:
        return found
    if not found:
        raise StateError(
            RUNTIME if field in _FILTERS else PARAMETER_PATH,
            f"The JSONPath '{text}' specified for the field '{field}' could not be found in the input",
        )
    return found[0]


def write(text: str | None, data: Any, value: Any) -> Any:
    """A copy of ``data`` with ``value`` at a reference path; None keeps the data as it was.

    Raises:
        StateError: the place cannot be made.
    """
    if text is None:
        return data
    if text == "$":
        return value
    parts = _parts(text)
    if parts is None:
        raise StateError(RUNTIME, f"ResultPath '{text}' is not a reference path")
    return _placed(data, parts, value, text)


def _placed(data: Any, parts: list[str | int], value: Any, text: str) -> Any:
    if not parts:
        return value
    part, rest = parts[0], parts[1:]
    if isinstance(part, int):
        if not isinstance(data, list) or part >= len(data):
            raise StateError(RESULT_PATH, f"Unable to apply ReferencePath {text} to the input")
        return [*data[:part], _placed(data[part], rest, value, text), *data[part + 1 :]]
    if not isinstance(data, Mapping):
        raise StateError(RESULT_PATH, f"Unable to apply ReferencePath {text} to the input")
    return {**data, part: _placed(data.get(part, {}), rest, value, text)}


def _parts(text: str) -> list[str | int] | None:
    parts: list[str | int] = []
    position = 1
    while position < len(text):
        match = _PART.match(text, position)
        if match is None:
            return None
        name, index, single, double = match.groups()
        parts.append(int(index) if index is not None else (name or single or double or ""))
        position = match.end()
    return parts


def _root(text: str, scope: Scope, field: str) -> tuple[Any, str]:
    if text.startswith("$$"):
        return scope.context, text[1:]
    variable = _VARIABLE.match(text)
    if variable is None:
        return scope.data, text
    name = variable.group(1)
    if name not in scope.variables:
        raise StateError(PARAMETER_PATH, f"The variable '${name}' of the field '{field}' has no value")
    return scope.variables[name], "$" + text[variable.end() :]


def _rest(text: str) -> str:
    if text.startswith("$$"):
        return text[1:]
    variable = _VARIABLE.match(text)
    return text if variable is None else "$" + text[variable.end() :]


@lru_cache(maxsize=1024)
def _compiled(text: str) -> tuple[Any, bool]:
    import jsonpath  # noqa: PLC0415 - a sandbox without state machines starts faster

    try:
        path = jsonpath.compile(text)
    except jsonpath.JSONPathError as error:
        raise ValueError(str(error)) from error
    if not isinstance(path, jsonpath.JSONPath):
        raise ValueError("it combines several paths")  # noqa: TRY004 - read as a wrong value by the caller
    return path, path.singular_query()
