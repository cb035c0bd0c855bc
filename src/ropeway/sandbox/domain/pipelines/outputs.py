"""Output parameters of steps that ask somebody else: what a document declares, and what comes back."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ropeway.errors import DefinitionError
from ropeway.pipelines.definition import StepSpec
from ropeway.sandbox.domain.pipelines.resolve import text_of

__all__ = ["OutputTypeError", "check_outputs", "declared", "listed", "typed"]

TYPES = ("String", "Integer", "Float", "Boolean")


class OutputTypeError(Exception):
    """A value is not of the type that its step declares."""


def check_outputs(step: StepSpec) -> None:
    """Check the form of a step's OutputParameters.

    Raises:
        DefinitionError: they are no list of names with types.
    """
    outputs = step.settings.get("OutputParameters") or []
    if not isinstance(outputs, list):
        raise DefinitionError(f"step {step.name}: OutputParameters must be a list")
    names = set()
    for output in outputs:
        if not isinstance(output, Mapping) or not isinstance(output.get("OutputName"), str):
            raise DefinitionError(f"step {step.name}: every entry of OutputParameters needs an OutputName")
        name, kind = output["OutputName"], output.get("OutputType", "String")
        if kind not in TYPES:
            raise DefinitionError(
                f"step {step.name}: the output {name} is of type {kind!r}; there are {', '.join(TYPES)}"
            )
        if name in names:
            raise DefinitionError(f"step {step.name}: the output {name} is declared twice")
        names.add(name)


def declared(settings: Mapping[str, Any]) -> dict[str, str]:
    """The declared outputs' types by name."""
    outputs = settings.get("OutputParameters") or []
    return {output["OutputName"]: output.get("OutputType", "String") for output in outputs}


def typed(name: str, value: Any, kind: str) -> Any:
    """A value of its declared type.

    Raises:
        OutputTypeError: it is not of that type.
    """
    if kind == "Boolean":
        text = text_of(value).lower()
        if text not in {"true", "false"}:
            raise _wrong(name, value, kind)
        return text == "true"
    if kind not in {"Integer", "Float"}:
        return text_of(value)
    try:
        number = int(value) if kind == "Integer" else float(value)
    except (OverflowError, TypeError, ValueError) as error:
        raise _wrong(name, value, kind) from error
    if not math.isfinite(number):
        raise _wrong(name, value, kind)
    return number


def listed(outputs: Mapping[str, Any]) -> list[dict[str, str]]:
    """Outputs as the API tells them."""
    return [{"Name": name, "Value": text_of(value)} for name, value in outputs.items()]


def _wrong(name: str, value: Any, kind: str) -> OutputTypeError:
    return OutputTypeError(f"the output {name!r} is {value!r}, which is not of type {kind}")
