"""Pipelines: created, updated (each new definition is a new version), described, listed, deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ropeway.sandbox.domain.errors import Conflict, Invalid, NotFound
from ropeway.sandbox.domain.listing import Listing, Page
from ropeway.sandbox.domain.pipelines import documents
from ropeway.sandbox.domain.pipelines.model import Pipeline, Version
from ropeway.sandbox.domain.pipelines.ports import ExecutionStore, PipelineStore
from ropeway.sandbox.domain.pipelines.steps.base import StepType
from ropeway.sandbox.domain.ports import ObjectStore, Transactions
from ropeway.sandbox.domain.tags.service import Tags
from ropeway.values.arn import Arn
from ropeway.values.clock import Clock

__all__ = ["Pipelines", "pipeline_arn_of"]

_MOST_ALIASES = 10
_KEPT = ("PipelineDisplayName", "PipelineDescription", "RoleArn", "ParallelismConfiguration")


def pipeline_arn_of(name_or_arn: str, account: str, region: str) -> str:
    """A pipeline's ARN, from its name or its ARN."""
    if name_or_arn.startswith("arn:"):
        return name_or_arn
    return str(Arn("sagemaker", region, account, f"pipeline/{name_or_arn}"))


class Pipelines:
    """The pipelines of all accounts."""

    def __init__(
        self,
        stores: tuple[PipelineStore, ExecutionStore],
        transactions: Transactions,
        clock: Clock,
        tags: Tags,
        objects: ObjectStore,
        types: Mapping[str, StepType],
    ) -> None:
        self._store, self._executions = stores
        self._transactions = transactions
        self._clock = clock
        self._tags = tags
        self._objects = objects
        self._types = types

    def create(
        self, account: str, region: str, request: Mapping[str, Any], tags: Sequence[Mapping[str, str]] = ()
    ) -> str:
        """Keep a pipeline by CreatePipeline's input; returns its ARN.

        The same token and name once more answer the first one's ARN.

        Raises:
            Invalid: the name is taken, or the definition is wrong.
        """
        text = documents.definition_of(request, self._objects, account)
        if text is None:
            raise Invalid("One of PipelineDefinition and PipelineDefinitionS3Location must be given.")
        documents.accept(text, self._types)
        now = self._clock.now()
        pipeline = Pipeline(
            account=account,
            region=region,
            name=request["PipelineName"],
            created=now,
            modified=now,
            document={name: request[name] for name in _KEPT if name in request},
            token=request["ClientRequestToken"],
        )
        with self._transactions.transaction():
            existing = self._store.get(pipeline.arn)
            if existing is not None and existing.token == pipeline.token:
                return existing.arn
            if existing is not None:
                raise Invalid(
                    f"Pipeline names must be unique within an AWS account and region. "
                    f"Pipeline with name ({pipeline.name}) already exists."
                )
            self._store.add(pipeline)
            self._store.put_version(Version(pipeline.arn, 1, now, text))
            self._add_aliases(pipeline.arn, 1, request.get("PipelineVersionAliases", ()))
            self._tags.add(pipeline.arn, tags)
        return pipeline.arn

    def update(self, account: str, region: str, request: Mapping[str, Any]) -> Pipeline:
        """Change a pipeline by UpdatePipeline's input; a definition makes a new version.

        Raises:
            NotFound: there is no such pipeline.
            Invalid: the definition is wrong.
        """
        text = documents.definition_of(request, self._objects, account)
        if text is None and request.get("PipelineVersionAliases"):
            raise Invalid("PipelineVersionAliases can be given only with a new definition.")
        if text is not None:
            documents.accept(text, self._types)
        with self._transactions.transaction():
            pipeline = self.get(request["PipelineName"], account, region)
            now = self._clock.now()
            changed = replace(
                pipeline,
                modified=now,
                document={**pipeline.document, **{name: request[name] for name in _KEPT if name in request}},
                version=pipeline.version + (text is not None),
            )
            self._store.update(changed)
            if text is not None:
                self._store.put_version(Version(changed.arn, changed.version, now, text))
                self._add_aliases(changed.arn, changed.version, request.get("PipelineVersionAliases", ()))
        return changed

    def get(self, name_or_arn: str, account: str, region: str) -> Pipeline:
        """A pipeline by name or ARN.

        Raises:
            NotFound: there is none.
        """
        arn = pipeline_arn_of(name_or_arn, account, region)
        pipeline = self._store.get(arn)
        if pipeline is None or pipeline.account != account:
            raise NotFound(f"Pipeline '{arn}' does not exist.")
        return pipeline

    def version(self, pipeline: Pipeline, number: int | None, alias: str | None = None) -> Version:
        """A version of a pipeline by its number or an alias, the newest by default.

        Raises:
            NotFound: there is no such version.
            Invalid: both are given.
        """
        if alias is not None:
            if number is not None:
                raise Invalid("Only one of PipelineVersionId and PipelineVersionAlias can be given.")
            number = self._store.aliases(pipeline.arn).get(alias)
            if number is None:
                raise NotFound(f"Pipeline '{pipeline.arn}' has no version with the alias {alias}.")
        wanted = pipeline.version if number is None else number
        version = self._store.version(pipeline.arn, wanted)
        if version is None:
            raise NotFound(f"Pipeline '{pipeline.arn}' has no version {wanted}.")
        return version

    def aliases(self, pipeline_arn: str) -> dict[int, list[str]]:
        """The aliases of each version of a pipeline that has some, in alphabetical order."""
        found: dict[int, list[str]] = {}
        for alias, number in sorted(self._store.aliases(pipeline_arn).items()):
            found.setdefault(number, []).append(alias)
        return found

    def update_version(self, pipeline: Pipeline, number: int, request: Mapping[str, Any]) -> None:
        """Name or describe a version, and give or take its aliases.

        Raises:
            NotFound: there is no such version, or it has not the alias to be taken.
            Invalid: an alias cannot be given.
        """
        changes = request.get("PipelineVersionAliasOperations", {})
        added, removed = changes.get("Add", ()), changes.get("Remove", ())
        if both := sorted(set(added) & set(removed)):
            raise Invalid(f"The alias {both[0]} is both added and removed.")
        with self._transactions.transaction():
            version = self.version(pipeline, number)
            members = ("PipelineVersionDisplayName", "PipelineVersionDescription")
            given = {name: request[name] for name in members if name in request}
            self._store.put_version(replace(version, document={**version.document, **given}))
            present = self._store.aliases(pipeline.arn)
            for alias in removed:
                if present.get(alias) != number:
                    raise NotFound(f"Version {number} of '{pipeline.arn}' has no alias {alias}.")
                self._store.set_alias(pipeline.arn, alias, None)
            self._add_aliases(pipeline.arn, number, added)

    def _add_aliases(self, arn: str, number: int, aliases: Sequence[str]) -> None:
        present = dict(self._store.aliases(arn))
        for alias in aliases:
            if alias.isdigit():
                raise Invalid(f"The alias {alias} consists of numbers only.")
            if present.get(alias, number) != number:
                raise Invalid(
                    f"The alias {alias} belongs to version {present[alias]}. Remove it there before you add it."
                )
            present[alias] = number
            self._store.set_alias(arn, alias, number)
        if list(present.values()).count(number) > _MOST_ALIASES:
            raise Invalid(f"A version has at most {_MOST_ALIASES} aliases.")

    def list(self, account: str, region: str, prefix: str | None, listing: Listing) -> Page[Pipeline]:
        """Pipelines of one account and region."""
        return self._store.list(account, region, prefix, listing)

    def versions(self, pipeline: Pipeline, listing: Listing) -> Page[Version]:
        """A pipeline's versions."""
        return self._store.versions(pipeline.arn, listing)

    def delete(self, name: str, account: str, region: str) -> str:
        """Forget a pipeline, its versions, its executions and its tags; returns its ARN.

        Raises:
            NotFound: there is no such pipeline.
            Conflict: an execution of it is running.
        """
        with self._transactions.transaction():
            arn = self.get(name, account, region).arn
            if any(execution.pipeline_arn == arn for execution in self._executions.unfinished()):
                raise Conflict(f"Pipeline '{arn}' has running executions. Stop them before you delete it.")
            self._store.delete(arn)
            self._tags.clear(arn)
        return arn
