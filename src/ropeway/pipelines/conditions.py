"""Conditions of a ``ConditionStep``. A step's conditions must all hold for its if branch to be taken.

Comparisons are typed: numbers compare as numbers, texts as texts.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from ropeway.pipelines.functions import Json, Value, to_json

__all__ = [
    "Condition",
    "ConditionEquals",
    "ConditionGreaterThan",
    "ConditionGreaterThanOrEqualTo",
    "ConditionIn",
    "ConditionLessThan",
    "ConditionLessThanOrEqualTo",
    "ConditionNot",
    "ConditionOr",
]


class Condition(ABC):
    """Holds or does not hold when its step runs."""

    @abstractmethod
    def document(self) -> dict[str, Json]:
        """The JSON form."""


@dataclass(frozen=True)
class _Comparison(Condition):
    left: Value
    right: Value
    type_name: ClassVar[str]

    def document(self) -> dict[str, Json]:
        """The JSON form."""
        return {"Type": self.type_name, "LeftValue": to_json(self.left), "RightValue": to_json(self.right)}


class ConditionEquals(_Comparison):
    """Both sides are equal."""

    type_name: ClassVar[str] = "Equals"


class ConditionGreaterThan(_Comparison):
    """The left side is greater."""

    type_name: ClassVar[str] = "GreaterThan"


class ConditionGreaterThanOrEqualTo(_Comparison):
    """The left side is greater, or both are equal."""

    type_name: ClassVar[str] = "GreaterThanOrEqualTo"


class ConditionLessThan(_Comparison):
    """The left side is less."""

    type_name: ClassVar[str] = "LessThan"


class ConditionLessThanOrEqualTo(_Comparison):
    """The left side is less, or both are equal."""

    type_name: ClassVar[str] = "LessThanOrEqualTo"


@dataclass(frozen=True)
class ConditionIn(Condition):
    """A value is one of several."""

    value: Value
    values: Sequence[Value]

    def document(self) -> dict[str, Json]:
        """The JSON form."""
        return {"Type": "In", "QueryValue": to_json(self.value), "Values": to_json(list(self.values))}


@dataclass(frozen=True)
class ConditionNot(Condition):
    """Another condition does not hold."""

    condition: Condition

    def document(self) -> dict[str, Json]:
        """The JSON form."""
        return {"Type": "Not", "Expression": self.condition.document()}


@dataclass(frozen=True)
class ConditionOr(Condition):
    """At least one of several conditions holds."""

    conditions: Sequence[Condition]

    def document(self) -> dict[str, Json]:
        """The JSON form."""
        return {"Type": "Or", "Conditions": [condition.document() for condition in self.conditions]}
