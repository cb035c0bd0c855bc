"""What a create request must hold beyond the service model, what it gets by default, and what it means.

The service model checks types, patterns and lengths before a request comes here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ropeway.sandbox.domain.errors import Invalid, LimitExceeded, NotFound, NotThere
from ropeway.sandbox.domain.jobs import requests as jobs
from ropeway.sandbox.domain.jobs.model import Kind
from ropeway.sandbox.domain.tuning.model import Objective, Trial, Tuning
from ropeway.sandbox.domain.tuning.space import Space, space_of

__all__ = [
    "OBJECTIVE",
    "Definition",
    "accept",
    "check_parents",
    "definitions_of",
    "limit_of",
    "not_found",
    "parents_of",
    "resources_of",
    "training_request",
]

# The hyperparameter that tells a training job what it is compared by.
OBJECTIVE = "_tuning_objective_metric"
_COPIED = (
    "RoleArn",
    "InputDataConfig",
    "VpcConfig",
    "OutputDataConfig",
    "StoppingCondition",
    "EnableNetworkIsolation",
    "EnableInterContainerTrafficEncryption",
    "EnableManagedSpotTraining",
    "RetryStrategy",
    "Environment",
)
# AWS's quotas of a tuning job.
_MOST = 750
_PARALLEL = 100
_RESOURCES = ("InstanceType", "InstanceCount", "VolumeSizeInGB", "VolumeKmsKeyId")


@dataclass(frozen=True)
class Definition:
    """One of the training job definitions that a tuning job has.

    Attributes:
        name: its DefinitionName, or "".
        document: the definition, API-shaped.
    """

    name: str
    objective: Objective
    space: Space
    document: Mapping[str, Any]


def accept(request: Mapping[str, Any]) -> dict[str, Any]:
    """The request as it is kept: checked, without tags, defaults filled in.

    Raises:
        Invalid: members contradict each other, or something needed is missing.
        LimitExceeded: it asks for more training jobs than AWS allows.
        NotThere: the request asks for what the sandbox does not have.
    """
    kept = {name: value for name, value in request.items() if name != "Tags"}
    _refuse(kept)
    if ("TrainingJobDefinition" in kept) == ("TrainingJobDefinitions" in kept):
        raise Invalid("Exactly one of TrainingJobDefinition and TrainingJobDefinitions must be given.")
    config = dict(kept["HyperParameterTuningJobConfig"])
    config.setdefault("TrainingJobEarlyStoppingType", "Off")
    kept["HyperParameterTuningJobConfig"] = config
    definitions = definitions_of(kept)
    _check_definitions(definitions, several="TrainingJobDefinitions" in kept)
    _check_grid(config, definitions)
    _check_hyperband(config)
    _check_quotas(config["ResourceLimits"], limit_of(kept, definitions))
    for definition in definitions:
        trial = Trial("", 1, "probe", 0, {}, "Planned", 0.0)
        jobs.accept(Kind.TRAINING, training_request(definition, trial))
    return _with_objectives(kept, definitions)


def definitions_of(request: Mapping[str, Any]) -> tuple[Definition, ...]:
    """A request's training job definitions.

    Raises:
        Invalid: a range or an objective is missing or wrong.
    """
    config = request["HyperParameterTuningJobConfig"]
    documents = request.get("TrainingJobDefinitions") or [request["TrainingJobDefinition"]]
    return tuple(
        Definition(
            document.get("DefinitionName", ""),
            _objective(document.get("TuningObjective") or config.get("HyperParameterTuningJobObjective")),
            space_of(document.get("HyperParameterRanges") or config.get("ParameterRanges") or {}),
            document,
        )
        for document in documents
    )


def limit_of(request: Mapping[str, Any], definitions: Sequence[Definition]) -> int:
    """How many training jobs there may be in all: what was asked for, the whole grid, or AWS's quota."""
    config = request["HyperParameterTuningJobConfig"]
    if config["Strategy"] == "Grid":
        return sum(definition.space.combinations or 0 for definition in definitions)
    return int(config["ResourceLimits"].get("MaxNumberOfTrainingJobs", _MOST))


def resources_of(config: Mapping[str, Any]) -> tuple[int, int | None]:
    """Hyperband's MinResource, one by default, and MaxResource, if any."""
    given = config.get("StrategyConfig", {}).get("HyperbandStrategyConfig", {})
    return given.get("MinResource", 1), given.get("MaxResource")


def parents_of(request: Mapping[str, Any]) -> list[str]:
    """The names of the tuning jobs that a warm start begins with."""
    parents = request.get("WarmStartConfig", {}).get("ParentHyperParameterTuningJobs", ())
    return [parent["HyperParameterTuningJobName"] for parent in parents]


def training_request(definition: Definition, trial: Trial) -> dict[str, Any]:
    """The create request of a training job.

    Checkpoints go to a folder of their own below the definition's, or training jobs would start from each other's.
    """
    document = definition.document
    request: dict[str, Any] = {name: document[name] for name in _COPIED if name in document}
    request["TrainingJobName"] = trial.name
    request["AlgorithmSpecification"] = dict(document["AlgorithmSpecification"])
    request["HyperParameters"] = {
        **document.get("StaticHyperParameters", {}),
        **trial.values,
        OBJECTIVE: definition.objective.metric,
    }
    request["ResourceConfig"] = _resources(document)
    if trial.tuning_arn:
        request["TuningJobArn"] = trial.tuning_arn
    if "CheckpointConfig" in document:
        config = dict(document["CheckpointConfig"])
        config["S3Uri"] = f"{config['S3Uri'].rstrip('/')}/{trial.name}"
        request["CheckpointConfig"] = config
    return request


