"""Tuning jobs of a script that prints its score, and what to do with them by plain boto3."""

from __future__ import annotations

import io
import json
import tarfile
import time
from dataclasses import dataclass
from typing import Any

ROLE = "arn:aws:iam::111111111111:role/Jobs"
IMAGE = "141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"
XGBOOST = "141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-xgboost:1.7-1"
BUCKET = "tuned-models"
FINAL = ("Completed", "Failed", "Stopped")
# Best at x = 3; the model is x.
SCORE = """
import argparse, os, pathlib
parser = argparse.ArgumentParser()
parser.add_argument("-x", type=float)
parser.add_argument("--depth", type=int)
given = parser.parse_args()
print(f"score={-abs(given.x - 3)}")
pathlib.Path(os.environ["SM_MODEL_DIR"], "x").write_text(str(given.x))
"""
REFUSING = "raise SystemExit('no')"
SILENT = "print('nothing to see')"
WAITING = "import time; print('score=1', flush=True); time.sleep(100)"


def archive(script: str) -> bytes:
    """A source archive of one script."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as tar:
        member = tarfile.TarInfo("train.py")
        member.size = len(script.encode())
        tar.addfile(member, io.BytesIO(script.encode()))
    return content.getvalue()


def definition(code: str, **more: Any) -> dict[str, Any]:
    """A training job definition that runs a script."""
    return {
        "AlgorithmSpecification": {
            "TrainingImage": IMAGE,
            "TrainingInputMode": "File",
            "MetricDefinitions": [{"Name": "score", "Regex": r"score=(\S+)"}],
        },
        "RoleArn": ROLE,
        "OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/tuned"},
        "ResourceConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 1},
        "StoppingCondition": {"MaxRuntimeInSeconds": 120},
        "StaticHyperParameters": {
            "sagemaker_program": json.dumps("train.py"),
            "sagemaker_submit_directory": json.dumps(code),
        },
        **more,
    }


def configuration(jobs: int = 3, parallel: int = 2, **more: Any) -> dict[str, Any]:
    """What looks for the best x."""
    return {
        "Strategy": "Random",
        "HyperParameterTuningJobObjective": {"Type": "Maximize", "MetricName": "score"},
        "ResourceLimits": {"MaxParallelTrainingJobs": parallel, "MaxNumberOfTrainingJobs": jobs},
        "ParameterRanges": {
            "ContinuousParameterRanges": [{"Name": "x", "MinValue": "0", "MaxValue": "10"}],
            "IntegerParameterRanges": [{"Name": "depth", "MinValue": "1", "MaxValue": "4"}],
        },
        "RandomSeed": 7,
        **more,
    }


@dataclass(frozen=True)
class Bench:
    """Clients of SageMaker and S3, and a bucket for code and models."""

    sagemaker: Any
    s3: Any

    @classmethod
    def over(cls, sagemaker: Any, s3: Any) -> Bench:
        """A bench whose bucket is there."""
        if BUCKET not in {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}:
            s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        return cls(sagemaker, s3)

    def code(self, script: str) -> str:
        """Store a script; its archive's address."""
        key = f"code/{abs(hash(script))}.tar.gz"
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=archive(script))
        return f"s3://{BUCKET}/{key}"

    def start(self, name: str, script: str = SCORE, *, request: Any = None, **config: Any) -> str:
        """Start a tuning job of a script; its ARN.

        Args:
            name: the tuning job's name.
            script: what its training jobs run.
            request: further members of the request.
            config: members of the configuration to replace.
        """
        arn: str = self.sagemaker.create_hyper_parameter_tuning_job(
            **{
                "HyperParameterTuningJobName": name,
                "HyperParameterTuningJobConfig": configuration(**config),
                "TrainingJobDefinition": definition(self.code(script)),
                **(request or {}),
            }
        )["HyperParameterTuningJobArn"]
        return arn

    def describe(self, name: str) -> dict[str, Any]:
        """A tuning job as it stands."""
        found: dict[str, Any] = self.sagemaker.describe_hyper_parameter_tuning_job(
            HyperParameterTuningJobName=name
        )
        return found

    def wait(self, name: str) -> dict[str, Any]:
        """A tuning job that has ended."""
        while (found := self.describe(name))["HyperParameterTuningJobStatus"] not in FINAL:
            time.sleep(0.05)
        return found

    def trainings(self, name: str, **more: Any) -> list[dict[str, Any]]:
        """The training jobs of a tuning job."""
        found: list[dict[str, Any]] = self.sagemaker.list_training_jobs_for_hyper_parameter_tuning_job(
            HyperParameterTuningJobName=name, **more
        )["TrainingJobSummaries"]
        return found
