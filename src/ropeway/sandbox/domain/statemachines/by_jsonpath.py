"""States in JSONPath: InputPath, Parameters, ResultSelector, ResultPath, OutputPath, choice rules.

The order is the one of the language's specification: the raw input is filtered by InputPath and shaped by Parameters;
the result is shaped by ResultSelector and placed into the *raw* input by ResultPath; OutputPath filters that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ropeway.sandbox.domain.statemachines.choices import holds
from ropeway.sandbox.domain.statemachines.errors import RUNTIME, StateError
from ropeway.sandbox.domain.statemachines.intrinsics import evaluate, is_intrinsic
from ropeway.sandbox.domain.statemachines.language import State
from ropeway.sandbox.domain.statemachines.paths import Scope, read, write

__all__ = ["JsonPath", "filled"]


class JsonPath:
    """Implements ``language.Language``."""

    def arguments(self, state: State, scope: Scope) -> Any:
        """InputPath, then Parameters."""
        given = _filtered(state, "InputPath", scope)
        if "Parameters" not in state:
            return given
        return filled(state["Parameters"], replace(scope, data=given), "Parameters")

    def result(self, state: State, scope: Scope, raw: Any) -> Any:
        """ResultSelector."""
        if "ResultSelector" not in state:
            return raw
        return filled(state["ResultSelector"], replace(scope, data=raw), "ResultSelector")

    def output(self, state: State, scope: Scope, result: Any) -> Any:
        """ResultPath, then OutputPath."""
        placed = write(state.get("ResultPath", "$"), scope.data, result)
        return _filtered(state, "OutputPath", replace(scope, data=placed))

    def passed(self, state: State, scope: Scope) -> Any:
        """InputPath, then OutputPath."""
        given = _filtered(state, "InputPath", scope)
        return _filtered(state, "OutputPath", replace(scope, data=given))

    def assigned(
        self, holder: State, scope: Scope, result: Any, *, failed: bool = False
    ) -> Mapping[str, Any]:
        """Assign, whose ``$`` is the result or the error's output."""
        del failed
        found = filled(holder.get("Assign", {}), replace(scope, data=result), "Assign")
        return found if isinstance(found, Mapping) else {}

    def caught(self, catcher: State, scope: Scope, error: Mapping[str, Any]) -> Any:
        """ResultPath of a catcher."""
        return write(catcher.get("ResultPath", "$"), scope.data, dict(error))

    def choose(self, state: State, scope: Scope) -> State | None:
        """The first rule that holds."""
        inner = replace(scope, data=_filtered(state, "InputPath", scope))
        return next((rule for rule in state["Choices"] if holds(rule, inner)), None)

    def items(self, state: State, scope: Scope) -> list[Any]:
        """ItemsPath of the filtered input; an object gives pairs of keys and values."""
        given = replace(scope, data=_filtered(state, "InputPath", scope))
        return listed(read(state.get("ItemsPath", "$"), given, field="ItemsPath"), "ItemsPath")

    def item_input(self, state: State, scope: Scope, item: Any) -> Any:
        """ItemSelector (once called Parameters), or the item itself."""
        for name in ("ItemSelector", "Parameters"):
            if name in state:
                given = _filtered(state, "InputPath", scope)
                return filled(state[name], replace(scope, data=given), name)
        return item

    def value(self, state: State, name: str, scope: Scope) -> Any:
        """``Name``, or what ``NamePath`` leads to or computes."""
        path = state.get(f"{name}Path")
        if path is None:
            return state.get(name)
        inner = replace(scope, data=_filtered(state, "InputPath", scope))
        if is_intrinsic(path):
            return evaluate(path, inner, field=f"{name}Path")
        return read(path, inner, field=f"{name}Path")


def filled(template: Any, scope: Scope, field: str) -> Any:
    """A payload template with its values: a member ``name.$`` holds a path or an intrinsic function.

    Raises:
        StateError: a path leads nowhere, or a function fails.
    """
    if isinstance(template, Mapping):
        values: dict[str, Any] = {}
        for name, value in template.items():
            if name.endswith(".$"):
                values[name[:-2]] = _computed(value, scope, name)
            else:
                values[name] = filled(value, scope, field)
        return values
    if isinstance(template, list):
        return [filled(value, scope, field) for value in template]
    return template


def listed(value: Any, field: str) -> list[Any]:
    """An array, or an object as its pairs.

    Raises:
        StateError: it is neither.
    """
    if isinstance(value, Mapping):
        return [{"Key": key, "Value": item} for key, item in value.items()]
    if not isinstance(value, list):
        raise StateError(RUNTIME, f"The field '{field}' must give an array, not {type(value).__name__}")
    return value


def _computed(value: Any, scope: Scope, field: str) -> Any:
    if is_intrinsic(value):
        return evaluate(value, scope, field=field)
    if not isinstance(value, str):
        raise StateError(RUNTIME, f"The value of the field '{field}' must be a path or an intrinsic function")
    return read(value, scope, field=field)


def _filtered(state: State, name: str, scope: Scope) -> Any:
    path = state.get(name, "$")
    if path is None:
        return {}
    if path == "$":
        return scope.data
    return read(path, scope, field=name)
