"""The main job by plain boto3: preprocess, train, evaluate, gate, register, approve, transform."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest

from tests.sandbox.acceptance.conftest import (
    CLUSTER,
    ROLE,
    SKLEARN,
    XGBOOST,
    Account,
    channel,
    processing_input,
    processing_output,
    regression_rows,
)

SPLIT = """
import pathlib
rows = pathlib.Path('/opt/ml/processing/input/data/rows.csv').read_text().splitlines()
cut = int(len(rows) * 0.8)
for name, part in (('train', rows[:cut]), ('test', rows[cut:])):
    pathlib.Path(f'/opt/ml/processing/{name}/{name}.csv').write_text('\\n'.join(part) + '\\n')
"""

EVALUATE = """
import json, pathlib, tarfile
import numpy, xgboost
with tarfile.open('/opt/ml/processing/model/model.tar.gz') as archive:
    archive.extractall('.', filter='data')
booster = xgboost.Booster()
booster.load_model('xgboost-model')
rows = numpy.loadtxt('/opt/ml/processing/test/test.csv', delimiter=',')
error = booster.predict(xgboost.DMatrix(rows[:, 1:])) - rows[:, 0]
report = {'regression_metrics': {'mse': {'value': float((error ** 2).mean())}}}
pathlib.Path('/opt/ml/processing/evaluation/evaluation.json').write_text(json.dumps(report))
"""


def processing(name: str, image: str, script: str, inputs: list[Any], outputs: list[Any]) -> dict[str, Any]:
    """A Processing step."""
    return {
        "Name": name,
        "Type": "Processing",
        "Arguments": {
            "ProcessingResources": CLUSTER,
            "AppSpecification": {
                "ImageUri": image,
                "ContainerEntrypoint": ["python3", "/opt/ml/processing/input/code/script.py"],
            },
            "RoleArn": ROLE,
            "ProcessingInputs": [processing_input("code", script, "/opt/ml/processing/input/code"), *inputs],
            "ProcessingOutputConfig": {"Outputs": outputs},
        },
    }


def output_of(step: str, name: str) -> dict[str, str]:
    """The S3 address of a processing step's output."""
    return {"Get": f"Steps.{step}.ProcessingOutputConfig.Outputs['{name}'].S3Output.S3Uri"}


def execution_uri(account: Account, part: str) -> dict[str, Any]:
    """An S3 address below the execution's own prefix."""
    values = [f"s3://{account.bucket}/runs", {"Get": "Execution.PipelineExecutionId"}, part]
    return {"Std:Join": {"On": "/", "Values": values}}


def definition(account: Account, group: str) -> dict[str, Any]:
    """Split, train, evaluate; register when the error is small, fail otherwise."""
    rows = account.put("data/rows.csv", regression_rows(400, seed=7))
    split = processing(
        "Split",
        SKLEARN,
        account.put("code/split/script.py", SPLIT),
        [processing_input("data", rows, "/opt/ml/processing/input/data")],
        [
            processing_output(name, execution_uri(account, name), f"/opt/ml/processing/{name}")
            for name in ("train", "test")
        ],
    )
    train = {
        "Name": "Train",
        "Type": "Training",
        "Arguments": {
            "AlgorithmSpecification": {"TrainingImage": XGBOOST, "TrainingInputMode": "File"},
            "HyperParameters": {"num_round": "30", "objective": "reg:squarederror", "max_depth": "4"},
            "InputDataConfig": [channel("train", output_of("Split", "train"))],
            "OutputDataConfig": {"S3OutputPath": f"s3://{account.bucket}/models"},
            "ResourceConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.xlarge", "VolumeSizeInGB": 30},
            "StoppingCondition": {"MaxRuntimeInSeconds": 600},
            "RoleArn": ROLE,
        },
    }
    artifact = {"Get": "Steps.Train.ModelArtifacts.S3ModelArtifacts"}
    evaluate = processing(
        "Evaluate",
        XGBOOST,
        account.put("code/evaluate/script.py", EVALUATE),
        [
            processing_input("model", artifact, "/opt/ml/processing/model"),
            processing_input("test", output_of("Split", "test"), "/opt/ml/processing/test"),
        ],
        [
            processing_output(
                "evaluation", execution_uri(account, "evaluation"), "/opt/ml/processing/evaluation"
            )
        ],
    )
    evaluate["PropertyFiles"] = [
        {"PropertyFileName": "Report", "OutputName": "evaluation", "FilePath": "evaluation.json"}
    ]
    register = {
        "Name": "Register",
        "Type": "RegisterModel",
        "Arguments": {
            "ModelPackageGroupName": group,
            "ModelApprovalStatus": {"Get": "Parameters.Approval"},
            "InferenceSpecification": {
                "Containers": [{"Image": XGBOOST, "ModelDataUrl": artifact}],
                "SupportedContentTypes": ["text/csv"],
                "SupportedResponseMIMETypes": ["text/csv"],
            },
        },
    }
    model = {
        "Name": "Model",
        "Type": "Model",
        "Arguments": {
            "ExecutionRoleArn": ROLE,
            "PrimaryContainer": {"Image": XGBOOST, "ModelDataUrl": artifact},
        },
    }
    transform = {
        "Name": "Predict",
        "Type": "Transform",
        "Arguments": {
            "ModelName": {"Get": "Steps.Model.ModelName"},
            "TransformInput": {
                "ContentType": "text/csv",
                "SplitType": "Line",
                "DataSource": {
                    "S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": output_of("Split", "test")}
                },
            },
            "TransformOutput": {
                "S3OutputPath": execution_uri(account, "predictions"),
                "AssembleWith": "Line",
                "Accept": "text/csv",
            },
            "TransformResources": {"InstanceCount": 1, "InstanceType": "ml.m5.xlarge"},
            "DataProcessing": {"InputFilter": "$[1:]", "JoinSource": "Input", "OutputFilter": "$[0,-1]"},
        },
    }
    too_bad = {
        "Std:Join": {"On": " ", "Values": ["MSE is not below", {"Get": "Parameters.Limit"}]},
    }
    gate = {
        "Name": "Gate",
        "Type": "Condition",
        "Arguments": {
            "Conditions": [
                {
                    "Type": "LessThanOrEqualTo",
                    "LeftValue": {
                        "Std:JsonGet": {
                            "PropertyFile": {"Get": "Steps.Evaluate.PropertyFiles.Report"},
                            "Path": "regression_metrics.mse.value",
                        }
                    },
                    "RightValue": {"Get": "Parameters.Limit"},
                }
            ],
            "IfSteps": [register, model, transform],
            "ElseSteps": [{"Name": "TooBad", "Type": "Fail", "Arguments": {"ErrorMessage": too_bad}}],
        },
    }
    return {
        "Version": "2020-12-01",
        "Metadata": {},
        "Parameters": [
            {"Name": "Limit", "Type": "Float", "DefaultValue": 3.0},
            {"Name": "Approval", "Type": "String", "DefaultValue": "PendingManualApproval"},
        ],
        "PipelineExperimentConfig": None,
        "Steps": [split, train, evaluate, gate],
    }


