"""What a create request must hold beyond the service model, what it gets by default, and AWS's words for no job.

The service model checks types, patterns and lengths before a request comes here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ropeway.sandbox.domain.errors import Invalid, NotThere
from ropeway.sandbox.domain.jobs.model import Kind
from ropeway.values.arn import Arn

__all__ = ["NAME", "accept", "not_found"]

NAME = {
    Kind.PROCESSING: "ProcessingJobName",
    Kind.TRAINING: "TrainingJobName",
    Kind.TRANSFORM: "TransformJobName",
}
_DAY = {"MaxRuntimeInSeconds": 86400}
_ROOT = "/opt/ml/processing"


def accept(kind: Kind, request: Mapping[str, Any]) -> dict[str, Any]:
    """The request as it is kept: checked, without tags, defaults filled in.

    Raises:
        Invalid: members contradict each other.
        NotThere: the request asks for what the sandbox does not have.
    """
    kept = {name: value for name, value in request.items() if name != "Tags"}
    if kind is Kind.PROCESSING:
        _check_processing(kept)
        kept.setdefault("StoppingCondition", dict(_DAY))
    elif kind is Kind.TRAINING:
        _check_training(kept)
        kept.setdefault("StoppingCondition", dict(_DAY))
    else:
        _check_transform(kept)
    return kept


def not_found(arn: str) -> Invalid:
    """What AWS says about a job that does not exist."""
    name = Arn.parse(arn)
    if name.kind == Kind.PROCESSING.value:
        return Invalid(f"Could not find requested job with name: {name.name}")
    return Invalid("Requested resource not found.")


def _check_processing(request: Mapping[str, Any]) -> None:
    inputs = request.get("ProcessingInputs", ())
    outputs = request.get("ProcessingOutputConfig", {}).get("Outputs", ())
    _check_unique([entry["InputName"] for entry in inputs], "input")
    _check_unique([entry["OutputName"] for entry in outputs], "output")
    paths = [entry.get("S3Input", {}).get("LocalPath") for entry in inputs]
    paths += [entry.get("S3Output", {}).get("LocalPath") for entry in outputs]
    for path in paths:
        if path is not None and path != _ROOT and not path.startswith(f"{_ROOT}/"):
            raise Invalid(f"LocalPath {path} is invalid: it must be a path below {_ROOT}.")


def _check_training(request: Mapping[str, Any]) -> None:
    if "ServerlessJobConfig" in request:
        raise NotThere("The sandbox does not run serverless training jobs (ServerlessJobConfig).")
    for member in ("AlgorithmSpecification", "ResourceConfig"):
        if member not in request:
            raise Invalid(f"{member} must be given.")
    algorithm = request["AlgorithmSpecification"]
    if ("TrainingImage" in algorithm) == ("AlgorithmName" in algorithm):
        raise Invalid(
            "Exactly one of TrainingImage and AlgorithmName must be given in AlgorithmSpecification."
        )
    _check_unique([entry["ChannelName"] for entry in request.get("InputDataConfig", ())], "channel")


def _check_transform(request: Mapping[str, Any]) -> None:
    split = request.get("TransformInput", {}).get("SplitType", "None")
    if split not in {"None", "Line"}:
        raise NotThere(
            f"The sandbox does not split transform input by {split}; it splits by Line, or not at all."
        )


def _check_unique(names: list[str], what: str) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise Invalid(f"Every {what} needs its own name; used more than once: {', '.join(twice)}.")
