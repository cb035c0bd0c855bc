"""What the two query languages have in common: the same questions, asked of a state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from ropeway.sandbox.domain.statemachines.errors import RUNTIME, StateError
from ropeway.sandbox.domain.statemachines.paths import Scope

__all__ = ["Language", "State", "number"]

State = Mapping[str, Any]


class Language(Protocol):
    """How a state's fields are computed. Every method raises ``StateError`` where a field cannot be."""

    def arguments(self, state: State, scope: Scope) -> Any:
        """What the state works on: a task's parameters, a branch's input."""

    def result(self, state: State, scope: Scope, raw: Any) -> Any:
        """What the state's work gave, as the following methods see it (``ResultSelector``)."""

    def output(self, state: State, scope: Scope, result: Any) -> Any:
        """The state's output."""

    def passed(self, state: State, scope: Scope) -> Any:
        """The output of a state without work of its own (Choice, Wait, Succeed)."""

    def assigned(
        self, holder: State, scope: Scope, result: Any, *, failed: bool = False
    ) -> Mapping[str, Any]:
        """The variables that a state, a choice or a catcher sets; ``result`` is the error's output when failed."""

    def caught(self, catcher: State, scope: Scope, error: Mapping[str, Any]) -> Any:
        """The next state's input after an error."""

    def choose(self, state: State, scope: Scope) -> State | None:
        """The first choice that holds, or None."""

    def items(self, state: State, scope: Scope) -> list[Any]:
        """What a Map state goes through."""

    def item_input(self, state: State, scope: Scope, item: Any) -> Any:
        """The input of one item's run; the context object tells of the item."""

    def value(self, state: State, name: str, scope: Scope) -> Any:
        """A field that may be computed (``TimeoutSeconds``, ``Error``, …), or None where there is none."""


def number(value: Any, name: str, *, least: float = 0) -> float | None:
    """A computed number of seconds or things.

    Raises:
        StateError: it is none, or too small.
    """
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or value < least:
        raise StateError(RUNTIME, f"The field '{name}' must be a number of at least {least:g}, not {value!r}")
    return value
