"""Expressions become values: parameters, execution variables, what steps gave, joined and read from JSON.

A property path is looked up in the step's Describe answer. Lists of named things are addressed by name
(``Outputs['train']``), others by position. Joins write booleans in lower case and whole numbers without a point.
What cannot be resolved fails the step that needs it, never the API call that started the execution.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ropeway.pipelines.definition import Definition
from ropeway.pipelines.references import Reference, expression, path_parts
from ropeway.sandbox.domain.errors import DomainError
from ropeway.values.s3uri import S3Uri

__all__ = ["Resolver", "UnresolvedError", "text_of"]

# The members that name the entries of API lists, as property paths use them.
_NAMES = (
    "OutputName",
    "InputName",
    "ChannelName",
    "MetricName",
    "Name",
    "Key",
)


class UnresolvedError(Exception):
    """An expression leads to no value."""


@dataclass(frozen=True)
class Resolver:
    """Resolves expressions for one step of one execution.

    Attributes:
        variables: ``Execution.…`` by name.
        properties: the Describe answer of a step that has succeeded.
        read: the content of an S3 object.
        item: ``ForEach.CurrentItem``, in the steps of an iteration.
    """

    definition: Definition
    parameters: Mapping[str, Any]
    variables: Mapping[str, Any]
    properties: Callable[[str], Mapping[str, Any]]
    read: Callable[[S3Uri], bytes]
    item: Any = None

    def resolve(self, value: Any) -> Any:
        """A value with every expression in it replaced; members that come to null are left out.

        Raises:
            UnresolvedError: an expression leads to no value.
        """
        kind = expression(value)
        if kind == "Get":
            return self._get(Reference.parse(value["Get"]))
        if kind == "Std:Join":
            return self._join(value["Std:Join"])
        if kind == "Std:JsonGet":
            return self._json_get(value["Std:JsonGet"])
        if isinstance(value, Mapping):
            resolved = {name: self.resolve(member) for name, member in value.items()}
            return {name: member for name, member in resolved.items() if member is not None}
        if isinstance(value, list | tuple):
            return [self.resolve(member) for member in value]
        return value

    def _get(self, reference: Reference) -> Any:
        if reference.root == "Parameters":
            return self.parameters[reference.name]
        if reference.root == "Execution":
            if reference.name not in self.variables:
                raise UnresolvedError(f"Execution.{reference.name} has no value in this step")
            return self.variables[reference.name]
        if reference.root == "ForEach":
            return self._item(reference)
        value = walk(self.properties(reference.name), reference.path, f"Steps.{reference.name}")
        return value.isoformat() if isinstance(value, datetime) else value

    def _item(self, reference: Reference) -> Any:
        """The item, or a part of one that is an object or the JSON text of one."""
        value = self.item
        if reference.path and isinstance(value, str):
            try:
                value = json.loads(value)
            except ValueError as error:
                raise UnresolvedError(f"the item {value!r} is no JSON object") from error
        return walk(value, reference.path, "ForEach.CurrentItem")

    def _join(self, inner: Mapping[str, Any]) -> str:
        separator = text_of(self.resolve(inner.get("On", "")))
        return separator.join(text_of(self.resolve(value)) for value in inner["Values"])

    def _json_get(self, inner: Mapping[str, Any]) -> Any:
        uri = self._address(inner)
        try:
            document = json.loads(self.read(uri))
        except DomainError as error:
            raise UnresolvedError(f"{uri} cannot be read: {error.message}") from error
        except ValueError as error:
            raise UnresolvedError(f"{uri} is not JSON: {error}") from error
        return walk(document, path_parts(inner["Path"].removeprefix("$")), str(uri))

    def _address(self, inner: Mapping[str, Any]) -> S3Uri:
        if "S3Uri" in inner:
            return S3Uri.parse(text_of(self.resolve(inner["S3Uri"])))
        reference = Reference.parse(inner["PropertyFile"]["Get"])
        spec = self.definition.steps[reference.name].property_files[str(reference.path[1])]
        path = ("ProcessingOutputConfig", "Outputs", spec.output, "S3Output", "S3Uri")
        folder = walk(self.properties(reference.name), path, f"Steps.{reference.name}")
        return S3Uri.parse(str(folder)).child(spec.path)


def walk(value: Any, path: Sequence[str | int], where: str) -> Any:
    """Follow a path into a value.

    Raises:
        UnresolvedError: the path leads nowhere; the message names the part.
    """
    for part in path:
        value = _step_into(value, part, where)
        where = f"{where}[{part!r}]" if isinstance(part, int) else f"{where}.{part}"
    return value


def _step_into(value: Any, part: str | int, where: str) -> Any:
    if isinstance(value, Mapping) and part in value:
        return value[part]
    if isinstance(value, Sequence) and not isinstance(value, str):
        if isinstance(part, int) and -len(value) <= part < len(value):
            return value[part]
        for entry in value:
            if isinstance(entry, Mapping) and any(entry.get(name) == part for name in _NAMES):
                return entry
    raise UnresolvedError(f"{where} has no {part!r}")


def text_of(value: Any) -> str:
    """A value as joins write it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping | list):
        return json.dumps(value)
    return str(value)
