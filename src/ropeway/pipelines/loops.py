"""ForEach: one run of its body's steps per item.

The steps of item number ``i`` are copies of the body's, called ``<body>-<i>``. A copy refers to the copies of the
same item where the body refers to its own steps; ``ForEach.CurrentItem`` stays, its value is the copy's
``iteration.item``. What the body needs of other steps, the ForEach step needs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ropeway.errors import DefinitionError
from ropeway.pipelines.definition import Definition, Iteration, StepSpec
from ropeway.pipelines.references import Reference, expression, find, path_parts

__all__ = ["MAX_CONCURRENCY", "Selector", "check_names", "expand", "outer_needs", "selector_of"]

MAX_CONCURRENCY = 50
_FIELD = "IterationOutput."
_PICKS = ("MaxBy", "MinBy")


@dataclass(frozen=True)
class Selector:
    """Which iteration is picked.

    Attributes:
        body: the body's step whose outputs are compared.
        path: what of them.
        most: the greatest wins, not the least.
    """

    body: str
    path: tuple[str | int, ...]
    most: bool


def selector_of(step: StepSpec) -> Selector | None:
    """A ForEach step's Selector.

    Raises:
        DefinitionError: it is wrong.
    """
    if step.loop is None or step.loop.selector is None:
        return None
    selector = step.loop.selector
    if not isinstance(selector, Mapping) or selector.get("Pick") not in _PICKS:
        raise DefinitionError(f"Selector needs a Pick of {' or '.join(_PICKS)}")
    field = selector.get("Field")
    path = field.get("Get") if isinstance(field, Mapping) and expression(field) == "Get" else None
    if not isinstance(path, str) or not path.startswith(_FIELD):
        raise DefinitionError(
            'Selector.Field must refer to the body, as {"Get": "IterationOutput.<body step>.<member>"}'
        )
    parts = path_parts(path.removeprefix(_FIELD))
    if len(parts) < 2 or parts[0] not in step.loop.body:
        known = ", ".join(step.loop.body)
        raise DefinitionError(f"Selector.Field {path!r} must name a member of a step of the body ({known})")
    return Selector(str(parts[0]), parts[1:], selector["Pick"] == "MaxBy")


def expand(step: StepSpec, items: Sequence[Any]) -> dict[str, StepSpec]:
    """The steps that a ForEach step makes of its items, by name: all of the first item, then of the next."""
    return {copy.name: copy for index, item in enumerate(items) for copy in _copies(step, index, item)}


def outer_needs(step: StepSpec) -> set[str]:
    """Steps outside a ForEach step that its body needs.

    Raises:
        DefinitionError: a reference cannot be read.
    """
    body = step.loop.body if step.loop else {}
    named = {name for inner in body.values() for name in inner.depends_on}
    named |= {
        reference.name
        for inner in body.values()
        for reference in find(inner.expressions)
        if reference.root == "Steps"
    }
    return named - set(body)


def check_names(definition: Definition) -> None:
    """Check that no step is called like one that a ForEach step will make.

    Raises:
        DefinitionError: one is.
    """
    bodies = [name for step in definition.steps.values() if step.loop for name in step.loop.body]
    for name in (*definition.steps, *bodies):
        for body in bodies:
            if re.fullmatch(rf"{re.escape(body)}-\d+", name):
                raise DefinitionError(
                    f"step {name}: the name is one that an iteration of {body} takes; choose another"
                )


def _copies(step: StepSpec, index: int, item: Any) -> Iterator[StepSpec]:
    body = step.loop.body if step.loop else {}
    names = {name: f"{name}-{index}" for name in body}
    for name, inner in body.items():
        yield replace(
            inner,
            name=names[name],
            arguments=_renamed(inner.arguments, names),
            settings=_renamed(inner.settings, names),
            depends_on=tuple(names.get(other, other) for other in inner.depends_on),
            triggers={names.get(other, other): trigger for other, trigger in inner.triggers.items()},
            iteration=Iteration(step.name, name, index, item),
        )


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    """A value whose references to the body's steps are to those of one item."""
    if isinstance(value, Mapping):
        if expression(value) == "Get":
            reference = Reference.parse(value["Get"])
            if reference.root == "Steps" and reference.name in names:
                rest = value["Get"].removeprefix("Steps.")[len(reference.name) :]
                return {"Get": f"Steps.{names[reference.name]}{rest}"}
            return value
        return {key: _renamed(member, names) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [_renamed(member, names) for member in value]
    return value
