"""Tuning: a tuning job, whose training jobs other steps refer to by rank.

The tuning job is written together with the step's row; its training jobs start after the commit. So a restart finds
either both or neither, and the tuning job goes on by itself. What it comes to is reported through ``reporter``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ropeway.errors import DefinitionError
from ropeway.pipelines.definition import StepSpec
from ropeway.sandbox.domain.errors import NotFound
from ropeway.sandbox.domain.jobs.model import StepRef
from ropeway.sandbox.domain.pipelines.model import StepRun
from ropeway.sandbox.domain.pipelines.ports import ExecutionStore
from ropeway.sandbox.domain.pipelines.progress import Progress
from ropeway.sandbox.domain.pipelines.steps.base import Services, StepContext, require
from ropeway.sandbox.domain.tuning.lifecycle import FINAL
from ropeway.sandbox.domain.tuning.model import Tuning

__all__ = ["TuningStep", "reporter"]

_NAME = "HyperParameterTuningJobName"
_LONGEST = 32
_SUMMARIES = 50


class TuningStep:
    """Calls CreateHyperParameterTuningJob."""

    def check(self, step: StepSpec) -> None:
        """The request as a whole is checked when it is resolved; here, that its main members are there."""
        require(step, "HyperParameterTuningJobConfig")
        if not step.arguments.get("TrainingJobDefinition") and not step.arguments.get(
            "TrainingJobDefinitions"
        ):
            raise DefinitionError(
                f"step {step.name}: Tuning steps need a TrainingJobDefinition or TrainingJobDefinitions"
            )

    def begin(self, context: StepContext) -> Progress:
        """Write the tuning job."""
        services = context.services
        request = {**_with_role(context), _NAME: _name(context)}
        formed = services.form("CreateHyperParameterTuningJob", request)
        tags = [
            *formed.pop("Tags", ()),
            {"Key": "sagemaker:pipeline-execution-arn", "Value": context.execution.arn},
            {"Key": "sagemaker:pipeline-step-name", "Value": context.step.name},
        ]
        step = StepRef(context.execution.arn, context.step.name)
        tuning = services.tunings.add(context.account, context.region, formed, tags=tags, step=step)
        return Progress("Executing", metadata={"TuningJob": {"Arn": tuning.arn}}, resource=tuning.arn)

    def launch(self, context: StepContext) -> None:
        """Start the first training jobs."""
        run = context.run_of(context.step.name)
        if run is not None:
            context.services.tunings.begin(run.resource)

    def properties(self, run: StepRun, services: Services) -> Mapping[str, Any]:
        """The tuning job's Describe answer, and ``TrainingJobSummaries``: its training jobs, best first."""
        tuning = services.tunings.get(run.resource)
        views = services.tunings.views
        best = [views.training_summary(tuning, trial) for trial in views.best(tuning)[:_SUMMARIES]]
        return {**views.describe(tuning), "TrainingJobSummaries": best}

    def stop(self, run: StepRun, services: Services) -> None:
        """Stop the tuning job."""
        services.tunings.stop(run.resource)

    def resume(self, run: StepRun, services: Services, ended: Callable[[Progress], None]) -> None:
        """Report an end that came before the restart; a tuning job that runs is taken up by itself."""
        try:
            tuning = services.tunings.get(run.resource)
        except NotFound as error:  # ended and deleted before its step heard of it
            ended(Progress("Failed", reason=f"ClientError: {error.message}"))
            return
        if tuning.status in FINAL:
            ended(_progress_of(tuning, stopping=run.status == "Stopping"))
        elif run.status == "Stopping":
            services.tunings.stop(run.resource)


def reporter(
    executions: ExecutionStore, report: Callable[[str, str, Progress], None]
) -> Callable[[Tuning], None]:
    """What tells the engine of tuning jobs that have ended, where they ran for a step."""

    def told(tuning: Tuning) -> None:
        if tuning.step is None:
            return
        run = executions.step(tuning.step.execution_arn, tuning.step.step)
        if run is not None and run.resource == tuning.arn:
            report(run.execution_arn, run.name, _progress_of(tuning, stopping=run.status == "Stopping"))

    return told


def _progress_of(tuning: Tuning, *, stopping: bool) -> Progress:
    """What a tuning job's end means for its step; one that somebody else stopped fails its step."""
    if tuning.status == "Completed":
        return Progress("Succeeded")
    if tuning.status == "Stopped" and stopping:
        return Progress("Stopped")
    reason = tuning.failure_reason or f"tuning job {tuning.name} ended with status {tuning.status}"
    return Progress("Failed", reason=f"ClientError: {reason}")


def _name(context: StepContext) -> str:
    """``<execution>-<step>-<random>`` in the 32 characters that there are; a name of the document's is a prefix."""
    given = context.arguments.get(_NAME)
    identity, tail = context.execution.id, context.name.rpartition("-")[2]
    room = _LONGEST - len(identity) - len(tail) - 2
    if isinstance(given, str):
        return f"{given[:room].rstrip('-')}-{identity}-{tail}"
    middle = context.step.name.replace("_", "-").strip("-")[:room].rstrip("-")
    return f"{identity}-{middle}-{tail}" if middle else f"{identity}-{tail}"


def _with_role(context: StepContext) -> dict[str, Any]:
    """The arguments, in which every training job definition has a role: the pipeline's if it names none."""
    arguments = dict(context.arguments)
    role = {"RoleArn": context.execution.role_arn}
    if isinstance(arguments.get("TrainingJobDefinition"), Mapping):
        arguments["TrainingJobDefinition"] = {**role, **arguments["TrainingJobDefinition"]}
    if isinstance(arguments.get("TrainingJobDefinitions"), list):
        arguments["TrainingJobDefinitions"] = [
            {**role, **each} if isinstance(each, Mapping) else each
            for each in arguments["TrainingJobDefinitions"]
        ]
    return arguments
