"""Plan, apply, compare and destroy what Terraform makes, root by root.

    select (roots, in order) ─► open (access checked, folders written) ─► plan all at once ─► apply in order

A plan that was saved is applied as it is, or refused; without one ``apply`` plans, the caller shows it and asks. Each
root has an outcome of its own: one that fails stops those that come after it, and no other.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from ropeway.infra.backend import STATE_KEY
from ropeway.infra.diagnostics import Lock
from ropeway.infra.drifted import drifted
from ropeway.infra.failures import InfraError
from ropeway.infra.roots import Root
from ropeway.infra.saved import Record, StateId, drop, drop_fresh, keep, recall
from ropeway.infra.schedule import Outcome, work
from ropeway.infra.stream import Change, Reading, Summary
from ropeway.infra.working import Workplace

__all__ = [
    "Engine",
    "Fleet",
    "Planned",
    "Post",
    "Read",
    "apply",
    "discard",
    "drift",
    "holder",
    "outputs",
    "plan",
    "recalled",
    "refuse_failures",
]


_IDLE = {"read", "noop", "no-op"}
Read = Callable[[str], "dict[str, Any] | None"]


class Engine(Protocol):
    """Terraform in one root's folder, as ``ropeway.infra.tool`` has it."""

    def init(self) -> None:
        """Make the folder ready."""

    def plan(self, mode: str, file: Path, *, lock: bool) -> Reading:
        """Plan into a file."""

    def apply(self, file: Path) -> Reading:
        """Apply a plan file."""

    def show(self, file: Path) -> dict[str, Any]:
        """A plan file as a document."""

    def unlock(self, lock: str) -> None:
        """Take a lock away."""


@dataclass(frozen=True)
class Post:
    """One root, ready to be worked on.

    Attributes:
        place: its folder.
        engine: its Terraform.
        read: a JSON document of the state bucket by its key, or None.
    """

    root: Root
    place: Workplace
    engine: Engine
    read: Read

    @property
    def state(self) -> StateId:
        """Which state stands in the bucket."""
        found = self.read(STATE_KEY)
        return StateId(str(found["lineage"]), int(found["serial"])) if found else StateId()


@dataclass(frozen=True)
class Fleet:
    """All roots of one run, in order.

    Attributes:
        target: ``sandbox`` or ``aws``.
        terraform: product and version.
        stop: set by an interrupt.
        look: called again and again while work goes on.
    """

    posts: Mapping[str, Post]
    target: str
    terraform: str
    stop: threading.Event = field(default_factory=threading.Event)
    at_once: int = 4
    look: Callable[[], None] = lambda: None

    @property
    def roots(self) -> list[Root]:
        """The roots, in order."""
        return [post.root for post in self.posts.values()]

    def each(
        self, roots: Sequence[Root], task: Callable[[Post], Any], *, ordered: bool
    ) -> list[Outcome[Any]]:
        """Do a task for roots: in their order, or all at once."""
        chosen = list(roots) if ordered else [Root(root.site) for root in roots]
        return work(
            chosen,
            lambda root: task(self.posts[root.name]),
            stop=self.stop,
            at_once=self.at_once,
            look=self.look,
        )


@dataclass(frozen=True)
class Planned:
    """What a plan would do.

    Attributes:
        saved: whether it was saved before.
        outputs_change: whether outputs would change, though nothing else does.
    """

    root: Root
    summary: Summary
    changes: tuple[Change, ...]
    saved: bool = False
    outputs_change: bool = False

    @property
    def empty(self) -> bool:
        """Whether there is nothing to do."""
        return not (self.summary.total or self.changes or self.outputs_change)


