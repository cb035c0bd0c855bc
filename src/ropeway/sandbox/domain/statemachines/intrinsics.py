"""Intrinsic functions: ``States.Format('{} of {}', $.a, $$.Execution.Name)``.

Source of names and rules: the AWS Step Functions developer guide, "Intrinsic functions for JSONPath state machines".
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import math
import random
import re
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from ropeway.sandbox.domain.statemachines.errors import INTRINSIC, StateError
from ropeway.sandbox.domain.statemachines.paths import Scope, read, well_formed
from ropeway.values import strictjson

__all__ = ["FUNCTIONS", "evaluate", "is_intrinsic", "problem"]

_CALL = re.compile(r"\s*(States\.[A-Za-z0-9]+)\s*\(")
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")
_WORDS = {"true": True, "false": False, "null": None}
_HASHES = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}
_LONGEST = 1000


def is_intrinsic(text: object) -> bool:
    """Whether a value is written as a call of an intrinsic function."""
    return isinstance(text, str) and _CALL.match(text) is not None


def evaluate(text: str, scope: Scope, *, field: str) -> Any:
    """What a call gives.

    Raises:
        StateError: ``States.IntrinsicFailure``, or what a path inside it raises.
    """
    reader = _Reader(text)
    call = reader.call()
    reader.end()
    return _run(call, scope, field)


def problem(text: str) -> str | None:
    """What is wrong with how a call is written, or None."""
    try:
        reader = _Reader(text)
        call = reader.call()
        reader.end()
    except StateError as error:
        return error.cause
    return _unknown(call)


def _unknown(call: _Call) -> str | None:
    if call.name not in FUNCTIONS:
        return f"there is no intrinsic function {call.name}"
    for argument in call.arguments:
        if isinstance(argument, _Call) and (found := _unknown(argument)):
            return found
        if isinstance(argument, _Path) and not well_formed(argument.text):
            return f"the path {argument.text} cannot be read"
    return None


class _Path:
    def __init__(self, text: str) -> None:
        self.text = text


class _Call:
    def __init__(self, name: str, arguments: list[Any]) -> None:
        self.name = name
        self.arguments = arguments


class _Reader:
    """Reads a call, left to right."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def call(self) -> _Call:
        match = _CALL.match(self._text, self._at)
        if match is None:
            raise _failed(f"{self._text!r} is no call of an intrinsic function")
        self._at = match.end()
        arguments: list[Any] = []
        self._space()
        if self._take(")"):
            return _Call(match.group(1), arguments)
        while True:
            arguments.append(self._argument())
            self._space()
            if self._take(")"):
                return _Call(match.group(1), arguments)
            if not self._take(","):
                raise _failed(f"expected , or ) at character {self._at} of {self._text!r}")

    def end(self) -> None:
        self._space()
        if self._at != len(self._text):
            raise _failed(f"nothing may follow the call in {self._text!r}")

    def _argument(self) -> Any:
        self._space()
        if _CALL.match(self._text, self._at):
            return self.call()
        first = self._text[self._at : self._at + 1]
        if first == "'":
            return self._string()
        if first == "$":
            return self._path()
        number = _NUMBER.match(self._text, self._at)
        if number is not None:
            self._at = number.end()
            return json.loads(number.group())
        for word, value in _WORDS.items():
            if self._text.startswith(word, self._at):
                self._at += len(word)
                return value
        raise _failed(f"an argument is expected at character {self._at} of {self._text!r}")

    def _string(self) -> str:
        letters: list[str] = []
        at = self._at + 1
        while at < len(self._text):
            letter = self._text[at]
            if letter == "\\" and at + 1 < len(self._text):
                # \{ and \} mean something to Format, so they stay as they are.
                following = self._text[at + 1]
                letters.append(f"\\{following}" if following in "{}" else following)
                at += 2
                continue
            if letter == "'":
                self._at = at + 1
                return "".join(letters)
            letters.append(letter)
            at += 1
        raise _failed(f"a quotation mark is missing in {self._text!r}")

    def _path(self) -> _Path:
        depth, at, quoted = 0, self._at, ""
        while at < len(self._text):
            letter = self._text[at]
            if quoted:
                quoted = "" if letter == quoted else quoted
            elif letter in "'\"":
                quoted = letter
            elif letter in "[(":
                depth += 1
            elif letter in ")]" and depth:
                depth -= 1
            elif letter in ",)" and not depth:
                break
            at += 1
        text = self._text[self._at : at].rstrip()
        self._at = at
        return _Path(text)

    def _space(self) -> None:
        while self._at < len(self._text) and self._text[self._at].isspace():
            self._at += 1

    def _take(self, letter: str) -> bool:
        if self._text.startswith(letter, self._at):
            self._at += 1
            return True
        return False


