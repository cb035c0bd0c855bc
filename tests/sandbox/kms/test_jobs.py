"""Jobs read and write as their role: under its account's keys, and under others' as far as those let it."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError, WaiterError

from tests.sandbox.keys import shaped

Client = Callable[..., Any]

REGION = "eu-west-1"
DEV, PREPROD, PROD = "111111111111", "222222222222", "333333333333"
COPY = "import shutil; shutil.copytree('/opt/ml/processing/in', '/opt/ml/processing/out', dirs_exist_ok=True)"


def bucket(client: Client, account: str, name: str, key: str | None) -> str:
    """A bucket that everybody may use, as far as its key lets them."""
    s3 = client("s3", account=account, region=REGION)
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    places = [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"]
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": places}
    s3.put_bucket_policy(Bucket=name, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    if key is not None:
        default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
        rules = {"Rules": [{"ApplyServerSideEncryptionByDefault": default}]}
        s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration=rules)
    return name


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    return {}


@pytest.fixture
def keys(client: Client, made: dict[str, str]) -> dict[str, str]:
    """Dev's key, which prod's execution role reads with; prod's own; and a bucket for each."""
    if not made:
        policy = shaped(DEV, readers=[f"arn:aws:iam::{PROD}:role/execution"])
        made["dev"] = client("kms", account=DEV).create_key(Policy=policy)["KeyMetadata"]["Arn"]
        own = client("kms", account=PROD).create_key(Policy=shaped(PROD))
        made["prod"] = own["KeyMetadata"]["Arn"]
        bucket(client, DEV, "dev-data", made["dev"])
        bucket(client, PROD, "prod-data", None)
        client("s3", account=DEV, region=REGION).put_object(Bucket="dev-data", Key="in/a.csv", Body=b"1\n")
    return made


def run(client: Client, account: str, role: str, name: str, target: str, key: str = "") -> Any:
    """A processing job that copies dev's data, at its end."""
    sagemaker = client("sagemaker", account=account)
    place = {"S3Uri": "s3://dev-data/in", "LocalPath": "/opt/ml/processing/in", "S3DataType": "S3Prefix"}
    output = {"S3Uri": target, "LocalPath": "/opt/ml/processing/out", "S3UploadMode": "EndOfJob"}
    outputs = {"Outputs": [{"OutputName": "out", "S3Output": output}]}
    cluster = {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 1}
    sagemaker.create_processing_job(
        ProcessingJobName=name,
        RoleArn=f"arn:aws:iam::{account}:role/{role}",
        AppSpecification={"ImageUri": "python:3.11", "ContainerEntrypoint": ["python3", "-c", COPY]},
        ProcessingInputs=[{"InputName": "in", "S3Input": {**place, "S3InputMode": "File"}}],
        ProcessingOutputConfig={**outputs, "KmsKeyId": key} if key else outputs,
        ProcessingResources={"ClusterConfig": cluster},
    )
    waiter = sagemaker.get_waiter("processing_job_completed_or_stopped")
    with contextlib.suppress(WaiterError):  # a job that fails is what some tests want
        waiter.wait(ProcessingJobName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
    return sagemaker.describe_processing_job(ProcessingJobName=name)


def test_the_role_that_the_key_names_reads_and_writes_under_its_own(
    client: Client, keys: dict[str, str]
) -> None:
    told = run(client, PROD, "execution", "allowed", "s3://prod-data/out", keys["prod"])
    assert told["ProcessingJobStatus"] == "Completed", told.get("FailureReason")
    found = client("s3", account=PROD, region=REGION).get_object(Bucket="prod-data", Key="out/a.csv")
    assert (found["SSEKMSKeyId"], found["Body"].read()) == (keys["prod"], b"1\n")
    with pytest.raises(ClientError, match="kms:Decrypt"):
        client("s3", account=DEV, region=REGION).get_object(Bucket="prod-data", Key="out/a.csv")


@pytest.mark.parametrize(("account", "role"), [(PROD, "other"), (PREPROD, "execution")])
def test_another_role_or_account_gets_nothing(
    client: Client, keys: dict[str, str], account: str, role: str
) -> None:
    told = run(client, account, role, f"refused-{account}", "s3://prod-data/refused")
    assert told["ProcessingJobStatus"] == "Failed"
    assert f"assumed-role/{role}/SageMaker is not authorized to perform: kms:Decrypt" in told["FailureReason"]
    assert keys["dev"] in told["FailureReason"]


def test_a_job_that_may_read_may_still_not_write(client: Client, keys: dict[str, str]) -> None:
    told = run(client, PROD, "execution", "no-writing", "s3://dev-data/out")
    assert told["ProcessingJobStatus"] == "Failed"
    assert "kms:GenerateDataKey on resource: " + keys["dev"] in told["FailureReason"]
