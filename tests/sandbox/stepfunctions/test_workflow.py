"""A workflow of 24 states with switches, the shape of the reusable one that Ropeway takes over: it runs as it stands.

One Parallel state as try, eight choices, eleven tasks (two of them Glue's, which the sandbox lacks), two Pass states, a
Succeed and a Fail. Preprocess, train, tune, create a model, transform or serve, post-process: a flag switches each.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.sandbox.stepfunctions.conftest import ROLE, Machines

Client = Callable[..., Any]
BUCKET = "workflow"
PLAIN = "141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"
XGBOOST = "141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-xgboost:1.7-1"
RESOURCES = {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 30}
SCRIPT = """
import pathlib, random
random.seed(1)
rows = [[random.random() for _ in range(3)] for _ in range(200)]
lines = [f"{sum(row):.4f}," + ",".join(f"{x:.4f}" for x in row) for row in rows]
for name, part in (("train", lines[:150]), ("test", lines[150:])):
    folder = pathlib.Path("/opt/ml/processing") / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.csv").write_text("\\n".join(part) + "\\n")
"""


def choice(flag: str, yes: str, no: str) -> dict[str, Any]:
    return {
        "Type": "Choice",
        "Choices": [{"Variable": f"$.{flag}", "StringEquals": "Y", "Next": yes}],
        "Default": no,
    }


def task(action: str, parameters: dict[str, Any], place: str | None, following: str) -> dict[str, Any]:
    return {
        "Type": "Task",
        "Resource": f"arn:aws:states:::{action}",
        "Parameters": parameters,
        "ResultPath": place,
        "Next": following,
    }


def processing(name: str) -> dict[str, Any]:
    outputs = [
        {
            "OutputName": part,
            "S3Output": {
                "S3Uri": f"s3://{BUCKET}/{part}",
                "LocalPath": f"/opt/ml/processing/{part}",
                "S3UploadMode": "EndOfJob",
            },
        }
        for part in ("train", "test")
    ]
    return {
        "ProcessingJobName.$": f"States.Format('{name}-{{}}', $.id)",
        "RoleArn": ROLE,
        "AppSpecification": {
            "ImageUri": PLAIN,
            "ContainerEntrypoint": ["python3", "/opt/ml/processing/input/code/prepare.py"],
        },
        "ProcessingInputs": [
            {
                "InputName": "code",
                "S3Input": {
                    "S3Uri.$": "$.preprocessing.source_code_path",
                    "LocalPath": "/opt/ml/processing/input/code",
                    "S3DataType": "S3Prefix",
                    "S3InputMode": "File",
                },
            }
        ],
        "ProcessingResources": {"ClusterConfig": RESOURCES},
        "ProcessingOutputConfig": {"Outputs": outputs},
        "StoppingCondition": {"MaxRuntimeInSeconds": 7200},
    }


def channel(name: str) -> dict[str, Any]:
    source = {
        "S3DataType": "S3Prefix",
        "S3Uri": f"s3://{BUCKET}/{name}",
        "S3DataDistributionType": "FullyReplicated",
    }
    return {"ChannelName": name, "ContentType": "text/csv", "DataSource": {"S3DataSource": source}}


def training(**more: Any) -> dict[str, Any]:
    return {
        "RoleArn": ROLE,
        "AlgorithmSpecification": {"TrainingImage": XGBOOST, "TrainingInputMode": "File"},
        "InputDataConfig": [channel("train")],
        "OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/models"},
        "ResourceConfig": RESOURCES,
        "StoppingCondition": {"MaxRuntimeInSeconds": 86400},
        **more,
    }


def branch() -> dict[str, Any]:
    tuning = {
        "HyperParameterTuningJobName.$": "States.Format('tune-{}', $.id)",
        "HyperParameterTuningJobConfig": {
            "Strategy": "Bayesian",
            "HyperParameterTuningJobObjective": {"Type": "Minimize", "MetricName": "train:rmse"},
            "ResourceLimits": {"MaxNumberOfTrainingJobs": 2, "MaxParallelTrainingJobs": 2},
            "ParameterRanges": {
                "IntegerParameterRanges": [{"Name": "max_depth", "MinValue": "2", "MaxValue": "4"}]
            },
        },
        "TrainingJobDefinition": training(
            StaticHyperParameters={"num_round": "3", "objective": "reg:squarederror"}
        ),
    }
    transform = {
        "TransformJobName.$": "States.Format('transform-{}', $.id)",
        "ModelName.$": "$.id",
        "TransformInput": {
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/test"}},
            "ContentType": "text/csv",
            "SplitType": "Line",
        },
        "DataProcessing": {"InputFilter": "$[1:]"},
        "TransformOutput": {"S3OutputPath.$": "States.Format('{}/{}', $.predictions, $.id)"},
        "TransformResources": {"InstanceCount": 1, "InstanceType": "ml.m5.large"},
    }
    variant = {
        "VariantName": "AllTraffic",
        "ModelName.$": "$.id",
        "InitialInstanceCount": 1,
        "InstanceType": "ml.t2.medium",
        "InitialVariantWeight": 1,
    }
    hyper = {"num_round": "5", "objective": "reg:squarederror"}
    job = {"TrainingJobName.$": "States.Format('train-{}', $.id)", "HyperParameters": hyper, **training()}
    glue = {"JobName.$": "$.preprocessing.job_name", "Arguments": {"--event.$": "States.JsonToString($)"}}
    states = {
        "Job type": {
            "Type": "Choice",
            "Choices": [
                {"Variable": "$.preprocessing.job_type", "StringEquals": kind, "Next": to}
                for kind, to in (
                    ("lambda", "By function"),
                    ("glue-python", "By Glue shell"),
                    ("glue-spark", "By Glue Spark"),
                    ("sagemaker-processing", "By processing"),
                )
            ],
            "Default": "Train?",
        },
        "By function": {
            **task(
                "lambda:invoke",
                {"FunctionName.$": "$.preprocessing.job_name", "Payload.$": "$"},
                "$.preprocessing_results",
                "Train?",
            ),
            "Retry": [
                {
                    "ErrorEquals": [
                        "Lambda.ServiceException",
                        "Lambda.AWSLambdaException",
                        "Lambda.SdkClientException",
                    ],
                    "IntervalSeconds": 2,
                    "MaxAttempts": 3,
                    "BackoffRate": 2,
                }
            ],
        },
        "By Glue shell": task("glue:startJobRun.sync", glue, "$.preprocessing_results", "Train?"),
        "By Glue Spark": task("glue:startJobRun.sync", glue, "$.preprocessing_results", "Train?"),
        "By processing": task(
            "sagemaker:createProcessingJob.sync", processing("prepare"), "$.preprocessing_results", "Train?"
        ),
        "Train?": choice("training_job", "Train", "Tune?"),
        "Train": task("sagemaker:createTrainingJob.sync", job, "$.training_results", "Tune?"),
        "Tune?": choice("tuning_job", "Tune", "Model?"),
        "Tune": task("sagemaker:createHyperParameterTuningJob.sync", tuning, "$.tuning_results", "Model?"),
        "Model?": choice("create_model", "Model", "Transform?"),
        "Model": task(
            "sagemaker:createModel",
            {
                "ModelName.$": "$.id",
                "ExecutionRoleArn": ROLE,
                "PrimaryContainer": {
                    "Image": XGBOOST,
                    "ModelDataUrl.$": "$.training_results.ModelArtifacts.S3ModelArtifacts",
                },
            },
            "$.model_results",
            "Transform?",
        ),
        "Transform?": choice("transform_job", "Transform", "Configure?"),
        "Transform": task(
            "sagemaker:createTransformJob.sync", transform, "$.transform_results", "Post-process?"
        ),
        "Configure?": choice("create_endpoint_config", "Configure", "Post-process?"),
        "Configure": task(
            "sagemaker:createEndpointConfig",
            {"EndpointConfigName.$": "$.id", "ProductionVariants": [variant]},
            "$.config_results",
            "Serve?",
        ),
        "Serve?": choice("create_endpoint", "Serve", "Post-process?"),
        "Serve": task(
            "sagemaker:createEndpoint",
            {"EndpointName.$": "$.id", "EndpointConfigName.$": "$.id"},
            "$.endpoint_results",
            "Post-process?",
        ),
        "Post-process?": choice("postprocessing_job", "Post-process", "Told"),
        "Post-process": task("sagemaker:createProcessingJob.sync", processing("finish"), None, "Told"),
        "Told": {"Type": "Pass", "End": True},
    }
    return {"StartAt": "Job type", "States": states}


WORKFLOW = {
    "StartAt": "Try",
    "States": {
        "Try": {
            "Type": "Parallel",
            "Branches": [branch()],
            "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Failed told"}],
            "Next": "Done",
        },
        "Done": {"Type": "Succeed"},
        "Failed told": {"Type": "Pass", "Next": "Failed"},
        "Failed": {"Type": "Fail"},
    },
}
FLAGS = (
    "training_job",
    "tuning_job",
    "create_model",
    "transform_job",
    "create_endpoint_config",
    "create_endpoint",
)


def item(name: str, *flags: str, kind: str = "sagemaker-processing") -> dict[str, Any]:
    """An execution's input, as the routing function makes it of a DynamoDB item."""
    return {
        "id": name,
        "predictions": f"s3://{BUCKET}/predictions",
        "preprocessing": {"job_type": kind, "job_name": "j", "source_code_path": f"s3://{BUCKET}/code"},
        **{flag: "Y" if flag in flags else "N" for flag in (*FLAGS, "postprocessing_job")},
    }


