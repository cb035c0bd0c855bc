"""Pipeline parameters: values that whoever starts an execution may set.

A parameter stands for its value wherever a step takes an expression; the service fills it in when the step
runs. Start values travel as strings and are converted to the parameter's type by the service.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Generic, TypeVar

from ropeway.pipelines.functions import Expression, Json

__all__ = ["Parameter", "ParameterBoolean", "ParameterFloat", "ParameterInteger", "ParameterString"]

Value = TypeVar("Value", str, int, float, bool)


@dataclass(frozen=True)
class Parameter(Expression, Generic[Value]):
    """What the four types of parameters share.

    Attributes:
        name: letters, digits and hyphens.
        default: used when the start names no value; without it every start must.
    """

    name: str
    default: Value | None = None

    type_name: ClassVar[str]

    def expression(self) -> Json:
        """``{"Get": "Parameters.<name>"}``."""
        return {"Get": f"Parameters.{self.name}"}

    def document(self) -> dict[str, Json]:
        """The parameter's entry in the definition."""
        entry: dict[str, Json] = {"Name": self.name, "Type": self.type_name}
        if self.default is not None:
            entry["DefaultValue"] = self.default
        return entry


@dataclass(frozen=True)
class ParameterString(Parameter[str]):
    """A text, one of ``enum`` when that is given."""

    enum: Sequence[str] = field(default=())
    type_name: ClassVar[str] = "String"

    def document(self) -> dict[str, Json]:
        """The parameter's entry in the definition."""
        entry = super().document()
        if self.enum:
            entry["EnumValues"] = list(self.enum)
        return entry


@dataclass(frozen=True)
class ParameterInteger(Parameter[int]):
    """A whole number."""

    type_name: ClassVar[str] = "Integer"


@dataclass(frozen=True)
class ParameterFloat(Parameter[float]):
    """A number."""

    type_name: ClassVar[str] = "Float"


@dataclass(frozen=True)
class ParameterBoolean(Parameter[bool]):
    """True or false."""

    type_name: ClassVar[str] = "Boolean"
