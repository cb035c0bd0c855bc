"""What a pipeline, an execution and a step run are, as they are kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ropeway.values.arn import Arn

__all__ = ["ACTIVE", "ENDED", "Execution", "Pipeline", "StepRun", "Version"]

# The states of a step run that somebody still works on, and of an execution that nobody will move again.
ACTIVE = frozenset({"Starting", "Executing", "Stopping"})
ENDED = frozenset({"Stopped", "Failed", "Succeeded", "CompletedWithFailures"})


@dataclass(frozen=True)
class Pipeline:
    """A pipeline; its definition is its newest version's.

    Attributes:
        document: the members of Create and Update that Describe echoes.
        created, modified, last_run: epoch seconds.
    """

    account: str
    region: str
    name: str
    created: float
    modified: float
    document: Mapping[str, Any]
    version: int = 1
    last_run: float | None = None
    token: str = ""

    @property
    def arn(self) -> str:
        """The pipeline's ARN."""
        return str(Arn("sagemaker", self.region, self.account, f"pipeline/{self.name}"))


@dataclass(frozen=True)
class Version:
    """One definition of a pipeline. ``document`` has its display name and description."""

    pipeline_arn: str
    number: int
    created: float
    definition: str
    document: Mapping[str, Any] = field(default_factory=dict)
    last_execution: str | None = None


@dataclass(frozen=True)
class Execution:
    """One run of one version of a pipeline.

    Attributes:
        status: Executing, Stopping, Stopped, Failed, Succeeded, CompletedWithFailures.
        parameters: the values it runs with, defaults included, of their declared types.
        definition: the document it runs, as it was when it started.
        parallelism: how many steps run at once, at most.
        document: what a start gave to be echoed (display name, description, …).
        given: the parameters that the start named, as text.
        attempts: how often steps were tried before the last RetryPipelineExecution.
        created, modified, ended: epoch seconds.
    """

    pipeline_arn: str
    id: str
    status: str
    created: float
    modified: float
    role_arn: str
    version: int
    definition: str
    parameters: Mapping[str, Any]
    given: Mapping[str, str] = field(default_factory=dict)
    parallelism: int = 50
    document: Mapping[str, Any] = field(default_factory=dict)
    token: str = ""
    ended: float | None = None
    failure_reason: str | None = None
    attempts: Mapping[str, int] = field(default_factory=dict)

    @property
    def arn(self) -> str:
        """The execution's ARN."""
        return f"{self.pipeline_arn}/execution/{self.id}"

    @property
    def pipeline(self) -> Arn:
        """The pipeline's ARN, in parts."""
        return Arn.parse(self.pipeline_arn)

    @property
    def ended_for_good(self) -> bool:
        """Nobody will move it again, but for a retry."""
        return self.status in ENDED

    @property
    def selected(self) -> frozenset[str] | None:
        """The steps that the start selected, or None when all may run."""
        config = self.document.get("SelectiveExecutionConfig")
        return None if config is None else frozenset(entry["StepName"] for entry in config["SelectedSteps"])


@dataclass(frozen=True)
class StepRun:
    """A step of an execution that has at least started.

    Attributes:
        attempt: 1 for the first try; goes on counting over retries of the execution.
        order: counts the starts in an execution: the newest has the highest.
        metadata: the step's Metadata in ListPipelineExecutionSteps.
        resource: the ARN (or, for a model, the name) of what the step made; "" for steps that make nothing.
        outputs: a Lambda step's output parameters, a condition's Outcome.
        cache_key: what its arguments come to, for steps that may be cached; "" for others.
        cached_from: the execution whose result it took over, or "".
        start, end: epoch seconds; start is the first try's.
        due: while it waits to be tried again: when, in epoch seconds; its failure_reason is then the last try's.
        retries: how often each of its retry policies was used, by position.
        reused_from: the execution whose run it is, in a selective execution, or "".
        iteration: of a step that a ForEach step made: its IterationContext, and Body, the step it is a copy of.
    """

    execution_arn: str
    name: str
    type: str
    status: str
    attempt: int
    order: int
    start: float
    end: float | None = None
    failure_reason: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    resource: str = ""
    outputs: Mapping[str, Any] = field(default_factory=dict)
    cache_key: str = ""
    cached_from: str = ""
    due: float | None = None
    retries: Mapping[str, int] = field(default_factory=dict)
    reused_from: str = ""
    iteration: Mapping[str, Any] = field(default_factory=dict)