@pytest.fixture
def pipeline(account: Account) -> tuple[str, str]:
    """A pipeline and the group it registers to."""
    name, group = f"main-{uuid.uuid4().hex[:8]}", f"group-{uuid.uuid4().hex[:8]}"
    account.sagemaker.create_pipeline(
        PipelineName=name,
        RoleArn=ROLE,
        ClientRequestToken=uuid.uuid4().hex,
        PipelineDefinition=json.dumps(definition(account, group)),
    )
    return name, group


def test_the_good_branch_registers_and_predicts(account: Account, pipeline: tuple[str, str]) -> None:
    name, group = pipeline
    execution = account.execute(name)
    steps = account.steps(execution["PipelineExecutionArn"])
    reasons = {step: found.get("FailureReason") for step, found in steps.items()}
    assert execution["PipelineExecutionStatus"] == "Succeeded", reasons
    assert set(steps) == {"Split", "Train", "Evaluate", "Gate", "Register", "Model", "Predict"}
    assert {step["StepStatus"] for step in steps.values()} == {"Succeeded"}
    assert steps["Gate"]["Metadata"]["Condition"]["Outcome"] == "True"

    packages = account.sagemaker.list_model_packages(ModelPackageGroupName=group)["ModelPackageSummaryList"]
    assert [package["ModelPackageVersion"] for package in packages] == [1]
    assert packages[0]["ModelApprovalStatus"] == "PendingManualApproval"
    assert packages[0]["ModelPackageArn"] == steps["Register"]["Metadata"]["RegisterModel"]["Arn"]
    account.sagemaker.update_model_package(
        ModelPackageArn=packages[0]["ModelPackageArn"], ModelApprovalStatus="Approved"
    )

    run = execution["PipelineExecutionArn"].rpartition("/")[2]
    expected = account.get(f"s3://{account.bucket}/runs/{run}/test/test.csv").decode().splitlines()
    predicted = (
        account.get(f"s3://{account.bucket}/runs/{run}/predictions/test.csv.out").decode().splitlines()
    )
    assert len(predicted) == len(expected) == 80
    for row, line in zip(expected, predicted, strict=True):
        truth, guess = (float(value) for value in line.split(","))
        assert truth == float(row.split(",")[0])
        assert abs(truth - guess) < 8


def test_the_other_branch_fails_with_its_message_and_registers_nothing(
    account: Account, pipeline: tuple[str, str]
) -> None:
    name, group = pipeline
    execution = account.execute(name, Limit="0.000001")
    steps = account.steps(execution["PipelineExecutionArn"])
    assert execution["PipelineExecutionStatus"] == "Failed"
    assert "Step failure: One or multiple steps failed" in execution["FailureReason"]
    assert set(steps) == {"Split", "Train", "Evaluate", "Gate", "TooBad"}
    assert steps["TooBad"]["Metadata"]["Fail"]["ErrorMessage"] == "MSE is not below 1e-06"
    assert (
        account.sagemaker.list_model_package_groups(NameContains=group)["ModelPackageGroupSummaryList"] == []
    )


def test_the_same_data_gives_the_same_model(account: Account, pipeline: tuple[str, str]) -> None:
    name, _ = pipeline
    digests = set()
    for _ in range(2):
        execution = account.execute(name)
        train = account.steps(execution["PipelineExecutionArn"])["Train"]["Metadata"]["TrainingJob"]["Arn"]
        job = account.sagemaker.describe_training_job(TrainingJobName=train.rpartition("/")[2])
        bucket, _, key = job["ModelArtifacts"]["S3ModelArtifacts"].removeprefix("s3://").partition("/")
        digests.add(account.s3.head_object(Bucket=bucket, Key=key)["ETag"])
    assert len(digests) == 1
