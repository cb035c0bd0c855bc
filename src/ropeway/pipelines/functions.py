"""Expressions: what stands in a definition for a value that is known only when a step runs.

Every expression knows its JSON form (``{"Get": …}``, ``{"Std:Join": …}``, ``{"Std:JsonGet": …}``); ``to_json``
puts expressions that lie anywhere inside lists and dictionaries into that form.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ropeway.errors import DefinitionError

__all__ = [
    "Execution",
    "Expression",
    "Join",
    "JsonGet",
    "Properties",
    "PropertyFile",
    "Value",
    "to_json",
    "to_text",
]

Json = Any
"""A JSON-compatible value."""


class Expression(ABC):
    """A value that the service computes when a step runs."""

    @abstractmethod
    def expression(self) -> Json:
        """The JSON form."""


Value = str | int | float | bool | Expression
"""A plain value, or an expression that becomes one."""


@dataclass(frozen=True)
class Get(Expression):
    """The value at a path: ``Parameters.X``, ``Execution.X``, ``Steps.X.…``."""

    path: str

    def expression(self) -> Json:
        """``{"Get": path}``."""
        return {"Get": self.path}


class Execution:
    """What an execution tells its steps about itself."""

    PIPELINE_NAME = Get("Execution.PipelineName")
    PIPELINE_ARN = Get("Execution.PipelineArn")
    PIPELINE_EXECUTION_ID = Get("Execution.PipelineExecutionId")
    PIPELINE_EXECUTION_ARN = Get("Execution.PipelineExecutionArn")
    START_DATETIME = Get("Execution.StartDateTime")
    CURRENT_DATETIME = Get("Execution.CurrentDateTime")
    TRAINING_JOB_NAME = Get("Execution.TrainingJobName")
    PROCESSING_JOB_NAME = Get("Execution.ProcessingJobName")


class Properties(Expression):
    """A path into the describe response of a step's job.

    ``step.properties.ModelArtifacts.S3ModelArtifacts`` follows members,
    ``step.properties.ProcessingOutputConfig.Outputs["train"]`` picks from a list by name or by number.
    """

    def __init__(self, path: str) -> None:
        self._path = path

    def __getattr__(self, member: str) -> Properties:
        if member.startswith("_"):
            raise AttributeError(member)
        return Properties(f"{self._path}.{member}")

    def __getitem__(self, key: str | int) -> Properties:
        return Properties(f"{self._path}[{key}]" if isinstance(key, int) else f"{self._path}['{key}']")

    def expression(self) -> Json:
        """``{"Get": "Steps.…"}``."""
        return {"Get": self._path}

    def __repr__(self) -> str:
        return f"Properties({self._path!r})"


@dataclass(frozen=True)
class Join(Expression):
    """Values as text, with ``on`` between them.

    >>> Join("/", ["s3://bucket", Execution.PIPELINE_EXECUTION_ID]).expression()
    {'Std:Join': {'On': '/', 'Values': ['s3://bucket', {'Get': 'Execution.PipelineExecutionId'}]}}
    """

    on: str
    values: Sequence[Value]

    def expression(self) -> Json:
        """``{"Std:Join": …}``."""
        return {"Std:Join": {"On": self.on, "Values": to_json(list(self.values))}}


@dataclass(frozen=True)
class PropertyFile:
    """A JSON file in a processing step's output that later steps may read.

    Attributes:
        name: what ``JsonGet`` calls it.
        output: the name of the step's output that it lies in.
        path: where in that output.
    """

    name: str
    output: str
    path: str

    def document(self) -> dict[str, Json]:
        """The entry in the step's ``PropertyFiles``."""
        return {"PropertyFileName": self.name, "OutputName": self.output, "FilePath": self.path}


@dataclass(frozen=True)
class JsonGet(Expression):
    """A value from a JSON file that a step wrote.

    Attributes:
        step: the processing step that wrote it, or its name.
        file: the step's property file, or its name.
        path: where in the JSON: ``metrics.auc.value``, ``rows[0].name``.
    """

    step: Any
    file: PropertyFile | str
    path: str

    def expression(self) -> Json:
        """``{"Std:JsonGet": …}``."""
        step = getattr(self.step, "name", self.step)
        file = self.file.name if isinstance(self.file, PropertyFile) else self.file
        return {
            "Std:JsonGet": {"PropertyFile": {"Get": f"Steps.{step}.PropertyFiles.{file}"}, "Path": self.path}
        }


def to_json(value: Any) -> Json:
    """A value with every expression in it replaced by its JSON form.

    Raises:
        DefinitionError: something in it is no JSON.
    """
    if isinstance(value, Expression):
        return value.expression()
    if hasattr(value, "expr"):  # the SageMaker SDK's variables call it so
        return value.expr
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): to_json(item) for key, item in value.items()}
    if isinstance(value, Sequence | set | frozenset):
        return [to_json(item) for item in value]
    raise DefinitionError(f"{value!r} cannot stand in a pipeline definition: it is no JSON and no expression")


def to_text(value: Any) -> Json:
    """A value for a place that takes text only: plain values as text, expressions joined to text.

    Booleans become ``true`` and ``false`` as in ``Std:Join``; parameters of type String stay as they are.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Expression):
        if isinstance(value, Join | Properties) or getattr(value, "type_name", "") == "String":
            return value.expression()
        return Join("", [value]).expression()
    return to_json(value) if hasattr(value, "expr") else str(value)
