"""Members that stand beside a step's Arguments: dependencies, caching, property files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ropeway.errors import DefinitionError
from ropeway.pipelines.durations import seconds_of

__all__ = ["TRIGGERS", "Cache", "PropertyFileSpec", "read_cache", "read_depends_on", "read_property_files"]

# What a dependency's end must be for the step to run; the first is meant where nothing is said.
TRIGGERS = ("Completed", "Failed", "Stopped", "Any")


@dataclass(frozen=True)
class PropertyFileSpec:
    """A JSON file in a processing step's output that expressions may read."""

    name: str
    output: str
    path: str


@dataclass(frozen=True)
class Cache:
    """A step's caching; ``expires`` is in seconds, None for never."""

    enabled: bool
    expires: float | None = None


def read_depends_on(step: str, entries: Any) -> dict[str, str]:
    """The steps that ``DependsOn`` names, each with its trigger.

    Raises:
        DefinitionError: it is no list of names and run conditions, or says two things about one step.
    """
    entries = entries or []
    if not isinstance(entries, Sequence) or isinstance(entries, str):
        raise DefinitionError(f"step {step}: DependsOn must be a list of step names")
    found: dict[str, str] = {}
    for entry in entries:
        name, trigger = entry, TRIGGERS[0]
        if isinstance(entry, Mapping):
            name, trigger = entry.get("Step"), entry.get("Trigger", TRIGGERS[0])
        if not isinstance(name, str):
            raise DefinitionError(f"step {step}: DependsOn must be a list of step names")
        if trigger not in TRIGGERS:
            raise DefinitionError(
                f"step {step}: DependsOn with Trigger {trigger!r} is not known; there are {', '.join(TRIGGERS)}"
            )
        if found.setdefault(name, trigger) != trigger:
            raise DefinitionError(f"step {step}: DependsOn names {name} with two different triggers")
    return found


def read_cache(step: str, entry: Any) -> Cache:
    """A step's ``CacheConfig``.

    Raises:
        DefinitionError: it is wrong.
    """
    if entry is None:
        return Cache(False)
    if not isinstance(entry, Mapping) or not isinstance(entry.get("Enabled", False), bool):
        raise DefinitionError(f"step {step}: CacheConfig must have a boolean Enabled")
    expire = entry.get("ExpireAfter")
    if expire is None:
        return Cache(entry.get("Enabled", False))
    try:
        return Cache(entry.get("Enabled", False), seconds_of(str(expire)))
    except ValueError as error:
        raise DefinitionError(f"step {step}: CacheConfig.ExpireAfter: {error}") from error


def read_property_files(step: str, entries: Any) -> dict[str, PropertyFileSpec]:
    """A step's ``PropertyFiles`` by name.

    Raises:
        DefinitionError: one of them is wrong.
    """
    files = {}
    if not isinstance(entries, list | None):
        raise DefinitionError(f"step {step}: PropertyFiles must be a list of property files")
    for entry in entries or []:
        members = ("PropertyFileName", "OutputName", "FilePath")
        if not isinstance(entry, Mapping) or not all(isinstance(entry.get(name), str) for name in members):
            raise DefinitionError(f"step {step}: a property file needs {', '.join(members)}")
        files[entry["PropertyFileName"]] = PropertyFileSpec(*(entry[name] for name in members))
    return files
