"""One sandbox with what the definition documents refer to: data, code, a model, a function, a queue."""

from __future__ import annotations

import io
import json
import random
import tarfile
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from botocore.config import Config

from ropeway.sandbox.server import Server
from tests.sandbox.sagemaker.pipelines.conftest import Lab
from tests.unit.sandbox.domain.pipelines.steps.families import ROLE, SKLEARN, Step, document

BUCKET = "families-bucket"
RUNTIMES = '[[runtime]]\nname = "own"\nimage = "*/own:1"\nkind = "script"\n'
TRAIN = """
import argparse, os, pathlib
parser = argparse.ArgumentParser()
parser.add_argument("--eta", type=float, default=0.5)
parser.add_argument("--rate", type=float)
given, _ = parser.parse_known_args()
assert os.listdir(os.environ["SM_CHANNEL_TRAIN"]) == ["rows.csv"]
print(f"rmse={given.eta};")
pathlib.Path(os.environ["SM_MODEL_DIR"], "model.txt").write_text(f"eta={given.eta} rate={given.rate}")
"""
INFER = """
def model_fn(folder):
    return open(folder + "/model.txt").read()

def input_fn(body, kind):
    return body.decode() if isinstance(body, bytes) else body

def predict_fn(rows, model):
    return "".join(f"{len(row.split(','))}\\n" for row in rows.split())

def output_fn(answer, accept):
    return answer, accept
"""
PREPARE = """
import json, pathlib, sys
for place, value in (("m", {"rate": sys.argv[2]}), ("x", 1)):
    pathlib.Path(f"/opt/ml/{place}/m").mkdir(parents=True, exist_ok=True)
    pathlib.Path(f"/opt/ml/{place}/m/report.json").write_text(json.dumps(value))
"""
DRIVER = """#!/bin/bash
set -e
test "$E" = 1
cat /opt/ml/input/data/train/rows.csv /opt/ml/input/data/code/train.py > /opt/ml/model/all.txt
cat /opt/ml/input/config/hyperparameters.json > /opt/ml/model/parameters.json
"""
BIAS = {
    "dataset_type": "text/csv",
    "label": "label",
    "label_values_or_threshold": [1],
    "facet": [{"name_or_index": "group", "value_or_threshold": [0]}],
    "methods": {"pre_training_bias": {"methods": "all"}},
}
FUNCTION = "def handler(event, context):\n    return {'o1': event['e'], 'o2': 2.5}\n"


