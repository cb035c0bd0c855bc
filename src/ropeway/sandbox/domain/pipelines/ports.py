"""What pipelines need from the world: a store, a way to check requests, and threads for what blocks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from ropeway.sandbox.domain.listing import Listing, Page
from ropeway.sandbox.domain.pipelines.model import Execution, Pipeline, StepRun, Version

__all__ = ["Background", "ExecutionStore", "PipelineStore", "RequestForm"]

# Operation and input → the input in the form of the service model (numbers written out where it wants text);
# raises Invalid where the model is violated.
RequestForm = Callable[[str, Mapping[str, Any]], "dict[str, Any]"]


class Background(Protocol):
    """Runs what blocks, off the calling thread."""

    def submit(self, work: Callable[[], None], /) -> object:
        """Run a function soon, in another thread."""


class PipelineStore(Protocol):
    """Keeps pipelines and their versions; takes part in the caller's transaction."""

    def add(self, pipeline: Pipeline) -> None:
        """Keep a new pipeline."""

    def update(self, pipeline: Pipeline) -> None:
        """Write what has changed of a pipeline."""

    def get(self, arn: str) -> Pipeline | None:
        """A pipeline by its ARN."""

    def delete(self, arn: str) -> None:
        """Forget a pipeline, its versions and its executions."""

    def list(self, account: str, region: str, prefix: str | None, listing: Listing) -> Page[Pipeline]:
        """Pipelines of one account and region whose name starts with the prefix."""

    def put_version(self, version: Version) -> None:
        """Keep a version, new or changed."""

    def version(self, arn: str, number: int) -> Version | None:
        """One version of a pipeline."""

    def versions(self, arn: str, listing: Listing) -> Page[Version]:
        """A pipeline's versions."""

    def aliases(self, arn: str) -> Mapping[str, int]:
        """The versions of a pipeline that have an alias, by alias."""

    def set_alias(self, arn: str, alias: str, number: int | None) -> None:
        """Give an alias to a version, or to none."""


class ExecutionStore(Protocol):
    """Keeps executions and step runs; takes part in the caller's transaction."""

    def add(self, execution: Execution) -> None:
        """Keep a new execution."""

    def update(self, execution: Execution) -> None:
        """Write what has changed of an execution."""

    def get(self, arn: str) -> Execution | None:
        """An execution by its ARN."""

    def by_token(self, pipeline_arn: str, token: str) -> Execution | None:
        """The execution that a start with this token made."""

    def list(self, pipeline_arn: str, listing: Listing, version: int | None = None) -> Page[Execution]:
        """A pipeline's executions, of one version only where it is given."""

    def unfinished(self) -> Sequence[Execution]:
        """Executions of all pipelines that have not ended, oldest first."""

    def put_step(self, run: StepRun) -> None:
        """Keep a step run, new or changed."""

    def steps(self, execution_arn: str) -> Mapping[str, StepRun]:
        """An execution's step runs by name."""

    def steps_page(self, execution_arn: str, listing: Listing) -> Page[StepRun]:
        """An execution's step runs in the order of their starts."""

    def step(self, execution_arn: str, name: str) -> StepRun | None:
        """One step run."""

    def drop_steps(self, execution_arn: str, names: Sequence[str]) -> None:
        """Forget step runs, before they run again."""

    def cached(self, pipeline_arn: str, name: str, key: str, since: float) -> StepRun | None:
        """The newest success of a step with this cache key that ended after ``since``."""
