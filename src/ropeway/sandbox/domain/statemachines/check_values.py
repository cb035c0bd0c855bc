"""What a state's fields say: paths, intrinsic functions, JSONata expressions, resources, rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ropeway.sandbox.domain.statemachines import by_jsonata, intrinsics
from ropeway.sandbox.domain.statemachines.check_maps import map_faults
from ropeway.sandbox.domain.statemachines.choices import COMPARISONS
from ropeway.sandbox.domain.statemachines.paths import well_formed
from ropeway.sandbox.domain.statemachines.resources import ACTIONS, KNOWN, SYNC, parse

__all__ = ["faults"]

_INSIDE = {"Branches", "ItemProcessor", "Iterator", "ItemReader", "ItemBatcher", "ResultWriter"}
_PATHS = {"InputPath", "OutputPath", "ItemsPath", "ResultPath", "Variable", "SecondsPath", "TimestampPath"}
_COMPUTED = {
    f"{name}Path"
    for name in (
        "Cause",
        "Error",
        "HeartbeatSeconds",
        "MaxConcurrency",
        "TimeoutSeconds",
        "ToleratedFailureCount",
    )
} | {"ToleratedFailurePercentagePath"}
_TEMPLATES = {"Parameters", "ResultSelector", "ItemSelector", "Assign", "Credentials"}
_JSONPATH_ONLY = _PATHS | {"Parameters", "ResultSelector", "TimeoutSecondsPath", "HeartbeatSecondsPath"}
_JSONATA_ONLY = {"Arguments", "Output", "Items"}

_ALL = "States.ALL"

Fault = tuple[str, str]


def faults(state: Mapping[str, Any], language: str, place: str) -> Iterator[Fault]:
    """Messages with their places; states inside a Parallel or Map state are looked at on their own."""
    kind = state["Type"]
    wrong = _JSONPATH_ONLY if language == "JSONata" else _JSONATA_ONLY
    for name in sorted(wrong & set(state)):
        other = "JSONPath" if language == "JSONata" else "JSONata"
        words = f"The QueryLanguage is set to '{language}', but field '{name}' is only supported for the '{other}'"
        yield f"{words} QueryLanguage", place
    if kind == "Task":
        yield from _resource(state.get("Resource"), f"{place}/Resource")
    if kind == "Map":
        yield from map_faults(state, place)
    yield from _rules(state, language, place)
    for name, value in state.items():
        if name in _INSIDE or name == "Choices":
            continue
        if language == "JSONata":
            yield from _expressions(value, f"{place}/{name}")
        elif name in _TEMPLATES:
            yield from _template(value, f"{place}/{name}")
        elif name in _PATHS or name in _COMPUTED:
            yield from _path(value, f"{place}/{name}")


def _resource(value: Any, place: str) -> Iterator[Fault]:
    resource = parse(value) if isinstance(value, str) else None
    unknown = f"The resource provided {value} is not recognized"
    if resource is None:
        yield unknown, place
        return
    if resource.kind != "call":
        return
    if resource.sdk:
        patterns = frozenset({"", "token"})
    elif resource.service in ACTIONS:
        patterns = ACTIONS[resource.service].get(resource.operation, frozenset())
    else:
        patterns = frozenset({resource.pattern} if resource.service in KNOWN else ())
    waits = resource.pattern in {"sync", "sync2"}
    absent = waits and resource.service in ACTIONS and (resource.service, resource.operation) not in SYNC
    if not patterns:
        yield unknown, place
    elif resource.pattern not in patterns or absent:
        yield f"The resource {value} cannot be waited for", place


def _rules(state: Mapping[str, Any], language: str, place: str) -> Iterator[Fault]:
    for field in ("Retry", "Catch"):
        yield from _errors(state.get(field, ()), f"{place}/{field}")
    if state["Type"] != "Choice":
        return
    for number, rule in enumerate(state.get("Choices", ())):
        where = f"{place}/Choices[{number}]"
        if not isinstance(rule, Mapping):
            yield "A choice is an object", where
        elif language == "JSONata":
            if "Condition" not in rule:
                yield "A choice needs 'Condition'", where
            yield from _expressions(rule, where)
        else:
            yield from _choice(rule, where)


def _errors(rules: Any, place: str) -> Iterator[Fault]:
    for number, rule in enumerate(rules):
        where = f"{place}[{number}]"
        names = rule.get("ErrorEquals") if isinstance(rule, Mapping) else None
        if not isinstance(names, list) or not names:
            yield "The field 'ErrorEquals' must name at least one error", where
        elif _ALL in names and (len(names) > 1 or number + 1 < len(rules)):
            yield f"{_ALL} must be alone in 'ErrorEquals', and of the last rule", where


def _choice(rule: Any, place: str) -> Iterator[Fault]:
    if not isinstance(rule, Mapping):
        yield "A rule is an object", place
        return
    for name in ("And", "Or"):
        for number, inner in enumerate(rule.get(name, ())):
            yield from _choice(inner, f"{place}/{name}[{number}]")
    if "Not" in rule:
        yield from _choice(rule["Not"], f"{place}/Not")
    if {"And", "Or", "Not"} & set(rule):
        return
    compared = [name for name in rule if name in COMPARISONS]
    if len(compared) != 1:
        yield "A rule compares by exactly one operator", place
        return
    yield from _path(rule.get("Variable"), f"{place}/Variable")
    if compared[0].endswith("Path"):
        yield from _path(rule[compared[0]], f"{place}/{compared[0]}")


def _path(value: Any, place: str) -> Iterator[Fault]:
    if value is None and place.endswith(("InputPath", "OutputPath", "ResultPath")):
        return
    if intrinsics.is_intrinsic(value):
        yield from _call(value, place)
    elif not isinstance(value, str) or not well_formed(value):
        yield f"{value!r} is not a valid path", place


def _call(value: str, place: str) -> Iterator[Fault]:
    found = intrinsics.problem(value)
    if found is not None:
        yield found, place


def _template(value: Any, place: str) -> Iterator[Fault]:
    if isinstance(value, Mapping):
        for name, item in value.items():
            if name.endswith(".$"):
                yield from _path(item, f"{place}/{name}")
            else:
                yield from _template(item, f"{place}/{name}")
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _template(item, f"{place}[{number}]")


def _expressions(value: Any, place: str) -> Iterator[Fault]:
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield from _expressions(item, f"{place}/{name}")
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _expressions(item, f"{place}[{number}]")
    elif isinstance(value, str):
        found = by_jsonata.problem(value)
        if found is not None:
            yield f"The JSONata expression {value!r} is not valid: {found}", place
