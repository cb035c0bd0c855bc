"""Reads a policy from YAML or JSON; every mistake is told with its line and key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ropeway.drift.distances import METHODS
from ropeway.drift.faults import DriftError
from ropeway.drift.policy import CHECKS, SEVERITIES, Policy, Rule

__all__ = ["parse_policy", "read_policy"]

_Check = Callable[[Any], Any]


class _Wrong(Exception):  # noqa: N818 - never leaves this module
    """A value is not what its key needs."""


def _number(low: float, high: float) -> _Check:
    def check(value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            bounds = f" from {low:g} to {high:g}" if high < float("inf") else f", at least {low:g}"
            raise _Wrong(f"must be a number{bounds if low > -float('inf') else ''}")
        return float(value)

    return check


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise _Wrong("must be a whole number, at least 1")
    return value


def _one_of(*choices: str) -> _Check:
    def check(value: Any) -> str:
        text = "off" if value is False else value  # YAML 1.1 reads off as false
        if text not in choices:
            raise _Wrong(f"must be one of {', '.join(choices)}")
        return str(text)

    return check


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or any(isinstance(item, dict | list) or item is None for item in value):
        raise _Wrong("must be a list of texts")
    return tuple(str(item) for item in value)


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _Wrong("must be true or false")
    return value


_INFINITE = float("inf")
_SEVERITY = _one_of(*SEVERITIES)
_SHARE = _number(0, 1)
_ANY = _number(-_INFINITE, _INFINITE)
# The keys of each check, what their values must be, and the fields of Rule that they fill.
_RULES: Mapping[str, Mapping[str, tuple[str, _Check]]] = {
    "schema": {},
    "type": {"share": ("share", _SHARE)},
    "completeness": {"min": ("least", _SHARE), "alpha": ("alpha", _SHARE)},
    "categories": {"allowed": ("allowed", _texts), "share": ("share", _SHARE)},
    "range": {"min": ("least", _ANY), "max": ("greatest", _ANY), "alpha": ("alpha", _SHARE)},
    "non_negative": {"wanted": ("wanted", _flag)},
    "drift": {
        "method": ("method", _one_of("auto", *METHODS)),
        "threshold": ("threshold", _number(0, _INFINITE)),
        "alpha": ("alpha", _SHARE),
    },
}
_TOP: Mapping[str, _Check] = {
    "alpha": _SHARE,
    "correction": _one_of("holm", "bh", "none"),
    "missing": _texts,
    "ignore": _texts,
}
_KEYS = ("version", *_TOP, "defaults", "columns", "windows")


def read_policy(path: Path) -> Policy:
    """The policy in a file.

    Raises:
        DriftError: there is none, or it is wrong.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise DriftError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise DriftError(f"{path}: this is no UTF-8 text") from error
    return parse_policy(text, str(path))


def parse_policy(text: str, where: str = "policy") -> Policy:
    """The policy in a text.

    Raises:
        DriftError: it is wrong; the message names the line and the key.
    """
    import yaml  # noqa: PLC0415 - a job without a policy needs none

    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        raise DriftError(f"{where}{line}: this is no YAML: {getattr(error, 'problem', error)}") from error
    return _Reader(where).policy(node) if node is not None else Policy()


class _Reader:
    """Walks the nodes of a document, which know their lines."""

    def __init__(self, where: str) -> None:
        self._where = where

    def policy(self, node: Any) -> Policy:
        entries = self._mapping(node, "")
        self._known(entries, _KEYS, "")
        if "version" in entries and self._value(entries["version"], "version", _whole) != 1:
            raise self._wrong(entries["version"], "version", "must be 1")
        found = {key: self._value(entries[key], key, check) for key, check in _TOP.items() if key in entries}
        ignored = found.pop("ignore", ())
        if "missing" in found:
            found["missing"] = tuple(dict.fromkeys(("", *found["missing"])))
        alarm, window = self._windows(entries.get("windows"))
        defaults = self._rules(entries["defaults"], "defaults") if "defaults" in entries else {}
        columns = {
            name: self._rules(child, f"columns.{name}")
            for name, child in (
                self._mapping(entries["columns"], "columns") if "columns" in entries else {}
            ).items()
        }
        return Policy(
            **found, defaults=defaults, columns=columns, ignored=ignored, alarm=alarm, window=window
        )

    def _windows(self, node: Any) -> tuple[int, int]:
        if node is None:
            return 1, 1
        entries = self._mapping(node, "windows")
        self._known(entries, ("alarm", "of"), "windows.")
        values = [
            self._value(entries[key], f"windows.{key}", _whole) if key in entries else 1
            for key in ("alarm", "of")
        ]
        if values[0] > values[1]:
            raise self._wrong(node, "windows", "alarm must not be above of")
        return values[0], values[1]

    def _rules(self, node: Any, path: str) -> dict[str, Rule]:
        entries = self._mapping(node, path)
        self._known(entries, CHECKS, f"{path}.")
        return {
            check: self._rule(child, f"{path}.{check}", _RULES[check]) for check, child in entries.items()
        }

    def _rule(self, node: Any, path: str, keys: Mapping[str, tuple[str, _Check]]) -> Rule:
        if type(node).__name__ == "ScalarNode":  # ``drift: warning``
            return Rule(severity=self._value(node, path, _SEVERITY))
        entries = self._mapping(node, path)
        self._known(entries, ("severity", *keys), f"{path}.")
        filled = {
            keys[key][0]: self._value(child, f"{path}.{key}", keys[key][1])
            for key, child in entries.items()
            if key != "severity"
        }
        if "severity" in entries:
            filled["severity"] = self._value(entries["severity"], f"{path}.severity", _SEVERITY)
        low, high = filled.get("least"), filled.get("greatest")
        if low is not None and high is not None and low > high:
            raise self._wrong(node, path, "min must not be above max")
        return Rule(**filled)

    def _mapping(self, node: Any, path: str) -> dict[str, Any]:
        if type(node).__name__ != "MappingNode":
            raise self._wrong(node, path, "must be a mapping of keys to values")
        entries: dict[str, Any] = {}
        for key, child in node.value:
            if not isinstance(key.value, str):
                raise self._wrong(key, path, "a key must be a text")
            if key.value in entries:
                raise self._wrong(key, f"{path}.{key.value}".lstrip("."), "is there twice")
            entries[key.value] = child
        return entries

    def _known(self, entries: Mapping[str, Any], keys: tuple[str, ...], path: str) -> None:
        for key, node in entries.items():
            if key not in keys:
                raise self._wrong(node, f"{path}{key}", f"is no key here; there are {', '.join(keys)}")

    def _value(self, node: Any, path: str, check: _Check) -> Any:
        import yaml  # noqa: PLC0415

        value = yaml.SafeLoader("").construct_document(node)
        try:
            return check(value)
        except _Wrong as error:
            raise self._wrong(node, path, f"{error}, not {value!r}") from error

    def _wrong(self, node: Any, path: str, words: str) -> DriftError:
        line = f":{node.start_mark.line + 1}"
        return DriftError(f"{self._where}{line}: {path + ': ' if path else ''}{words}")
