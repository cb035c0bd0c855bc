"""Definitions of monitoring jobs: data quality, model quality, bias and explainability.

They are kept as described, with what AWS fills in. Schedules run those of data quality, model quality and bias.
"""

from __future__ import annotations

from typing import Any

from ropeway.sandbox.domain.records.ports import Record
from ropeway.sandbox.operations.call import Call
from ropeway.sandbox.operations.described import Kind, Members, register

__all__ = ["KINDS"]

_INPUT = {"S3InputMode": "File", "S3DataDistributionType": "FullyReplicated"}
_TIMEOUT = {"MaxRuntimeInSeconds": 3600}


def _filled(_call: Call, document: Members) -> dict[str, Any]:
    made: dict[str, Any] = {"StoppingCondition": document.get("StoppingCondition", _TIMEOUT)}
    for name, value in document.items():
        if name.endswith("JobInput"):
            sources = ("EndpointInput", "BatchTransformInput")
            made[name] = {key: {**_INPUT, **part} if key in sources else part for key, part in value.items()}
        if name.endswith("JobOutputConfig"):
            outputs = [
                {"S3Output": {"S3UploadMode": "EndOfJob", **output["S3Output"]}}
                for output in value["MonitoringOutputs"]
            ]
            made[name] = {**value, "MonitoringOutputs": outputs}
    return made


def _kind(topic: str, resource: str) -> Kind:
    noun = f"{topic}JobDefinition"
    return Kind(
        noun=noun,
        resource=f"{resource}-job-definition/{{JobDefinitionName}}",
        name="JobDefinitionName",
        missing=("ResourceNotFound", "Job definition {JobDefinitionName} does not exist."),
        arn="JobDefinitionArn",
        list_member=(f"{noun}s", "JobDefinitionSummaries"),
        made=_filled,
        told=_summary,
    )


def _summary(record: Record) -> dict[str, Any]:
    """What lists call by other names."""
    told = {"MonitoringJobDefinitionName": record.name, "MonitoringJobDefinitionArn": record.arn}
    for name, value in record.document.items():
        endpoint = value.get("EndpointInput", {}).get("EndpointName") if name.endswith("JobInput") else None
        if endpoint:
            told["EndpointName"] = endpoint
    return told


KINDS = (
    _kind("DataQuality", "data-quality"),
    _kind("ModelQuality", "model-quality"),
    _kind("ModelBias", "model-bias"),
    _kind("ModelExplainability", "model-explainability"),
)
for _each in KINDS:
    register(_each)