def plan(
    fleet: Fleet, roots: Sequence[Root], *, mode: str = "apply", save: bool = False
) -> list[Outcome[Planned]]:
    """Plan roots, all at once.

    Args:
        fleet: all roots.
        roots: those to plan.
        mode: ``apply`` or ``destroy``.
        save: keep the plans for a later command, each beside its record, and take no lock, as the role that plans
            only reads; else they are for this command alone.
    """

    def task(post: Post) -> Planned:
        before = post.state  # and whether the account is prepared
        forget = drop if save else drop_fresh
        forget(post.place)
        post.engine.init()
        file = post.place.plan if save else post.place.fresh
        try:
            reading = post.engine.plan(mode, file, lock=not save)
        except InfraError:
            forget(post.place)
            raise
        changes = [change for change in reading.changes if change.action not in _IDLE]
        found = Planned(post.root, reading.planned, tuple(changes), outputs_change=reading.outputs_change)
        if found.empty:
            forget(post.place)
        elif save:
            made = (found.summary, list(found.changes))
            keep(post.place, Record.of(post.place, before, fleet.target, fleet.terraform, made))
        return found

    return fleet.each(roots, task, ordered=False)


def discard(fleet: Fleet) -> None:
    """Forget the plans that were made for this command alone."""
    for post in fleet.posts.values():
        drop_fresh(post.place)


def recalled(fleet: Fleet) -> dict[str, Planned]:
    """The saved plans, which may all be applied.

    Raises:
        StaleError: some may not; each is told.
    """
    found: dict[str, Planned] = {}
    refused: list[InfraError] = []
    for name, post in fleet.posts.items():
        try:
            record = recall(post.root, post.place, post.state, fleet.target, fleet.terraform)
        except InfraError as error:
            refused.append(error)
            continue
        if record:
            found[name] = Planned(post.root, record.summary, record.changes, saved=True)
    if refused:
        raise InfraError([complaint for error in refused for complaint in error.complaints])
    return found


def apply(fleet: Fleet, planned: Mapping[str, Planned]) -> list[Outcome[Summary]]:
    """Apply the plans that were kept, in order; roots whose plan is empty have nothing to do."""

    def task(post: Post) -> Summary:
        if planned[post.root.name].empty:
            return Summary()
        try:
            post.engine.init()
            file = post.place.plan if planned[post.root.name].saved else post.place.fresh
            return post.engine.apply(file).summary or Summary()
        finally:
            drop(post.place)  # done, or made of a state that is no longer so

    return fleet.each([root for root in fleet.roots if root.name in planned], task, ordered=True)


def drift(fleet: Fleet) -> list[Outcome[Planned]]:
    """Where reality differs from the states, all at once; nothing is changed, nor the states."""

    def task(post: Post) -> Planned:
        post.read(STATE_KEY)  # tells whether the account is prepared
        post.engine.init()
        file = post.place.folder / "drift"
        try:
            reading = post.engine.plan("drift", file, lock=False)
            found = drifted(post.engine.show(file)) if reading.changes else []
        finally:
            file.unlink(missing_ok=True)
        return Planned(post.root, Summary(), tuple(found))

    return fleet.each(fleet.roots, task, ordered=False)


def outputs(read: Read) -> dict[str, Any]:
    """The outputs in a root's state; those that are sensitive are left out."""
    found = read(STATE_KEY) or {}
    return {
        name: each.get("value")
        for name, each in found.get("outputs", {}).items()
        if not each.get("sensitive")
    }


def holder(read: Read) -> Lock | None:
    """Who holds the lock of a root's state, or None."""
    found = read(f"{STATE_KEY}.tflock")
    if not found:
        return None
    return Lock(
        str(found["ID"]),
        str(found.get("Who", "?")),
        str(found.get("Operation", "")),
        str(found.get("Created", "?")),
    )


def refuse_failures(outcomes: Sequence[Outcome[Any]]) -> None:
    """Raise what failed, and what was not done for it.

    Raises:
        InfraError: something was.
    """
    told: list[tuple[str, str | None]] = []
    for outcome in outcomes:
        if outcome.error:
            told += [(_named(outcome.root, message), hint) for message, hint in outcome.error.told()]
        elif outcome.skipped == "interrupted":
            told.append((f"{outcome.root.name}: not begun: interrupted", None))
        elif outcome.skipped:
            told.append((f"{outcome.root.name}: not begun, as {outcome.skipped} comes before it", None))
    if told:
        raise InfraError(told)


def _named(root: Root, message: str) -> str:
    return message if message.startswith(root.name) else f"{root.name}: {message}"
