"""The step that predicts: Transform."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from ropeway.pipelines.assets import Build
from ropeway.pipelines.functions import Expression, Properties, Value, to_text
from ropeway.pipelines.locations import address, below_execution
from ropeway.pipelines.steps import Step

__all__ = ["TransformStep"]


@dataclass(frozen=True)
class TransformStep(Step):
    """Sends every record of some files through a model.

    Attributes:
        model: the model's name, for example ``model_step.properties.ModelName``.
        data: an S3 address, or an expression that becomes one.
        output: where the results go; below the execution's folder of the pipeline's bucket by default.
        split: ``Line``, ``RecordIO``, ``TFRecord`` or ``None``.
        input_filter, output_filter: JSONPath of what goes in and out; ``join`` is ``Input`` or ``None``.
        strategy: ``MultiRecord`` or ``SingleRecord``.
        kms_key: the key that encrypts its volumes and its output.
    """

    model: str | Expression = field(kw_only=True)
    data: str | Path | Expression = field(kw_only=True)
    output: str | Expression | None = field(default=None, kw_only=True)
    content_type: str | Expression = field(default="text/csv", kw_only=True)
    accept: str | Expression | None = field(default="text/csv", kw_only=True)
    split: str = field(default="Line", kw_only=True)
    assemble: str | None = field(default="Line", kw_only=True)
    strategy: str | None = field(default=None, kw_only=True)
    input_filter: str | None = field(default=None, kw_only=True)
    output_filter: str | None = field(default=None, kw_only=True)
    join: str | None = field(default=None, kw_only=True)
    instance_type: str | Expression = field(default="ml.m5.xlarge", kw_only=True)
    instance_count: int | Expression = field(default=1, kw_only=True)
    environment: Mapping[str, Value] = field(default_factory=dict, kw_only=True)
    kms_key: str | Expression | None = field(default=None, kw_only=True)

    type_name: ClassVar[str] = "Transform"

    @property
    def predictions(self) -> Properties:
        """The S3 address that the results lie below."""
        return self.properties.TransformOutput.S3OutputPath

    def request(self, build: Build) -> dict[str, Any]:
        """CreateTransformJob without the name."""
        uri = address(self.name, self.data, build, "input")
        output = self.output or below_execution(build, self.name, "the output", "output")
        processing = {
            "InputFilter": self.input_filter,
            "OutputFilter": self.output_filter,
            "JoinSource": self.join,
        }
        return _present(
            {
                "ModelName": self.model,
                "BatchStrategy": self.strategy,
                "Environment": {key: to_text(value) for key, value in self.environment.items()},
                "TransformInput": {
                    "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": uri}},
                    "ContentType": self.content_type,
                    "SplitType": self.split,
                },
                "TransformOutput": _present(
                    {
                        "S3OutputPath": output,
                        "Accept": self.accept,
                        "AssembleWith": self.assemble,
                        "KmsKeyId": self.kms_key,
                    }
                ),
                "TransformResources": _present(
                    {
                        "InstanceType": self.instance_type,
                        "InstanceCount": self.instance_count,
                        "VolumeKmsKeyId": self.kms_key,
                    }
                ),
                "DataProcessing": _present(processing),
            }
        )


def _present(members: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in members.items() if value is not None and value != {}}
