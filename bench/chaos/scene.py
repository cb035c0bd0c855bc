"""What the load works with: bucket, role, function, model, pipeline, and programs that leave traces.

Every job appends ``begin NAME`` and ``end NAME`` to a file outside of the sandbox, and prints numbered lines.
"""

from __future__ import annotations

import io
import json
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

__all__ = ["BUCKET", "LINES", "ROLE", "Scene", "job_requests"]

BUCKET = "chaos-bucket"
ROLE = "arn:aws:iam::111111111111:role/RopewayExecutionRole"
IMAGE = "111111111111.dkr.ecr.eu-west-1.amazonaws.com/python:3"
SERVER = "111111111111.dkr.ecr.eu-west-1.amazonaws.com/chaos-server:1"
LINES = 3
_CLUSTER = {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 5}
_SERVE = """\
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
class Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def answer(self, status, body=b""):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def do_GET(self):
        self.answer(200 if self.path == "/ping" else 404)
    def do_POST(self):
        self.answer(200, self.rfile.read(int(self.headers["Content-Length"])).upper())
    def log_message(self, *words):
        pass
ThreadingHTTPServer(("127.0.0.1", int(os.environ["SAGEMAKER_BIND_TO_PORT"])), Answer).serve_forever()
"""
_JOB = """\
name=${{JOB:-$TRAINING_JOB_NAME}}
echo begin $name >> {ledger}
{lines}
mkdir -p $1
head -c 200000 /dev/zero > $1/zeros
echo $name > $1/name
sleep 0.$(($$ % 5 + 1))
echo end $name >> {ledger}
"""
_FUNCTION = """\
def handler(event, context):
    with open({ledger!r}, "a") as file:
        file.write("call " + event["execution"] + "\\n")
    return {{"answer": "yes"}}
"""


class Scene:
    """The things themselves; built once, before anything is killed."""

    def __init__(self, folder: Path, endpoint: str) -> None:
        self.folder = folder
        self.endpoint = endpoint
        self.ledger = folder.parent / f"{folder.name}-ledger.txt"
        self.ledger.touch()
        self.script = folder / "job.sh"

    def client(self, service: str, timeout: float = 30) -> Any:
        """A client that tries once."""
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name="eu-west-1",
            aws_access_key_id="111111111111",
            aws_secret_access_key="secret",
            config=Config(
                retries={"total_max_attempts": 1},
                read_timeout=timeout,
                connect_timeout=5,
                max_pool_connections=4,
            ),
        )

    def prepare(self) -> None:
        """Write what the sandbox reads when it starts."""
        lines = "\n".join(f"echo line {number}" for number in range(LINES))
        self.script.write_text(_JOB.format(ledger=self.ledger, lines=lines), encoding="utf-8")
        serve = self.folder / "serve.py"
        serve.write_text(_SERVE, encoding="utf-8")
        runtimes = self.folder / ".ropeway" / "runtimes.toml"
        runtimes.parent.mkdir(exist_ok=True)
        command = json.dumps(["python3", str(serve)])
        text = f'[[runtime]]\nname = "chaos"\nimage = "*/chaos-server:*"\nserve = {command}\n'
        runtimes.write_text(text, encoding="utf-8")

    def build(self) -> None:
        """Make everything by the API."""
        s3, sagemaker = self.client("s3"), self.client("sagemaker")
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        s3.put_object(Bucket=BUCKET, Key="model/model.tar.gz", Body=_empty_archive())
        for number in range(3):
            body = "".join(f"row {number} {line}\n" for line in range(200))
            s3.put_object(Bucket=BUCKET, Key=f"rows/{number}.csv", Body=body.encode())
        function = self.client("lambda").create_function(
            FunctionName="chaos",
            Runtime="python3.11",
            Role=ROLE,
            Handler="app.handler",
            Code={"ZipFile": _zipped(_FUNCTION.format(ledger=str(self.ledger)))},
        )["FunctionArn"]
        container = {"Image": SERVER, "ModelDataUrl": f"s3://{BUCKET}/model/model.tar.gz"}
        sagemaker.create_model(ModelName="chaos", PrimaryContainer=container, ExecutionRoleArn=ROLE)
        sagemaker.create_model_package_group(ModelPackageGroupName="chaos")
        sagemaker.create_pipeline(
            PipelineName="chaos",
            PipelineDefinition=json.dumps(_definition(self.script, function)),
            RoleArn=ROLE,
            ClientRequestToken="c" * 32,
        )