def _run(call: _Call, scope: Scope, field: str) -> Any:
    function = FUNCTIONS.get(call.name)
    if function is None:
        raise _failed(f"there is no intrinsic function {call.name}")
    values = []
    for argument in call.arguments:
        if isinstance(argument, _Call):
            values.append(_run(argument, scope, field))
        elif isinstance(argument, _Path):
            values.append(read(argument.text, scope, field=field))
        else:
            values.append(argument)
    try:
        return function(*values)
    except StateError:
        raise
    except (TypeError, ValueError, ArithmeticError, LookupError, binascii.Error) as error:
        raise _failed(f"{call.name}: {error}") from error


def _failed(cause: str) -> StateError:
    return StateError(INTRINSIC, cause)


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))


def _format(template: str, *values: Any) -> str:
    pieces = re.split(r"(?<!\\)\{\}", template)
    if len(pieces) - 1 != len(values):
        raise ValueError(f"{len(pieces) - 1} places and {len(values)} values")
    text = pieces[0] + "".join(_shown(value) + piece for value, piece in zip(values, pieces[1:], strict=True))
    return text.replace("\\{", "{").replace("\\}", "}")


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError("the first argument must be an array")
    return value


def _integer(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{value!r} is no number")
    return value if isinstance(value, int) else math.floor(value + 0.5)


def _partition(items: Any, size: Any) -> list[list[Any]]:
    step = _integer(size)
    if step <= 0:
        raise ValueError("the size must be greater than zero")
    found = _list(items)
    return [found[start : start + step] for start in range(0, len(found), step)]


def _range(first: Any, last: Any, step: Any) -> list[int]:
    start, end, stride = _integer(first), _integer(last), _integer(step)
    if stride == 0:
        raise ValueError("the step must not be zero")
    found = range(start, end + (1 if stride > 0 else -1), stride)[: _LONGEST + 1]
    if len(found) > _LONGEST:
        raise ValueError(f"more than {_LONGEST} numbers")
    return list(found)


def _unique(items: Any) -> list[Any]:
    found: list[Any] = []
    for item in _list(items):
        if not _contains(found, item):
            found.append(item)
    return found


def _contains(items: Any, value: Any) -> bool:
    """Whether a value is in a list; to Python true and 1 are the same."""
    text = json.dumps(value, sort_keys=True)
    return any(item == value and json.dumps(item, sort_keys=True) == text for item in _list(items))


def _hash(value: Any, algorithm: Any) -> str:
    name = _HASHES.get(algorithm)
    if name is None:
        raise ValueError(f"the algorithm must be one of {', '.join(_HASHES)}")
    return hashlib.new(name, _shown(value).encode(), usedforsecurity=False).hexdigest()


def _merge(first: Any, second: Any, deep: Any) -> dict[str, Any]:
    if not isinstance(first, Mapping) or not isinstance(second, Mapping):
        raise TypeError("both values must be objects")
    if deep is not False:
        raise ValueError("only shallow merging is there: the third argument must be false")
    return {**first, **second}


def _random(start: Any, end: Any, seed: Any = None) -> int:
    source = random.Random(seed) if seed is not None else random.SystemRandom()  # noqa: S311 - as AWS, no secret
    return source.randrange(_integer(start), _integer(end))


def _split(text: Any, separators: Any) -> list[str]:
    if not isinstance(text, str) or not isinstance(separators, str):
        raise TypeError("both values must be strings")
    return [part for part in re.split(f"[{re.escape(separators)}]", text) if part]


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "States.Array": lambda *values: list(values),
    "States.ArrayContains": _contains,
    "States.ArrayGetItem": lambda items, index: _list(items)[_index(index)],
    "States.ArrayLength": lambda items: len(_list(items)),
    "States.ArrayPartition": _partition,
    "States.ArrayRange": _range,
    "States.ArrayUnique": _unique,
    "States.Base64Decode": lambda text: base64.b64decode(text, validate=True).decode(),
    "States.Base64Encode": lambda text: base64.b64encode(text.encode()).decode(),
    "States.Format": _format,
    "States.Hash": _hash,
    "States.JsonMerge": _merge,
    "States.JsonToString": lambda value: json.dumps(value, separators=(",", ":")),
    "States.MathAdd": lambda first, second: _integer(first) + _integer(second),
    "States.MathRandom": _random,
    "States.StringSplit": _split,
    "States.StringToJson": strictjson.loads,
    "States.UUID": lambda: str(uuid.uuid4()),
}


def _index(value: Any) -> int:
    index = _integer(value)
    if index < 0:
        raise ValueError("the index must not be negative")
    return index
