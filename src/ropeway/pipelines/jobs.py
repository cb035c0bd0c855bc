"""The steps that run a script on data or train a model: Processing and Training."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from ropeway.pipelines.assets import Build
from ropeway.pipelines.functions import (
    Expression,
    Json,
    Properties,
    PropertyFile,
    Value,
    to_text,
)
from ropeway.pipelines.locations import address, below_execution
from ropeway.pipelines.steps import Step

__all__ = ["Channel", "Input", "JobStep", "Output", "ProcessingStep", "TrainingStep", "processing_input"]

_CODE_FOLDER = "/opt/ml/processing/input/code"


@dataclass(frozen=True)
class Input:
    """Data that a processing job finds in a folder.

    Attributes:
        source: an S3 address, an expression that becomes one, or a local file or folder, which is uploaded.
        path: the folder in the job, below ``/opt/ml/processing``.
        name: defaults to ``input-1``, ``input-2``, ….
    """

    source: str | Path | Expression
    path: str
    name: str | None = None


@dataclass(frozen=True)
class Output:
    """A folder of a processing job that is kept.

    Attributes:
        name: what later steps call it.
        path: the folder in the job; ``/opt/ml/processing/<name>`` by default.
        to: an S3 address; by default below ``s3://<bucket>/<pipeline>/<execution>/<step>/output/<name>``.
    """

    name: str
    path: str | None = None
    to: str | Expression | None = None


@dataclass(frozen=True)
class Channel:
    """A channel of a training job that needs more than an address."""

    source: str | Path | Expression
    content_type: str | None = None
    distribution: str = "FullyReplicated"


@dataclass(frozen=True)
class JobStep(Step):
    """What all jobs share.

    Attributes:
        image: the container image.
        role: the job's role; the pipeline's by default.
        environment: variables of the container.
        max_runtime: seconds.
        volume_size: GB.
        kms_key: the key that encrypts its volumes and its outputs.
    """

    image: str | Expression = field(kw_only=True)
    instance_type: str | Expression = field(default="ml.m5.xlarge", kw_only=True)
    instance_count: int | Expression = field(default=1, kw_only=True)
    volume_size: int | Expression = field(default=30, kw_only=True)
    max_runtime: int | Expression | None = field(default=None, kw_only=True)
    role: str | Expression | None = field(default=None, kw_only=True)
    environment: Mapping[str, Value] = field(default_factory=dict, kw_only=True)
    kms_key: str | Expression | None = field(default=None, kw_only=True)

    def shared(self, build: Build) -> dict[str, Any]:
        """Members that every job's request has."""
        shared: dict[str, Any] = {}
        if role := self.role or build.role:
            shared["RoleArn"] = role
        if self.environment:
            shared["Environment"] = {key: to_text(value) for key, value in self.environment.items()}
        if self.max_runtime is not None:
            shared["StoppingCondition"] = {"MaxRuntimeInSeconds": self.max_runtime}
        return shared

    def cluster(self) -> dict[str, Any]:
        """What it runs on."""
        return {
            "InstanceType": self.instance_type,
            "InstanceCount": self.instance_count,
            "VolumeSizeInGB": self.volume_size,
            **({"VolumeKmsKeyId": self.kms_key} if self.kms_key is not None else {}),
        }

    def output_key(self) -> dict[str, Any]:
        """What encrypts the outputs, for an output configuration."""
        return {"KmsKeyId": self.kms_key} if self.kms_key is not None else {}


@dataclass(frozen=True)
class ProcessingStep(JobStep):
    """Runs a script on data.

    Attributes:
        code: the script: a local file, which is uploaded, or an S3 address. Without it the image's own
            entrypoint runs.
        command: what runs the script.
        args: the script's arguments.
        property_files: JSON files of its outputs that later steps read.
    """

    code: str | Path | Expression | None = field(default=None, kw_only=True)
    command: Sequence[str] = field(default=("python3",), kw_only=True)
    args: Sequence[Value] = field(default=(), kw_only=True)
    inputs: Sequence[Input] = field(default=(), kw_only=True)
    outputs: Sequence[Output] = field(default=(), kw_only=True)
    property_files: Sequence[PropertyFile] = field(default=(), kw_only=True)

    type_name: ClassVar[str] = "Processing"

    def output(self, name: str) -> Properties:
        """The S3 address of one of its outputs."""
        return self.properties.ProcessingOutputConfig.Outputs[name].S3Output.S3Uri

    def request(self, build: Build) -> dict[str, Any]:
        """CreateProcessingJob without the name."""
        application: dict[str, Any] = {"ImageUri": self.image}
        inputs = [
            processing_input(self.name, item, number, build) for number, item in enumerate(self.inputs, 1)
        ]
        if self.code is not None:
            uri = address(self.name, self.code, build, "code")
            script = self._script_name(uri)
            application["ContainerEntrypoint"] = [*self.command, f"{_CODE_FOLDER}/{script}"]
            inputs.append(processing_input(self.name, Input(uri, _CODE_FOLDER, "code"), 0, build))
        if self.args:
            application["ContainerArguments"] = [to_text(value) for value in self.args]
        request = {
            "ProcessingResources": {"ClusterConfig": self.cluster()},
            "AppSpecification": application,
            **self.shared(build),
        }
        if inputs:
            request["ProcessingInputs"] = inputs
        if self.outputs:
            outputs = [self._output(item, build) for item in self.outputs]
            request["ProcessingOutputConfig"] = {"Outputs": outputs, **self.output_key()}
        return request

    def siblings(self, build: Build) -> dict[str, Json]:  # noqa: ARG002 - the base's signature
        """The property files."""
        files = [file.document() for file in self.property_files]
        return {"PropertyFiles": files} if files else {}

    def _script_name(self, uri: Any) -> str:
        # An expression tells no name; a script given so must be called as the step's local name would be.
        return uri.rpartition("/")[2] if isinstance(uri, str) else "script.py"

    def _output(self, output: Output, build: Build) -> dict[str, Any]:
        uri = output.to or below_execution(
            build, self.name, f"the output {output.name}", "output", output.name
        )
        path = output.path or f"/opt/ml/processing/{output.name}"
        return {
            "OutputName": output.name,
            "AppManaged": False,
            "S3Output": {"S3Uri": uri, "LocalPath": path, "S3UploadMode": "EndOfJob"},
        }


