"""Definition documents as the sandbox takes them in: read, checked, and only with steps that it can run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ropeway.errors import DefinitionError
from ropeway.pipelines.definition import Definition, StepSpec, convert, parse
from ropeway.pipelines.graph import check
from ropeway.pipelines.loops import expand
from ropeway.sandbox.domain.errors import DomainError, Invalid
from ropeway.sandbox.domain.pipelines.steps.base import Related, StepType
from ropeway.sandbox.domain.pipelines.steps.refused import REFUSED
from ropeway.sandbox.domain.ports import ObjectStore

__all__ = ["accept", "definition_of", "start_values"]


def definition_of(request: Mapping[str, Any], objects: ObjectStore, account: str) -> str | None:
    """The document that a request gives, or None when it gives none.

    Raises:
        Invalid: it gives two, or the object cannot be read.
    """
    text, location = request.get("PipelineDefinition"), request.get("PipelineDefinitionS3Location")
    if text is not None and location is not None:
        raise Invalid("Only one of PipelineDefinition and PipelineDefinitionS3Location can be given.")
    if location is None:
        return text
    version = location.get("VersionId")
    try:
        return objects.read(account, location["Bucket"], location["ObjectKey"], version).decode("utf-8")
    except DomainError as error:
        address = f"s3://{location['Bucket']}/{location['ObjectKey']}"
        raise Invalid(f"Unable to read the pipeline definition at {address}: {error.message}") from error
    except UnicodeDecodeError as error:
        raise Invalid("The pipeline definition is not UTF-8.") from error


def accept(text: str, types: Mapping[str, StepType]) -> Definition:
    """Check a document.

    Args:
        text: the document.
        types: the step types that can run.

    Raises:
        Invalid: it is wrong, or has steps that cannot run here; the message names the step.
    """
    try:
        definition = parse(text)
        check(definition)
        whole = _with_iterations(definition)
        for step in whole.steps.values():
            kind = _type_of(step, types)
            kind.check(step)
            if isinstance(kind, Related):
                kind.check_within(step, whole)
    except DefinitionError as error:
        raise Invalid(f"Unable to parse pipeline definition: {error}") from error
    return definition


def _with_iterations(definition: Definition) -> Definition:
    """The document with one iteration of every ForEach step: what is checked of steps holds for theirs."""
    loops = [step for step in definition.steps.values() if step.loop]
    made = {name: each for loop in loops for name, each in expand(loop, [None]).items()}
    return replace(definition, steps={**definition.steps, **made}) if made else definition


def _type_of(step: StepSpec, types: Mapping[str, StepType]) -> StepType:
    if step.type not in types:
        why = REFUSED.get(step.type) or f"it runs {', '.join(sorted(types))}"
        raise DefinitionError(f"step {step.name}: the sandbox does not run steps of type {step.type}: {why}")
    return types[step.type]


def start_values(definition: Definition, given: Mapping[str, str]) -> dict[str, Any]:
    """The values of all parameters for a start.

    Raises:
        Invalid: a parameter is unknown, has no value, or the value is not of its type.
    """
    unknown = sorted(set(given) - set(definition.parameters))
    if unknown:
        raise Invalid(f"Unknown pipeline parameters: {', '.join(unknown)}")
    values: dict[str, Any] = {}
    missing = []
    for name, spec in definition.parameters.items():
        if name in given:
            try:
                values[name] = convert(spec, given[name])
            except DefinitionError as error:
                raise Invalid(f"Invalid pipeline {error}") from error
        elif spec.default is not None:
            values[name] = spec.default
        else:
            missing.append(name)
    if missing:
        raise Invalid(f"Pipeline parameters [{', '.join(missing)}] do not have values")
    return values
