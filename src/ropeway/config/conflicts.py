"""What happens by itself must not be in conflict with itself: rules, as in ``rules``, of events and approvals."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from ropeway.config.automation import Approval, Delivery, Drift, Events
from ropeway.config.model import Platform, Site, Unit
from ropeway.config.problems import Finding, Path, dotted

__all__ = ["LONGEST_PREFIX", "check", "missing_templates"]

# Names of functions' roles, and of rules with their words, begin with it; the modules leave it so much.
LONGEST_PREFIX = 34


def check(platform: Platform) -> Iterator[Finding]:
    """Everything that would be made twice, or of itself, or under a name that is too long."""
    for name, unit in platform.units.items():
        path: Path = ("units", name)
        yield from _starts(path, unit.events)
        yield from _approved(path, unit.deliveries, unit.approval_rules)
        for stage, environment in unit.environments.items():
            here = (*path, "environments", stage)
            yield from _starts(here, environment.events or Events())
            if environment.deliveries is not None or environment.approval_rules is not None:
                site = platform.site(name, stage)
                yield from _approved(here, site.deliveries, site.approval_rules)
    yield from _prefixes(platform)
    yield from _same_words(platform)


def _starts(path: Path, events: Events) -> Iterator[Finding]:
    for word, failure in events.failures.items():
        if len(set(failure.statuses)) < len(failure.statuses):
            where = (*path, "events", "failures", word, "statuses")
            yield Finding(where, "an end is listed twice", "keep one of them")
    for word, drift in events.drift.items():
        if drift.retrain == drift.pipeline:
            yield Finding(
                (*path, "events", "drift", word, "retrain"),
                f"{drift.retrain!r} would retrain itself, and check again, and retrain",
                "name the pipeline that trains; the one that checks is another",
            )
        yield from _steps(path, word, drift)


def _steps(path: Path, word: str, drift: Drift) -> Iterator[Finding]:
    seen: set[str] = set()
    for at, step in enumerate(drift.steps):
        if step in seen:
            where = (*path, "events", "drift", word, "steps", at)
            yield Finding(where, f"{step!r} is listed twice", "keep one of them")
        seen.add(step)


def _approved(
    path: Path, deliveries: Mapping[str, Delivery], approvals: Mapping[str, Approval]
) -> Iterator[Finding]:
    both: tuple[tuple[str, Mapping[str, Delivery] | Mapping[str, Approval]], ...] = (
        ("deliveries", deliveries),
        ("approval_rules", approvals),
    )
    for key, entries in both:
        seen: dict[str, str] = {}
        for word, entry in entries.items():
            other = seen.setdefault(entry.group, word)
            if other != word:
                yield Finding(
                    (*path, key, word, "group"),
                    f"the group {entry.group!r} is told twice: {dotted((*path, key, other))} has it, too",
                    "keep one entry of a group",
                )
    for word in deliveries:
        if word.endswith("-rules") and word.removesuffix("-rules") in approvals:
            yield Finding(
                (*path, "deliveries", word),
                f"{word!r} makes the same name as the approval rule {word.removesuffix('-rules')!r}",
                "choose another word",
                at_key=True,
            )


def _prefixes(platform: Platform) -> Iterator[Finding]:
    for site in platform.sites():
        prefix = site.names.prefix
        if not site.is_operations and len(prefix) > LONGEST_PREFIX and not _longer(site):
            yield Finding(
                site.path,
                f"names are too long: {prefix!r} has {len(prefix)} characters, and rules and functions"
                f" have room for {LONGEST_PREFIX}",
                f"shorten the platform's, the unit's or the environment's name by {len(prefix) - LONGEST_PREFIX}",
                at_key=True,
            )


def _same_words(platform: Platform) -> Iterator[Finding]:
    """``a-b`` and ``c`` make the same words as ``a`` and ``b-c``: in one account the same names."""
    seen: dict[tuple[str, str], Site] = {}
    for site in platform.sites():
        other = seen.setdefault((site.account, site.names.prefix), site)
        # An environment that is called operations is told of elsewhere.
        if other is not site and other.path != site.path:
            yield Finding(
                site.path,
                f"{dotted(other.path)} has the same names in account {site.account}: {site.names.prefix!r}",
                "rename the unit or the environment",
                at_key=True,
            )


def _longer(site: Site) -> bool:
    """Whether another name is too long by more, which is told already."""
    return any(each.excess > 0 for each in site.names.derived())


def missing_templates(platform: Platform, exists: Callable[[str], bool]) -> Iterator[Finding]:
    """Templates of products that are not there.

    Args:
        platform: the platform, or what is left of it.
        exists: whether there is a file, by its path from the folder of ``ropeway.yaml``.
    """
    for name, unit in platform.units.items():
        yield from _absent(("units", name), unit, exists)


def _absent(path: Path, unit: Unit, exists: Callable[[str], bool]) -> Iterator[Finding]:
    for word, product in unit.products.items():
        for version, file in product.versions.items():
            if not exists(file):
                yield Finding(
                    (*path, "products", word, "versions", version),
                    f"there is no file {file!r}",
                    "write its path from this file's folder, or add the template",
                )
