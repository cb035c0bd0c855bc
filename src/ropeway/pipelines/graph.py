"""What the steps of a definition need from each other: the graph that the engine runs, and its checks.

A step depends on the steps that its DependsOn and its references name (a condition: those in its Conditions; a ForEach
step: those outside that its body needs), and a step in a branch on its condition. Everything a document can get
wrong about names is found here, before anything runs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter
from typing import Any

from ropeway.errors import DefinitionError
from ropeway.pipelines.definition import Definition, StepSpec
from ropeway.pipelines.loops import check_names, outer_needs, selector_of
from ropeway.pipelines.references import EXECUTION_VARIABLES, Reference, expression, find, path_parts

__all__ = ["check", "dependencies"]


def dependencies(definition: Definition) -> dict[str, frozenset[str]]:
    """For every step the steps that must end before it starts.

    Raises:
        DefinitionError: a reference cannot be read.
    """
    return {step.name: frozenset(_needs(step)) for step in definition.steps.values()}


def check(definition: Definition) -> None:
    """Check what the parts of a document say about each other.

    Raises:
        DefinitionError: a name leads nowhere, steps wait for each other, or an expression has a wrong form.
    """
    check_names(definition)
    for step in definition.steps.values():
        body = step.loop.body if step.loop else {}
        for each, within in ((step, {}), *((inner, body) for inner in body.values())):
            try:
                _check_step(each, definition, within)
            except DefinitionError as error:
                raise DefinitionError(f"step {each.name}: {error}") from error
        _check_cycles({name: frozenset(_needs(inner)) & set(body) for name, inner in body.items()})
    _check_cycles(dependencies(definition))


def _needs(step: StepSpec) -> Iterator[str]:
    yield from step.depends_on
    for reference in find(step.expressions):
        if reference.root == "Steps":
            yield reference.name
    yield from outer_needs(step)
    if step.parent is not None:
        yield step.parent


def _check_step(step: StepSpec, definition: Definition, body: Mapping[str, StepSpec]) -> None:
    scope = replace(definition, steps={**definition.steps, **body}) if body else definition
    for name in step.depends_on:
        if name not in scope.steps:
            raise DefinitionError(
                f"DependsOn names {name!r}, which is no step of this pipeline{_hint(name, definition)}"
            )
        if body and name in step.triggers and name not in body:
            raise DefinitionError(f"a run condition on {name} belongs to the ForEach step, not to its body")
    for reference in find(step.expressions):
        if reference.root == "ForEach" and (not body or reference.name != "CurrentItem"):
            raise DefinitionError(
                f"ForEach.{reference.name} is not known here; there is ForEach.CurrentItem in a ForEachBody"
            )
        _check_reference(reference, scope)
    _check_expressions(step.expressions)
    if step.loop is not None:
        selector_of(step)


def _hint(name: str, definition: Definition) -> str:
    for step in definition.steps.values():
        if step.loop and name in step.loop.body:
            return f"; it is in the body of {step.name}: use Steps.{step.name}.IterationOutputs[i].{name}"
    return ""


def _check_reference(reference: Reference, definition: Definition) -> None:
    if reference.root == "Parameters" and reference.name not in definition.parameters:
        raise DefinitionError(f"it refers to the parameter {reference.name!r}, which is not declared")
    if reference.root == "Execution" and reference.name not in EXECUTION_VARIABLES:
        known = ", ".join(sorted(EXECUTION_VARIABLES))
        raise DefinitionError(f"Execution.{reference.name} is not known; there are {known}")
    if reference.root != "Steps":
        return
    target = definition.steps.get(reference.name)
    if target is None:
        raise DefinitionError(
            f"it refers to the step {reference.name!r}, which is not there{_hint(reference.name, definition)}"
        )
    if reference.path[:1] == ("PropertyFiles",):
        name = str(reference.path[1]) if len(reference.path) > 1 else ""
        if name not in target.property_files:
            raise DefinitionError(
                f"it refers to the property file {name!r} of {target.name}, which is not declared"
            )


def _check_expressions(value: Any) -> None:
    """The forms of Join and JsonGet, however deep."""
    if isinstance(value, list):
        for member in value:
            _check_expressions(member)
    if not isinstance(value, Mapping):
        return
    kind = expression(value)
    if kind == "Std:Join":
        inner = value["Std:Join"]
        if not isinstance(inner, Mapping) or not isinstance(inner.get("Values"), list):
            raise DefinitionError("Std:Join takes an object with On and a list of Values")
    if kind == "Std:JsonGet":
        _check_json_get(value["Std:JsonGet"])
    for member in value.values():
        _check_expressions(member)


def _check_json_get(inner: Any) -> None:
    if not isinstance(inner, Mapping) or not isinstance(inner.get("Path"), str):
        raise DefinitionError("Std:JsonGet takes an object with a Path and a PropertyFile or an S3Uri")
    path_parts(inner["Path"].removeprefix("$"))
    if "S3Uri" in inner:
        return
    found = list(find(inner.get("PropertyFile")))
    if len(found) != 1 or found[0].path[:1] != ("PropertyFiles",):
        raise DefinitionError(
            "Std:JsonGet needs a PropertyFile (Get Steps.<step>.PropertyFiles.<name>) or an S3Uri"
        )


def _check_cycles(graph: Mapping[str, frozenset[str]]) -> None:
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        chain = " -> ".join(reversed(error.args[1]))
        raise DefinitionError(f"steps wait for each other: {chain}") from error
