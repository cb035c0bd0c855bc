"""A use case by boto3 alone: nothing here knows Ropeway. Any AWS endpoint will do.

    python with_boto3.py mammography|abalone

Reads the endpoint, the keys and the region from the environment, as every AWS tool does:

    eval "$(ropeway sandbox env)"

The pipelines are definition documents (``<use case>/definitions``), as any SDK emits them.
"""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import tempfile
import time
import uuid
import zipfile
from pathlib import Path

import boto3
from botocore.exceptions import ClientError

HERE = Path(__file__).parent
BUCKET = "ropeway-examples"
ROLE = "arn:aws:iam::111111111111:role/RopewayExecutionRole"
PREFIX = {"mammography": "mammography-severity/data", "abalone": "abalone/data"}
GROUP = {"mammography": "mammography-severity", "abalone": "abalone"}

s3, sagemaker, functions = (boto3.client(name) for name in ("s3", "sagemaker", "lambda"))


def upload(case: Path) -> None:
    """Bucket, data, and the scripts at the addresses that the definitions name."""
    try:
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": s3.meta.region_name})
    except ClientError as error:
        if error.response["Error"]["Code"] != "BucketAlreadyOwnedByYou":
            raise
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, str(case / "data.py"), folder], check=True)
        for file in Path(folder).rglob("*.csv"):
            s3.upload_file(str(file), BUCKET, f"{PREFIX[case.name]}/{file.relative_to(folder)}")
    for document in (case / "definitions").glob("*.json"):
        for key in set(re.findall(rf'"s3://{BUCKET}/([^"]*\.(?:py|yaml))"', document.read_text())):
            s3.upload_file(str(case / "scripts" / Path(key).name), BUCKET, key)


def run(case: Path, name: str) -> None:
    """Create or update a pipeline, start it, wait for its end."""
    definition = (case / "definitions" / f"{name}.json").read_text()
    pipeline = f"{case.name}-{name}"
    call = {"PipelineName": pipeline, "PipelineDefinition": definition, "RoleArn": ROLE}
    try:
        sagemaker.create_pipeline(**call, ClientRequestToken=uuid.uuid4().hex)
    except ClientError as error:
        if "already exists" not in str(error):
            raise
        sagemaker.update_pipeline(**call)
    arn = sagemaker.start_pipeline_execution(PipelineName=pipeline)["PipelineExecutionArn"]
    while True:
        found = sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)
        if found["PipelineExecutionStatus"] not in {"Executing", "Stopping"}:
            break
        time.sleep(0.2)
    steps = sagemaker.list_pipeline_execution_steps(PipelineExecutionArn=arn, SortOrder="Ascending")
    for step in steps["PipelineExecutionSteps"]:
        print(f"{step['StepName']}: {step['StepStatus']} {step.get('FailureReason', '')}".rstrip())
    if found["PipelineExecutionStatus"] != "Succeeded":
        sys.exit(f"{arn} is {found['PipelineExecutionStatus']}: {found.get('FailureReason')}")


def approve(group: str) -> None:
    """Approve the newest version."""
    newest = sagemaker.list_model_packages(
        ModelPackageGroupName=group, SortBy="CreationTime", SortOrder="Descending", MaxResults=1
    )["ModelPackageSummaryList"][0]
    sagemaker.update_model_package(ModelPackageArn=newest["ModelPackageArn"], ModelApprovalStatus="Approved")
    metadata = sagemaker.describe_model_package(ModelPackageName=newest["ModelPackageArn"])[
        "CustomerMetadataProperties"
    ]
    print(f"{group}/{newest['ModelPackageVersion']}: Approved, {json.dumps(metadata)}")


def create_function(case: Path, name: str, handler: str) -> None:
    """A Lambda function that a pipeline calls."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.write(case / "scripts" / "latest_approved.py", "latest_approved.py")
    try:
        functions.create_function(
            FunctionName=name,
            Runtime="python3.12",
            Role=ROLE,
            Handler=f"latest_approved.{handler}",
            Timeout=120,
            Code={"ZipFile": archive.getvalue()},
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceConflictException":
            raise


def main(name: str) -> None:
    case = HERE / name
    upload(case)
    if name == "mammography":
        create_function(case, "mammography-train-champion", "champion")
        create_function(case, "mammography-inference-latest-approved", "lambda_handler")
    run(case, "train")
    approve(GROUP[name])
    if name == "mammography":
        run(case, "inference")
        found = s3.list_objects_v2(Bucket=BUCKET, Prefix=f"{GROUP[name]}/predictions/")["Contents"]
        print(f"predictions: s3://{BUCKET}/{found[-1]['Key']}")


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in GROUP:
        sys.exit(f"usage: python with_boto3.py {'|'.join(GROUP)}")
    main(sys.argv[1])
