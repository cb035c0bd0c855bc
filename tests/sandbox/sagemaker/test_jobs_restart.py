"""A restart loses nothing: a new server over the same state folder knows what the old one did."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from ropeway.sandbox.server import Server


def sagemaker_of(server: Server) -> Any:
    """A client of a server."""
    return boto3.client(
        "sagemaker",
        endpoint_url=server.endpoint,
        region_name="eu-west-1",
        aws_access_key_id="111111111111",
        aws_secret_access_key="secret",
        config=Config(retries={"total_max_attempts": 1}),
    )


def in_a_server(state: Path, act: Callable[[Any], Any]) -> Any:
    """Run a server over a folder for as long as ``act`` takes; what it returns."""
    server = Server(state, port=0)
    server.start()
    try:
        return act(sagemaker_of(server))
    finally:
        server.stop()


def fill(sagemaker: Any) -> dict[str, Any]:
    """One of everything; what describing it gives."""
    sagemaker.create_model_package_group(ModelPackageGroupName="group", Tags=[{"Key": "a", "Value": "b"}])
    sagemaker.put_model_package_group_policy(
        ModelPackageGroupName="group",
        ResourcePolicy='{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*",'
        ' "Action": "sagemaker:*", "Resource": "*"}]}',
    )
    specification = {"Containers": [{"Image": "image:1", "ModelDataUrl": "s3://b/m.tar.gz"}]}
    arn = sagemaker.create_model_package(
        ModelPackageGroupName="group", InferenceSpecification=specification, ClientToken="once"
    )["ModelPackageArn"]
    sagemaker.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved")
    sagemaker.create_model(ModelName="model", PrimaryContainer={"ModelPackageName": arn})
    sagemaker.create_processing_job(
        ProcessingJobName="job",
        RoleArn="arn:aws:iam::111111111111:role/Jobs",
        AppSpecification={"ImageUri": "example.com/unknown:1"},
        ProcessingResources={
            "ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 1}
        },
    )
    while sagemaker.describe_processing_job(ProcessingJobName="job")["ProcessingJobStatus"] == "InProgress":
        time.sleep(0.02)
    return described(sagemaker)


def described(sagemaker: Any) -> dict[str, Any]:
    """Everything that ``fill`` made, as the API tells it."""
    arn = sagemaker.list_model_packages(ModelPackageGroupName="group")["ModelPackageSummaryList"][0][
        "ModelPackageArn"
    ]
    group = sagemaker.describe_model_package_group(ModelPackageGroupName="group")
    answers = {
        "group": group,
        "policy": sagemaker.get_model_package_group_policy(ModelPackageGroupName="group"),
        "tags": sagemaker.list_tags(ResourceArn=group["ModelPackageGroupArn"]),
        "package": sagemaker.describe_model_package(ModelPackageName=arn),
        "model": sagemaker.describe_model(ModelName="model"),
        "job": sagemaker.describe_processing_job(ProcessingJobName="job"),
    }
    for answer in answers.values():
        del answer["ResponseMetadata"]
    return answers


def test_everything_that_was_acknowledged_is_there_after_a_restart(tmp_path: Path) -> None:
    before = in_a_server(tmp_path, fill)
    assert in_a_server(tmp_path, described) == before
    assert before["package"]["ModelApprovalStatus"] == "Approved"


def test_numbers_and_tokens_go_on_after_a_restart(tmp_path: Path) -> None:
    in_a_server(tmp_path, fill)

    def again(sagemaker: Any) -> tuple[str, str]:
        specification = {"Containers": [{"Image": "image:1", "ModelDataUrl": "s3://b/m.tar.gz"}]}
        arns = [
            sagemaker.create_model_package(
                ModelPackageGroupName="group", InferenceSpecification=specification, ClientToken=token
            )["ModelPackageArn"]
            for token in ("once", "twice")
        ]
        return arns[0], arns[1]

    same, new = in_a_server(tmp_path, again)
    assert (same.rpartition("/")[2], new.rpartition("/")[2]) == ("1", "2")


def test_a_list_goes_on_after_a_restart(tmp_path: Path) -> None:
    def first_page(sagemaker: Any) -> str:
        for name in ("a", "b", "c"):
            sagemaker.create_model(ModelName=name, PrimaryContainer={"Image": "image:1"})
        token: str = sagemaker.list_models(MaxResults=1)["NextToken"]
        return token

    token = in_a_server(tmp_path, first_page)
    rest = in_a_server(tmp_path, lambda sagemaker: sagemaker.list_models(MaxResults=2, NextToken=token))
    assert [model["ModelName"] for model in rest["Models"]] == ["b", "a"]
