"""References inside definition documents: what ``{"Get": "Steps.Train.ModelArtifacts.S3ModelArtifacts"}`` names.

A path starts with its root (``Parameters``, ``Execution``, ``Steps``; in the body of a ForEach step also ``ForEach``)
and goes on by ``.member``, ``[0]`` and ``['key']``. A reference to a step's property file
(``Steps.S.PropertyFiles.F``) and to its output parameters (``Steps.S.OutputParameters['o']``) has the same form.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ropeway.errors import DefinitionError

__all__ = ["EXECUTION_VARIABLES", "RESOLVED_SETTINGS", "Reference", "expression", "find", "path_parts"]

ROOTS = ("Parameters", "Execution", "Steps", "ForEach")
EXECUTION_VARIABLES = frozenset(
    {
        "PipelineName",
        "PipelineArn",
        "PipelineExecutionId",
        "PipelineExecutionArn",
        "StartDateTime",
        "CurrentDateTime",
        "TrainingJobName",
        "ProcessingJobName",
    }
)
# Members beside Arguments that may hold expressions.
RESOLVED_SETTINGS = (
    "CheckType",
    "FailOnViolation",
    "FunctionArn",
    "ModelName",
    "ModelPackageGroupName",
    "OutputParameters",
    "RegisterNewBaseline",
    "SkipCheck",
    "SqsQueueUrl",
    "SuppliedBaselineConstraints",
    "SuppliedBaselineStatistics",
)
_FUNCTIONS = ("Get", "Std:Join", "Std:JsonGet")
_PART = re.compile(
    r"""\.?(?P<member>[^.\[\]'"]+)|\[(?P<index>-?\d{1,9})\]|\[(?P<quote>['"])(?P<key>.*?)(?P=quote)\]"""
)


@dataclass(frozen=True)
class Reference:
    """One ``Get``.

    Attributes:
        root: ``Parameters``, ``Execution``, ``Steps`` or ``ForEach``.
        name: the parameter's, variable's or step's name; of ForEach ``CurrentItem``.
        path: what follows it: member names and keys as text, list positions as numbers.
    """

    root: str
    name: str
    path: tuple[str | int, ...] = ()

    @classmethod
    def parse(cls, text: Any) -> Reference:
        """Take a path apart.

        Raises:
            DefinitionError: it is no text, does not start with a known root, or names nothing.
        """
        if not isinstance(text, str):
            raise DefinitionError(f"Get takes a path, not {text!r}")
        root, _, rest = text.partition(".")
        if root not in ROOTS:
            raise DefinitionError(
                f"{text!r} is no reference: it must start with Parameters., Execution. or Steps."
            )
        parts = path_parts(rest)
        if not parts or not isinstance(parts[0], str):
            raise DefinitionError(f"{text!r} is no reference: it names nothing")
        return cls(root, parts[0], parts[1:])


def path_parts(text: str) -> tuple[str | int, ...]:
    """``a.b[0]['c']`` as ``("a", "b", 0, "c")``.

    Raises:
        DefinitionError: the path cannot be read.
    """
    parts: list[str | int] = []
    position = 0
    while position < len(text):
        match = _PART.match(text, position)
        if match is None:
            raise DefinitionError(f"the path {text!r} cannot be read at {text[position:]!r}")
        if match["index"] is not None:
            parts.append(int(match["index"]))
        else:
            parts.append(match["key"] if match["key"] is not None else match["member"])
        position = match.end()
    return tuple(parts)


def expression(value: Any) -> str | None:
    """Which function a value calls (``Get``, ``Std:Join``, ``Std:JsonGet``), or None for a plain value."""
    if isinstance(value, Mapping) and len(value) == 1:
        name = next(iter(value))
        if name in _FUNCTIONS:
            return str(name)
    return None


def find(value: Any) -> Iterator[Reference]:
    """Every reference in a value, however deep.

    Raises:
        DefinitionError: one of them cannot be read.
    """
    if isinstance(value, Mapping):
        if expression(value) == "Get":
            yield Reference.parse(value["Get"])
            return
        for member in value.values():
            yield from find(member)
    elif isinstance(value, list | tuple):
        for member in value:
            yield from find(member)
