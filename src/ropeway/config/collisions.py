"""What would be made or done twice in one account, by different parts of the file: rules, as in ``rules``.

Units may share an operations account, and with ``shared_accounts`` everything may be in one. Names carry platform,
unit and environment, so that mostly nothing collides. What people name themselves has no such prefix (groups,
pipelines, quotas), and the words of a loop or a rule may end a name as another's do.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ropeway.config.model import Platform, Site
from ropeway.config.problems import Finding, Path, dotted
from ropeway.config.retraining import Retraining
from ropeway.config.retraining_vars import here

__all__ = ["check"]


class _Made(NamedTuple):
    """A resource, by what makes it."""

    kind: str
    name: str
    path: Path


def check(platform: Platform) -> Iterator[Finding]:
    """Groups, quotas and names that two parts make; pipelines that two loops would retrain."""
    yield from _groups(platform)
    yield from _quotas(platform)
    yield from _names(platform)
    yield from _loops(platform)


def _groups(platform: Platform) -> Iterator[Finding]:
    """Registries may be in one account: groups there have one name each, as small letters in their ARNs."""
    seen: dict[tuple[str, str, str], str] = {}
    for site in platform.sites():
        for group, path in _groups_of(site) if site.is_operations else ():
            other = seen.setdefault((site.account, site.region, group.lower()), site.unit_name)
            if other != site.unit_name:
                yield Finding(
                    path,
                    f"the unit {other!r} has the group {group!r}, too, in the same account {site.account}",
                    "choose another name, or give the units operations accounts of their own",
                    at_key=path[2] == "model_groups",
                )


def _groups_of(site: Site) -> Iterator[tuple[str, Path]]:
    """Each group that a registry is given, once."""
    path: Path = ("units", site.unit_name)
    found: dict[str, Path] = {group: (*path, "model_groups", group) for group in site.unit.model_groups}
    for word, loop in site.unit.retraining.items():
        found.setdefault(loop.group, (*path, "retraining", word, "group"))
    yield from found.items()


def _quotas(platform: Platform) -> Iterator[Finding]:
    """AWS takes one request for a quota at a time, and none for less than there is."""
    seen: dict[tuple[str, str, str, str], tuple[Path, float]] = {}
    for site in platform.sites():
        base: Path = ("units", site.unit_name) if site.place.quotas is None else site.path
        own: set[tuple[str, str]] = set()
        for word, quota in site.quotas.items():
            path = (*base, "quotas", word)
            if (quota.service, quota.code) in own:
                yield Finding(
                    path, f"the quota {quota.code} is listed twice", "keep one of them", at_key=True
                )
                continue
            own.add((quota.service, quota.code))
            key = (site.account, site.region, quota.service, quota.code)
            other, value = seen.setdefault(key, (path, quota.value))
            if value != quota.value:
                yield Finding(
                    (*path, "value"),
                    f"{quota.value:g} is asked for here, and {value:g} by {dotted(other)}, in the same account"
                    f" {site.account}",
                    "ask for the larger in both",
                )


def _names(platform: Platform) -> Iterator[Finding]:
    sites = {site.path for site in platform.sites()}
    seen: dict[tuple[str, str, str, str], _Made] = {}
    told: set[tuple[Path, Path]] = set()
    for site in platform.sites():
        for made in _made(site):
            where = "" if made.kind == "role" else site.region  # IAM knows no regions
            other = seen.setdefault((site.account, where, made.kind, made.name), made)
            pair = (other.path, made.path)
            # Sites whose names are the same altogether are told as such; of one pair, one name is enough.
            if other is made or pair in told or sites.issuperset(pair):
                continue
            told.add(pair)
            yield Finding(
                made.path,
                f"{made.path[-1]!r} makes the {made.kind} {made.name!r}, and {dotted(other.path)} makes it, too",
                "choose another word",
                at_key=True,
            )


def _made(site: Site) -> Iterator[_Made]:
    """What the modules ``pipeline-events``, ``function`` and ``retraining`` make in a site, by its name."""
    unit: Path = ("units", site.unit_name)
    prefix = site.names.prefix
    yield _Made("role", prefix, site.path)
    yield _Made("queue", f"{prefix}-dead-letters", site.path)
    if site.is_operations:
        for word in site.unit.retraining:
            yield _Made("rule", f"{prefix}-{word}-approval", (*unit, "retraining", word))
        return
    events: Path = (*(site.path if getattr(site.place, "events", None) else unit), "events")
    for word in site.events.failures:
        yield _Made("rule", f"{prefix}-{word}-failed", (*events, "failures", word))
    for word in site.events.drift:
        yield _Made("rule", f"{prefix}-{word}-drift", (*events, "drift", word))
    for word, loop in here(site):
        yield from _made_by(f"{prefix}-{word}", loop, (*unit, "retraining", word))


def _made_by(name: str, loop: Retraining, path: Path) -> Iterator[_Made]:
    for kind, end in (("function", "retraining"), ("role", "retraining"), ("rule", "data-drift")):
        yield _Made(kind, f"{name}-{end}", path)
    for queue in ("dead-letters", "retraining-dead-letters"):
        yield _Made("queue", f"{name}-{queue}", path)
    for pipeline, ends in (("inference", loop.failures.inference), ("train", loop.failures.train)):
        if ends:
            yield _Made("rule", f"{name}-{pipeline}-failed", path)
    if loop.schedule is not None:
        yield _Made("role", name, path)


class _Loop(NamedTuple):
    """A loop where it runs."""

    site: Site
    word: str
    loop: Retraining

    @property
    def path(self) -> Path:
        return ("units", self.site.unit_name, "retraining", self.word)


def _loops(platform: Platform) -> Iterator[Finding]:
    """One failed check must not retrain by two ways, in whatever parts of the file they stand."""
    runs = [_Loop(site, *each) for site in platform.sites() if not site.is_operations for each in here(site)]
    told: set[Path] = set()
    for at, run in enumerate(runs):
        others = [each for each in runs[:at] if _same_place(each.site, run.site)]
        found = next((finding for other in others for finding in _both(other, run)), None) or _also_drift(run)
        if found and run.path not in told:
            told.add(run.path)
            yield found


def _same_place(one: Site, other: Site) -> bool:
    return (one.account, one.region) == (other.account, other.region)


def _both(other: _Loop, run: _Loop) -> Iterator[Finding]:
    account = run.site.account
    if other.loop.inference == run.loop.inference:
        if other.path == run.path:
            yield Finding(
                (*run.path, "environments"),
                f"{run.loop.inference!r} would retrain twice: {other.site.environment_name!r} and"
                f" {run.site.environment_name!r} are in the same account {account}",
                "name one of them",
            )
        else:
            yield Finding(
                (*run.path, "inference"),
                f"{run.loop.inference!r} would retrain twice: {dotted(other.path)} watches it, too",
                "keep one of them, with all checks",
            )
    elif other.loop.train == run.loop.train and other.site.unit_name != run.site.unit_name:
        yield Finding(
            (*run.path, "train"),
            f"{run.loop.train!r} would be retrained by two units: {dotted(other.path)} names it, too, in the same"
            f" account {account}",
            "give each unit a training pipeline of its own",
        )


def _also_drift(run: _Loop) -> Finding | None:
    for site in run.site.platform.sites():
        if site.is_operations or not _same_place(site, run.site):
            continue
        if any(each.pipeline == run.loop.inference for each in site.events.drift.values()):
            unit = "" if site.unit_name == run.site.unit_name else f" of the unit {site.unit_name!r}"
            return Finding(
                (*run.path, "inference"),
                f"{run.loop.inference!r} would retrain twice: the events of {site.environment_name!r}{unit} have a"
                " drift rule for it, too",
                "take the rule out: it retrains each time, whatever was found",
            )
    return None
