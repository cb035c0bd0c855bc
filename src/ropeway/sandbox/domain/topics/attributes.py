"""Message attributes: as they are sent, kept, and handed on. A binary value is kept as base64."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from typing import Any

from ropeway.sandbox.domain.errors import DomainError

__all__ = ["filterable", "for_queue", "kept"]

_NAME = re.compile(r"(?!\.)(?!.*\.\.)[A-Za-z0-9_.-]{1,256}(?<!\.)")
_KINDS = ("Binary", "Number", "String")
_ARRAY = "String.Array"


def kept(name: str, value: Mapping[str, Any]) -> dict[str, str]:
    """An attribute of Publish's as a message keeps it.

    Raises:
        DomainError: ``ParameterValueInvalid``.
    """
    kind = str(value.get("DataType", ""))
    if not _NAME.fullmatch(name):
        raise _wrong(f"The message attribute name '{name}' is invalid.")
    if kind.partition(".")[0] not in _KINDS:
        raise _wrong(
            f"The message attribute '{name}' has an invalid message attribute type, the set of supported type "
            "prefixes is Binary, Number, and String."
        )
    given = value.get("BinaryValue" if kind.startswith("Binary") else "StringValue")
    if not given:
        raise _wrong(
            f"The message attribute '{name}' must contain non-empty message attribute value for message attribute "
            f"type '{kind}'."
        )
    if isinstance(given, bytes):
        return {"Type": kind, "Value": base64.b64encode(given).decode()}
    if kind.startswith("Number") and not _is_number(given):
        raise _wrong(f"Could not cast message attribute '{name}' value to number.")
    if kind == _ARRAY and not isinstance(_read(given), list):
        raise _wrong(f"The message attribute '{name}' is no JSON array, as its type {_ARRAY} says.")
    return {"Type": kind, "Value": str(given)}


def for_queue(attributes: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, Any]]:
    """The attributes of a raw message, as SQS takes them."""
    return {name: _for_queue(each) for name, each in attributes.items()}


def filterable(attributes: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """What a filter policy sees of attributes: numbers and arrays as such."""
    return {name: _seen(each) for name, each in attributes.items() if not each["Type"].startswith("Binary")}


def _for_queue(each: Mapping[str, str]) -> dict[str, Any]:
    kind, value = each["Type"], each["Value"]
    if kind.startswith("Binary"):
        try:
            return {"DataType": kind, "BinaryValue": base64.b64decode(value, validate=True)}
        except (binascii.Error, ValueError):  # kept by a sandbox that kept letters
            return {"DataType": kind, "BinaryValue": value.encode("latin-1")}
    return {"DataType": "String" if kind == _ARRAY else kind, "StringValue": value}


def _seen(each: Mapping[str, str]) -> Any:
    if not each["Type"].startswith("Number") and each["Type"] != _ARRAY:
        return each["Value"]
    found = _read(each["Value"])
    return each["Value"] if found is None else found


def _is_number(text: str) -> bool:
    found = _read(text)
    return isinstance(found, int | float) and not isinstance(found, bool)


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _wrong(text: str) -> DomainError:
    return DomainError(text, code="ParameterValueInvalid", status=400)
