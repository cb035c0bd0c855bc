"""Changes of status as facts, in AWS's shapes (SageMaker developer guide, "Events … sends to EventBridge").

Pipelines tell times as texts, jobs and endpoints as milliseconds, model packages as texts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ropeway.sandbox.domain.events.model import Fact, timestamp
from ropeway.sandbox.domain.statemachines.model import Execution as MachineExecution
from ropeway.values.arn import Arn

__all__ = ["described", "execution_changed", "machine_changed", "package_changed", "step_changed"]

_SAGEMAKER = "aws.sagemaker"
_EXECUTION = "SageMaker Model Building Pipeline Execution Status Change"
_STEP = "SageMaker Model Building Pipeline Execution Step Status Change"
_MACHINE = "Step Functions Execution Status Change"
_NULL = ("previousPipelineExecutionStatus", "previousStepStatus")  # there from the first event on
_PACKAGE = "SageMaker Model Package State Change"


def execution_changed(
    arn: str, document: Mapping[str, Any], statuses: tuple[str | None, str], times: tuple[float, float | None]
) -> Fact:
    """An execution has another status.

    Args:
        arn: the execution's.
        document: what its start gave (display name, description).
        statuses: the one before, if any, and the one now.
        times: its start and its end.
    """
    pipeline = arn.partition("/execution/")[0]
    detail = {
        "pipelineExecutionDisplayName": document.get("PipelineExecutionDisplayName"),
        "currentPipelineExecutionStatus": statuses[1],
        "previousPipelineExecutionStatus": statuses[0],
        "executionStartTime": timestamp(times[0]),
        "executionEndTime": None if times[1] is None else timestamp(times[1]),
        "pipelineExecutionDescription": document.get("PipelineExecutionDescription"),
        "pipelineArn": pipeline,
        "pipelineExecutionArn": arn,
    }
    return _fact(_EXECUTION, [pipeline, arn], detail)


def step_changed(
    execution_arn: str,
    name: tuple[str, str],
    statuses: tuple[str | None, str],
    times: tuple[float, float | None],
    more: Mapping[str, Any],
) -> Fact:
    """A step has another status.

    Args:
        execution_arn: its execution's.
        name: the step's name and type.
        statuses: the one before, if any, and the one now.
        times: its start and its end.
        more: ``metadata`` as ListPipelineExecutionSteps has it, ``failureReason``, ``cacheHitResult``.
    """
    pipeline = execution_arn.partition("/execution/")[0]
    detail = {
        "metadata": _lowered(more.get("metadata") or {}),
        "stepStartTime": timestamp(times[0]),
        "stepEndTime": None if times[1] is None else timestamp(times[1]),
        "stepName": name[0],
        "stepType": name[1],
        "previousStepStatus": statuses[0],
        "currentStepStatus": statuses[1],
        "failureReason": more.get("failureReason"),
        "cacheHitResult": more.get("cacheHitResult"),
        "pipelineArn": pipeline,
        "pipelineExecutionArn": execution_arn,
    }
    return _fact(_STEP, [pipeline, execution_arn], detail)


def described(
    detail_type: str, arn: str, description: Mapping[str, Any], tags: Sequence[Mapping[str, str]]
) -> Fact:
    """A job or an endpoint has another status; its description is the detail, times in milliseconds.

    Args:
        detail_type: ``SageMaker Training Job State Change`` and its like.
        arn: the job's or endpoint's.
        description: the answer of its Describe operation.
        tags: API-shaped.
    """
    detail = {**_milliseconds(description), "Tags": {tag["Key"]: tag["Value"] for tag in tags}}
    return _fact(detail_type, [arn], detail)


def package_changed(arn: str, description: Mapping[str, Any], updated: Sequence[str]) -> Fact:
    """A model package was registered, or another status or approval.

    Args:
        arn: the package's.
        description: DescribeModelPackage's answer.
        updated: what UpdateModelPackage changed (``ModelApprovalStatus``, …).
    """
    detail = {
        name: value
        for name, value in _texts(description).items()
        if name not in {"CreatedBy", "LastModifiedBy"}
    }
    details: dict[str, list[str]] = {"ValidationStatuses": [], "ImageScanStatuses": []}
    detail["ModelPackageStatusDetails"] = {**details, **(detail.get("ModelPackageStatusDetails") or {})}
    if updated:
        detail["UpdatedModelPackageFields"] = list(updated)
    return _fact(_PACKAGE, [arn], detail)


def machine_changed(run: MachineExecution) -> Fact:
    """A state machine's execution has another status (Step Functions developer guide, "execution status changes")."""
    detail = {
        "executionArn": run.arn,
        "stateMachineArn": run.machine_arn,
        "stateMachineVersionArn": run.version or None,
        "stateMachineAliasArn": run.alias or None,
        "name": run.name,
        "status": run.status,
        "startDate": int(run.started * 1000),
        "stopDate": None if run.stopped is None else int(run.stopped * 1000),
        "input": run.input,
        "inputDetails": {"included": True},
        "output": run.output,
        "outputDetails": None if run.output is None else {"included": True},
        "error": run.error,
        "cause": run.cause,
        "redriveCount": run.redrives,
        "redriveDate": None if run.redriven is None else int(run.redriven * 1000),
    }
    arn = Arn.parse(run.arn)
    return Fact(arn.account, arn.region, "aws.states", _MACHINE, [run.arn], detail)


def _fact(detail_type: str, resources: Sequence[str], detail: Mapping[str, Any]) -> Fact:
    arn = Arn.parse(resources[0])
    told = {name: value for name, value in detail.items() if value is not None or name in _NULL}
    return Fact(arn.account, arn.region, _SAGEMAKER, detail_type, resources, told)


def _lowered(value: Any) -> Any:
    """Members with a small first letter, as pipelines' events spell them."""
    if isinstance(value, Mapping):
        return {name[:1].lower() + name[1:]: _lowered(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_lowered(item) for item in value]
    return timestamp(value.timestamp()) if isinstance(value, datetime) else value


def _milliseconds(value: Any) -> Any:
    return _plain(value, lambda moment: int(moment.timestamp() * 1000))


def _texts(value: Any) -> Any:
    return _plain(value, lambda moment: timestamp(moment.timestamp()))


def _plain(value: Any, told: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(item, told) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, told) for item in value]
    return told(value) if isinstance(value, datetime) else value
