"""What a type of resource is to a stack: which properties it takes, and how it is made, changed and deleted."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ropeway.sandbox.domain.stacks.template import invalid
from ropeway.sandbox.domain.stacks.values import Made
from ropeway.sandbox.operations.call import Call

__all__ = ["KINDS", "Kind", "Want", "check", "document", "kind", "tags_of"]

Properties = Mapping[str, Any]


@dataclass(frozen=True)
class Want:
    """A resource as a template wants it.

    Attributes:
        name: a name for it where the template gives none.
        properties: evaluated.
        tags: the stack's and its own, by key.
    """

    name: str
    properties: Properties
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Kind:
    """A type.

    Attributes:
        properties: those that it takes here.
        fixed: those whose change makes it anew.
        create: makes one.
        update: changes one; gets the physical id, what is wanted, and the properties that it has.
        delete: removes one; gets the physical id and the properties that it has.
        named: whether a template may name it, which needs CAPABILITY_NAMED_IAM in IAM.
    """

    properties: frozenset[str]
    fixed: frozenset[str]
    create: Callable[[Call, Want], Made]
    update: Callable[[Call, str, Want, Properties], Made]
    delete: Callable[[Call, str, Properties], None]


KINDS: dict[str, Kind] = {}


def kind(
    name: str,
    properties: str,
    fixed: str,
    makers: tuple[
        Callable[[Call, Want], Made],
        Callable[[Call, str, Want, Properties], Made],
        Callable[[Call, str, Properties], None],
    ],
) -> None:
    """Register a type.

    Args:
        name: as templates write it.
        properties: names with blanks between.
        fixed: those whose change makes it anew.
        makers: create, update and delete.
    """
    KINDS[name] = Kind(frozenset(properties.split()), frozenset(fixed.split()), *makers)


def check(resources: Mapping[str, Mapping[str, Any]]) -> None:
    """Refuse what would only be pretended.

    Raises:
        DomainError: a type or a property is not there; it is named.
    """
    for logical, resource in resources.items():
        found = KINDS.get(resource["Type"])
        if found is None:
            raise invalid(
                f"The sandbox's CloudFormation does not make {resource['Type']} ({logical}); it makes"
                f" {', '.join(sorted(KINDS))}."
            )
        unknown = sorted(set(resource.get("Properties", {})) - found.properties)
        if unknown:
            raise invalid(
                f"The sandbox's CloudFormation does not take the property {unknown[0]} of {resource['Type']}"
                f" ({logical})."
            )


def tags_of(want: Want) -> list[dict[str, str]]:
    """All tags as most services take them."""
    own = {str(tag["Key"]): str(tag["Value"]) for tag in want.properties.get("Tags", ())}
    return [{"Key": key, "Value": value} for key, value in {**want.tags, **own}.items()]


def document(policy: Any) -> str:
    """A policy as text, whichever way the template gives it."""
    return policy if isinstance(policy, str) else json.dumps(policy)
