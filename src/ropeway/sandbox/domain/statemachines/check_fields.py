"""Which fields a state may have, and of what kind their values are.

Fields by type of state and the words of faults: AWS Step Functions developer guide, "Amazon States Language", and what
``ValidateStateMachineDefinition`` answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ropeway.sandbox.domain.statemachines.choices import COMPARISONS, moment

__all__ = ["field_faults", "machine_faults"]

_ANY = frozenset({"Type", "Comment", "QueryLanguage"})
_PATHS = frozenset({"InputPath", "OutputPath", "Output"})
_GOES_ON = _ANY | _PATHS | {"Next", "End", "Assign"}
_WORKS = _GOES_ON | {"ResultPath", "ResultSelector", "Retry", "Catch"}
_FIELDS: Mapping[str, frozenset[str]] = {
    "Choice": _ANY | _PATHS | {"Choices", "Default", "Assign"},
    "Fail": _ANY | {"Error", "ErrorPath", "Cause", "CausePath"},
    "Map": _WORKS
    | {"ItemProcessor", "Iterator", "ItemsPath", "Items", "ItemSelector", "Parameters", "Label"}
    | {"MaxConcurrency", "MaxConcurrencyPath", "ItemReader", "ItemBatcher", "ResultWriter"}
    | {f"ToleratedFailure{what}{path}" for what in ("Count", "Percentage") for path in ("", "Path")},
    "Parallel": _WORKS | {"Branches", "Parameters", "Arguments"},
    "Pass": _GOES_ON | {"Result", "ResultPath", "Parameters"},
    "Succeed": _ANY | _PATHS,
    "Task": _WORKS
    | {"Resource", "Parameters", "Arguments", "Credentials"}
    | {"TimeoutSeconds", "TimeoutSecondsPath", "HeartbeatSeconds", "HeartbeatSecondsPath"},
    "Wait": _GOES_ON | {"Seconds", "SecondsPath", "Timestamp", "TimestampPath"},
}
_MACHINE = frozenset({"Comment", "StartAt", "States", "Version", "TimeoutSeconds", "QueryLanguage"})
_INNER = frozenset({"Comment", "StartAt", "States", "ProcessorConfig"})
_SECONDS = 99_999_999
_NAME = 80

Fault = tuple[str, str]
Test = Callable[[Any], bool]


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _whole(least: int, most: int = _SECONDS) -> Test:
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _number(least: float, most: float = 1e308) -> Test:
    return lambda value: (
        isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most
    )


def _stamp(value: Any) -> bool:
    return moment(value) is not None


def _truth(value: Any) -> bool:
    return isinstance(value, bool)


def _object(value: Any) -> bool:
    return isinstance(value, Mapping)


def _array(value: Any) -> bool:
    return isinstance(value, list)


_KINDS: Mapping[str, tuple[Test, str]] = {
    **dict.fromkeys(("Comment", "Resource", "Next", "Default", "Error", "Cause"), (_text, "a text")),
    "Label": (lambda value: _text(value) and 0 < len(value) <= 40, "a text of 40 characters at most"),
    "End": (_truth, "true or false"),
    **dict.fromkeys(
        ("TimeoutSeconds", "HeartbeatSeconds"), (_whole(1), f"a whole number from 1 to {_SECONDS}")
    ),
    "Seconds": (_whole(0), f"a whole number from 0 to {_SECONDS}"),
    "Timestamp": (_stamp, "a time like 2027-01-31T18:00:00Z"),
    **dict.fromkeys(
        ("MaxConcurrency", "ToleratedFailureCount"), (_whole(0, 2**31), "a whole number from 0 on")
    ),
    "ToleratedFailurePercentage": (_number(0, 100), "a number from 0 to 100"),
    **dict.fromkeys(("Credentials", "ItemBatcher", "ItemReader", "ResultWriter"), (_object, "an object")),
    **dict.fromkeys(("Assign", "ResultSelector"), (_object, "an object")),
    **dict.fromkeys(("Retry", "Catch", "Choices"), (_array, "an array")),
}
_RETRY: Mapping[str, tuple[Test, str]] = {
    "ErrorEquals": (_array, "an array"),
    "IntervalSeconds": (_whole(1), f"a whole number from 1 to {_SECONDS}"),
    "MaxAttempts": (_whole(0), f"a whole number from 0 to {_SECONDS}"),
    "BackoffRate": (_number(1), "a number from 1 on"),
    "MaxDelaySeconds": (_whole(1, 31_622_399), "a whole number below 31622400"),
    "JitterStrategy": (lambda value: value in ("FULL", "NONE"), "FULL or NONE"),
    "Comment": (_text, "a text"),
}
_CATCH: Mapping[str, tuple[Test, str]] = {
    "ErrorEquals": (_array, "an array"),
    "Next": (_text, "a text"),
    "ResultPath": (lambda value: value is None or _text(value), "a path"),
    "Assign": (_object, "an object"),
    "Output": (lambda value: value is value, ""),
    "Comment": (_text, "a text"),
}
_OPERANDS = (
    ("Is", (_truth, "true or false")),
    ("Boolean", (_truth, "true or false")),
    ("String", (_text, "a text")),
    ("Numeric", (_number(-1e308), "a number")),
    ("Timestamp", (_stamp, "a time like 2027-01-31T18:00:00Z")),
)


def machine_faults(machine: Mapping[str, Any], place: str) -> Iterator[Fault]:
    """Fields of a machine, a branch or what a Map state runs for each item."""
    for name in machine:
        if name not in (_INNER if place else _MACHINE):
            yield f"Field '{name}' is not supported", place
    limit = machine.get("TimeoutSeconds", 1)
    if not place and not _whole(1)(limit):
        yield _must("TimeoutSeconds", f"a whole number from 1 to {_SECONDS}"), f"{place}/TimeoutSeconds"
    for name in machine["States"]:
        if not 0 < len(name) <= _NAME:
            yield f"A state's name has 1 to {_NAME} characters", f"{place}/States/{name}"


def field_faults(state: Mapping[str, Any], language: str, place: str) -> Iterator[Fault]:
    """Fields of a state, of its rules and of its choices."""
    for name in state:
        if name not in _FIELDS[state["Type"]]:
            yield f"Field '{name}' is not supported", place
    for name, value in state.items():
        yield from _kind(name, value, _KINDS, place, computed=language == "JSONata")
    yield from _together(state, place)
    for field, kinds in (("Retry", _RETRY), ("Catch", _CATCH)):
        rules = state.get(field)
        for number, rule in enumerate(rules if isinstance(rules, list) else ()):
            yield from _rule(rule, kinds, f"{place}/{field}[{number}]")
    choices = state.get("Choices")
    if language == "JSONPath" and isinstance(choices, list):
        for number, choice in enumerate(choices):
            yield from _choice(choice, f"{place}/Choices[{number}]", top=True)


def _together(state: Mapping[str, Any], place: str) -> Iterator[Fault]:
    for name in _KINDS:
        if {name, f"{name}Path"} <= set(state):
            yield f"Only one of '{name}' and '{name}Path' may be there", place
    beat, limit = state.get("HeartbeatSeconds"), state.get("TimeoutSeconds")
    if isinstance(beat, int) and isinstance(limit, int) and beat >= limit:
        yield "HeartbeatSeconds must be smaller than TimeoutSeconds", place


def _rule(rule: Any, kinds: Mapping[str, tuple[Test, str]], place: str) -> Iterator[Fault]:
    if not isinstance(rule, Mapping):
        yield "A rule is an object", place
        return
    if "Next" in kinds and "Next" not in rule:
        yield "The field 'Next' is required", place
    for name, value in rule.items():
        if name not in kinds:
            yield f"Field '{name}' is not supported", place
        else:
            yield from _kind(name, value, kinds, place)
    names = rule.get("ErrorEquals")
    if isinstance(names, list) and not all(isinstance(name, str) for name in names):
        yield _must("ErrorEquals", "an array of texts"), f"{place}/ErrorEquals"


def _choice(rule: Any, place: str, *, top: bool) -> Iterator[Fault]:
    if not isinstance(rule, Mapping):
        yield "A rule is an object", place
        return
    allowed = {"Variable", "And", "Or", "Not", "Comment"} | ({"Next", "Assign"} if top else set())
    for name in rule:
        if name not in allowed and name not in COMPARISONS:
            yield f"Field '{name}' is not supported", place
    for name in ("And", "Or"):
        if name in rule and not (isinstance(rule[name], list) and rule[name]):
            yield _must(name, "an array of rules"), f"{place}/{name}"
        for number, inner in enumerate(rule[name] if isinstance(rule.get(name), list) else ()):
            yield from _choice(inner, f"{place}/{name}[{number}]", top=False)
    if "Not" in rule:
        yield from _choice(rule["Not"], f"{place}/Not", top=False)
    for name in COMPARISONS & set(rule):
        kind = (_text, "a path") if name.endswith("Path") else _operand(name)
        yield from _kind(name, rule[name], {name: kind}, place)


def _operand(name: str) -> tuple[Test, str]:
    return next(kind for start, kind in _OPERANDS if name.startswith(start))


def _kind(
    name: str, value: Any, kinds: Mapping[str, tuple[Test, str]], place: str, *, computed: bool = False
) -> Iterator[Fault]:
    test, words = kinds.get(name, (None, ""))
    if test is None or test(value):
        return
    if computed and isinstance(value, str) and value.startswith("{%") and value.endswith("%}"):
        return
    yield _must(name, words), f"{place}/{name}"


def _must(name: str, words: str) -> str:
    return f"The field '{name}' must be {words}"