def test_the_workflow_has_its_24_states() -> None:
    states = [*WORKFLOW["States"].values(), *branch()["States"].values()]  # type: ignore[attr-defined]
    assert len(states) == 24
    kinds = [state["Type"] for state in states]
    counts = {kind: kinds.count(kind) for kind in set(kinds)}
    assert counts == {"Parallel": 1, "Choice": 8, "Task": 11, "Pass": 2, "Succeed": 1, "Fail": 1}


@pytest.mark.timeout(180)
def test_every_stage_runs_as_its_flag_says(machines: Machines, client: Client) -> None:
    client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    client("s3").put_object(Bucket=BUCKET, Key="code/prepare.py", Body=SCRIPT)
    sagemaker = client("sagemaker")
    wanted = item(
        "batch", "training_job", "tuning_job", "create_model", "transform_job", "postprocessing_job"
    )
    told = machines.run(WORKFLOW, wanted)
    assert told["status"] == "SUCCEEDED", machines.history(told["executionArn"])[-6:]
    (output,) = told["output"]
    assert output["training_results"]["TrainingJobStatus"] == "Completed"
    assert output["tuning_results"]["TrainingJobStatusCounters"]["Completed"] == 2
    predictions = client("s3").get_object(Bucket=BUCKET, Key="predictions/batch/test.csv.out")["Body"].read()
    assert len(predictions.split()) == 50
    jobs = sagemaker.list_processing_jobs()["ProcessingJobSummaries"]
    assert {job["ProcessingJobName"] for job in jobs} == {"prepare-batch", "finish-batch"}
    served = machines.run(
        WORKFLOW,
        item(
            "live", "training_job", "create_model", "create_endpoint_config", "create_endpoint", kind="none"
        ),
    )
    assert served["status"] == "SUCCEEDED", machines.history(served["executionArn"])[-6:]
    sagemaker.get_waiter("endpoint_in_service").wait(
        EndpointName="live", WaiterConfig={"Delay": 1, "MaxAttempts": 60}
    )
    answer = client("sagemaker-runtime").invoke_endpoint(
        EndpointName="live", ContentType="text/csv", Body="0.5,0.5,0.5"
    )
    assert 0.5 < float(answer["Body"].read()) < 2.5
    sagemaker.delete_endpoint(EndpointName="live")


def test_a_stage_that_fails_ends_the_workflow_and_is_told(machines: Machines) -> None:
    told = machines.run(WORKFLOW, item("glue", kind="glue-spark"))
    assert told["status"] == "FAILED"
    entered = [
        event["stateEnteredEventDetails"]
        for event in machines.history(told["executionArn"])
        if event["type"] == "PassStateEntered"
    ]
    (state,) = entered
    assert state["name"] == "Failed told"
    assert json.loads(state["input"])["error"]["Error"] == "Glue.NotAvailable"
