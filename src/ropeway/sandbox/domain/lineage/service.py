"""Lineage: entities made, changed and forgotten; associations between them; questions about the graph.

A name is taken once per kind, account and region; an artifact's name is a digest of its source, so a source is an
artifact once. An entity that associations lead to or from is not forgotten before they are. A query walks the graph
from its start breadth first, along associations (descendants), against them (ascendants) or both ways, and answers
the entities that pass its filters; with edges, also the start and everything on the way.

Left out: lineage groups, and lineage of other accounts.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ropeway.sandbox.domain.caller import Caller
from ropeway.sandbox.domain.errors import Invalid, NotFound
from ropeway.sandbox.domain.lineage.model import LINEAGE_TYPES, Association, Entity
from ropeway.sandbox.domain.lineage.ports import LineageStore, TrialStore
from ropeway.sandbox.domain.listing import Listing, Page
from ropeway.sandbox.domain.ports import Transactions
from ropeway.sandbox.domain.registry.groups import user_context
from ropeway.sandbox.domain.tags.service import Tags
from ropeway.values.arn import Arn
from ropeway.values.clock import Clock

__all__ = ["NOUNS", "Lineage", "Question", "artifact_name"]

_DEPTH = 10
NOUNS = {
    "action": "Action",
    "artifact": "Artifact",
    "context": "Context",
    "experiment": "Experiment",
    "experiment-trial": "Trial",
    "experiment-trial-component": "Trial component",
}


@dataclass(frozen=True)
class Question:
    """A query of the graph.

    Attributes:
        start: ARNs.
        direction: ``Both``, ``Ascendants`` or ``Descendants``.
        types, lineage_types: what an entity's type and lineage type must be among; empty for any.
        properties: pairs of which an entity must have one; empty for any.
        bounds: ``CreatedAfter``, ``CreatedBefore``, ``ModifiedAfter``, ``ModifiedBefore`` in epoch seconds.
    """

    start: Sequence[str]
    direction: str = "Both"
    depth: int = _DEPTH
    edges: bool = True
    types: Sequence[str] = ()
    lineage_types: Sequence[str] = ()
    properties: Mapping[str, str] = field(default_factory=dict)
    bounds: Mapping[str, float] = field(default_factory=dict)


def artifact_name(account: str, region: str, source: Mapping[str, Any]) -> str:
    """The key of an artifact in its ARN: a digest of where it comes from."""
    types = sorted((entry["SourceIdType"], entry["Value"]) for entry in source.get("SourceTypes", ()))
    text = json.dumps([account, region, source["SourceUri"], types])
    return hashlib.sha256(text.encode()).hexdigest()[:32]


class Lineage:
    """Keeps the graph.

    Attributes:
        store: entities and associations, to be read.
        trials: what is part of which trial, and metrics.
    """

    def __init__(
        self,
        stores: tuple[LineageStore, TrialStore],
        transactions: Transactions,
        clock: Clock,
        tags: Tags,
    ) -> None:
        self.store, self.trials = stores
        self._transactions = transactions
        self._clock = clock
        self._tags = tags

    def create(
        self, entity: Entity, tags: Sequence[Mapping[str, str]] = (), caller: Caller | None = None
    ) -> Entity:
        """Keep a new entity; its times and maker are set here.

        Raises:
            Invalid: the name, or an artifact's source, is taken.
        """
        now, maker = self._clock.now(), user_context(caller)
        made = replace(entity, created=now, modified=now, created_by=maker, modified_by=maker)
        with self._transactions.transaction():
            if self.store.get(made.arn) is not None:
                noun = NOUNS[made.kind]
                what = f"source {made.source}" if made.kind == "artifact" else f"name {made.name}"
                raise Invalid(f"{noun} with {what} already exists: {made.arn}")
            self.store.put(made)
            self._tags.add(made.arn, tags)
        return made

    def get(self, arn: str, account: str) -> Entity:
        """An entity of the account by its ARN.

        Raises:
            NotFound: there is none.
        """
        entity = self.store.get(arn)
        if entity is None or entity.account != account:
            parsed = Arn.parse(arn)
            raise NotFound(f"{NOUNS.get(parsed.kind, 'Resource')} '{parsed.name}' does not exist.")
        return entity

    def find(self, kind: str, account: str, region: str, name: str) -> Entity:
        """An entity by its name or ARN.

        Raises:
            NotFound: there is none.
        """
        arn = name if name.startswith("arn:") else str(Arn("sagemaker", region, account, f"{kind}/{name}"))
        return self.get(arn, account)

    def change(
        self,
        entity: Entity,
        changes: Mapping[str, Any],
        caller: Caller | None,
        removed: Mapping[str, Sequence[str]],
    ) -> Entity:
        """Change members of an entity's document; maps are merged, ``removed`` names keys to take out of them."""
        document = dict(entity.document)
        for name, value in changes.items():
            merging = isinstance(value, Mapping) and name != "Status"
            document[name] = {**document.get(name, {}), **value} if merging else value
        for name, keys in removed.items():
            document[name] = {key: value for key, value in document.get(name, {}).items() if key not in keys}
        changed = replace(
            entity, document=document, modified=self._clock.now(), modified_by=user_context(caller)
        )
        with self._transactions.transaction():
            self.store.put(changed)
        return changed

    def delete(self, entity: Entity) -> None:
        """Forget an entity and its tags.

        Raises:
            Invalid: associations lead to or from it, or others live in it.
        """
        with self._transactions.transaction():
            self._check_free(entity)
            self.store.delete(entity.arn)
            self._tags.clear(entity.arn)

    def list(self, kind: str, account: str, region: str, listing: Listing) -> Page[Entity]:
        """Entities of a kind."""
        return self.store.list(kind, account, region, listing)

    def associate(
        self, source: str, destination: str, type_: str | None, caller: Caller | None = None
    ) -> None:
        """Lead an association from one entity to another.

        Raises:
            NotFound: one of them does not exist.
            Invalid: they are the same.
        """
        account = Arn.parse(source).account if caller is None else caller.account
        for arn in (source, destination):
            self.get(arn, account)
        if source == destination:
            raise Invalid("An entity cannot be associated with itself.")
        made = Association(source, destination, type_, self._clock.now(), user_context(caller))
        with self._transactions.transaction():
            self.store.put_association(made)

    def dissociate(self, source: str, destination: str) -> None:
        """Forget an association.

        Raises:
            NotFound: there is none.
        """
        if not self.store.delete_association(source, destination):
            raise NotFound(f"Association from {source} to {destination} does not exist.")

    def query(self, question: Question, account: str) -> tuple[Sequence[Entity], Sequence[Association]]:
        """What a query of the graph finds: entities in the order of the walk, and the edges it went along.

        Raises:
            NotFound: a start does not exist.
        """
        seen = {arn: self.get(arn, account) for arn in question.start}
        walked: dict[tuple[str, str], Association] = {}
        frontier = list(seen)
        for _ in range(question.depth):
            following: list[str] = []
            for arn in frontier:
                for association, other in self._next(arn, question.direction):
                    walked[association.source, association.destination] = association
                    entity = self.store.get(other)
                    if other not in seen and entity is not None:
                        seen[other] = entity
                        following.append(other)
            frontier = following
        if question.edges:
            found = [e for arn, e in seen.items() if arn in question.start or _passes(e, question)]
            known = {entity.arn for entity in found}
            on_the_way = [entity for arn, entity in seen.items() if arn not in known]
            filtered = bool(
                question.types or question.lineage_types or question.properties or question.bounds
            )
            return (found if filtered else [*found, *on_the_way]), list(walked.values())
        return [e for arn, e in seen.items() if arn not in question.start and _passes(e, question)], []

    def _next(self, arn: str, direction: str) -> Sequence[tuple[Association, str]]:
        out = self.store.associations(source=arn) if direction != "Ascendants" else ()
        into = self.store.associations(destination=arn) if direction != "Descendants" else ()
        return [*((each, each.destination) for each in out), *((each, each.source) for each in into)]

    def _check_free(self, entity: Entity) -> None:
        arn = entity.arn
        if self.store.associations(source=arn) or self.store.associations(destination=arn):
            raise Invalid(f"{NOUNS[entity.kind]} {entity.name} has associations; delete them first.")
        if self.trials.trials(arn):
            raise Invalid(f"Trial component {entity.name} is associated with trials; disassociate it first.")
        if self.trials.components(arn):
            raise Invalid(f"Trial {entity.name} has trial components; disassociate them first.")
        if entity.kind == "experiment":
            trials = Listing(limit=1, equals={"parent": entity.name})
            if self.store.list("experiment-trial", entity.account, entity.region, trials).items:
                raise Invalid(f"Experiment {entity.name} has trials; delete them first.")


def _passes(entity: Entity, question: Question) -> bool:
    bounds = question.bounds
    properties = entity.document.get("Properties", {})
    return (
        (not question.types or entity.type in question.types)
        and (not question.lineage_types or LINEAGE_TYPES.get(entity.kind) in question.lineage_types)
        and (
            not question.properties
            or any(properties.get(key) == value for key, value in question.properties.items())
        )
        and bounds.get("CreatedAfter", entity.created - 1) < entity.created
        and bounds.get("CreatedBefore", entity.created + 1) > entity.created
        and bounds.get("ModifiedAfter", entity.modified - 1) < entity.modified
        and bounds.get("ModifiedBefore", entity.modified + 1) > entity.modified
    )
