"""A definition as a tree of steps, for people: names, types, branches, and what each step waits for.

Reads leniently: what is wrong with a document is the service's to say. ``waits_for`` holds the steps in
DependsOn and those whose results the arguments use; for a Condition, those that its conditions use.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ropeway.errors import DefinitionError

__all__ = ["Node", "outline", "parse", "walk"]

_STEP = re.compile(r"Steps\.([A-Za-z0-9-]+)")
_BRANCHES = {"IfSteps": "if", "ElseSteps": "else", "ForEachBody": "each"}


@dataclass(frozen=True)
class Node:
    """One step.

    Attributes:
        branch: ``if`` or ``else`` of the step that holds it; empty at the top.
        waits_for: names of steps, sorted.
        children: the steps that it holds, the if branch first.
    """

    name: str
    type: str
    branch: str = ""
    waits_for: tuple[str, ...] = ()
    children: tuple[Node, ...] = field(default=())


def parse(text: str) -> dict[str, Any]:
    """A definition document's JSON.

    Raises:
        DefinitionError: it is no JSON, no object, or has no list of steps.
    """
    try:
        document = json.loads(text)
    except ValueError as error:
        raise DefinitionError(f"the definition is no JSON: {error}") from error
    if not isinstance(document, dict) or not isinstance(document.get("Steps"), list):
        raise DefinitionError(
            "the definition has no list of steps", hint='a definition is an object with "Version" and "Steps"'
        )
    return document


def outline(text: str) -> tuple[Node, ...]:
    """The top-level steps of a definition document.

    Raises:
        DefinitionError: it is no definition document.
    """
    return _nodes(parse(text)["Steps"], "")


def walk(nodes: tuple[Node, ...], depth: int = 0) -> Iterator[tuple[int, Node]]:
    """Every step with its depth, holders before the steps that they hold."""
    for node in nodes:
        yield depth, node
        yield from walk(node.children, depth + 1)


def _nodes(steps: Any, branch: str) -> tuple[Node, ...]:
    return tuple(_node(step, branch) for step in steps or [] if isinstance(step, dict))


def _node(step: dict[str, Any], branch: str) -> Node:
    arguments = step.get("Arguments") or {}
    branches = [
        (key, kind) for key, kind in _BRANCHES.items() if isinstance(arguments, dict) and key in arguments
    ]
    children = tuple(node for key, kind in branches for node in _nodes(arguments[key], kind))
    read = {key: value for key, value in arguments.items() if key not in _BRANCHES} if branches else arguments
    named = [
        item.get("Step", "") if isinstance(item, dict) else str(item) for item in step.get("DependsOn") or []
    ]
    waits_for = {name for name in named if name} | set(_STEP.findall(" ".join(_paths(read))))
    return Node(
        str(step.get("Name", "?")), str(step.get("Type", "?")), branch, tuple(sorted(waits_for)), children
    )


def _paths(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            if key == "Get" and isinstance(item, str):
                yield item
            else:
                yield from _paths(item)
    elif isinstance(value, list):
        for item in value:
            yield from _paths(item)
