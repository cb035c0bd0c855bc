"""The steps that compare data or a model with a baseline: QualityCheck and ClarifyCheck."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from ropeway.errors import DefinitionError
from ropeway.pipelines.assets import Build
from ropeway.pipelines.functions import Expression, Json, Properties, to_json, to_text
from ropeway.pipelines.jobs import Input, JobStep, processing_input
from ropeway.pipelines.locations import below_execution

__all__ = ["ClarifyCheckStep", "QualityCheckStep"]

_HOME = "/opt/ml/processing"
_CSV = json.dumps({"csv": {"header": True, "output_columns_position": "START"}})


@dataclass(frozen=True)
class _CheckStep(JobStep):
    """What both check steps share.

    Attributes:
        kind: the CheckType.
        data: the data to check: an S3 address, an expression that becomes one, or a local file, which is uploaded.
        group: the model package group whose newest approved version has the baseline to check against.
        constraints: the S3 address of a baseline's constraints, to check against these instead.
        skip: check nothing, only compute the new baseline.
        fail: violations fail the step.
        register: the new baseline is the one that later steps register.
        output: where the results go; below the execution's folder of the pipeline's bucket by default.
    """

    kind: str = field(kw_only=True)
    data: str | Path | Expression = field(kw_only=True)
    group: str | Expression | None = field(default=None, kw_only=True)
    constraints: str | Expression | None = field(default=None, kw_only=True)
    skip: bool | Expression = field(default=False, kw_only=True)
    fail: bool | Expression = field(default=True, kw_only=True)
    register: bool | Expression = field(default=False, kw_only=True)
    output: str | Expression | None = field(default=None, kw_only=True)

    kinds: ClassVar[tuple[str, ...]]
    output_name: ClassVar[str]

    @property
    def calculated_constraints(self) -> Properties:
        """The S3 address of the new baseline's constraints."""
        return self.properties.CalculatedBaselineConstraints

    @property
    def used_constraints(self) -> Properties:
        """The S3 address of the constraints that count: the new ones where they are registered."""
        return self.properties.BaselineUsedForDriftCheckConstraints

    def siblings(self, build: Build) -> dict[str, Json]:  # noqa: ARG002 - the base's signature
        """What is checked, and against what."""
        return {
            "CheckType": self.kind,
            "ModelPackageGroupName": to_json(self.group),
            "SkipCheck": to_json(self.skip),
            "FailOnViolation": to_json(self.fail),
            "RegisterNewBaseline": to_json(self.register),
            "SuppliedBaselineConstraints": to_json(self.constraints),
        }

    def processing(self, build: Build, inputs: list[Input]) -> dict[str, Any]:
        """CreateProcessingJob without the name."""
        if self.kind not in self.kinds:
            raise DefinitionError(
                f"step {self.name}: {self.kind!r} is no kind of {self.type_name}; there are {', '.join(self.kinds)}"
            )
        uri = self.output or below_execution(build, self.name, "the results of the check", "output")
        target = {"S3Uri": uri, "LocalPath": f"{_HOME}/output", "S3UploadMode": "EndOfJob"}
        output = {"OutputName": self.output_name, "AppManaged": False, "S3Output": target}
        return {
            "ProcessingResources": {"ClusterConfig": self.cluster()},
            "AppSpecification": {"ImageUri": self.image},
            "ProcessingInputs": [processing_input(self.name, each, 0, build) for each in inputs],
            "ProcessingOutputConfig": {"Outputs": [output], **self.output_key()},
            **self.shared(build),
        }


