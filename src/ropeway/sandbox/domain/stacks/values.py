"""A template's values: parameters checked, conditions decided, functions evaluated, resources in their order.

What a resource that is not made yet would answer is ``UNKNOWN``: a change set can be worked out before anything is.
"""

from __future__ import annotations

import base64
import graphlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ropeway.sandbox.domain.stacks.template import Template, invalid

__all__ = ["UNKNOWN", "Made", "Values", "order", "parameters_of"]

UNKNOWN = "{{changeSet:KNOWN_AFTER_APPLY}}"
_NO_VALUE = object()
_REFERENCE = re.compile(r"\$\{(!?)([^}]*)\}")


@dataclass(frozen=True)
class Made:
    """What a resource answers: ``Ref`` and its attributes."""

    ref: str
    attributes: Mapping[str, Any] = field(default_factory=dict)


def parameters_of(
    template: Template, given: Mapping[str, str], previous: Mapping[str, str]
) -> dict[str, str]:
    """Every parameter's value: what is given, else the default.

    Args:
        template: the template.
        given: values by name.
        previous: values that the stack has, for those that shall stay.

    Raises:
        DomainError: one is missing, unknown, or breaks its constraint.
    """
    declared: Mapping[str, Any] = template["Parameters"]
    unknown = sorted(set(given) - set(declared))
    if unknown:
        raise invalid(f"Parameters: [{', '.join(unknown)}] do not exist in the template")
    values = {name: str(about["Default"]) for name, about in declared.items() if "Default" in about}
    values |= {name: previous[name] for name in given if given[name] is None and name in previous}
    values |= {name: value for name, value in given.items() if value is not None}
    missing = sorted(set(declared) - set(values))
    if missing:
        raise invalid(f"Parameters: [{', '.join(missing)}] must have values")
    for name, value in values.items():
        _check(name, value, declared[name])
    return values


def _check(name: str, value: str, about: Mapping[str, Any]) -> None:
    allowed = about.get("AllowedValues")
    pattern = about.get("AllowedPattern")
    bad = (
        (allowed and value not in [str(each) for each in allowed])
        or (pattern and not re.fullmatch(pattern, value))
        or len(value) < int(about.get("MinLength", 0))
        or len(value) > int(about.get("MaxLength", len(value)))
    )
    if bad:
        described = about.get("ConstraintDescription")
        reason = (
            f"failed to satisfy constraint: {described}" if described else "does not satisfy its constraint"
        )
        raise invalid(f"Parameter {name} {reason}" if described else f"Parameter '{name}' {reason}")


