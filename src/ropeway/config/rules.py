"""What parts of a platform must be to each other: pure functions from a platform to findings, all of them run.

A rule looks for a conflict between things that are there, never for a thing that is not: so the rules may be run on
what is left of a file in which something else is wrong.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping

from ropeway.config import collisions, conflicts, retraining_conflicts
from ropeway.config.model import Platform, Site
from ropeway.config.names import LIMITS, OPERATIONS
from ropeway.config.problems import Finding, Path, dotted

__all__ = ["check"]


def check(platform: Platform, regions: Mapping[str, str]) -> Iterator[Finding]:
    """Everything that does not fit together.

    Args:
        platform: the platform, or what is left of it.
        regions: partition by known region.
    """
    yield from _regions(platform, regions)
    yield from _accounts(platform)
    yield from _s1_names(platform)
    yield from _lengths(platform)
    yield from _networks(platform)
    yield from _keys(platform)
    yield from _people(platform)
    yield from _delivery(platform)
    yield from conflicts.check(platform)
    yield from retraining_conflicts.check(platform)
    yield from collisions.check(platform)


def _regions(platform: Platform, regions: Mapping[str, str]) -> Iterator[Finding]:
    for name, unit in platform.units.items():
        places: list[tuple[Path, str]] = [(("units", name, "region"), unit.region)]
        sites = [site for site in platform.sites() if site.unit_name == name]
        places += [((*site.path, "region"), site.place.region) for site in sites if site.place.region]
        home = regions.get(unit.region)
        for path, region in places:
            if region not in regions:
                close = difflib.get_close_matches(region, regions, n=1)
                advice = (
                    f"did you mean {close[0]!r}?" if close else "upgrade botocore, if the region is a new one"
                )
                yield Finding(path, f"{region!r} is not a region that AWS has", advice)
            elif home and regions[region] != home:
                yield Finding(
                    path,
                    f"{region!r} is in the partition {regions[region]!r}, the unit's {unit.region!r} in {home!r}",
                    "make it a unit of its own: partitions cannot reach each other",
                )


def _accounts(platform: Platform) -> Iterator[Finding]:
    if platform.shared_accounts:
        return
    seen: dict[str, Site] = {}
    for site in sorted(platform.sites(), key=lambda each: each.is_operations):
        other = seen.setdefault(site.account, site)
        own = site.is_operations and (other.is_operations or other.unit_name == site.unit_name)
        if other is not site and not own:
            yield Finding(
                (*site.path, "account"),
                f"account {site.account} is listed twice: it is {dotted(other.path)}, too",
                "give each environment an account of its own, or say 'shared_accounts: true' at the top for a trial",
            )


def _s1_names(platform: Platform) -> Iterator[Finding]:
    if platform.compatibility != "s1":
        return
    seen: dict[tuple[str, str], Site] = {}
    for site in platform.sites():
        if site.is_operations:
            continue
        other = seen.setdefault((site.account, site.region), site)
        if other is not site:
            yield Finding(
                ("compatibility",),
                f"S1's parameters carry no environment: {dotted(other.path)} and {dotted(site.path)}"
                f" collide in account {site.account}",
                "give them accounts or regions of their own, or say 'compatibility: none'",
            )


def _lengths(platform: Platform) -> Iterator[Finding]:
    for site in platform.sites():
        worst = max(site.names.derived(), key=lambda each: each.excess)
        if worst.excess:
            kind = worst.resource.kind
            project = ", with room for a project's name," if worst.resource.project else ""
            yield Finding(
                site.path,
                f"names are too long: the {kind.replace('_', ' ')} {worst.name!r}{project}"
                f" has {len(worst.name)} characters, and AWS allows {LIMITS[kind]}",
                f"shorten the platform's, the unit's or the environment's name by {worst.excess}",
                at_key=True,
            )


def _networks(platform: Platform) -> Iterator[Finding]:
    for name, unit in platform.units.items():
        path: Path = ("units", name, "network")
        accounts = {(each.account, each.region or unit.region) for each in unit.environments.values()}
        if unit.network.brought and len(accounts) > 1:
            yield Finding(
                (*path, "vpc"),
                f"{unit.network.vpc!r} is in one account, and the unit has {len(accounts)}",
                "give each environment its own 'network'",
            )
        yield from _twice((*path, "subnets"), unit.network.subnets or ())
        for stage, environment in unit.environments.items():
            if environment.network:
                where: Path = ("units", name, "environments", stage, "network", "subnets")
                yield from _twice(where, environment.network.subnets or ())


def _keys(platform: Platform) -> Iterator[Finding]:
    for site in platform.sites():
        for purpose, arn in site.place.keys:
            if arn and arn.split(":")[3] != site.region:
                yield Finding(
                    (*site.path, "keys", purpose),
                    f"the key is in {arn.split(':')[3]}, the environment in {site.region}",
                    "name a key of the environment's region; a multi-region key has a replica's ARN there",
                )


def _people(platform: Platform) -> Iterator[Finding]:
    for name, unit in platform.units.items():
        path: Path = ("units", name)
        yield from _twice((*path, "emails"), unit.emails)
        yield from _twice((*path, "users", "data_scientists"), unit.users.data_scientists)
        yield from _twice((*path, "users", "leads"), unit.users.leads)
        for at, user in enumerate(unit.users.leads):
            if user in unit.users.data_scientists:
                yield Finding(
                    (*path, "users", "leads", at), f"{user!r} is a data scientist, too", "list each user once"
                )
        for stage, environment in unit.environments.items():
            yield from _twice((*path, "environments", stage, "reviewers"), environment.reviewers)
            if stage == OPERATIONS:
                yield Finding(
                    (*path, "environments", stage),
                    "'operations' is the name of the operations account",
                    "choose another name, such as dev",
                    at_key=True,
                )


def _twice(path: Path, entries: Iterable[str]) -> Iterator[Finding]:
    seen: set[str] = set()
    for at, entry in enumerate(entries):
        if entry in seen:
            yield Finding((*path, at), f"{entry!r} is listed twice", "keep one of them")
        seen.add(entry)


def _delivery(platform: Platform) -> Iterator[Finding]:
    wanted = {"github-actions": "github", "gitlab-ci": "gitlab"}.get(platform.ci)
    if wanted and platform.forge.kind not in {wanted, "sandbox"}:
        yield Finding(
            ("ci",),
            f"{platform.ci!r} does not run on {platform.forge.kind!r}",
            f"write 'kind: {wanted}' under forge, or another ci",
        )
