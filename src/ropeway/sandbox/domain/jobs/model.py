"""What a job is. Processing, training and transform jobs share the model; their requests differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from ropeway.values.arn import Arn

__all__ = ["Container", "Job", "Kind", "Outcome", "StepRef", "Transition"]


class Kind(str, Enum):
    """The job's type; the value is the type in its ARN."""

    PROCESSING = "processing-job"
    TRAINING = "training-job"
    TRANSFORM = "transform-job"


@dataclass(frozen=True)
class StepRef:
    """The pipeline step that a job runs for."""

    execution_arn: str
    step: str


@dataclass(frozen=True)
class Transition:
    """One entry of a training job's SecondaryStatusTransitions (times in epoch seconds)."""

    status: str
    start: float
    end: float | None
    message: str


@dataclass(frozen=True)
class Container:
    """One inference container of a model, with everything resolved that the model names.

    Attributes:
        model_data_url: ``s3://…/model.tar.gz``, or None.
        role_arn: the model's execution role, which the container runs as.
    """

    image: str
    model_data_url: str | None
    environment: Mapping[str, str] = field(default_factory=dict)
    role_arn: str = ""


@dataclass(frozen=True)
class Job:
    """One job as it stands.

    Attributes:
        request: the create request, API-shaped and JSON-compatible, name included.
        status: InProgress, Completed, Failed, Stopping, Stopped.
        secondary: a training job's SecondaryStatus; empty for the other kinds.
        created, started, ended, modified: epoch seconds; started and ended may be None.
        result: what the run gave, in members of the Describe answer (``ModelArtifacts``, …).
        containers: a transform job's inference containers, in order.
        step: the pipeline step it runs for, if any.
    """

    kind: Kind
    account: str
    region: str
    name: str
    request: Mapping[str, Any]
    status: str
    created: float
    modified: float
    secondary: str = ""
    started: float | None = None
    ended: float | None = None
    failure_reason: str | None = None
    exit_message: str | None = None
    result: Mapping[str, Any] = field(default_factory=dict)
    transitions: Sequence[Transition] = ()
    containers: Sequence[Container] = ()
    step: StepRef | None = None

    @property
    def arn(self) -> str:
        """The job's ARN: its key everywhere."""
        return str(Arn("sagemaker", self.region, self.account, f"{self.kind.value}/{self.name}"))

    @property
    def role_arn(self) -> str:
        """The role that the job runs as; a transform job runs as its model's; empty where there is none."""
        given = str(self.request.get("RoleArn", ""))
        return given or next((container.role_arn for container in self.containers), "")

    @property
    def output_key(self) -> str:
        """The KMS key that the request wants its outputs encrypted with; empty for the bucket's default."""
        config = self.request.get(_OUTPUTS[self.kind], {})
        return str(config.get("KmsKeyId", ""))


# Where a kind's request names the key of its outputs.
_OUTPUTS = {
    Kind.PROCESSING: "ProcessingOutputConfig",
    Kind.TRAINING: "OutputDataConfig",
    Kind.TRANSFORM: "TransformOutput",
}


@dataclass(frozen=True)
class Outcome:
    """How a run ended, as the runner tells it.

    Attributes:
        status: Completed, Failed or Stopped.
        secondary: a training job's last SecondaryStatus (Completed, Failed, Stopped, MaxRuntimeExceeded).
        result: members of the Describe answer to keep (``ModelArtifacts``, ``FinalMetricDataList``, …).
    """

    status: str
    secondary: str = ""
    failure_reason: str | None = None
    exit_message: str | None = None
    result: Mapping[str, Any] = field(default_factory=dict)