def job_requests(script: Path) -> dict[str, Callable[[str], dict[str, Any]]]:
    """Create requests of each kind of job, by its name."""
    return {
        "Processing": lambda name: {"ProcessingJobName": name, **_processing(script, name)},
        "Training": lambda name: {"TrainingJobName": name, "RoleArn": ROLE, **_training(script)},
        "Transform": lambda name: {"TransformJobName": name, **_transform(name)},
    }


def _processing(script: Path, name: str, **more: Any) -> dict[str, Any]:
    output = {
        "S3Uri": f"s3://{BUCKET}/out/{name}",
        "LocalPath": "/opt/ml/processing/out",
        "S3UploadMode": "EndOfJob",
    }
    return {
        "RoleArn": ROLE,
        "AppSpecification": {
            "ImageUri": IMAGE,
            "ContainerEntrypoint": ["/bin/sh", str(script), "/opt/ml/processing/out"],
        },
        "Environment": {"JOB": name},
        "ProcessingResources": {"ClusterConfig": _CLUSTER},
        "ProcessingOutputConfig": {"Outputs": [{"OutputName": "out", "S3Output": output}]},
        **more,
    }


def _training(script: Path) -> dict[str, Any]:
    return {
        "AlgorithmSpecification": {
            "TrainingImage": IMAGE,
            "TrainingInputMode": "File",
            "ContainerEntrypoint": ["/bin/sh", str(script), "/opt/ml/model"],
        },
        "OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/models"},
        "ResourceConfig": _CLUSTER,
        "StoppingCondition": {"MaxRuntimeInSeconds": 600},
    }


def _transform(name: str) -> dict[str, Any]:
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/rows/"}}
    return {
        "ModelName": "chaos",
        "TransformInput": {"DataSource": source, "ContentType": "text/csv", "SplitType": "Line"},
        "TransformOutput": {"S3OutputPath": f"s3://{BUCKET}/out/{name}", "AssembleWith": "Line"},
        "TransformResources": {"InstanceCount": 1, "InstanceType": "ml.m5.large"},
        "BatchStrategy": "SingleRecord",
    }


def _definition(script: Path, function: str) -> dict[str, Any]:
    process = _processing(script, "x")
    process["Environment"] = {"JOB": {"Get": "Execution.ProcessingJobName"}}
    process["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]["S3Uri"] = {
        "Std:Join": {"On": "/", "Values": [f"s3://{BUCKET}/out", {"Get": "Execution.PipelineExecutionId"}]}
    }
    train = {**_training(script), "RoleArn": ROLE}
    train["InputDataConfig"] = [
        {
            "ChannelName": "train",
            "DataSource": {
                "S3DataSource": {
                    "S3DataType": "S3Prefix",
                    "S3Uri": {"Get": "Steps.Process.ProcessingOutputConfig.Outputs['out'].S3Output.S3Uri"},
                }
            },
        }
    ]
    call = {
        "Name": "Call",
        "Type": "Lambda",
        "FunctionArn": function,
        "Arguments": {"execution": {"Get": "Execution.PipelineExecutionId"}},
        "OutputParameters": [{"OutputName": "answer", "OutputType": "String"}],
        "DependsOn": ["Train"],
    }
    model = {"Get": "Steps.Train.ModelArtifacts.S3ModelArtifacts"}
    register = {
        "Name": "Register",
        "Type": "RegisterModel",
        "Arguments": {
            "ModelPackageGroupName": "chaos",
            "ModelApprovalStatus": "PendingManualApproval",
            "InferenceSpecification": {
                "Containers": [{"Image": SERVER, "ModelDataUrl": model}],
                "SupportedContentTypes": ["text/csv"],
                "SupportedResponseMIMETypes": ["text/csv"],
            },
        },
    }
    answered = {
        "LeftValue": {"Get": "Steps.Call.OutputParameters['answer']"},
        "RightValue": "yes",
        "Type": "Equals",
    }
    check = {
        "Name": "Check",
        "Type": "Condition",
        "Arguments": {"Conditions": [answered], "IfSteps": [register], "ElseSteps": []},
    }
    return {
        "Version": "2020-12-01",
        "Parameters": [],
        "Steps": [
            {"Name": "Process", "Type": "Processing", "Arguments": process},
            {"Name": "Train", "Type": "Training", "Arguments": train},
            call,
            check,
        ],
    }


def _empty_archive() -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz"):
        pass
    return content.getvalue()


def _zipped(source: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("app.py", source)
    return packed.getvalue()