@dataclass(frozen=True)
class TrainingStep(JobStep):
    """Trains a model.

    Attributes:
        inputs: channels by name: an S3 address, an expression, a local file or folder, or a ``Channel``.
        content_type: of channels that name none.
        output: where ``model.tar.gz`` goes; below the execution's folder of the pipeline's bucket by default.
        script: script mode: the training script, a local file, or a file in ``source``.
        source: script mode: a local folder (with ``requirements.txt``, if any).
        metrics: regular expressions by metric name, searched in the log.
    """

    inputs: Mapping[str, str | Path | Expression | Channel] = field(default_factory=dict, kw_only=True)
    content_type: str | None = field(default=None, kw_only=True)
    output: str | Expression | None = field(default=None, kw_only=True)
    hyperparameters: Mapping[str, Value] = field(default_factory=dict, kw_only=True)
    script: str | Path | None = field(default=None, kw_only=True)
    source: str | Path | None = field(default=None, kw_only=True)
    metrics: Mapping[str, str] = field(default_factory=dict, kw_only=True)
    max_runtime: int | Expression | None = field(default=86400, kw_only=True)

    type_name: ClassVar[str] = "Training"

    @property
    def model_data(self) -> Properties:
        """The S3 address of the model."""
        return self.properties.ModelArtifacts.S3ModelArtifacts

    def request(self, build: Build) -> dict[str, Any]:
        """CreateTrainingJob without the name."""
        algorithm: dict[str, Any] = {"TrainingImage": self.image, "TrainingInputMode": "File"}
        if self.metrics:
            algorithm["MetricDefinitions"] = [{"Name": n, "Regex": r} for n, r in self.metrics.items()]
        output = self.output or below_execution(build, self.name, "the model", "output")
        request = {
            "AlgorithmSpecification": algorithm,
            "OutputDataConfig": {"S3OutputPath": output, **self.output_key()},
            "ResourceConfig": self.cluster(),
            **self.shared(build),
        }
        if self.inputs:
            request["InputDataConfig"] = [
                self._channel(name, item, build) for name, item in self.inputs.items()
            ]
        if parameters := self._hyperparameters(build):
            request["HyperParameters"] = parameters
        return request

    def _channel(self, name: str, item: Any, build: Build) -> dict[str, Any]:
        channel = item if isinstance(item, Channel) else Channel(item)
        entry: dict[str, Any] = {
            "ChannelName": name,
            "DataSource": {
                "S3DataSource": {
                    "S3DataType": "S3Prefix",
                    "S3Uri": address(self.name, channel.source, build, "input"),
                    "S3DataDistributionType": channel.distribution,
                }
            },
        }
        if content_type := channel.content_type or self.content_type:
            entry["ContentType"] = content_type
        return entry

    def _hyperparameters(self, build: Build) -> dict[str, Json]:
        if self.script is None:
            return {key: to_text(value) for key, value in self.hyperparameters.items()}
        # The training toolkit reads every hyperparameter as JSON.
        plain = {
            key: to_text(value) if isinstance(value, Expression) else json.dumps(value)
            for key, value in self.hyperparameters.items()
        }
        entry_point = str(self.script) if self.source else Path(self.script).name
        uri = build.sources(self.name, Path(self.source or self.script), entry_point)
        return {
            **plain,
            "sagemaker_program": json.dumps(entry_point),
            "sagemaker_submit_directory": json.dumps(str(uri)),
        }


def processing_input(step: str, item: Input, number: int, build: Build) -> dict[str, Any]:
    """An entry of ``ProcessingInputs``; a local source is noted in ``build``."""
    return {
        "InputName": item.name or f"input-{number}",
        "AppManaged": False,
        "S3Input": {
            "S3Uri": address(step, item.source, build, "input"),
            "LocalPath": item.path,
            "S3DataType": "S3Prefix",
            "S3InputMode": "File",
            "S3DataDistributionType": "FullyReplicated",
            "S3CompressionType": "None",
        },
    }
