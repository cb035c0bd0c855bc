"""States in JSONata: Arguments, Output, Assign and Condition, with ``{% … %}`` anywhere in them.

An expression sees ``$states`` (``input``, ``context``, and ``result`` or ``errorOutput`` where there is one), the
variables, and AWS's functions beside JSONata's own.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
import sys
import threading
import uuid
from collections.abc import Mapping
from typing import Any

from ropeway.sandbox.domain.statemachines.by_jsonpath import listed
from ropeway.sandbox.domain.statemachines.errors import QUERY, StateError
from ropeway.sandbox.domain.statemachines.language import State
from ropeway.sandbox.domain.statemachines.paths import Scope
from ropeway.values import strictjson

__all__ = ["JsonAta", "problem"]

_EXPRESSION = re.compile(r"\{%(.*)%\}", re.DOTALL)
_HASHES = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}
_LONGEST = 2000  # milliseconds that one expression may take
_DEPTH = 500
_LOADING = threading.Lock()
_MOST = 100_000  # numbers that $range gives; AWS runs out of memory


class JsonAta:
    """Implements ``language.Language``."""

    def arguments(self, state: State, scope: Scope) -> Any:
        """Arguments, or the input."""
        if "Arguments" not in state:
            return scope.data
        return _filled(state["Arguments"], scope, {}, "Arguments")

    def result(self, state: State, scope: Scope, raw: Any) -> Any:
        """The result as it came."""
        del state, scope
        return raw

    def output(self, state: State, scope: Scope, result: Any) -> Any:
        """Output, or the result."""
        if "Output" not in state:
            return result
        return _filled(state["Output"], scope, {"result": result}, "Output")

    def passed(self, state: State, scope: Scope) -> Any:
        """Output, or the input."""
        return _filled(state["Output"], scope, {}, "Output") if "Output" in state else scope.data

    def assigned(
        self, holder: State, scope: Scope, result: Any, *, failed: bool = False
    ) -> Mapping[str, Any]:
        """Assign."""
        if "Assign" not in holder:
            return {}
        more = {"errorOutput" if failed else "result": result}
        found = _filled(holder["Assign"], scope, more, "Assign")
        return found if isinstance(found, Mapping) else {}

    def caught(self, catcher: State, scope: Scope, error: Mapping[str, Any]) -> Any:
        """A catcher's Output, or the error."""
        if "Output" not in catcher:
            return dict(error)
        return _filled(catcher["Output"], scope, {"errorOutput": dict(error)}, "Output")

    def choose(self, state: State, scope: Scope) -> State | None:
        """The first choice whose Condition is true."""
        for choice in state["Choices"]:
            held = _filled(choice["Condition"], scope, {}, "Condition")
            if not isinstance(held, bool):
                raise StateError(QUERY, f"The Condition {choice['Condition']} must give true or false")
            if held:
                found: State = choice
                return found
        return None

    def items(self, state: State, scope: Scope) -> list[Any]:
        """Items, or the input."""
        value = _filled(state["Items"], scope, {}, "Items") if "Items" in state else scope.data
        return listed(value, "Items")

    def item_input(self, state: State, scope: Scope, item: Any) -> Any:
        """ItemSelector, or the item."""
        return _filled(state["ItemSelector"], scope, {}, "ItemSelector") if "ItemSelector" in state else item

    def value(self, state: State, name: str, scope: Scope) -> Any:
        """A field, computed where it is an expression."""
        return _filled(state[name], scope, {}, name) if name in state else None


def problem(text: str) -> str | None:
    """What is wrong with how an expression is written, or None."""
    match = _EXPRESSION.fullmatch(text)
    if match is None:
        return None
    try:
        _expression(match.group(1))
    except Exception as error:  # noqa: BLE001 - the library raises what its parser stumbles over
        return str(error)
    return None


def _filled(value: Any, scope: Scope, more: Mapping[str, Any], field: str) -> Any:
    if isinstance(value, Mapping):
        return {name: _filled(item, scope, more, f"{field}/{name}") for name, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, scope, more, f"{field}[{number}]") for number, item in enumerate(value)]
    match = _EXPRESSION.fullmatch(value) if isinstance(value, str) else None
    return value if match is None else _computed(match.group(1), scope, more, field)


def _computed(text: str, scope: Scope, more: Mapping[str, Any], field: str) -> Any:
    bindings = {**scope.variables, "states": {"input": scope.data, "context": dict(scope.context), **more}}
    try:
        found = _evaluated(text, bindings)
        there = found is not None or _evaluated(f"$exists({text})", bindings)
        value = json.loads(json.dumps(found))  # the library's own kinds of lists and numbers as plain ones
    except Exception as error:  # a wrong expression raises whatever the library stumbles over
        raise StateError(QUERY, f"{_named(text, field)} threw an error: {error}") from error
    if not there:
        raise StateError(QUERY, f"{_named(text, field)} returned nothing (undefined).")
    return value


def _evaluated(text: str, bindings: Mapping[str, Any]) -> Any:
    expression = _expression(text)
    for name, function in _FUNCTIONS.items():
        expression.register_lambda(name, function)
    return expression.evaluate(None, bindings)


def _expression(text: str) -> Any:
    with _LOADING:  # two threads would keep what the library sets in between
        limit = sys.getrecursionlimit()
        from jsonata import Jsonata  # type: ignore[import-untyped] # noqa: PLC0415 - as jsonpath: a faster start

        sys.setrecursionlimit(limit)  # the library raises it for everybody when it is loaded
    return Jsonata(text, timeout=_LONGEST, stack=_DEPTH)


def _named(text: str, field: str) -> str:
    return f"The JSONata expression '{text.strip()}' specified for the field '{field}'"


def _partition(items: Any, size: Any) -> list[list[Any]]:
    step = int(size)
    if step <= 0:
        raise ValueError("the size must be greater than zero")
    return [list(items[start : start + step]) for start in range(0, len(items), step)]


def _range(first: Any, last: Any, step: Any) -> list[int]:
    stride = int(step)
    found = range(int(first), int(last) + (1 if stride > 0 else -1), stride)
    if len(found[: _MOST + 1]) > _MOST:
        raise ValueError(f"more than {_MOST} numbers")
    return list(found)


def _hash(value: Any, algorithm: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
    return hashlib.new(_HASHES[algorithm], text.encode(), usedforsecurity=False).hexdigest()


def _random(seed: Any = None) -> float:
    return (random.Random(seed) if seed is not None else random.SystemRandom()).random()  # noqa: S311 - no secret


def _eval(*given: Any) -> None:
    del given
    raise ValueError("Attempted to invoke a non-function: Step Functions has no $eval")


# AWS's own, beside JSONata's; and what it takes away.
_FUNCTIONS = {
    "eval": _eval,
    "hash": _hash,
    "parse": strictjson.loads,
    "partition": _partition,
    "random": _random,
    "range": _range,
    "uuid": lambda: str(uuid.uuid4()),
}
