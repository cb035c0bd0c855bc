"""What the fuzzer and its corpus ask of the definition parser: it accepts a document, or says what is wrong with it."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ropeway.sandbox.domain.errors import Invalid
from ropeway.sandbox.domain.pipelines.documents import accept, start_values
from ropeway.sandbox.domain.pipelines.steps import STEP_TYPES

__all__ = ["ACCEPTED", "CORPUS", "mutated", "tried"]

ACCEPTED = "accepted"
CORPUS = Path(__file__).parent / "corpus"
_ODD: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    2**63,
    10**400,
    1e308,
    "",
    "a",
    "\ud800",
    "\0",
    "x" * 300,
    [],
    {},
    [[]],
    [None],
    {"Get": "Steps.A.B"},
    {"Get": "Parameters.P"},
    {"Get": ""},
    {"Get": None},
    {"Std:Join": {"On": "/", "Values": ["a", {"Get": "Execution.PipelineName"}]}},
    {"Std:Join": None},
    {"Std:JsonGet": {"PropertyFile": {"Get": "Steps.A.PropertyFiles.P"}, "Path": "a.b[0]"}},
    {"Std:JsonGet": {}},
)
_TYPES = tuple(STEP_TYPES)


def tried(text: str) -> str:
    """``ACCEPTED``, or the sandbox's refusal.

    Raises:
        AssertionError: the refusal says nothing, or cannot be sent.
    """
    try:
        definition = accept(text, STEP_TYPES)
        start_values(definition, dict.fromkeys(list(definition.parameters)[:1], "1"))
    except Invalid as error:
        said = error.message
    else:
        return ACCEPTED
    assert said.encode("utf-8")
    return said


def mutated(text: str, seed: int) -> str:
    """A document with a few members moved, doubled, dropped or replaced; text that is no JSON stays as it is."""
    source = random.Random(seed)
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return text
    for _ in range(source.randrange(1, 4)):
        places = list(_places(document))
        if not places:
            return text
        holder, key = source.choice(places)
        other, at = source.choice(places)
        choice = source.randrange(6)
        if choice == 0:
            holder[key] = json.loads(json.dumps(source.choice(_ODD)))
        elif choice == 1:
            holder[key] = json.loads(json.dumps(other[at]))
        elif choice == 2:
            del holder[key]
        elif choice == 3 and isinstance(holder, list):
            holder.insert(key, json.loads(json.dumps(other[at])))
        elif choice == 4 and isinstance(holder, dict):
            holder[str(at)] = json.loads(json.dumps(other[at]))
        else:
            holder[key] = source.choice(_TYPES) if key == "Type" else [holder[key]]
    return json.dumps(document)


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    level = [value] if isinstance(value, dict | list) else []
    while level:
        holder = level.pop()
        for key, item in holder.items() if isinstance(holder, dict) else enumerate(holder):
            yield holder, key
            if isinstance(item, dict | list):
                level.append(item)
