"""Pipeline executions and their steps: start, describe, list, stop, retry, change."""

from __future__ import annotations

from typing import Any

from ropeway.sandbox.domain.errors import Invalid
from ropeway.sandbox.domain.listing import Cursor, Page
from ropeway.sandbox.domain.pipelines.engine import plan_of
from ropeway.sandbox.domain.pipelines.model import Execution, StepRun
from ropeway.sandbox.domain.pipelines.resolve import text_of
from ropeway.sandbox.operations import pages
from ropeway.sandbox.operations.call import Call
from ropeway.sandbox.operations.registry import operation
from ropeway.sandbox.operations.sagemaker.pipelines import pipeline_of

__all__: list[str] = []


@operation("sagemaker", "StartPipelineExecution")
def start(call: Call) -> dict[str, Any]:
    """Start an execution of a pipeline."""
    return {"PipelineExecutionArn": call.domain.executions.start(pipeline_of(call), call.params)}


@operation("sagemaker", "DescribePipelineExecution")
def describe(call: Call) -> dict[str, Any]:
    """An execution as it stands."""
    execution = _execution(call)
    echoed = dict(execution.document)
    mlflow = {
        member: echoed.pop(member)
        for member in ("MlflowResourceArn", "MlflowExperimentName")
        if member in echoed
    }
    return {
        "PipelineArn": execution.pipeline_arn,
        "PipelineExecutionArn": execution.arn,
        "PipelineExecutionDisplayName": f"execution-{int(execution.created * 1000)}",
        **echoed,
        "PipelineExecutionStatus": execution.status,
        "FailureReason": execution.failure_reason,
        "MLflowConfig": mlflow or None,
        "CreationTime": pages.moment(execution.created),
        "LastModifiedTime": pages.moment(execution.modified),
        "CreatedBy": {},
        "LastModifiedBy": {},
        "PipelineVersionId": execution.version,
        "PipelineVersionAliases": call.domain.pipelines.aliases(execution.pipeline_arn).get(
            execution.version, []
        ),
        "RoleArn": execution.role_arn,
    }


@operation("sagemaker", "ListPipelineExecutions")
def list_executions(call: Call) -> dict[str, Any]:
    """A pipeline's executions, newest first."""
    alias = call.params.get("PipelineVersionAlias")
    page = call.domain.executions.list(pipeline_of(call), pages.listing_of(call.params), alias)
    return pages.answer("PipelineExecutionSummaries", page, call.params, _summary)


@operation("sagemaker", "ListPipelineExecutionSteps")
def list_steps(call: Call) -> dict[str, Any]:
    """An execution's steps, newest first."""
    if "PipelineExecutionArn" not in call.params:
        raise Invalid("PipelineExecutionArn must be given.")
    execution = _execution(call)
    page = call.domain.executions.steps(execution, pages.listing_of(call.params, limit=20))
    specs = plan_of(execution.definition).definition.steps

    def entry(run: StepRun) -> dict[str, Any]:
        loop = specs[run.iteration["ParentStepName"]].loop if run.iteration else None
        settings = (loop.body[run.iteration["Body"]] if loop else specs[run.name]).settings
        return {
            "StepDisplayName": settings.get("DisplayName"),
            "StepDescription": settings.get("Description"),
            **_step(run),
        }

    return pages.answer("PipelineExecutionSteps", page, call.params, entry)


@operation("sagemaker", "StopPipelineExecution")
def stop(call: Call) -> dict[str, Any]:
    """Stop an execution."""
    arn = call.params["PipelineExecutionArn"]
    call.domain.executions.stop(arn, call.account)
    return {"PipelineExecutionArn": arn}


@operation("sagemaker", "RetryPipelineExecution")
def retry(call: Call) -> dict[str, Any]:
    """Run the steps of an execution that did not succeed once more."""
    arn = call.params["PipelineExecutionArn"]
    limit = call.params.get("ParallelismConfiguration", {}).get("MaxParallelExecutionSteps")
    call.domain.executions.retry(arn, call.account, limit)
    return {"PipelineExecutionArn": arn}


@operation("sagemaker", "UpdatePipelineExecution")
def update(call: Call) -> dict[str, Any]:
    """Change an execution's name, description or parallelism."""
    arn = call.params["PipelineExecutionArn"]
    call.domain.executions.update(arn, call.account, call.params)
    return {"PipelineExecutionArn": arn}


@operation("sagemaker", "ListPipelineParametersForExecution")
def list_parameters(call: Call) -> dict[str, Any]:
    """The parameters that an execution runs with, defaults included."""
    execution = _execution(call)
    listing = pages.listing_of(call.params, limit=200)
    entries = [{"Name": name, "Value": text_of(value)} for name, value in execution.parameters.items()]
    first = listing.after.row if listing.after is not None else 0
    last = first + listing.limit
    page = Page(entries[first:last], Cursor(last, last) if last < len(entries) else None)
    return pages.answer("PipelineParameters", page, call.params, lambda entry: entry)


@operation("sagemaker", "DescribePipelineDefinitionForExecution")
def describe_definition(call: Call) -> dict[str, Any]:
    """The definition that an execution runs."""
    execution = _execution(call)
    return {"PipelineDefinition": execution.definition, "CreationTime": pages.moment(execution.created)}


def _execution(call: Call) -> Execution:
    return call.domain.executions.get(call.params["PipelineExecutionArn"], call.account)


def _summary(execution: Execution) -> dict[str, Any]:
    document = execution.document
    return {
        "PipelineExecutionArn": execution.arn,
        "StartTime": pages.moment(execution.created),
        "PipelineExecutionStatus": execution.status,
        "PipelineExecutionDescription": document.get("PipelineExecutionDescription"),
        "PipelineExecutionDisplayName": document.get(
            "PipelineExecutionDisplayName", f"execution-{int(execution.created * 1000)}"
        ),
        "PipelineExecutionFailureReason": execution.failure_reason,
    }


def _step(run: StepRun) -> dict[str, Any]:
    cached = {"SourcePipelineExecutionArn": run.cached_from} if run.cached_from else None
    reused = {"SourcePipelineExecutionArn": run.reused_from} if run.reused_from else None
    iteration = {name: value for name, value in run.iteration.items() if name != "Body"}
    return {
        "StepName": run.name,
        "StepStatus": run.status,
        "StartTime": pages.moment(run.start),
        "EndTime": pages.moment(run.end),
        "AttemptCount": run.attempt,
        "FailureReason": None if run.due is not None else run.failure_reason,
        "Metadata": run.metadata or None,
        "CacheHitResult": cached,
        "SelectiveExecutionResult": reused,
        "IterationContext": iteration or None,
    }
