"""Definition documents, read into typed parts and checked as a whole.

The document is the contract between who authors a pipeline (any SDK, Ropeway's builder, a text editor) and who
runs it. ``parse`` reads its structure, ``check`` (in ``graph``) what its parts say about each other. Steps come
out flat: a step in a condition's branch knows its condition as ``parent`` and its side as ``branch``. The body of a
ForEach step stays with it, as ``loop``; ``loops`` makes the steps of each item.

Limits are SageMaker's: 1 MiB, 200 parameters, names of 64 characters.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ropeway.errors import DefinitionError
from ropeway.pipelines.members import (
    TRIGGERS,
    Cache,
    PropertyFileSpec,
    read_cache,
    read_depends_on,
    read_property_files,
)
from ropeway.pipelines.references import RESOLVED_SETTINGS, expression
from ropeway.pipelines.retries import RetryPolicy, read_policies
from ropeway.values import strictjson

__all__ = [
    "Cache",
    "Definition",
    "Iteration",
    "Loop",
    "ParameterSpec",
    "PropertyFileSpec",
    "StepSpec",
    "convert",
    "parse",
]

VERSION = "2020-12-01"
MAX_BYTES = 1024 * 1024
MAX_PARAMETERS = 200
MAX_DEPTH = 100
_NAME = re.compile(r"[A-Za-z0-9\-_]{1,64}")
_NOT_REPEATED = frozenset({"Condition", "Fail", "ForEach"})
_TYPES = ("String", "Integer", "Float", "Boolean")

Scalar = str | int | float | bool


@dataclass(frozen=True)
class ParameterSpec:
    """A pipeline parameter. ``default`` is None when a start must give a value."""

    name: str
    type: str
    default: Scalar | None = None
    enum: tuple[Scalar, ...] = ()


@dataclass(frozen=True)
class Loop:
    """What a ForEach step repeats.

    Attributes:
        body: the steps to run once per item, by name.
        selector: the Selector as written, or None.
    """

    body: Mapping[str, StepSpec]
    selector: Any = None


@dataclass(frozen=True)
class Iteration:
    """Where a step stands that a ForEach step made.

    Attributes:
        parent: the ForEach step.
        body: the step of its body that this one is a copy of.
        index: counts the items from 0.
        item: the item, of its own type.
    """

    parent: str
    body: str
    index: int
    item: Any


@dataclass(frozen=True)
class StepSpec:
    """One step.

    Attributes:
        arguments: the step's Arguments; a condition's without its branches.
        depends_on: the steps that DependsOn names.
        triggers: how those of them must end that need not succeed: Failed, Stopped or Any.
        settings: the members beside Name, Type and Arguments, as written.
        parent: the condition whose branch the step is in, or None.
        branch: the side of that condition: True for IfSteps.
        retries: its retry policies.
        loop: what a ForEach step repeats.
        iteration: of which item a step is that a ForEach step made.
    """

    name: str
    type: str
    arguments: Mapping[str, Any]
    depends_on: tuple[str, ...] = ()
    triggers: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    cache: Cache = field(default_factory=lambda: Cache(False))
    property_files: Mapping[str, PropertyFileSpec] = field(default_factory=dict)
    parent: str | None = None
    branch: bool = True
    retries: tuple[RetryPolicy, ...] = ()
    loop: Loop | None = None
    iteration: Iteration | None = None

    @property
    def expressions(self) -> list[Any]:
        """The parts of the step that may hold expressions."""
        return [self.arguments, *(self.settings[name] for name in RESOLVED_SETTINGS if name in self.settings)]


@dataclass(frozen=True)
class Definition:
    """A whole document. ``steps`` are in document order, branches after their condition."""

    parameters: Mapping[str, ParameterSpec]
    steps: Mapping[str, StepSpec]
    experiment: Mapping[str, Any] | None = None
    mlflow: Mapping[str, Any] | None = None


def parse(text: str) -> Definition:
    """Read a document.

    Raises:
        DefinitionError: it is not one; the message names the step, the parameter or the member.
    """
    try:
        size = len(text.encode("utf-8"))
    except UnicodeEncodeError as error:
        raise DefinitionError("the pipeline definition is not Unicode text") from error
    if size > MAX_BYTES:
        raise DefinitionError(f"the pipeline definition is larger than {MAX_BYTES} bytes")
    try:
        document = strictjson.loads(text)
    except ValueError as error:
        raise DefinitionError(f"the pipeline definition is not JSON: {error}") from error
    if not isinstance(document, Mapping):
        raise DefinitionError("the pipeline definition must be a JSON object")
    if document.get("Version") != VERSION:
        raise DefinitionError(f"Version must be {VERSION!r}, not {document.get('Version')!r}")
    _check_depth(document)
    steps: dict[str, StepSpec] = {}
    taken: set[str] = set()
    for step in _steps(document.get("Steps"), "Steps", None, True):
        for name in (step.name, *(step.loop.body if step.loop else ())):
            if name in taken:
                raise DefinitionError(f"step {name}: the name is used twice")
            taken.add(name)
        steps[step.name] = step
    if not steps:
        raise DefinitionError("a pipeline needs at least one step")
    experiment, mlflow = (_object(document, name) for name in ("PipelineExperimentConfig", "MlflowConfig"))
    return Definition(_parameters(document.get("Parameters")), steps, experiment, mlflow)


def _object(document: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    value = document.get(name)
    if value is not None and not isinstance(value, Mapping):
        raise DefinitionError(f"{name} must be an object or null")
    return value


def convert(spec: ParameterSpec, text: Any) -> Scalar:
    """A start's value (SDKs send text) as the parameter's type.

    Raises:
        DefinitionError: it is not of that type, or not among the parameter's EnumValues.
    """
    value = _converted(spec, text)
    if spec.enum and value not in spec.enum:
        allowed = ", ".join(str(item) for item in spec.enum)
        raise DefinitionError(f"parameter {spec.name}: {text!r} is not one of {allowed}")
    return value


def _converted(spec: ParameterSpec, text: Any) -> Scalar:
    written = str(text)
    try:
        if spec.type == "Integer":
            return int(written)
        if spec.type == "Float":
            return _finite(written)
    except ValueError as error:
        raise DefinitionError(f"parameter {spec.name}: {text!r} is not of type {spec.type}") from error
    if spec.type == "Boolean":
        if written.lower() not in {"true", "false"}:
            raise DefinitionError(f"parameter {spec.name}: {text!r} is not of type Boolean")
        return written.lower() == "true"
    return written


def _check_depth(document: Any) -> None:
    """Whoever walks a document may recurse: it is not deep."""
    level = [document]
    for _ in range(MAX_DEPTH):
        level = [
            member
            for value in level
            if isinstance(value, dict | list)
            for member in (value.values() if isinstance(value, dict) else value)
        ]
        if not level:
            return
    raise DefinitionError(f"the pipeline definition is nested too deep: more than {MAX_DEPTH} levels")


def _parameters(entries: Any) -> dict[str, ParameterSpec]:
    entries = [] if entries is None else entries
    if not isinstance(entries, list):
        raise DefinitionError("Parameters must be a list")
    if len(entries) > MAX_PARAMETERS:
        raise DefinitionError(f"a pipeline has at most {MAX_PARAMETERS} parameters, not {len(entries)}")
    parameters: dict[str, ParameterSpec] = {}
    for position, entry in enumerate(entries):
        parameter = _parameter(entry, f"Parameters[{position}]")
        if parameter.name in parameters:
            raise DefinitionError(f"parameter {parameter.name}: the name is used twice")
        parameters[parameter.name] = parameter
    return parameters


def _parameter(entry: Any, where: str) -> ParameterSpec:
    if not isinstance(entry, Mapping):
        raise DefinitionError(f"{where} must be an object")
    name, kind = entry.get("Name"), entry.get("Type")
    if not isinstance(name, str) or not 1 <= len(name) <= 256:
        raise DefinitionError(f"{where}: a parameter needs a Name of 1 to 256 characters")
    if kind not in _TYPES:
        raise DefinitionError(f"parameter {name}: Type must be one of {', '.join(_TYPES)}, not {kind!r}")
    enum = entry.get("EnumValues") or []
    if not isinstance(enum, list):
        raise DefinitionError(f"parameter {name}: EnumValues must be a list")
    spec = ParameterSpec(name, kind)
    values = tuple(_literal(spec, value, "EnumValues") for value in enum)
    default = entry.get("DefaultValue")
    if default is not None:
        default = _literal(spec, default, "DefaultValue")
        if values and default not in values:
            raise DefinitionError(f"parameter {name}: its DefaultValue is not one of its EnumValues")
    return ParameterSpec(name, kind, default, values)


def _literal(spec: ParameterSpec, value: Any, member: str) -> Scalar:
    matches = {
        "String": isinstance(value, str),
        "Integer": isinstance(value, int) and not isinstance(value, bool),
        "Float": isinstance(value, int | float) and not isinstance(value, bool),
        "Boolean": isinstance(value, bool),
    }[spec.type]
    if not matches:
        raise DefinitionError(f"parameter {spec.name}: {member} {value!r} is not of type {spec.type}")
    try:
        return float(value) if spec.type == "Float" else value
    except OverflowError as error:
        raise DefinitionError(f"parameter {spec.name}: {member} is too large for a Float") from error


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is no number")
    return number


def _steps(entries: Any, where: str, parent: str | None, branch: bool) -> Iterator[StepSpec]:
    if not isinstance(entries, list):
        raise DefinitionError(f"{where} must be a list of steps")
    for position, entry in enumerate(entries):
        step = _step(entry, f"{where}[{position}]", parent, branch)
        if step.type == "ForEach":
            yield _loop(step)
            continue
        if step.type != "Condition":
            yield step
            continue
        arguments = dict(step.arguments)
        sides = (arguments.pop("IfSteps", None) or [], arguments.pop("ElseSteps", None) or [])
        yield replace(step, arguments=arguments, cache=Cache(False), property_files={})
        for side, name in zip(sides, ("IfSteps", "ElseSteps"), strict=True):
            yield from _steps(side, f"step {step.name}: {name}", step.name, name == "IfSteps")


def _loop(step: StepSpec) -> StepSpec:
    arguments = dict(step.arguments)
    entries, selector = arguments.pop("ForEachBody", None), arguments.pop("Selector", None)
    where = f"step {step.name}: ForEachBody"
    if not isinstance(entries, list) or not entries:
        raise DefinitionError(f"{where} must be a list of at least one step")
    body: dict[str, StepSpec] = {}
    for position, entry in enumerate(entries):
        inner = _step(entry, f"{where}[{position}]", None, True)
        if inner.type in _NOT_REPEATED:
            raise DefinitionError(f"{where}: {inner.name} is of type {inner.type}, which cannot be repeated")
        if inner.name in body:
            raise DefinitionError(f"step {inner.name}: the name is used twice")
        body[inner.name] = inner
    return replace(step, arguments=arguments, loop=Loop(body, selector))


def _step(entry: Any, where: str, parent: str | None, branch: bool) -> StepSpec:
    if not isinstance(entry, Mapping):
        raise DefinitionError(f"{where} must be an object")
    name, kind = entry.get("Name"), entry.get("Type")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise DefinitionError(
            f"{where}: {name!r} is no step name; it takes 1 to 64 letters, digits, hyphens and underscores"
        )
    if not isinstance(kind, str) or not kind:
        raise DefinitionError(f"step {name}: it has no Type")
    arguments = entry.get("Arguments", {})
    if not isinstance(arguments, Mapping) or expression(arguments):
        raise DefinitionError(f"step {name}: Arguments must be an object")
    before = read_depends_on(name, entry.get("DependsOn"))
    try:
        retries = read_policies(entry.get("RetryPolicies"))
    except DefinitionError as error:
        raise DefinitionError(f"step {name}: {error}") from error
    return StepSpec(
        name=name,
        type=kind,
        arguments=arguments,
        depends_on=tuple(before),
        triggers={other: trigger for other, trigger in before.items() if trigger != TRIGGERS[0]},
        settings={key: entry[key] for key in entry if key not in {"Name", "Type", "Arguments"}},
        cache=read_cache(name, entry.get("CacheConfig")),
        property_files=read_property_files(name, entry.get("PropertyFiles")),
        parent=parent,
        branch=branch,
        retries=retries,
    )
