"""Processing, Training and Transform: a job each.

The job's name is in the step's row before the job is submitted, so a restart between the two submits it then, and
one after it finds it: no job runs twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ropeway.pipelines.definition import StepSpec
from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.domain.jobs.model import Job, Kind, StepRef
from ropeway.sandbox.domain.pipelines.model import StepRun
from ropeway.sandbox.domain.pipelines.steps.base import Progress, Services, StepContext, require
from ropeway.values.arn import Arn

__all__ = ["JOB_STEPS", "NAME_MEMBERS", "JobStep", "progress_of"]


@dataclass(frozen=True)
class JobStep:
    """A step that runs one job.

    Attributes:
        type: the step's type; the job's create operation is ``Create<type>Job``.
        needs: members that Arguments must have.
    """

    type: str
    kind: Kind
    needs: tuple[str, ...]

    def check(self, step: StepSpec) -> None:
        """The request as a whole is checked when it is resolved; here, that its main members are there."""
        require(step, *self.needs)

    def begin(self, context: StepContext) -> Progress:
        """Name the job."""
        arn = str(Arn("sagemaker", context.region, context.account, f"{self.kind.value}/{context.name}"))
        return Progress("Executing", metadata={f"{self.type}Job": {"Arn": arn}}, resource=arn)

    def launch(self, context: StepContext) -> None:
        """Submit the job; a request that is refused fails the step."""
        services = context.services
        request = {**context.arguments, NAME_MEMBERS[self.type]: context.name}
        if self.kind is not Kind.TRANSFORM:
            request.setdefault("RoleArn", context.execution.role_arn)
        try:
            formed = services.form(f"Create{self.type}Job", request)
            services.jobs.submit(
                self.kind,
                context.account,
                context.region,
                formed,
                tags=_tags(context, formed.get("Tags", ())),
                step=StepRef(context.execution.arn, context.step.name),
            )
        except DomainError as error:
            context.ended(Progress("Failed", reason=f"ClientError: {error.message}"))

    def properties(self, run: StepRun, services: Services) -> Mapping[str, Any]:
        """The job's Describe answer."""
        return services.jobs.describe(services.jobs.get(run.resource))

    def stop(self, run: StepRun, services: Services) -> None:
        """Stop the job."""
        services.jobs.stop(run.resource)


JOB_STEPS = (
    JobStep("Processing", Kind.PROCESSING, ("ProcessingResources", "AppSpecification")),
    JobStep("Training", Kind.TRAINING, ("AlgorithmSpecification", "OutputDataConfig", "ResourceConfig")),
    JobStep(
        "Transform",
        Kind.TRANSFORM,
        ("ModelName", "TransformInput", "TransformOutput", "TransformResources"),
    ),
)

# The step type → the member that names the job.
NAME_MEMBERS = {each.type: f"{each.type}JobName" for each in JOB_STEPS}


def progress_of(job: Job, *, stopping: bool) -> Progress:
    """What a job's end means for its step.

    Args:
        job: a job that has ended.
        stopping: the step was asked to stop; a job that stopped by itself (out of time) fails its step.
    """
    if job.status == "Completed":
        return Progress("Succeeded")
    if job.status == "Stopped" and stopping:
        return Progress("Stopped")
    reason = job.failure_reason or f"{job.kind.value} {job.name} ended with status {job.status}"
    return Progress("Failed", reason=reason if reason.startswith("ClientError") else f"ClientError: {reason}")


def _tags(context: StepContext, own: Any) -> list[Mapping[str, str]]:
    return [
        *own,
        {"Key": "sagemaker:pipeline-execution-arn", "Value": context.execution.arn},
        {"Key": "sagemaker:pipeline-step-name", "Value": context.step.name},
    ]
