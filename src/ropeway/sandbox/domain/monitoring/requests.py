"""From a schedule's definition to the processing job of one moment, in the environment of Model Monitor's image.

A definition stands in the schedule (``MonitoringJobDefinition``) or has a name (``DataQualityJobDefinition``); both say
the same by other names, which ``Definition`` brings together.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from ropeway.sandbox.domain.errors import Invalid, NotThere

__all__ = ["Definition", "Moment", "definition_in", "definition_named", "processing_request"]

_HOME = "/opt/ml/processing/baseline"
_CAPTURED = {"sagemakerCaptureJson": {"captureIndexNames": ["endpointInput", "endpointOutput"]}}
_OFFSETS = ("StartTimeOffset", "EndTimeOffset")


@dataclass(frozen=True)
class Definition:
    """What is to be monitored, and how.

    Attributes:
        input: an EndpointInput or BatchTransformInput.
        image: MonitoringAppSpecification's members.
        outputs: MonitoringOutputs.
        rest: members of the processing job that are passed on.
    """

    input: Mapping[str, Any]
    image: Mapping[str, Any]
    baseline: Mapping[str, Any]
    outputs: Mapping[str, Any]
    environment: Mapping[str, str]
    rest: Mapping[str, Any]

    @property
    def endpoint(self) -> str | None:
        """The endpoint whose captured requests are read."""
        name: str | None = self.input.get("EndpointName")
        return name


@dataclass(frozen=True)
class Moment:
    """One execution: the time it is for (epoch seconds), and the time that its data are of."""

    schedule: str
    scheduled: float
    start: float
    end: float


def definition_in(document: Mapping[str, Any]) -> Definition:
    """The definition that stands in a schedule.

    Raises:
        Invalid: it has no input, or several.
    """
    inputs = document["MonitoringInputs"]
    if len(inputs) != 1:
        raise Invalid("A monitoring schedule needs exactly one monitoring input.")
    return Definition(
        input=_input(inputs[0]),
        image=document["MonitoringAppSpecification"],
        baseline=document.get("BaselineConfig", {}),
        outputs=document["MonitoringOutputConfig"],
        environment=document.get("Environment", {}),
        rest=_rest(document, document["MonitoringResources"]),
    )


def definition_named(document: Mapping[str, Any]) -> Definition:
    """The definition that a DataQualityJobDefinition is."""
    specification = document["DataQualityAppSpecification"]
    return Definition(
        input=_input(document["DataQualityJobInput"]),
        image=specification,
        baseline=document.get("DataQualityBaselineConfig", {}),
        outputs=document["DataQualityJobOutputConfig"],
        environment=specification.get("Environment", {}),
        rest=_rest(document, document["JobResources"]),
    )


def processing_request(
    definition: Definition, moment: Moment, captured: str | None, name: str
) -> dict[str, Any]:
    """CreateProcessingJob.

    Args:
        definition: what to monitor.
        moment: when.
        captured: where an endpoint's captured requests lie.
        name: the job's.
    """
    told = definition.input
    source = captured or told["DataCapturedDestinationS3Uri"]
    inputs = [_taken("monitoring_input", source, told["LocalPath"])]
    environment = {**definition.environment, **_environment(definition, moment)}
    for kind in ("constraints", "statistics"):
        uri = definition.baseline.get(f"{kind.capitalize()}Resource", {}).get("S3Uri")
        if uri:
            inputs.append(_taken(f"baseline_{kind}", uri, f"{_HOME}/{kind}"))
            environment[f"baseline_{kind}"] = f"{_HOME}/{kind}/{uri.rpartition('/')[2]}"
    application = {
        member: definition.image[member]
        for member in ("ImageUri", "ContainerEntrypoint", "ContainerArguments")
        if definition.image.get(member)
    }
    return {
        "ProcessingJobName": name,
        "AppSpecification": application,
        "ProcessingInputs": inputs,
        "ProcessingOutputConfig": _outputs(definition, moment),
        "Environment": environment,
        **definition.rest,
    }


def _input(document: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] | None = document.get("EndpointInput") or document.get("BatchTransformInput")
    if found is None:
        raise Invalid("A monitoring input needs an EndpointInput or a BatchTransformInput.")
    for name in _OFFSETS:
        if found.get(name):
            raise NotThere(f"The sandbox does not shift the time of monitored data: {name} is not supported.")
    return found


def _rest(document: Mapping[str, Any], resources: Mapping[str, Any]) -> dict[str, Any]:
    kept = ("NetworkConfig", "RoleArn", "StoppingCondition")
    return {
        "ProcessingResources": {"ClusterConfig": resources["ClusterConfig"]},
        **{name: document[name] for name in kept if document.get(name)},
    }


def _taken(name: str, uri: str, path: str) -> dict[str, Any]:
    source = {
        "S3Uri": uri,
        "LocalPath": path,
        "S3DataType": "S3Prefix",
        "S3InputMode": "File",
        "S3DataDistributionType": "FullyReplicated",
        "S3CompressionType": "None",
    }
    return {"InputName": name, "AppManaged": False, "S3Input": source}


def _environment(definition: Definition, moment: Moment) -> dict[str, str]:
    (output, *_) = definition.outputs["MonitoringOutputs"]
    told = {
        "dataset_format": json.dumps(_CAPTURED if definition.endpoint else _format(definition.input)),
        "dataset_source": definition.input["LocalPath"],
        "output_path": output["S3Output"]["LocalPath"],
        "publish_cloudwatch_metrics": definition.environment.get("publish_cloudwatch_metrics", "Enabled"),
        "sagemaker_monitoring_schedule_name": moment.schedule,
        "start_time": _stamp(moment.start),
        "end_time": _stamp(moment.end),
    }
    if definition.endpoint:
        told["sagemaker_endpoint_name"] = definition.endpoint
    for member, variable in (
        ("RecordPreprocessorSourceUri", "record_preprocessor_script"),
        ("PostAnalyticsProcessorSourceUri", "post_analytics_processor_script"),
    ):
        if definition.image.get(member):
            told[variable] = definition.image[member]
    return told


def _format(given: Mapping[str, Any]) -> dict[str, Any]:
    """A DatasetFormat as the analyser's variable spells it."""
    form = given["DatasetFormat"]
    if "Csv" in form:
        return {"csv": {"header": bool(form["Csv"].get("Header", False))}}
    return {"json": {"line": True}} if "Json" in form else {"parquet": {}}


def _outputs(definition: Definition, moment: Moment) -> dict[str, Any]:
    when = datetime.fromtimestamp(moment.scheduled, tz=timezone.utc).strftime("%Y/%m/%d/%H")
    folder = "/".join(filter(None, (definition.endpoint, moment.schedule, when)))
    outputs = [
        {
            "OutputName": f"monitoring_output_{place}" if place else "monitoring_output",
            "AppManaged": False,
            "S3Output": {
                "S3UploadMode": "EndOfJob",
                **entry["S3Output"],
                "S3Uri": f"{entry['S3Output']['S3Uri'].rstrip('/')}/{folder}",
            },
        }
        for place, entry in enumerate(definition.outputs["MonitoringOutputs"])
    ]
    key = {"KmsKeyId": definition.outputs["KmsKeyId"]} if definition.outputs.get("KmsKeyId") else {}
    return {"Outputs": outputs, **key}


def _stamp(moment: float) -> str:
    return datetime.fromtimestamp(moment, tz=timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
