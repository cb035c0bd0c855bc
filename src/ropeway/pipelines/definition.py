"""Definition documents, read into typed parts and checked as a whole.

The document is the contract between who authors a pipeline (any SDK, Ropeway's builder, a text editor) and who
runs it. ``parse`` reads its structure, ``check`` (in ``graph``) what its parts say about each other. Steps come
out flat: a step in a condition's branch knows its condition as ``parent`` and its side as ``branch``.

Limits are SageMaker's: 1 MiB, 200 parameters, names of 64 characters.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ropeway.errors import DefinitionError
from ropeway.pipelines.durations import seconds_of
from ropeway.pipelines.references import expression

__all__ = [
    "RESOLVED_SETTINGS",
    "Cache",
    "Definition",
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
_TYPES = ("String", "Integer", "Float", "Boolean")

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

Scalar = str | int | float | bool


@dataclass(frozen=True)
class ParameterSpec:
    """A pipeline parameter. ``default`` is None when a start must give a value."""

    name: str
    type: str
    default: Scalar | None = None
    enum: tuple[Scalar, ...] = ()


@dataclass(frozen=True)
class PropertyFileSpec:
    """A JSON file in a processing step's output that expressions may read."""

    name: str
    output: str
    path: str


@dataclass(frozen=True)
class Cache:
    """A step's caching; ``expires`` is in seconds, None for never."""

    enabled: bool
    expires: float | None = None


@dataclass(frozen=True)
class StepSpec:
    """One step.

    Attributes:
        arguments: the step's Arguments; a condition's without its branches.
        depends_on: the steps that DependsOn names.
        settings: the members beside Name, Type and Arguments, as written.
        parent: the condition whose branch the step is in, or None.
        branch: the side of that condition: True for IfSteps.
    """

    name: str
    type: str
    arguments: Mapping[str, Any]
    depends_on: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    cache: Cache = field(default_factory=lambda: Cache(False))
    property_files: Mapping[str, PropertyFileSpec] = field(default_factory=dict)
    parent: str | None = None
    branch: bool = True

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
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DefinitionError(f"the pipeline definition is not JSON: {error}") from error
    if not isinstance(document, Mapping):
        raise DefinitionError("the pipeline definition must be a JSON object")
    if document.get("Version") != VERSION:
        raise DefinitionError(f"Version must be {VERSION!r}, not {document.get('Version')!r}")
    _check_depth(document)
    steps: dict[str, StepSpec] = {}
    for step in _steps(document.get("Steps"), "Steps", None, True):
        if step.name in steps:
            raise DefinitionError(f"step {step.name}: the name is used twice")
        steps[step.name] = step
    if not steps:
        raise DefinitionError("a pipeline needs at least one step")
    experiment = document.get("PipelineExperimentConfig")
    if experiment is not None and not isinstance(experiment, Mapping):
        raise DefinitionError("PipelineExperimentConfig must be an object or null")
    return Definition(_parameters(document.get("Parameters")), steps, experiment)


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
            return float(written)
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
    return float(value) if spec.type == "Float" else value


def _steps(entries: Any, where: str, parent: str | None, branch: bool) -> Iterator[StepSpec]:
    if not isinstance(entries, list):
        raise DefinitionError(f"{where} must be a list of steps")
    for position, entry in enumerate(entries):
        step = _step(entry, f"{where}[{position}]", parent, branch)
        if step.type != "Condition":
            yield step
            continue
        arguments = dict(step.arguments)
        sides = (arguments.pop("IfSteps", None) or [], arguments.pop("ElseSteps", None) or [])
        yield StepSpec(
            step.name, step.type, arguments, step.depends_on, step.settings, parent=parent, branch=branch
        )
        for side, name in zip(sides, ("IfSteps", "ElseSteps"), strict=True):
            yield from _steps(side, f"step {step.name}: {name}", step.name, name == "IfSteps")


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
    return StepSpec(
        name=name,
        type=kind,
        arguments=arguments,
        depends_on=_depends_on(name, entry.get("DependsOn")),
        settings={key: entry[key] for key in entry if key not in {"Name", "Type", "Arguments"}},
        cache=_cache(name, entry.get("CacheConfig")),
        property_files=_property_files(name, entry.get("PropertyFiles")),
        parent=parent,
        branch=branch,
    )


def _depends_on(step: str, entries: Any) -> tuple[str, ...]:
    entries = entries or []
    if not isinstance(entries, Sequence) or isinstance(entries, str):
        raise DefinitionError(f"step {step}: DependsOn must be a list of step names")
    names = []
    for entry in entries:
        if isinstance(entry, Mapping):
            trigger = entry.get("Trigger", "Completed")
            if trigger != "Completed":
                raise DefinitionError(
                    f"step {step}: DependsOn with Trigger {trigger!r} is not supported; only Completed is"
                )
            entry = entry.get("Step")
        if not isinstance(entry, str):
            raise DefinitionError(f"step {step}: DependsOn must be a list of step names")
        names.append(entry)
    return tuple(names)


def _cache(step: str, entry: Any) -> Cache:
    if entry is None:
        return Cache(False)
    if not isinstance(entry, Mapping) or not isinstance(entry.get("Enabled", False), bool):
        raise DefinitionError(f"step {step}: CacheConfig must have a boolean Enabled")
    expire = entry.get("ExpireAfter")
    if expire is None:
        return Cache(entry.get("Enabled", False))
    try:
        return Cache(entry.get("Enabled", False), seconds_of(str(expire)))
    except ValueError as error:
        raise DefinitionError(f"step {step}: CacheConfig.ExpireAfter: {error}") from error


def _property_files(step: str, entries: Any) -> dict[str, PropertyFileSpec]:
    files = {}
    if not isinstance(entries, list | None):
        raise DefinitionError(f"step {step}: PropertyFiles must be a list of property files")
    for entry in entries or []:
        members = ("PropertyFileName", "OutputName", "FilePath")
        if not isinstance(entry, Mapping) or not all(isinstance(entry.get(name), str) for name in members):
            raise DefinitionError(f"step {step}: a property file needs {', '.join(members)}")
        files[entry["PropertyFileName"]] = PropertyFileSpec(*(entry[name] for name in members))
    return files
