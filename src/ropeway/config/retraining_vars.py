"""Retraining loops as the stacks' variables: the environment that runs one, and the account of the registry."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ropeway.config.model import Site, Unit
from ropeway.config.retraining import Retraining

__all__ = ["groups", "here", "loops", "places", "waiting", "writers"]


def places(unit: Unit, loop: Retraining) -> tuple[str, ...]:
    """The environments that a loop runs in: the last, unless it says."""
    return loop.environments or (list(unit.environments)[-1],)


def here(site: Site) -> Iterator[tuple[str, Retraining]]:
    """The loops that run in an environment, by their words."""
    for word, loop in site.unit.retraining.items():
        if site.environment_name in places(site.unit, loop):
            yield word, loop


def loops(site: Site) -> dict[str, Any]:
    """The loops of an environment."""
    return {word: _told(loop) for word, loop in here(site)}


def _told(loop: Retraining) -> dict[str, Any]:
    told: dict[str, Any] = {
        "inference": loop.inference,
        "train": loop.train,
        "checks": list(loop.checks),
        "functions": list(loop.functions),
        "drift_kinds": list(loop.drift),
        "parameters": dict(loop.parameters.train),
        "failures": {"inference": list(loop.failures.inference), "train": list(loop.failures.train)},
        "windows": {"needed": loop.windows.needed, "of": loop.windows.of},
        "cool_down_hours": loop.cool_down_hours,
        "budget": {"retrainings": loop.budget.retrainings, "days": loop.budget.days},
    }
    if loop.schedule is not None:
        told["schedule"] = {
            "expression": loop.schedule,
            "timezone": loop.timezone,
            "parameters": dict(loop.parameters.inference),
        }
    return told


def groups(site: Site) -> dict[str, str]:
    """The registry's groups: those that the file describes, and those of loops."""
    named = {loop.group: f"Versions of {word}" for word, loop in site.unit.retraining.items()}
    return {**named, **site.unit.model_groups}


def waiting(site: Site) -> dict[str, str]:
    """The groups whose waiting versions people are told of, each once, by its first use case."""
    firsts: dict[str, str] = {}
    for word, loop in site.unit.retraining.items():
        firsts.setdefault(loop.group, word)
    return {word: group for group, word in firsts.items()}


def writers(site: Site) -> list[str]:
    """Accounts that register versions, besides the first environment's."""
    names = {name for loop in site.unit.retraining.values() for name in places(site.unit, loop)}
    return sorted({site.platform.site(site.unit_name, name).account for name in names})
