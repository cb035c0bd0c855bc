"""What retraining loops must be to the rest: rules, as in ``rules``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ropeway.config.model import Platform, Unit
from ropeway.config.names import OPERATIONS, RESOURCES
from ropeway.config.problems import Finding, Path
from ropeway.config.retraining import Retraining
from ropeway.config.retraining_vars import places

__all__ = ["check"]

_LONGEST = 34  # names of rules and functions are longer by words of the module's
_TAKEN = {resource.purpose for resource in RESOURCES if resource.kind == "role"}


def check(platform: Platform) -> Iterator[Finding]:
    """Environments that are none, names that are taken or too long, pipelines that would retrain themselves."""
    for name, unit in platform.units.items():
        for word, loop in unit.retraining.items():
            path: Path = ("units", name, "retraining", word)
            yield from _places(path, unit, loop)
            yield from _pipelines(path, loop)
            yield from _names(path, platform, unit, loop)


def _places(path: Path, unit: Unit, loop: Retraining) -> Iterator[Finding]:
    for at, place in enumerate(loop.environments or ()):
        if place not in unit.environments:
            yield Finding(
                (*path, "environments", at),
                f"{place!r} is none of the unit's environments",
                f"write one of {', '.join(unit.environments)}",
            )
    yield from _repeated((*path, "environments"), loop.environments or ())
    yield from _repeated((*path, "checks"), loop.checks)
    yield from _repeated((*path, "functions"), loop.functions)
    yield from _repeated((*path, "drift"), loop.drift)


def _repeated(path: Path, entries: Sequence[str]) -> Iterator[Finding]:
    for at, entry in enumerate(entries):
        if entry in entries[:at]:
            yield Finding((*path, at), f"{entry!r} is listed twice", "keep one of them")


def _pipelines(path: Path, loop: Retraining) -> Iterator[Finding]:
    if loop.train == loop.inference:
        yield Finding(
            (*path, "train"),
            f"{loop.train!r} would retrain itself, and check again, and retrain",
            "name the pipeline that trains; the one that checks is another",
        )
    if loop.schedule is None and loop.parameters.inference:
        yield Finding(
            (*path, "parameters", "inference"),
            "nothing starts inference with these parameters",
            "add a 'schedule', or take them out",
        )


def _names(path: Path, platform: Platform, unit: Unit, loop: Retraining) -> Iterator[Finding]:
    name, word = str(path[1]), str(path[-1])
    if word in _TAKEN:
        yield Finding(
            path, f"{word!r} makes the name of a role that is there", "choose another word", at_key=True
        )
    wanted = [platform.site(name, place).names for place in places(unit, loop) if place in unit.environments]
    # Operations tell of versions that wait, by rules of their own prefix.
    for made in (
        platform.site(name, OPERATIONS).names.prefix,
        *(f"{names.prefix}-{word}" for names in wanted),
    ):
        excess = len(made) - _LONGEST
        if excess > 0:
            yield Finding(
                path,
                f"names are too long: {made!r} has {len(made)} characters, and rules and functions"
                f" have room for {_LONGEST}",
                f"shorten the name of the platform, the unit or the use case by {excess}",
                at_key=True,
            )
            return