def not_found(name: str) -> NotFound:
    """What AWS says about a tuning job that does not exist."""
    return NotFound(f"Amazon SageMaker can't find a tuning job with the name {name}.")


def check_parents(request: Mapping[str, Any], parents: Sequence[Tuning]) -> None:
    """What a warm start demands of the tuning jobs that it begins with.

    Raises:
        Invalid: it is demanded in vain.
    """
    if "TrainingJobDefinitions" in request:
        raise Invalid("WarmStartConfig cannot be used with TrainingJobDefinitions.")
    for parent in parents:
        if parent.ended is None:
            raise Invalid(
                f"Parent tuning job {parent.name} is in status {parent.status}; it must have ended before a warm start."
            )
        if request["WarmStartConfig"]["WarmStartType"] != "IdenticalDataAndAlgorithm":
            continue
        theirs = parent.request.get("TrainingJobDefinition", {})
        ours = request["TrainingJobDefinition"]
        same_image = _image(theirs) == _image(ours)
        if not same_image or theirs.get("InputDataConfig") != ours.get("InputDataConfig"):
            raise Invalid(
                f"Parent tuning job {parent.name} has another algorithm or other input data; "
                "use the WarmStartType TransferLearning."
            )


def _image(document: Mapping[str, Any]) -> object:
    return document.get("AlgorithmSpecification", {}).get("TrainingImage")


def _refuse(request: Mapping[str, Any]) -> None:
    config = request["HyperParameterTuningJobConfig"]
    if "Autotune" in request:
        raise NotThere("The sandbox has no Autotune: give ranges and a limit of training jobs.")
    detected = config.get("TuningJobCompletionCriteria", {}).get("ConvergenceDetected", {})
    if detected.get("CompleteOnConvergence") == "Enabled":
        raise NotThere(
            "The sandbox does not detect convergence; use BestObjectiveNotImproving or TargetObjectiveMetricValue."
        )


def _objective(given: Mapping[str, str] | None) -> Objective:
    if given is None:
        raise Invalid("A tuning objective must be given: its type and the name of its metric.")
    return Objective(given["MetricName"], given["Type"] == "Maximize")


def _check_definitions(definitions: Sequence[Definition], *, several: bool) -> None:
    names = [definition.name for definition in definitions]
    if several and (not all(names) or len(set(names)) < len(names)):
        raise Invalid("Every entry of TrainingJobDefinitions needs a DefinitionName of its own.")
    if len({definition.objective.maximize for definition in definitions}) > 1:
        raise Invalid("All TrainingJobDefinitions must have a TuningObjective of the same type.")
    for definition in definitions:
        metrics = definition.document["AlgorithmSpecification"].get("MetricDefinitions", ())
        if metrics and definition.objective.metric not in {metric["Name"] for metric in metrics}:
            raise Invalid(
                "A metric is required for this hyperparameter tuning job objective. "
                f"Provide a metric in the metric definitions: {definition.objective.metric}."
            )
        static = definition.document.get("StaticHyperParameters", {})
        both = sorted(static.keys() & set(definition.space.names))
        if both:
            raise Invalid(f"Hyperparameters are either static or tuned, not both: {', '.join(both)}.")


def _check_quotas(limits: Mapping[str, Any], jobs: int) -> None:
    parallel = limits["MaxParallelTrainingJobs"]
    for what, asked, most in (
        ("training jobs", jobs, _MOST),
        ("parallel training jobs", parallel, _PARALLEL),
    ):
        if asked > most:
            raise LimitExceeded(
                f"The account-level service limit 'Maximum number of {what} per hyperparameter tuning job' is "
                f"{most}, with a request of {asked}."
            )


def _check_grid(config: Mapping[str, Any], definitions: Sequence[Definition]) -> None:
    if config["Strategy"] != "Grid":
        return
    counts = [definition.space.combinations for definition in definitions]
    if None in counts:
        raise Invalid("The Grid strategy supports categorical hyperparameter ranges only.")
    total = sum(count or 0 for count in counts)
    given = config["ResourceLimits"].get("MaxNumberOfTrainingJobs", total)
    if given != total:
        raise Invalid(
            f"MaxNumberOfTrainingJobs is {given}, but the grid has {total} combinations; "
            "give that number, or none."
        )


def _check_hyperband(config: Mapping[str, Any]) -> None:
    if config["Strategy"] != "Hyperband":
        return
    if config["TrainingJobEarlyStoppingType"] != "Off":
        raise Invalid(
            "TrainingJobEarlyStoppingType must be Off with the Hyperband strategy, which has its own."
        )
    first, last = resources_of(config)
    if last is not None and first > last:
        raise Invalid(f"MinResource {first} is above MaxResource {last}.")


def _with_objectives(request: dict[str, Any], definitions: Sequence[Definition]) -> dict[str, Any]:
    """The request with the objective among the static hyperparameters, where Describe shows it."""
    documents = [
        {
            **definition.document,
            "StaticHyperParameters": {
                **definition.document.get("StaticHyperParameters", {}),
                OBJECTIVE: definition.objective.metric,
            },
        }
        for definition in definitions
    ]
    if "TrainingJobDefinitions" in request:
        return {**request, "TrainingJobDefinitions": documents}
    return {**request, "TrainingJobDefinition": documents[0]}


def _resources(document: Mapping[str, Any]) -> dict[str, Any]:
    if "ResourceConfig" in document:
        return dict(document["ResourceConfig"])
    given = document.get("HyperParameterTuningResourceConfig")
    if given is None:
        raise Invalid("ResourceConfig or HyperParameterTuningResourceConfig must be given.")
    chosen = {**given, **(given["InstanceConfigs"][0] if given.get("InstanceConfigs") else {})}
    return {name: chosen[name] for name in _RESOURCES if name in chosen}
