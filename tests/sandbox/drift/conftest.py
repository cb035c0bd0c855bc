"""A bucket with clean and drifted tables, and check steps over them."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from tests.sandbox.sagemaker.pipelines.conftest import CLUSTER, ROLE, Lab, join
from tests.unit.drift.tables import csv_of, normal

MONITOR = "156813124566.dkr.ecr.us-east-1.amazonaws.com/sagemaker-model-monitor-analyzer"
CLARIFY = "205585389593.dkr.ecr.us-east-1.amazonaws.com/sagemaker-clarify-processing:1.0"
HOME = "/opt/ml/processing"


def table(size: int, *, shift: float = 0.0, seed: int = 1) -> str:
    return csv_of({"x": normal(size, mean=shift, seed=seed).round(4), "n": np.arange(size) % 5})


def scored(size: int, *, skill: float, seed: int = 1) -> str:
    rng = np.random.default_rng(seed)
    label = rng.integers(0, 2, size)
    score = np.clip(rng.normal(0.5, 0.2, size) + skill * (label - 0.5), 0, 1).round(4)
    return csv_of({"label": label, "score": score, "said": (score >= 0.5).astype(int)})


def people(size: int, *, gap: float, seed: int = 1) -> str:
    rng = np.random.default_rng(seed)
    group = rng.integers(0, 2, size)
    label = (rng.random(size) < 0.5 + gap * (group - 0.5)).astype(int)
    return csv_of({"label": label, "group": group, "said": label})


def taken(uri: Any, name: str) -> dict[str, Any]:
    source = {
        "S3Uri": uri,
        "LocalPath": f"{HOME}/input/{name}",
        "S3DataType": "S3Prefix",
        "S3InputMode": "File",
        "S3DataDistributionType": "FullyReplicated",
        "S3CompressionType": "None",
    }
    return {"InputName": name, "AppManaged": False, "S3Input": source}


@dataclass(frozen=True)
class Desk:
    """Puts data into a bucket and makes check steps of them."""

    s3: Any
    bucket: str

    def put(self, key: str, text: str) -> str:
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=text.encode())
        return f"s3://{self.bucket}/{key}"

    def get(self, uri: str) -> Any:
        key = uri[len(f"s3://{self.bucket}/") :]
        return json.loads(self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read())

    def request(self, data: str, output: Any, environment: Mapping[str, str] | None = None) -> dict[str, Any]:
        """CreateProcessingJob of the analyser, without the name."""
        return {
            "ProcessingResources": CLUSTER,
            "AppSpecification": {"ImageUri": MONITOR},
            "RoleArn": ROLE,
            "ProcessingInputs": [taken(data, "baseline_dataset_input")],
            "ProcessingOutputConfig": {
                "Outputs": [
                    {
                        "OutputName": "quality_check_output",
                        "AppManaged": False,
                        "S3Output": {
                            "S3Uri": output,
                            "LocalPath": f"{HOME}/output",
                            "S3UploadMode": "EndOfJob",
                        },
                    }
                ]
            },
            "Environment": {
                "output_path": f"{HOME}/output",
                "publish_cloudwatch_metrics": "Disabled",
                "dataset_format": '{"csv": {"header": true, "output_columns_position": "START"}}',
                "dataset_source": f"{HOME}/input/baseline_dataset_input",
                **(environment or {}),
            },
        }

    def quality(
        self,
        name: str,
        data: str,
        kind: str = "DATA_QUALITY",
        environment: Mapping[str, str] | None = None,
        **members: Any,
    ) -> dict[str, Any]:
        """A QualityCheck step."""
        output = join("s3:/", self.bucket, {"Get": "Execution.PipelineExecutionId"}, name, on="/")
        return {
            "Name": name,
            "Type": "QualityCheck",
            "Arguments": self.request(data, output, environment),
            "CheckType": kind,
            "ModelPackageGroupName": None,
            **members,
        }

    def clarify(
        self, name: str, data: str, config: Mapping[str, Any], kind: str = "DATA_BIAS", **members: Any
    ) -> dict[str, Any]:
        """A ClarifyCheck step."""
        step = self.quality(name, data, kind, **members)
        place = self.put(f"configs/{uuid.uuid4().hex}/analysis_config.json", json.dumps(config))
        analysis, data_input = taken(place, "analysis_config"), taken(data, "dataset")
        analysis["S3Input"]["LocalPath"] = f"{HOME}/input/config"
        data_input["S3Input"]["LocalPath"] = f"{HOME}/input/data"
        arguments = {
            **step["Arguments"],
            "AppSpecification": {"ImageUri": CLARIFY},
            "ProcessingInputs": [analysis, data_input],
        }
        del arguments["Environment"]
        return {**step, "Type": "ClarifyCheck", "Arguments": arguments}


@pytest.fixture
def lab(client: Callable[..., Any]) -> Lab:
    return Lab(client("sagemaker"))


@pytest.fixture
def desk(client: Callable[..., Any]) -> Desk:
    s3, bucket = client("s3"), f"drift-{uuid.uuid4().hex[:8]}"
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    return Desk(s3, bucket)
