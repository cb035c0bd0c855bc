"""Steps that run a job: processing, training and transform differ by their request only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ropeway.errors import DefinitionError
from ropeway.pipelines.definition import StepSpec
from ropeway.sandbox.domain.errors import DomainError, InUse
from ropeway.sandbox.domain.jobs.model import Job, Kind, StepRef
from ropeway.sandbox.domain.pipelines.model import StepRun
from ropeway.sandbox.domain.pipelines.steps.base import Progress, Services, StepContext, tags_of
from ropeway.values.arn import Arn

__all__ = ["NAME_MEMBERS", "JobStep", "progress_of"]

# The member that names what a step makes, by the step's type; it is also the execution variable of that name.
NAME_MEMBERS = {
    "Processing": "ProcessingJobName",
    "Training": "TrainingJobName",
    "Transform": "TransformJobName",
}
_TYPES = {Kind.PROCESSING: "Processing", Kind.TRAINING: "Training", Kind.TRANSFORM: "Transform"}
_PREFIXES = ("ClientError", "InternalServerError")


class JobStep:
    """Runs one kind of job.

    Args:
        kind: the jobs' kind.
        required: members that Arguments must have.
    """

    def __init__(self, kind: Kind, required: Sequence[str]) -> None:
        self.type = _TYPES[kind]
        self._kind = kind
        self._required = required

    def check(self, step: StepSpec) -> None:
        """It has what the create request must have."""
        missing = [name for name in self._required if name not in step.arguments]
        if missing:
            raise DefinitionError(f"step {step.name}: Arguments lacks {', '.join(missing)}")

    def begin(self, context: StepContext) -> Progress:
        """Check the request and name the job."""
        self._request(context)
        arn = str(Arn("sagemaker", context.region, context.account, f"{self._kind.value}/{context.name}"))
        return Progress("Executing", metadata={f"{self.type}Job": {"Arn": arn}}, resource=arn)

    def launch(self, context: StepContext) -> None:
        """Submit the job; one that is there already was submitted before a crash, under the name kept first."""
        step = StepRef(context.execution.arn, context.step.name)
        try:
            context.services.jobs.submit(
                self._kind,
                context.account,
                context.region,
                self._request(context),
                tags=tags_of(context),
                step=step,
            )
        except InUse:
            return
        except DomainError as error:
            context.ended(Progress("Failed", reason=_client_error(error.message)))

    def properties(self, run: StepRun, services: Services) -> Mapping[str, Any]:
        """The job's Describe answer."""
        return services.jobs.describe(services.jobs.get(run.resource))

    def stop(self, run: StepRun, services: Services) -> None:
        """Stop the job."""
        services.jobs.stop(run.resource)

    def _request(self, context: StepContext) -> dict[str, Any]:
        request = {name: value for name, value in context.arguments.items() if name != "Tags"}
        request[NAME_MEMBERS[self.type]] = context.name
        if self._kind is not Kind.TRANSFORM:
            request.setdefault("RoleArn", context.execution.role_arn)
        return context.services.form(f"Create{self.type}Job", request)


def progress_of(job: Job, *, stopping: bool) -> Progress:
    """What the end of a job means for its step.

    Args:
        job: a job that has ended.
        stopping: whether the step was asked to stop; a job that ends unasked for lack of time fails its step.
    """
    if job.status == "Completed":
        return Progress("Succeeded")
    exceeded = job.secondary == "MaxRuntimeExceeded" or "MaxRuntime" in (job.failure_reason or "")
    if job.status == "Stopped" and (stopping or not exceeded):
        return Progress("Stopped")
    reason = job.failure_reason or "MaxRuntimeExceeded: the job ran longer than its MaxRuntimeInSeconds"
    return Progress("Failed", reason=_client_error(reason))


def _client_error(reason: str) -> str:
    return reason if reason.startswith(_PREFIXES) else f"ClientError: {reason}"
