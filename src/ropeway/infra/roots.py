"""Which root modules a platform has, and in which order they come.

A root is one environment of one unit, or its operations account: one state, one account, one region. Operations come
first, as the environments use what stands there; then the environments in the order of the promotion path, so that a
change that fails in the first one never reaches the last. Units do not wait for each other. No stack looks up what
another one made, so nothing but caution keeps roots from being made at the same time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ropeway.config.model import Platform, Site
from ropeway.config.names import OPERATIONS
from ropeway.config.tfvars import stack
from ropeway.errors import UsageError

__all__ = ["Root", "reversed_order", "scope", "select"]


@dataclass(frozen=True)
class Root:
    """One root module.

    Attributes:
        site: the part of the platform that it makes.
        needs: names of the roots that come before it.
    """

    site: Site
    needs: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """``UNIT/ENVIRONMENT``."""
        return f"{self.site.unit_name}/{self.site.environment_name}"

    @property
    def stack(self) -> str:
        """The folder under ``terraform/stacks``."""
        return stack(self.site.environment_name)


def select(
    platform: Platform, unit: str | None = None, environment: str | None = None, *, together: bool = False
) -> list[Root]:
    """The roots that a command line means, in an order that can be followed.

    Args:
        platform: the description.
        unit: only this unit.
        environment: only this environment, of every unit that has one of the name; or ``operations``.
        together: let none wait for another: no stack reads what another one made.

    Raises:
        UsageError: there is none of these names.
    """
    if unit is not None and unit not in platform.units:
        raise UsageError(f"there is no unit {unit!r}", hint=f"there are {', '.join(platform.units)}")
    roots = []
    for name, each in platform.units.items():
        if unit in {None, name}:
            path = [OPERATIONS, *each.environments]
            chosen = [word for word in path if environment in {None, word}]
            roots += [
                Root(platform.site(name, word), _needs(name, chosen, word, together)) for word in chosen
            ]
    if not roots:
        known = sorted({word for each in platform.units.values() for word in each.environments})
        raise UsageError(
            f"no unit has an environment {environment!r}" if unit is None
            else f"unit {unit!r} has no environment {environment!r}",
            hint=f"there are {', '.join([OPERATIONS, *known])}",
        )  # fmt: skip
    return roots


def _needs(unit: str, path: Sequence[str], environment: str, together: bool) -> tuple[str, ...]:
    before = [] if together else path[: path.index(environment)][-1:]
    return tuple(f"{unit}/{word}" for word in before)


def reversed_order(roots: Iterable[Root]) -> list[Root]:
    """The same roots, the last first: what is used goes after what uses it."""
    roots = list(roots)
    return [
        Root(root.site, tuple(other.name for other in roots if root.name in other.needs))
        for root in reversed(roots)
    ]


def scope(platform: Platform, unit: str | None, environment: str | None) -> str:
    """What a person types to confirm: the platform's name, then what narrows it, with slashes between."""
    return "/".join(word for word in (platform.name, unit, environment) if word)
