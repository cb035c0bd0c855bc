"""From a schedule's definition to the processing job of one moment, in the environment of Model Monitor's image.

A definition stands in the schedule (``MonitoringJobDefinition``, of data quality only) or has a name
(``DataQualityJobDefinition``, ``ModelQualityJobDefinition``, ``ModelBiasJobDefinition``); all say the same by other
names, which ``Definition`` brings together. AWS merges labels with predictions in a job of its own before; here the job
that measures does it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import Any

from ropeway.sandbox.domain.errors import Invalid, NotThere
from ropeway.sandbox.domain.schedules.expressions import Schedule

__all__ = [
    "TOPICS",
    "Definition",
    "Moment",
    "definition_in",
    "definition_named",
    "previous",
    "processing_request",
    "seconds",
    "shifted",
]

_HOME = "/opt/ml/processing/baseline"
_CAPTURED = {"sagemakerCaptureJson": {"captureIndexNames": ["endpointInput", "endpointOutput"]}}
_ANSWERS = {"sagemakerMergeJson": {"captureIndexNames": ["endpointOutput"]}}
_BOTH = {"sagemakerMergeJson": {"captureIndexNames": ["endpointInput", "endpointOutput"]}}
_OFFSETS = ("StartTimeOffset", "EndTimeOffset")
_OFFSET = re.compile(r"(-?)P(?=.)(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?")
_BACK = (3600.0, 86_400.0, 4 * 86_400.0, 31 * 86_400.0, 366 * 86_400.0)
_TRUTH, _CONFIG = "/opt/ml/processing/groundtruth", "/opt/ml/processing/input/config"
_ATTRIBUTES = {
    "InferenceAttribute": "inference_attribute",
    "ProbabilityAttribute": "probability_attribute",
    "ProbabilityThresholdAttribute": "probability_threshold_attribute",
}
TOPICS = {
    "DataQuality": "data-quality-job-definition",
    "ModelQuality": "model-quality-job-definition",
    "ModelBias": "model-bias-job-definition",
}
"""Kinds of monitoring that are run, and what their definitions are called in ARNs."""


@dataclass(frozen=True)
class Definition:
    """What is to be monitored, and how.

    Attributes:
        topic: a key of ``TOPICS``.
        input: an EndpointInput or BatchTransformInput.
        image: MonitoringAppSpecification's members.
        outputs: MonitoringOutputs.
        rest: members of the processing job that are passed on.
        truth: where labels lie; of data quality nowhere.
    """

    topic: str
    input: Mapping[str, Any]
    image: Mapping[str, Any]
    baseline: Mapping[str, Any]
    outputs: Mapping[str, Any]
    environment: Mapping[str, str]
    rest: Mapping[str, Any]
    truth: str = ""

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
        topic="DataQuality",
        input=_input(inputs[0]),
        image=document["MonitoringAppSpecification"],
        baseline=document.get("BaselineConfig", {}),
        outputs=document["MonitoringOutputConfig"],
        environment=document.get("Environment", {}),
        rest=_rest(document, document["MonitoringResources"]),
    )


def definition_named(topic: str, document: Mapping[str, Any]) -> Definition:
    """The definition that a ``DataQualityJobDefinition``, or one of another topic, is.

    Raises:
        Invalid: it does not say what would have to be measured.
    """
    specification, asked = document[f"{topic}AppSpecification"], document[f"{topic}JobInput"]
    truth = "" if topic == "DataQuality" else asked["GroundTruthS3Input"].get("S3Uri", "")
    if topic != "DataQuality" and not truth:
        raise Invalid("GroundTruthS3Input needs an S3Uri.")
    if topic == "ModelQuality" and not specification.get("ProblemType"):
        raise Invalid("ModelQualityAppSpecification needs a ProblemType.")
    return Definition(
        topic=topic,
        input=_input(asked),
        image=specification,
        baseline=document.get(f"{topic}BaselineConfig", {}),
        outputs=document[f"{topic}JobOutputConfig"],
        environment=specification.get("Environment", {}),
        rest=_rest(document, document["JobResources"]),
        truth=truth,
    )


def shifted(moment: Moment, definition: Definition) -> Moment:
    """A moment whose data are those of the time that a definition's offsets tell, counted from the schedule's time."""
    start, end = (seconds(definition.input.get(name, "")) for name in _OFFSETS)
    return replace(
        moment,
        start=moment.start if start is None else moment.scheduled + start,
        end=moment.end if end is None else moment.scheduled + end,
    )


def seconds(offset: str) -> float | None:
    """A time of ISO 8601, as ``-PT1H`` or ``-P1D``; None for none.

    Raises:
        Invalid: it is no such time.
    """
    if not offset:
        return None
    found = _OFFSET.fullmatch(offset)
    if found is None:
        raise Invalid(f"{offset!r} is no offset of time; say it like -PT1H or -P1D.")
    sign, days, hours, minutes = found.groups()
    length = int(days or 0) * 86_400 + int(hours or 0) * 3600 + int(minutes or 0) * 60
    return float(-length if sign else length)


def previous(schedule: Schedule, moment: float) -> float:
    """The moment of a schedule that comes before one of its moments; an hour before, where it has no other."""
    for back in _BACK:
        found = schedule.next(moment - back - 1, moment)
        if found is None or found >= moment:
            continue
        while (later := schedule.next(found, moment)) is not None and later < moment:
            found = later
        return found
    following = schedule.next(moment, moment)  # a rate counts from its moment
    return moment - 3600.0 if following is None else moment - (following - moment)


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
    if definition.truth:
        inputs.append(_taken("groundtruth_input", definition.truth, _TRUTH))
    if definition.image.get("ConfigUri"):
        inputs.append(_taken("analysis_config", definition.image["ConfigUri"], _CONFIG))
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
        if found.get(name) and "EndpointInput" not in document:
            raise NotThere(
                f"The sandbox shifts the time of captured requests only: {name} is not supported here."
            )
        seconds(found.get(name, ""))
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
        "dataset_format": json.dumps(_dataset(definition)),
        "dataset_source": definition.input["LocalPath"],
        "output_path": output["S3Output"]["LocalPath"],
        "publish_cloudwatch_metrics": definition.environment.get("publish_cloudwatch_metrics", "Enabled"),
        "sagemaker_monitoring_schedule_name": moment.schedule,
        "start_time": _stamp(moment.start),
        "end_time": _stamp(moment.end),
    }
    if definition.endpoint:
        told["sagemaker_endpoint_name"] = definition.endpoint
    if definition.truth:
        told["ground_truth_source"] = _TRUTH
        told["analysis_type"] = "MODEL_QUALITY" if definition.topic == "ModelQuality" else "MODEL_BIAS"
        told |= {
            variable: str(definition.input[member])
            for member, variable in _ATTRIBUTES.items()
            if definition.input.get(member) is not None
        }
    if definition.image.get("ProblemType"):
        told["problem_type"] = definition.image["ProblemType"]
    for member, variable in (
        ("RecordPreprocessorSourceUri", "record_preprocessor_script"),
        ("PostAnalyticsProcessorSourceUri", "post_analytics_processor_script"),
    ):
        if definition.image.get(member):
            told[variable] = definition.image[member]
    return told


def _dataset(definition: Definition) -> Mapping[str, Any]:
    if not definition.endpoint:
        return _format(definition.input)
    if not definition.truth:
        return _CAPTURED
    return _ANSWERS if definition.topic == "ModelQuality" else _BOTH


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
