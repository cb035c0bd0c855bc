"""The steps that make models: Model (CreateModel) and RegisterModel (CreateModelPackage)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from ropeway.pipelines.assets import Build
from ropeway.pipelines.checks import QualityCheckStep
from ropeway.pipelines.functions import Expression, Properties, Value, to_text
from ropeway.pipelines.steps import Step

__all__ = ["ModelStep", "RegisterModelStep"]


@dataclass(frozen=True)
class _ContainerStep(Step):
    """What a model's container is made of.

    Attributes:
        model_data: the S3 address of ``model.tar.gz``.
        script, source: inference code: a local script, or a local folder and the script in it; uploaded as
            one archive that the container finds by ``SAGEMAKER_SUBMIT_DIRECTORY``.
    """

    image: str | Expression | None = field(default=None, kw_only=True)
    model_data: str | Expression | None = field(default=None, kw_only=True)
    script: str | Path | None = field(default=None, kw_only=True)
    source: str | Path | None = field(default=None, kw_only=True)
    environment: Mapping[str, Value] = field(default_factory=dict, kw_only=True)

    def _container(self, build: Build) -> dict[str, Any]:
        environment = {key: to_text(value) for key, value in self.environment.items()}
        if self.script is not None:
            entry_point = str(self.script) if self.source else Path(self.script).name
            uri = build.sources(self.name, Path(self.source or self.script), entry_point)
            environment = {
                **environment,
                "SAGEMAKER_PROGRAM": entry_point,
                "SAGEMAKER_SUBMIT_DIRECTORY": str(uri),
            }
        members = {"Image": self.image, "ModelDataUrl": self.model_data, "Environment": environment or None}
        return {key: value for key, value in members.items() if value is not None}


@dataclass(frozen=True)
class ModelStep(_ContainerStep):
    """Creates a model.

    Attributes:
        package: the ARN of a model package to create it from, instead of image and model data.
        role: the model's execution role; the pipeline's by default.
    """

    package: str | Expression | None = field(default=None, kw_only=True)
    role: str | Expression | None = field(default=None, kw_only=True)

    type_name: ClassVar[str] = "Model"

    @property
    def model(self) -> Properties:
        """The created model's name."""
        return self.properties.ModelName

    def request(self, build: Build) -> dict[str, Any]:
        """CreateModel without the name."""
        container = self._container(build)
        if self.package is not None:
            container["ModelPackageName"] = self.package
        role = self.role or build.role
        return {"PrimaryContainer": container, **({"ExecutionRoleArn": role} if role else {})}


@dataclass(frozen=True)
class RegisterModelStep(_ContainerStep):
    """Registers a model as the next version of a group, which is made when missing.

    Attributes:
        group: the model package group's name or ARN.
        approval: ``PendingManualApproval``, ``Approved`` or ``Rejected``, or an expression.
        metrics: the S3 address of a JSON file of the model's quality.
        metadata: customer properties, shown with the version.
        summary: the version's description, or an expression that becomes it.
        baseline: the check whose baseline is the version's; what later checks are held against.
    """

    group: str | Expression = field(kw_only=True)
    approval: str | Expression = field(default="PendingManualApproval", kw_only=True)
    metrics: str | Expression | None = field(default=None, kw_only=True)
    metadata: Mapping[str, Value] = field(default_factory=dict, kw_only=True)
    summary: str | Expression | None = field(default=None, kw_only=True)
    baseline: QualityCheckStep | None = field(default=None, kw_only=True)
    content_types: Sequence[str] = field(default=("text/csv",), kw_only=True)
    response_types: Sequence[str] = field(default=("text/csv",), kw_only=True)
    inference_instances: Sequence[str] = field(default=("ml.m5.large",), kw_only=True)
    transform_instances: Sequence[str] = field(default=("ml.m5.xlarge",), kw_only=True)

    type_name: ClassVar[str] = "RegisterModel"

    @property
    def package(self) -> Properties:
        """The registered version's ARN."""
        return self.properties.ModelPackageArn

    def request(self, build: Build) -> dict[str, Any]:
        """CreateModelPackage."""
        request: dict[str, Any] = {
            "ModelPackageGroupName": self.group,
            "ModelApprovalStatus": self.approval,
            "InferenceSpecification": {
                "Containers": [self._container(build)],
                "SupportedContentTypes": list(self.content_types),
                "SupportedResponseMIMETypes": list(self.response_types),
                "SupportedRealtimeInferenceInstanceTypes": list(self.inference_instances),
                "SupportedTransformInstanceTypes": list(self.transform_instances),
            },
        }
        measured: dict[str, Any] = {}
        if self.metrics is not None:
            measured["ModelQuality"] = {"Statistics": _json(self.metrics)}
        if self.baseline is not None:
            kind = {"DATA_QUALITY": "ModelDataQuality", "MODEL_QUALITY": "ModelQuality"}[self.baseline.kind]
            check = self.baseline
            measured[kind] = {
                "Statistics": _json(check.calculated_statistics),
                "Constraints": _json(check.calculated_constraints),
                **measured.get(kind, {}),
            }
            used = {"Statistics": _json(check.used_statistics), "Constraints": _json(check.used_constraints)}
            request["DriftCheckBaselines"] = {kind: used}
        if measured:
            request["ModelMetrics"] = measured
        if self.metadata:
            request["CustomerMetadataProperties"] = {k: to_text(v) for k, v in self.metadata.items()}
        if self.summary:
            request["ModelPackageDescription"] = self.summary
        return request


def _json(uri: str | Expression) -> dict[str, Any]:
    return {"ContentType": "application/json", "S3Uri": uri}
