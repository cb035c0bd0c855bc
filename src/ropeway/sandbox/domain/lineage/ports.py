"""Where lineage is kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ropeway.sandbox.domain.lineage.model import Association, Entity, Metric, Summary
from ropeway.sandbox.domain.listing import Listing, Page

__all__ = ["LineageStore", "TrialStore"]


class LineageStore(Protocol):
    """Keeps entities and associations; takes part in the caller's transaction."""

    def put(self, entity: Entity) -> None:
        """Keep an entity, new or changed."""

    def get(self, arn: str) -> Entity | None:
        """An entity by its ARN."""

    def delete(self, arn: str) -> None:
        """Forget an entity, its metrics and its memberships."""

    def list(self, kind: str, account: str, region: str, listing: Listing) -> Page[Entity]:
        """Entities of a kind; ``equals`` may name ``type``, ``source`` and ``parent``."""

    def put_association(self, association: Association) -> None:
        """Keep an association, new or changed."""

    def delete_association(self, source: str, destination: str) -> bool:
        """Forget an association; whether there was one."""

    def associations(
        self, *, source: str | None = None, destination: str | None = None
    ) -> Sequence[Association]:
        """Those that lead from or to an entity, or all that do both; oldest first."""

    def all_associations(self, account: str, region: str) -> Sequence[Association]:
        """All of an account and region, oldest first."""


class TrialStore(Protocol):
    """Keeps which components are part of which trials, and their metrics; takes part in the caller's transaction."""

    def join(self, trial: str, component: str) -> None:
        """Make a trial component part of a trial."""

    def leave(self, trial: str, component: str) -> bool:
        """Take a trial component out of a trial; whether it was in there."""

    def components(self, trial: str) -> Sequence[str]:
        """The ARNs of a trial's components."""

    def trials(self, component: str) -> Sequence[str]:
        """The ARNs of the trials that a component is part of."""

    def add_metrics(self, component: str, metrics: Sequence[Metric]) -> None:
        """Keep values of a component's metrics."""

    def metrics(self, component: str, name: str) -> Sequence[Metric]:
        """A metric's values in the order in which they came."""

    def summaries(self, component: str) -> Sequence[Summary]:
        """A component's metrics in figures."""