@dataclass(frozen=True)
class QualityCheckStep(_CheckStep):
    """Checks the quality of data, or of a model by its predictions.

    Attributes:
        kind: DATA_QUALITY or MODEL_QUALITY.
        statistics: the S3 address of a baseline's statistics, as ``constraints``.
        format: the data's format, as the analyser's ``dataset_format``; CSV with a header by default.
        problem: of a model: Regression, BinaryClassification or MulticlassClassification.
        prediction, truth, probability: the columns, of a model's quality.
        policy: what counts, as ``ropeway monitor --policy``: a local file, which is uploaded, or an S3 address. Model
            Monitor's own image does not read it.
    """

    kind: str = field(default="DATA_QUALITY", kw_only=True)
    statistics: str | Expression | None = field(default=None, kw_only=True)
    format: str = field(default=_CSV, kw_only=True)
    problem: str | None = field(default=None, kw_only=True)
    prediction: str | Expression | None = field(default=None, kw_only=True)
    truth: str | Expression | None = field(default=None, kw_only=True)
    probability: str | Expression | None = field(default=None, kw_only=True)
    policy: str | Path | None = field(default=None, kw_only=True)

    type_name: ClassVar[str] = "QualityCheck"
    kinds: ClassVar[tuple[str, ...]] = ("DATA_QUALITY", "MODEL_QUALITY")
    output_name: ClassVar[str] = "quality_check_output"

    @property
    def calculated_statistics(self) -> Properties:
        """The S3 address of the new baseline's statistics."""
        return self.properties.CalculatedBaselineStatistics

    @property
    def used_statistics(self) -> Properties:
        """The S3 address of the statistics that count."""
        return self.properties.BaselineUsedForDriftCheckStatistics

    def request(self, build: Build) -> dict[str, Any]:
        """The analyser's processing job."""
        if self.kind == "MODEL_QUALITY" and not self.problem:
            raise DefinitionError(f"step {self.name}: a MODEL_QUALITY check needs a problem")
        name = "baseline_dataset_input"
        inputs = [Input(self.data, f"{_HOME}/input/{name}", name)]
        if self.policy is not None:
            inputs.append(Input(self.policy, f"{_HOME}/input/policy", "drift_policy"))
        request = self.processing(build, inputs)
        told = {
            "output_path": f"{_HOME}/output",
            "publish_cloudwatch_metrics": "Disabled",
            "dataset_format": self.format,
            "dataset_source": f"{_HOME}/input/{name}",
        }
        if self.kind == "MODEL_QUALITY":
            columns = {
                "problem_type": self.problem,
                "inference_attribute": self.prediction,
                "ground_truth_attribute": self.truth,
                "probability_attribute": self.probability,
            }
            told["analysis_type"] = self.kind
            told.update({key: to_text(value) for key, value in columns.items() if value is not None})
        if self.policy is not None:
            told["drift_policy"] = f"{_HOME}/input/policy/{str(self.policy).rpartition('/')[2]}"
        request["Environment"] = {**request.get("Environment", {}), **told}
        return request

    def siblings(self, build: Build) -> dict[str, Json]:
        """What is checked, and against what."""
        return {**super().siblings(build), "SuppliedBaselineStatistics": to_json(self.statistics)}


@dataclass(frozen=True)
class ClarifyCheckStep(_CheckStep):
    """Checks data or a model for bias, or what a model's predictions rest on.

    Attributes:
        kind: DATA_BIAS, MODEL_BIAS or MODEL_EXPLAINABILITY.
        config: Clarify's ``analysis_config.json``: a local file, which is uploaded, or an S3 address.
        model: the model's name, for the kinds that ask it.
    """

    config: str | Path | Expression = field(kw_only=True)
    model: str | Expression | None = field(default=None, kw_only=True)

    type_name: ClassVar[str] = "ClarifyCheck"
    kinds: ClassVar[tuple[str, ...]] = ("DATA_BIAS", "MODEL_BIAS", "MODEL_EXPLAINABILITY")
    output_name: ClassVar[str] = "analysis_result"

    def request(self, build: Build) -> dict[str, Any]:
        """Clarify's processing job."""
        return self.processing(
            build,
            [
                Input(self.config, f"{_HOME}/input/config", "analysis_config"),
                Input(self.data, f"{_HOME}/input/data", "dataset"),
            ],
        )

    def siblings(self, build: Build) -> dict[str, Json]:
        """What is checked, and against what."""
        model = {"ModelName": to_json(self.model)} if self.model is not None else {}
        return {**super().siblings(build), **model}
