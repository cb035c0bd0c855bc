"""Destroy: what Terraform owns, what it does not, and the proof that nothing is left.

    plan -destroy ─► the caller shows it and asks for the name ─► per root, the last first:
    stop and empty ─► apply the destroy plan ─► finish ─► look for anything that carries the tags

What bootstrap made stays: the state, its key and the roles. They go with its stack.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from ropeway.errors import RopewayError
from ropeway.infra.failures import InfraError
from ropeway.infra.roots import reversed_order
from ropeway.infra.saved import drop
from ropeway.infra.schedule import Outcome
from ropeway.infra.stream import Summary
from ropeway.usecases.infra import Fleet, Planned, Post

__all__ = ["Destroyed", "Sweep", "destroy"]


class Sweep(Protocol):
    """What stands in an account besides Terraform's, as ``ropeway.aws.remains`` has it."""

    def stop(self) -> Iterator[str]:
        """Stop and delete what would keep Terraform from destroying."""

    def empty(self, spare: frozenset[str]) -> Iterator[str]:
        """Empty what must be empty."""

    def finish(self) -> Iterator[str]:
        """Delete what Terraform leaves."""

    def bootstrapped(self, stack: str) -> frozenset[str]:
        """What stays."""

    def left(self, kept: frozenset[str]) -> list[str]:
        """What is there still."""


@dataclass(frozen=True)
class Destroyed:
    """What became of one root.

    Attributes:
        summary: what Terraform destroyed.
        left: what is there still, though it should not.
    """

    summary: Summary
    left: tuple[str, ...]


def destroy(
    fleet: Fleet,
    planned: Mapping[str, Planned],
    sweeps: Mapping[str, Sweep],
    tell: Callable[[str], None],
) -> list[Outcome[Destroyed]]:
    """Destroy roots, the last first.

    Args:
        fleet: all roots.
        planned: their destroy plans, which stand in their folders.
        sweeps: what else stands in each account.
        tell: hears what is done besides Terraform.
    """

    def task(post: Post) -> Destroyed:
        name, names = post.root.name, post.root.site.names
        sweep = sweeps[name]
        state = {names.name("bucket", "tfstate"), names.name("table", "tflock")}
        kept = sweep.bootstrapped(names.name("stack", "bootstrap")) | state

        def clear() -> Iterator[str]:
            yield from sweep.stop()
            yield from sweep.empty(kept)

        for line in clear():
            tell(f"{name}: {line}")
        summary = Summary()
        try:
            if not planned[name].empty:
                summary = _destroyed(fleet, post, clear, tell)
        finally:
            drop(post.place)
        for line in sweep.finish():
            tell(f"{name}: {line}")
        return Destroyed(summary, tuple(sweep.left(kept)))

    return fleet.each(reversed_order(fleet.roots), task, ordered=True)


def _destroyed(
    fleet: Fleet, post: Post, clear: Callable[[], Iterator[str]], tell: Callable[[str], None]
) -> Summary:
    """Apply the destroy plan; once more when something had filled up again meanwhile."""
    try:
        post.engine.init()
        return post.engine.apply(post.place.fresh).summary or Summary()
    except InfraError as error:
        if fleet.stop.is_set() or not _may_help(error):
            raise
        tell(f"{post.root.name}: once more: {error}")
    for line in clear():
        tell(f"{post.root.name}: {line}")
    drop(post.place)
    post.engine.plan("destroy", post.place.fresh, lock=True)
    return post.engine.apply(post.place.fresh).summary or Summary()


def _may_help(error: RopewayError) -> bool:
    said = " ".join(message for message, _ in error.told())
    return any(
        word in said for word in ("BucketNotEmpty", "DependencyViolation", "ResourceInUse", "not empty")
    )
