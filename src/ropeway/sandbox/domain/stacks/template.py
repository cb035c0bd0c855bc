"""A template's text as data: JSON, or YAML with the short functions (``!Ref``), which become their long forms."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import yaml

from ropeway.sandbox.domain.errors import DomainError

__all__ = ["Template", "invalid", "read"]

_SECTIONS = {
    "AWSTemplateFormatVersion",
    "Conditions",
    "Description",
    "Mappings",
    "Metadata",
    "Outputs",
    "Parameters",
    "Resources",
    "Rules",
    "Transform",
}
_REFUSED = ("Mappings", "Rules", "Transform")
Template = Mapping[str, Any]


def invalid(message: str) -> DomainError:
    """CloudFormation's ``ValidationError``."""
    return DomainError(message, code="ValidationError", status=400)


def read(text: str) -> Template:
    """A template, with every section that it may have.

    Raises:
        DomainError: the text is no template, or has a section that the sandbox does not evaluate.
    """
    data = _parse(text)
    if not isinstance(data, dict):
        raise invalid("Template format error: unsupported structure.")
    unknown = sorted(set(data) - _SECTIONS)
    if unknown:
        raise invalid(f"Invalid template property or properties [{', '.join(unknown)}]")
    for section in _REFUSED:
        if data.get(section):
            raise invalid(f"The sandbox's CloudFormation does not evaluate {section}.")
    resources = data.get("Resources")
    if not isinstance(resources, dict) or not resources:
        raise invalid("Template format error: At least one Resources member must be defined.")
    for name, resource in resources.items():
        if not isinstance(resource, dict) or not isinstance(resource.get("Type"), str):
            raise invalid(
                f"Template format error: [/Resources/{name}] Every Resources object must contain a Type."
            )
    return {
        "Parameters": {},
        "Conditions": {},
        "Outputs": {},
        **{key: value for key, value in data.items() if value},
    }


def _parse(text: str) -> Any:
    if text.lstrip().startswith("{"):
        try:
            return json.loads(text)
        except ValueError as error:
            raise invalid(f"Template format error: JSON not well-formed. ({error})") from error
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=yaml.SafeLoader)):
            raise invalid("Template error: YAML aliases are not allowed in CloudFormation templates")
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""
        raise invalid(f"Template format error: YAML not well-formed.{place}") from error


class _Loader(yaml.SafeLoader):
    """Knows the short functions; dates stay text, as CloudFormation has them."""


def _function(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    elif isinstance(node, yaml.MappingNode):
        value = loader.construct_mapping(node, deep=True)
    else:
        raise invalid(f"Template format error: !{suffix} has no value")
    if suffix in {"Ref", "Condition"}:
        return {suffix: value}
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {f"Fn::{suffix}": value}


def _text(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> Any:
    return loader.construct_scalar(node)


_Loader.add_multi_constructor("!", _function)
_Loader.add_constructor("tag:yaml.org,2002:timestamp", _text)
