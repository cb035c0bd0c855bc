"""Structure of a definition: states that are there, are reachable and say where to go on, in fields that can be read.

The parameters of service integrations are not looked into. Source: the Amazon States
Language specification, https://states-language.net/spec.html.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ropeway.sandbox.domain.statemachines.check_express import express_faults
from ropeway.sandbox.domain.statemachines.check_fields import field_faults, machine_faults
from ropeway.sandbox.domain.statemachines.check_values import faults
from ropeway.values import strictjson

__all__ = ["Diagnostic", "check"]

_TYPES = {"Task", "Pass", "Wait", "Choice", "Succeed", "Fail", "Parallel", "Map"}
_ENDS = {"Succeed", "Fail"}
_LANGUAGES = ("JSONPath", "JSONata")
_WAITS = {"Seconds", "Timestamp", "SecondsPath", "TimestampPath"}


@dataclass(frozen=True)
class Diagnostic:
    """One fault.

    Attributes:
        code: AWS's code: ``SCHEMA_VALIDATION_FAILED``, ``MISSING_TRANSITION_TARGET``, …
        location: where, as a path of names: ``/States/Train/Next``; empty for a machine as a whole.
    """

    code: str
    message: str
    location: str

    def __str__(self) -> str:
        return f"{self.code}: {self.message} at {self.location or 'null'}"


class _Object(dict[str, Any]):
    """An object that knows which members it was written with more than once."""

    def __init__(self, pairs: Sequence[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        names = [name for name, _ in pairs] if len(self) < len(pairs) else []
        self.twice = sorted({name for name in names if names.count(name) > 1})


def check(definition: str, kind: str = "STANDARD") -> list[Diagnostic]:
    """Every fault of a definition of a STANDARD or EXPRESS machine; none when it is right."""
    try:
        document = strictjson.loads(definition)
    except ValueError as error:
        return [Diagnostic("INVALID_JSON_DESCRIPTION", f"Definition is not valid JSON: {error}", "/")]
    # Read again: a name that is there twice must not be lost.
    document = json.loads(definition, object_pairs_hook=_Object)
    found = [*_machine(document, "", "JSONPath"), *_duplicates(document, "", set())]
    more = express_faults(document, "", express=kind == "EXPRESS")
    return [*found, *(_fault(message, where) for message, where in more)]


def _fault(message: str, location: str, code: str = "SCHEMA_VALIDATION_FAILED") -> Diagnostic:
    return Diagnostic(code, message, location or "/")


def _machine(document: Any, place: str, language: str) -> Iterator[Diagnostic]:
    if not isinstance(document, Mapping):
        yield _fault("A state machine is a JSON object", place)
        return
    states = document.get("States")
    if not isinstance(states, Mapping) or not states:
        yield _fault("The field 'States' is required and must hold at least one state", f"{place}/States")
        return
    for message, where in machine_faults(document, place):
        yield _fault(message, where)
    language = language if place else document.get("QueryLanguage", language)
    if not isinstance(language, str) or language not in _LANGUAGES:
        yield _fault(f"QueryLanguage must be one of {', '.join(_LANGUAGES)}", f"{place}/QueryLanguage")
        return
    start = document.get("StartAt")
    if not isinstance(start, str):
        yield _fault("The field 'StartAt' is required", f"{place}/StartAt")
    elif start not in states:
        yield _fault(f"Missing 'StartAt' target: {start}", f"{place}/StartAt", "MISSING_TRANSITION_TARGET")
    for name, state in states.items():
        yield from _state(state, states, f"{place}/States/{name}", language)
    if not any(_ends(state) for state in states.values()):
        yield Diagnostic("MISSING_END_STATE", "Workflow has no terminal state", "")
    elif isinstance(start, str):
        yield from _unreachable(start, states, place)


def _ends(state: Any) -> bool:
    return not isinstance(state, Mapping) or state.get("End") is True or str(state.get("Type")) in _ENDS


def _duplicates(machine: Any, place: str, seen: set[str]) -> Iterator[Diagnostic]:
    """Names of states that are there twice, at whatever depth."""
    states = machine.get("States") if isinstance(machine, Mapping) else None
    if not isinstance(states, Mapping):
        return
    for name, state in states.items():
        where = f"{place}/States/{name}"
        if name in seen or name in getattr(states, "twice", ()):
            yield Diagnostic("DUPLICATE_STATE_NAME", f"Duplicate State name: {name}", where)
        seen.add(name)
        if isinstance(state, Mapping):
            branches = state.get("Branches")
            for number, branch in enumerate(branches if isinstance(branches, list) else ()):
                yield from _duplicates(branch, f"{where}/Branches[{number}]", seen)
            for inner in ("ItemProcessor", "Iterator"):
                yield from _duplicates(state.get(inner), f"{where}/{inner}", seen)


def _state(state: Any, states: Mapping[str, Any], place: str, language: str) -> Iterator[Diagnostic]:
    if not isinstance(state, Mapping):
        yield _fault("A state is a JSON object", place)
        return
    kind = state.get("Type")
    if not isinstance(kind, str) or kind not in _TYPES:
        yield _fault(f"The field 'Type' must be one of {', '.join(sorted(_TYPES))}", f"{place}/Type")
        return
    for where, target in _targets(state):
        if target not in states:
            yield _fault(f"Missing 'Next' target: {target}", f"{place}/{where}", "MISSING_TRANSITION_TARGET")
    if kind not in _ENDS | {"Choice"} and ("Next" in state) == (state.get("End") is True):
        yield _fault("Exactly one of 'Next' and 'End: true' must be there", place)
    yield from _own(kind, state, place, language)
    spoken = state.get("QueryLanguage", language)
    if not isinstance(spoken, str) or spoken not in _LANGUAGES:
        yield _fault(f"QueryLanguage must be one of {', '.join(_LANGUAGES)}", f"{place}/QueryLanguage")
        return
    if (language, spoken) == ("JSONata", "JSONPath"):
        yield _fault(
            "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine", place
        )
        return
    found = list(field_faults(state, spoken, place))
    # What is of another kind cannot be looked into.
    for message, where in found or faults(state, spoken, place):
        yield _fault(message, where)


def _own(kind: str, state: Mapping[str, Any], place: str, language: str) -> Iterator[Diagnostic]:
    """What each type needs."""
    if kind == "Task" and not isinstance(state.get("Resource"), str):
        yield _fault("The field 'Resource' is required", f"{place}/Resource")
    if kind == "Wait" and len(_WAITS & set(state)) != 1:
        yield _fault(f"Exactly one of {', '.join(sorted(_WAITS))} must be there", place)
    if kind == "Choice":
        yield from _choices(state, place)
    if kind == "Parallel":
        branches = state.get("Branches")
        if not isinstance(branches, list) or not branches:
            yield _fault("The field 'Branches' is required", f"{place}/Branches")
        else:
            for number, branch in enumerate(branches):
                yield from _machine(branch, f"{place}/Branches[{number}]", language)
    if kind == "Map":
        inner = "ItemProcessor" if "ItemProcessor" in state or "Iterator" not in state else "Iterator"
        yield from _machine(state.get(inner), f"{place}/{inner}", language)


def _choices(state: Mapping[str, Any], place: str) -> Iterator[Diagnostic]:
    choices = state.get("Choices")
    if not isinstance(choices, list) or not choices:
        yield _fault("The field 'Choices' is required", f"{place}/Choices")
        return
    for number, choice in enumerate(choices):
        if not isinstance(choice, Mapping) or not isinstance(choice.get("Next"), str):
            yield _fault("A choice needs 'Next'", f"{place}/Choices[{number}]")


def _targets(state: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Where a state may go on, with the field that says so."""
    for field in ("Next", "Default"):
        if isinstance(state.get(field), str):
            yield field, state[field]
    for field in ("Choices", "Catch"):
        entries = state.get(field)
        for number, entry in enumerate(entries if isinstance(entries, list) else ()):
            if isinstance(entry, Mapping) and isinstance(entry.get("Next"), str):
                yield f"{field}[{number}]/Next", entry["Next"]


def _unreachable(start: str, states: Mapping[str, Any], place: str) -> Iterator[Diagnostic]:
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name in seen or not isinstance(states.get(name), Mapping):
            continue
        seen.add(name)
        waiting += [target for _, target in _targets(states[name])]
    for name in states:
        if name not in seen:
            where = f"{place}/States/{name}"
            yield _fault(f'State "{name}" is not reachable.', where, "MISSING_TRANSITION_TARGET")
