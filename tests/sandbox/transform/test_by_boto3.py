"""A transform job by plain boto3: model, job, waiter, output."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.conftest import Client
from tests.sandbox.jobs.conftest import SKLEARN, XGBOOST
from tests.sandbox.transform.conftest import archive

ROLE = "arn:aws:iam::111111111111:role/RopewayExecutionRole"


SLOW = """
import time
def model_fn(model_dir):
    return None
def transform_fn(model, body, content_type, accept):
    time.sleep(60)
    return body, accept
"""


def test_a_running_transform_is_listed_and_stopped(client: Client) -> None:
    s3, sagemaker = client("s3"), client("sagemaker")
    s3.create_bucket(Bucket="slow", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket="slow", Key="model.tar.gz", Body=archive({"code/inference.py": SLOW}))
    s3.put_object(Bucket="slow", Key="in/a.csv", Body=b"1\n")
    container = {"Image": SKLEARN, "ModelDataUrl": "s3://slow/model.tar.gz"}
    sagemaker.create_model(ModelName="slow", ExecutionRoleArn=ROLE, PrimaryContainer=container)
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://slow/in"}}
    sagemaker.create_transform_job(
        TransformJobName="sleeping",
        ModelName="slow",
        TransformInput={"DataSource": source, "ContentType": "text/csv"},
        TransformOutput={"S3OutputPath": "s3://slow/out/"},
        TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
    )
    listed = sagemaker.list_transform_jobs(NameContains="sleep", StatusEquals="InProgress")
    assert [job["TransformJobName"] for job in listed["TransformJobSummaries"]] == ["sleeping"]
    sagemaker.stop_transform_job(TransformJobName="sleeping")
    waiter = sagemaker.get_waiter("transform_job_completed_or_stopped")
    waiter.wait(TransformJobName="sleeping", WaiterConfig={"Delay": 1, "MaxAttempts": 60})
    assert sagemaker.describe_transform_job(TransformJobName="sleeping")["TransformJobStatus"] == "Stopped"


def test_a_way_of_splitting_that_is_not_there_is_refused(client: Client) -> None:
    sagemaker = client("sagemaker")
    container = {"Image": XGBOOST, "ModelDataUrl": "s3://scores/model.tar.gz"}
    sagemaker.create_model(ModelName="any", ExecutionRoleArn=ROLE, PrimaryContainer=container)
    with pytest.raises(ClientError, match="does not split transform input by RecordIO"):
        sagemaker.create_transform_job(
            TransformJobName="records",
            ModelName="any",
            TransformInput={
                "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://scores/in"}},
                "SplitType": "RecordIO",
            },
            TransformOutput={"S3OutputPath": "s3://scores/out/"},
            TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
        )


def test_a_model_transforms_a_bucket(client: Client, booster: Any) -> None:
    s3, sagemaker = client("s3"), client("sagemaker")
    s3.create_bucket(Bucket="scores", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(
        Bucket="scores",
        Key="model.tar.gz",
        Body=archive({"xgboost-model": bytes(booster.save_raw("ubj"))}),
    )
    s3.put_object(Bucket="scores", Key="in/a.csv", Body=b"1,2,3\n4,5,6\n")
    container = {"Image": XGBOOST, "ModelDataUrl": "s3://scores/model.tar.gz"}
    sagemaker.create_model(ModelName="trees", ExecutionRoleArn=ROLE, PrimaryContainer=container)
    sagemaker.create_transform_job(
        TransformJobName="scoring",
        ModelName="trees",
        TransformInput={
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://scores/in"}},
            "ContentType": "text/csv",
            "SplitType": "Line",
        },
        TransformOutput={"S3OutputPath": "s3://scores/out/", "AssembleWith": "Line"},
        TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
        DataProcessing={"JoinSource": "Input"},
    )
    waiter = sagemaker.get_waiter("transform_job_completed_or_stopped")
    waiter.wait(TransformJobName="scoring", WaiterConfig={"Delay": 1, "MaxAttempts": 60})
    job = sagemaker.describe_transform_job(TransformJobName="scoring")
    assert job["TransformJobStatus"] == "Completed"
    assert job["TransformEndTime"] >= job["TransformStartTime"]
    lines = s3.get_object(Bucket="scores", Key="out/a.csv.out")["Body"].read().decode().splitlines()
    assert [line.rpartition(",")[0] for line in lines] == ["1,2,3", "4,5,6"]
    assert all(float(line.rpartition(",")[2]) for line in lines)
