"""What a target is given of an event: all of it, a part, a constant, or a text with parts of it filled in.

A variable inside a JSON string is put there as text; one that stands for a value becomes JSON. A path that
leads nowhere gives an empty text. ``<aws.events.…>`` variables are EventBridge's own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.domain.events import paths

__all__ = ["check_input", "payload", "resolved"]

_VARIABLE = re.compile(r"<([^<>\s]+)>")
_INPUTS = ("Input", "InputPath", "InputTransformer")
_OWN = {
    "aws.events.rule-arn",
    "aws.events.rule-name",
    "aws.events.event.ingestion-time",
    "aws.events.event",
    "aws.events.event.json",
}


def check_input(target: Mapping[str, Any]) -> None:
    """Refuse what a target cannot be given.

    Raises:
        DomainError: ``ValidationException``.
    """
    given = [name for name in _INPUTS if target.get(name) is not None]
    name = target.get("Id", "")
    if len(given) > 1:
        raise _wrong(f"Only one of Input, InputPath, or InputTransformer must be provided for target {name}.")
    if "Input" in given and not _is_json(target["Input"]):
        raise _wrong(f"JSON syntax error in input for target {name}")
    if "InputPath" in given and not paths.check(target["InputPath"]):
        raise _wrong(f"InputPath for target {name} is invalid.")
    transformer = target.get("InputTransformer") or {}
    for key, path in transformer.get("InputPathsMap", {}).items():
        if key.lower().startswith("aws"):
            raise _wrong(f"Invalid InputTransformer for target {name}: key {key} starts with AWS.")
        if not paths.check(path):
            raise _wrong(f"Invalid InputPath for target {name}: {path}")
    for variable in _VARIABLE.findall(transformer.get("InputTemplate", "")):
        if variable not in transformer.get("InputPathsMap", {}) and variable not in _OWN:
            raise _wrong(f"InputTemplate for target {name} contains invalid placeholder {variable}.")


def payload(target: Mapping[str, Any], event: Mapping[str, Any], rule_arn: str) -> str:
    """The text that a target gets: JSON, unless a template says otherwise.

    Args:
        target: API-shaped, one that ``check_input`` took.
        event: the event's envelope.
        rule_arn: the rule that it matched.
    """
    if target.get("Input") is not None:
        return str(target["Input"])
    if target.get("InputPath") is not None:
        found = paths.look_up(target["InputPath"], event)
        return "{}" if found is paths.MISSING else _dump(found)
    transformer = target.get("InputTransformer")
    if transformer:
        return _filled(transformer, event, rule_arn)
    return _dump(event)


def resolved(parameters: Mapping[str, Any], event: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters of a target with values of the form ``$.detail.x`` taken from the event."""
    return {name: _resolve(value, event) for name, value in parameters.items()}


def _resolve(value: Any, event: Mapping[str, Any]) -> Any:
    if isinstance(value, Mapping):
        return resolved(value, event)
    if isinstance(value, list):
        return [_resolve(item, event) for item in value]
    if isinstance(value, str) and value.startswith("$.") and paths.check(value):
        found = paths.look_up(value, event)
        if found is paths.MISSING:
            return ""
        return found if isinstance(found, str) else _dump(found)
    return value


def _filled(transformer: Mapping[str, Any], event: Mapping[str, Any], rule_arn: str) -> str:
    template = str(transformer["InputTemplate"])
    known = {name: paths.look_up(path, event) for name, path in transformer.get("InputPathsMap", {}).items()}
    known |= {
        "aws.events.rule-arn": rule_arn,
        "aws.events.rule-name": rule_arn.rpartition("/")[2],
        "aws.events.event.ingestion-time": event.get("time", ""),
        "aws.events.event": {name: value for name, value in event.items() if name != "detail"},
        "aws.events.event.json": event,
    }
    parts: list[str] = []
    position, quoted = 0, False
    for match in _VARIABLE.finditer(template):
        between = template[position : match.start()]
        parts.append(between)
        quoted = _quoted_after(between, quoted)
        name = match.group(1)
        parts.append(_put(known[name], quoted=quoted) if name in known else match.group(0))
        position = match.end()
    return "".join(parts) + template[position:]


def _put(value: Any, *, quoted: bool) -> str:
    if value is paths.MISSING:
        return "" if quoted else '""'
    if not quoted:
        return _dump(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)[1:-1]
    return _dump(value).replace('\\"', "").replace('"', "")


def _quoted_after(text: str, quoted: bool) -> bool:
    """Whether a JSON string is open behind a piece of a template."""
    escaped = False
    for letter in text:
        if escaped:
            escaped = False
        elif letter == "\\" and quoted:
            escaped = True
        elif letter == '"':
            quoted = not quoted
    return quoted


def _dump(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _wrong(text: str) -> DomainError:
    return DomainError(text, code="ValidationException", status=400)