def archive(**files: str) -> bytes:
    """A ``tar.gz``; two underscores in a name stand for its point."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as target:
        for name, text in files.items():
            member = tarfile.TarInfo(name.replace("__", "."))
            member.size = len(text.encode())
            target.addfile(member, io.BytesIO(text.encode()))
    return buffer.getvalue()


def notebook() -> str:
    """A notebook that prints its parameter."""
    empty: dict[str, Any] = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    cells = [
        {**empty, "id": "one", "metadata": {"tags": ["parameters"]}, "source": "p = 0"},
        {**empty, "id": "two", "source": "print('given', p)"},
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return json.dumps(
        {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": kernel}, "cells": cells}
    )


def objects() -> Iterator[tuple[str, str | bytes]]:
    """Everything in the bucket, by key."""
    dice = random.Random(1)
    numbers = "".join(f"{dice.gauss(0, 1):.4f},{dice.randint(0, 5)}\n" for _ in range(200))
    people = "".join(f"{dice.randint(0, 1)},{dice.randint(0, 1)},{dice.random():.3f}\n" for _ in range(200))
    yield "train/rows.csv", "1,2\n2,3\n"
    yield "in/rows.csv", "7,2,3\n8,5,6\n"
    yield "base.csv", "a,b\n" + numbers
    yield "data.csv", "label,group,x\n" + people
    yield "analysis_config.json", json.dumps(BIAS)
    yield "code/prepare.py", PREPARE
    yield "code/train.py", TRAIN
    yield "code/sourcedir.tar.gz", archive(train__py=TRAIN)
    yield "code/infer.tar.gz", archive(infer__py=INFER)
    yield "sm_drivers/sm_train.sh", DRIVER
    yield "nb/input/nb.ipynb", notebook()
    yield "m/model.tar.gz", archive(model__txt="m", **{"code/infer__py": INFER})


@dataclass(frozen=True)
class World(Lab):
    """The pipelines' client, and what looks at what they made."""

    clients: Mapping[str, Any]

    def family(self, *steps: Step) -> tuple[Any, dict[str, Any]]:
        """Run a family's document: the execution as it ended, and its steps by name."""
        execution = self.ended(self.start(self.create(PipelineDefinition=document(list(steps)))))
        return execution, self.steps(execution["PipelineExecutionArn"])

    def succeeded(self, *steps: Step) -> dict[str, Any]:
        """Run a family's document; its steps' metadata by name."""
        execution, made = self.family(*steps)
        assert execution["PipelineExecutionStatus"] == "Succeeded", made
        assert {each["StepStatus"] for each in made.values()} == {"Succeeded"}
        return {name: each["Metadata"] for name, each in made.items()}

    def read(self, uri: str) -> bytes:
        """An object."""
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        body: bytes = self.clients["s3"].get_object(Bucket=bucket, Key=key)["Body"].read()
        return body

    def unpacked(self, uri: str) -> dict[str, str]:
        """The files in an archive."""
        found = {}
        with tarfile.open(fileobj=io.BytesIO(self.read(uri)), mode="r:gz") as source:
            for member in source:
                if (content := source.extractfile(member)) is not None:
                    found[member.name.removeprefix("./")] = content.read().decode()
        return found

    def training(self, metadata: Any) -> Any:
        """The training job of a step."""
        name = metadata["TrainingJob"]["Arn"].rpartition("/")[2]
        return self.sagemaker.describe_training_job(TrainingJobName=name)


def furnish(clients: Mapping[str, Any]) -> None:
    """Make what the documents refer to."""
    clients["s3"].create_bucket(Bucket=BUCKET)
    for key, body in objects():
        clients["s3"].put_object(Bucket=BUCKET, Key=key, Body=body)
    environment = {"SAGEMAKER_PROGRAM": "infer.py", "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code"}
    container = {
        "Image": SKLEARN,
        "ModelDataUrl": f"s3://{BUCKET}/m/model.tar.gz",
        "Environment": environment,
    }
    sagemaker = clients["sagemaker"]
    sagemaker.create_model(ModelName="m", ExecutionRoleArn=ROLE, PrimaryContainer=container)
    sagemaker.create_model_package_group(ModelPackageGroupName="group")
    principal = {"Service": ["sagemaker.amazonaws.com", "lambda.amazonaws.com"]}
    trust = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    clients["iam"].create_role(RoleName="Jobs", AssumeRolePolicyDocument=policy)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as target:
        target.writestr("app.py", FUNCTION)
    clients["lambda"].create_function(
        FunctionName="f",
        Runtime="python3.11",
        Role=ROLE,
        Handler="app.handler",
        Code={"ZipFile": packed.getvalue()},
    )
    clients["sqs"].create_queue(QueueName="q")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    home = tmp_path_factory.mktemp("definitions")
    (home / "runtimes.toml").write_text(RUNTIMES, encoding="utf-8")
    server = Server(home / "state", port=0)
    server.start()
    clients = {
        service: boto3.client(
            service,
            endpoint_url=server.endpoint,
            region_name="us-east-1",
            aws_access_key_id="111111111111",
            aws_secret_access_key="secret",
            config=Config(retries={"total_max_attempts": 1}),
        )
        for service in ("s3", "sagemaker", "iam", "lambda", "sqs")
    }
    furnish(clients)
    yield World(clients["sagemaker"], clients)
    server.stop()
