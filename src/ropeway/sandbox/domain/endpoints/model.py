"""What an endpoint is: deployments of variants, one that serves and perhaps one that is to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ropeway.sandbox.domain.jobs.model import Container, StepRef
from ropeway.values.arn import Arn

__all__ = ["Answer", "Ask", "Deployment", "Endpoint", "Variant"]


@dataclass(frozen=True)
class Variant:
    """A production variant.

    Attributes:
        containers: of its model, in order, with model packages resolved.
        weight: its share of the requests, relative to the others.
        count: the instances that it is told to have; one process serves, however many.
        startup: seconds in which its containers must answer their ping.
    """

    name: str
    model: str
    containers: Sequence[Container]
    weight: float = 1.0
    count: int = 1
    instance_type: str = ""
    startup: float = 480.0


@dataclass(frozen=True)
class Deployment:
    """Variants that are started together, by one endpoint configuration.

    Attributes:
        id: no other deployment has it.
        config: the endpoint configuration's name.
        begun: epoch seconds.
        capture: the configuration's DataCaptureConfig; empty without one.
    """

    id: str
    config: str
    begun: float
    variants: Sequence[Variant]
    capture: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Endpoint:
    """One endpoint as it stands.

    Attributes:
        created, modified: epoch seconds.
        serving: what answers requests; None before the first deployment is ready.
        pending: what is to take its place; of the same id when only weights and counts change.
        share: the part of the requests, 0 to 1, that a ready pending deployment answers already.
        step: how far its traffic has shifted: the number of the step that comes next.
        policy: the last DeploymentConfig.
        step_of: the pipeline step that deployed last, if it was one.
    """

    account: str
    region: str
    name: str
    status: str
    created: float
    modified: float
    serving: Deployment | None = None
    pending: Deployment | None = None
    share: float = 0.0
    step: int = 0
    failure_reason: str | None = None
    policy: Mapping[str, Any] = field(default_factory=dict)
    step_of: StepRef | None = None

    @property
    def arn(self) -> str:
        """The endpoint's ARN: its key everywhere."""
        return str(Arn("sagemaker", self.region, self.account, f"endpoint/{self.name}"))

    def at(self, moment: float) -> Endpoint:
        """The same, changed at a moment."""
        return replace(self, modified=moment)

    def pends(self, deployment: str) -> bool:
        """Whether a deployment is the one that is to take over."""
        deploying = self.status in {"Creating", "Updating"}
        return deploying and self.pending is not None and self.pending.id == deployment


@dataclass(frozen=True)
class Ask:
    """A request to a variant.

    Attributes:
        headers: further headers for the container.
    """

    body: bytes
    content_type: str = ""
    accept: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """What a variant's containers answered.

    Attributes:
        status: HTTP's; 0 when nobody answered, and the body says why.
        attributes: their X-Amzn-SageMaker-Custom-Attributes.
    """

    status: int
    body: bytes
    content_type: str = ""
    attributes: str = ""
