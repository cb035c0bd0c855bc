"""The step that looks for good hyperparameters: Tuning."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from ropeway.pipelines.assets import Build
from ropeway.pipelines.functions import Expression, Join, Properties, Value, to_json
from ropeway.pipelines.jobs import TrainingStep
from ropeway.pipelines.steps import Step, over

__all__ = ["CategoricalRange", "ContinuousRange", "IntegerRange", "Range", "TuningStep"]


class Range(ABC):
    """The values that a hyperparameter may have."""

    member: ClassVar[str]

    @abstractmethod
    def document(self, name: str, *, script: bool) -> dict[str, Any]:
        """The entry in ``ParameterRanges``; scripts get their values as JSON."""


@dataclass(frozen=True)
class ContinuousRange(Range):
    """Numbers between two bounds.

    Attributes:
        scaling: ``Auto``, ``Linear``, ``Logarithmic`` or ``ReverseLogarithmic``.
    """

    low: float
    high: float
    scaling: str = "Auto"

    member: ClassVar[str] = "ContinuousParameterRanges"

    def document(self, name: str, *, script: bool) -> dict[str, Any]:  # noqa: ARG002 - the base's signature
        """Its bounds, as text."""
        return _bounds(name, self.low, self.high, self.scaling)


@dataclass(frozen=True)
class IntegerRange(Range):
    """Whole numbers between two bounds, both included.

    Attributes:
        scaling: ``Auto``, ``Linear`` or ``Logarithmic``.
    """

    low: int
    high: int
    scaling: str = "Auto"

    member: ClassVar[str] = "IntegerParameterRanges"

    def document(self, name: str, *, script: bool) -> dict[str, Any]:  # noqa: ARG002 - the base's signature
        """Its bounds, as text."""
        return _bounds(name, self.low, self.high, self.scaling)


@dataclass(frozen=True, init=False)
class CategoricalRange(Range):
    """One of some values.

    >>> CategoricalRange("gbtree", "dart").values
    ('gbtree', 'dart')
    """

    values: tuple[str | float | bool, ...]

    member: ClassVar[str] = "CategoricalParameterRanges"

    def __init__(self, *values: str | float | bool) -> None:
        object.__setattr__(self, "values", values)

    def document(self, name: str, *, script: bool) -> dict[str, Any]:
        """Its values, as text."""
        return {
            "Name": name,
            "Values": [json.dumps(value) if script else str(value) for value in self.values],
        }


@dataclass(frozen=True)
class TuningStep(Step):
    """Runs a training step many times, with other hyperparameters each time, and ranks what comes of it.

    Attributes:
        training: what runs; its hyperparameters are those that stay the same. It is no step of the pipeline.
        ranges: the hyperparameters that are tuned, by name.
        objective: the metric that training jobs are ranked by: one of the training step's ``metrics``, or one that
            its algorithm prints by itself (``validation:rmse``).
        maximize: whether more is better.
        jobs: how many training jobs run in all; a grid has as many as it has combinations.
        parallel: how many of them run at once.
        strategy: ``Bayesian``, ``Random`` or ``Grid``.
        early_stopping: whether training jobs that fall behind are stopped.
        seed: makes the search repeatable.
    """

    training: TrainingStep = field(kw_only=True)
    ranges: Mapping[str, Range] = field(kw_only=True)
    objective: str | Expression = field(kw_only=True)
    maximize: bool = field(default=False, kw_only=True)
    jobs: int | Expression | None = field(default=10, kw_only=True)
    parallel: int | Expression = field(default=2, kw_only=True)
    strategy: str = field(default="Bayesian", kw_only=True)
    early_stopping: bool = field(default=False, kw_only=True)
    seed: int | None = field(default=None, kw_only=True)

    type_name: ClassVar[str] = "Tuning"

    @property
    def best(self) -> Properties:
        """The best training job, for example ``best.TrainingJobName``."""
        return self.properties.BestTrainingJob

    def model_data(self, rank: int = 0) -> Join:
        """The S3 address of the model of a rank; 0 is the best."""
        output = self.properties.TrainingJobDefinition.OutputDataConfig.S3OutputPath
        name = self.properties.TrainingJobSummaries[rank].TrainingJobName
        return Join("/", [output, name, "output/model.tar.gz"])

    def request(self, build: Build) -> dict[str, Any]:
        """CreateHyperParameterTuningJob without the name."""
        limits: dict[str, Value] = {"MaxParallelTrainingJobs": self.parallel}
        if self.jobs is not None and self.strategy != "Grid":
            limits["MaxNumberOfTrainingJobs"] = self.jobs
        script = self.training.script is not None
        ranges: dict[str, list[Any]] = {}
        for name, each in self.ranges.items():
            ranges.setdefault(each.member, []).append(each.document(name, script=script))
        config: dict[str, Any] = {
            "Strategy": self.strategy,
            "HyperParameterTuningJobObjective": {
                "Type": "Maximize" if self.maximize else "Minimize",
                "MetricName": self.objective,
            },
            "ResourceLimits": limits,
            "ParameterRanges": ranges,
            "TrainingJobEarlyStoppingType": "Auto" if self.early_stopping else "Off",
        }
        if self.seed is not None:
            config["RandomSeed"] = self.seed
        return {"HyperParameterTuningJobConfig": config, "TrainingJobDefinition": self._definition(build)}

    def _definition(self, build: Build) -> dict[str, Any]:
        """The training step's request, with the members that are called otherwise here."""
        training = replace(self.training, name=self.name)
        request: Any = over(to_json(training.request(build)), to_json(training.arguments))
        return {
            "StaticHyperParameters": request.pop("HyperParameters", {}),
            "HyperParameterTuningResourceConfig": request.pop("ResourceConfig"),
            **request,
        }


def _bounds(name: str, low: float, high: float, scaling: str) -> dict[str, Any]:
    return {"Name": name, "MinValue": str(low), "MaxValue": str(high), "ScalingType": scaling}