@dataclass(frozen=True)
class Values:
    """Evaluates a template's expressions.

    Attributes:
        pseudo: ``AWS::AccountId`` and the like.
        made: what resources answer, by logical id; grows while a stack is made.
    """

    template: Template
    parameters: Mapping[str, str]
    pseudo: Mapping[str, str]
    made: dict[str, Made] = field(default_factory=dict)

    def holds(self, condition: str) -> bool:
        """Whether a condition of the template is true.

        Raises:
            DomainError: there is no such condition.
        """
        if condition not in self.template["Conditions"]:
            raise invalid(f"Template error: unresolved condition dependency {condition}")
        return bool(self.of(self.template["Conditions"][condition]))

    def wanted(self) -> dict[str, Mapping[str, Any]]:
        """The resources whose conditions hold, by logical id."""
        return {
            name: resource
            for name, resource in self.template["Resources"].items()
            if "Condition" not in resource or self.holds(resource["Condition"])
        }

    def outputs(self) -> list[dict[str, str]]:
        """The outputs whose conditions hold, as DescribeStacks tells them."""
        found = []
        for name, output in self.template["Outputs"].items():
            if "Condition" in output and not self.holds(output["Condition"]):
                continue
            entry = {"OutputKey": name, "OutputValue": str(self.of(output["Value"]))}
            found.append(
                {**entry, **({"Description": output["Description"]} if "Description" in output else {})}
            )
        return found

    def of(self, expression: Any) -> Any:
        """The value of an expression; keys whose value is ``AWS::NoValue`` are left out."""
        if isinstance(expression, list):
            values = [self.of(each) for each in expression]
            return [value for value in values if value is not _NO_VALUE]
        if not isinstance(expression, Mapping):
            return expression
        if len(expression) == 1:
            (name, argument), *_ = expression.items()
            if name == "Ref":
                return self._ref(str(argument))
            if name == "Condition" and isinstance(argument, str) and argument in self.template["Conditions"]:
                return self.holds(argument)
            if name.startswith("Fn::"):
                return self._call(name, argument)
        values_by_key = {key: self.of(value) for key, value in expression.items()}
        return {key: value for key, value in values_by_key.items() if value is not _NO_VALUE}

    def _ref(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return _NO_VALUE
        for source in (self.pseudo, self.parameters):
            if name in source:
                return source[name]
        if name not in self.template["Resources"]:
            raise invalid(
                f"Template format error: Unresolved resource dependencies [{name}] in the Resources block"
            )
        return self.made[name].ref if name in self.made else UNKNOWN

    def _attribute(self, name: str, attribute: str) -> Any:
        if name not in self.template["Resources"]:
            raise invalid(f"Template error: instance of Fn::GetAtt references undefined resource {name}")
        if name not in self.made:
            return UNKNOWN
        if attribute not in self.made[name].attributes:
            kind = self.template["Resources"][name]["Type"]
            raise invalid(
                f"Template error: resource {name} ({kind}) does not support attribute type {attribute}"
            )
        return self.made[name].attributes[attribute]

    def _call(self, name: str, argument: Any) -> Any:
        function = _FUNCTIONS.get(name)
        if function is None:
            raise invalid(f"The sandbox's CloudFormation does not evaluate {name}.")
        return function(self, argument)

    def _sub(self, argument: Any) -> str:
        text, more = (argument, {}) if isinstance(argument, str) else argument
        local = {key: self.of(value) for key, value in more.items()}

        def put(found: re.Match[str]) -> str:
            literal, name = found.groups()
            if literal:
                return f"${{{name}}}"
            if name in local:
                return str(local[name])
            resource, dot, attribute = name.partition(".")
            return str(self._attribute(resource, attribute) if dot else self._ref(name))

        return _REFERENCE.sub(put, text)

    def _if(self, argument: Any) -> Any:
        condition, yes, no = argument
        return self.of(yes if self.holds(condition) else no)

    def _select(self, argument: Any) -> Any:
        index, items = int(self.of(argument[0])), self.of(argument[1])
        if not 0 <= index < len(items):
            raise invalid(f"Template error: Fn::Select cannot select nonexistent value at index {index}")
        return items[index]


_FUNCTIONS: Mapping[str, Callable[[Values, Any], Any]] = {
    "Fn::And": lambda values, each: all(values.of(one) for one in each),
    "Fn::Base64": lambda values, each: base64.b64encode(str(values.of(each)).encode()).decode(),
    "Fn::Equals": lambda values, each: str(values.of(each[0])) == str(values.of(each[1])),
    "Fn::GetAtt": lambda values, each: values._attribute(each[0], each[1]),
    "Fn::If": lambda values, each: values._if(each),
    "Fn::Join": lambda values, each: str(each[0]).join(str(one) for one in values.of(each[1])),
    "Fn::Not": lambda values, each: not values.of(each[0]),
    "Fn::Or": lambda values, each: any(values.of(one) for one in each),
    "Fn::Select": lambda values, each: values._select(each),
    "Fn::Split": lambda values, each: str(values.of(each[1])).split(str(each[0])),
    "Fn::Sub": lambda values, each: values._sub(each),
}


def order(resources: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Logical ids, each behind what it needs.

    Raises:
        DomainError: they need each other in a circle.
    """
    needs = {}
    for name, resource in resources.items():
        explicit = resource.get("DependsOn", [])
        found = {
            *([explicit] if isinstance(explicit, str) else explicit),
            *_needed(resource.get("Properties", {})),
        }
        needs[name] = sorted(each for each in found if each in resources)
    try:
        return list(graphlib.TopologicalSorter(needs).static_order())
    except graphlib.CycleError as error:
        circle = sorted(set(error.args[1]))
        raise invalid(f"Circular dependency between resources: [{', '.join(circle)}]") from error


def _needed(expression: Any) -> Iterator[str]:
    """Names that an expression refers to; parameters are among them."""
    if isinstance(expression, list):
        for each in expression:
            yield from _needed(each)
    elif isinstance(expression, Mapping):
        for key, value in expression.items():
            if key == "Ref":
                yield str(value)
            elif key == "Fn::GetAtt":
                yield str(value[0])
            elif key == "Fn::Sub":
                text = value if isinstance(value, str) else value[0]
                yield from (
                    name.partition(".")[0] for literal, name in _REFERENCE.findall(text) if not literal
                )
                if not isinstance(value, str):
                    yield from _needed(value[1])
            else:
                yield from _needed(value)
