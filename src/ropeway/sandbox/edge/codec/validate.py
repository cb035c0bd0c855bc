"""Input validation against a service model: types, required members, patterns, enums, lengths and ranges.

botocore's own client checks types and required members before it sends; AWS checks the rest, so the sandbox
does too. The messages have AWS's form: ``N validation errors detected: Value '…' at 'path' failed to satisfy
constraint: …``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

import regex
from botocore.model import Shape, StructureShape

from ropeway.sandbox.domain.errors import Invalid

__all__ = ["compile_pattern", "validate"]

_SCALARS: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "boolean": (bool,),
    "timestamp": (datetime,),
    "blob": (bytes, bytearray),
}

# Patterns that only Java reads (surrogate pairs as ranges, a quantified anchor), in words that both read.
_JAVA_ONLY = {
    r"([\p{L}\p{Z}\p{N}_.:\/=+\-@]*)${1,256}": r"[\p{L}\p{Z}\p{N}_.:\/=+\-@]{0,256}",
    r"([\p{L}\p{Z}\p{N}_.:\/=+\-@]*)${1,128}": r"[\p{L}\p{Z}\p{N}_.:\/=+\-@]{0,128}",
    r"[\w-_]*": r"[\w\-_]*",
}
# How Java spells the characters beyond the first plane, and how Python does.
_SURROGATES = (r"\uD800\uDC00-\uDBFF\uDFFF", r"\U00010000-\U0010FFFF")


def validate(params: Mapping[str, Any], shape: Shape | None) -> None:
    """Check an operation's input.

    Raises:
        Invalid: every violated constraint in one message, in AWS's words.
    """
    if shape is None:
        return
    problems = list(_check(params, shape, ""))
    if not problems:
        return
    count = f"{len(problems)} validation error{'s' if len(problems) > 1 else ''} detected: "
    raise Invalid(count + "; ".join(problems))


def _check(value: Any, shape: Shape, path: str) -> Iterator[str]:
    kind = shape.type_name
    if kind == "structure":
        yield from _structure(value, shape, path)
    elif kind == "list":
        yield from _list(value, shape, path)
    elif kind == "map":
        yield from _map(value, shape, path)
    else:
        yield from _scalar(value, shape, path)


def _structure(value: Any, shape: Shape, path: str) -> Iterator[str]:
    if not isinstance(value, Mapping):
        yield _failed(value, path, "Member must be a structure")
        return
    for name in shape.required_members:
        if value.get(name) is None:
            yield _failed(None, _join(path, name), "Member must not be null")
    if isinstance(shape, StructureShape) and shape.is_tagged_union:
        given = [name for name in shape.members if value.get(name) is not None]
        if len(given) != 1:
            choices = ", ".join(shape.members)
            yield _failed(value, path, f"Member must have exactly one of these set: [{choices}]")
    for name, member in value.items():
        if name in shape.members and member is not None:
            yield from _check(member, shape.members[name], _join(path, name))


def _list(value: Any, shape: Shape, path: str) -> Iterator[str]:
    if isinstance(value, str | bytes) or not isinstance(value, Sequence):
        yield _failed(value, path, "Member must be a list")
        return
    yield from _length(value, shape, path)
    for index, member in enumerate(value):
        yield from _check(member, shape.member, f"{path}.{index + 1}.member")


def _map(value: Any, shape: Shape, path: str) -> Iterator[str]:
    if not isinstance(value, Mapping):
        yield _failed(value, path, "Member must be a map")
        return
    yield from _length(value, shape, path)
    for key, member in value.items():
        yield from _check(key, shape.key, f"{path}.key")
        yield from _check(member, shape.value, f"{path}.{key}.value")


def _scalar(value: Any, shape: Shape, path: str) -> Iterator[str]:
    kind = shape.type_name
    if kind not in _SCALARS:
        return
    if not isinstance(value, _SCALARS[kind]) or (isinstance(value, bool) and kind != "boolean"):
        yield _failed(value, path, f"Member must be of type {kind}")
        return
    meta = shape.metadata
    if kind == "string":
        yield from _length(value, shape, path)
        pattern = meta.get("pattern")
        if pattern and not compile_pattern(pattern).fullmatch(value):
            yield _failed(value, path, f"Member must satisfy regular expression pattern: {pattern}")
        enum = meta.get("enum")
        if enum and value not in enum:
            yield _failed(value, path, f"Member must satisfy enum value set: [{', '.join(enum)}]")
    elif kind == "blob":
        yield from _length(value, shape, path)
    elif kind in {"integer", "long", "float", "double"}:
        if "min" in meta and value < meta["min"]:
            yield _failed(value, path, f"Member must have value greater than or equal to {meta['min']}")
        if "max" in meta and value > meta["max"]:
            yield _failed(value, path, f"Member must have value less than or equal to {meta['max']}")


def _length(value: Any, shape: Shape, path: str) -> Iterator[str]:
    meta = shape.metadata
    length = len(value)
    if "min" in meta and length < meta["min"]:
        yield _failed(value, path, f"Member must have length greater than or equal to {meta['min']}")
    if "max" in meta and length > meta["max"]:
        yield _failed(value, path, f"Member must have length less than or equal to {meta['max']}")


def _join(path: str, name: str) -> str:
    lowered = name[:1].lower() + name[1:]
    return f"{path}.{lowered}" if path else lowered


def _failed(value: Any, path: str, constraint: str) -> str:
    shown = "null" if value is None else f"'{_shorten(value)}'"
    return f"Value {shown} at '{path}' failed to satisfy constraint: {constraint}"


def _shorten(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 256 else f"{text[:253]}..."


@lru_cache(maxsize=2048)
def compile_pattern(pattern: str) -> regex.Pattern[str]:
    """A model's pattern. The models use Java's dialect, whose Unicode classes ``regex`` knows and ``re`` does not."""
    try:
        spelled = _JAVA_ONLY.get(pattern, pattern).replace(*_SURROGATES)
        return regex.compile(spelled, regex.DOTALL)
    except regex.error as error:
        raise AssertionError(f"a service model's pattern needs a line in _JAVA_ONLY: {pattern}") from error
