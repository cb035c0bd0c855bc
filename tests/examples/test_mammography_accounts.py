"""The mammography use case across accounts: dev trains, the registry keeps, prod predicts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from ropeway.sandbox.server import Server
from tests.examples.conftest import GROUP, Clinic

DEV, PROD, REGISTRY = "111111111111", "333333333333", "444444444444"
ARTIFACTS = "registry-artifacts"


def client(sandbox: Server, service: str, account: str = REGISTRY) -> Any:
    """A client of an account, the registry's by default."""
    return boto3.client(
        service,
        endpoint_url=sandbox.endpoint,
        region_name="eu-west-1",
        aws_access_key_id=account,
        aws_secret_access_key="secret",
    )


def allowed(actions: list[str], *resources: str, to: Sequence[str] = (DEV, PROD)) -> str:
    principals = {"AWS": [f"arn:aws:iam::{account}:root" for account in to]}
    statement = {"Effect": "Allow", "Principal": principals, "Action": actions, "Resource": list(resources)}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture(scope="module")
def group(sandbox: Server) -> str:
    """The group's ARN; the group and the artefacts' bucket are open to dev and prod."""
    sagemaker, s3 = client(sandbox, "sagemaker"), client(sandbox, "s3")
    arn = str(sagemaker.create_model_package_group(ModelPackageGroupName=GROUP)["ModelPackageGroupArn"])
    actions = [f"sagemaker:{verb}ModelPackage" for verb in ("Create", "Describe", "Update")]
    packages = f"{arn.replace('model-package-group', 'model-package')}/*"
    sagemaker.put_model_package_group_policy(
        ModelPackageGroupName=GROUP,
        ResourcePolicy=allowed(
            [*actions, "sagemaker:ListModelPackages", "sagemaker:CreateModel"], arn, packages
        ),
    )
    s3.create_bucket(Bucket=ARTIFACTS, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    bucket = f"arn:aws:s3:::{ARTIFACTS}"
    s3.put_bucket_policy(
        Bucket=ARTIFACTS,
        Policy=allowed(["s3:GetObject", "s3:PutObject", "s3:ListBucket"], bucket, f"{bucket}/*"),
    )
    return arn


def test_dev_trains_the_registry_keeps_prod_predicts(
    sandbox: Server, group: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    shared = client(sandbox, "kms", DEV).create_key(Policy=allowed(["kms:*"], "*"))["KeyMetadata"]["Arn"]
    own = client(sandbox, "kms", PROD).create_key(Policy=allowed(["kms:*"], "*", to=[PROD]))
    given = {"model_package_group_name": group}
    prod = Clinic(sandbox, tmp_path_factory.mktemp("prod"), "prod-data", PROD, given)
    prod.day(1, "clean")
    prod.deploy("inference.py", kms_key=own["KeyMetadata"]["Arn"])
    refused = prod.run("mammography-inference")
    assert f"no version of {group} is approved" in refused.reason("Mammo-LatestApproved")

    dev = Clinic(sandbox, tmp_path_factory.mktemp("dev"), "dev-data", DEV, given)
    dev.data["write"](dev.folder)
    dev.put("train/mammo-train-part1.csv", "train/mammo-train-part1.csv")
    dev.deploy("train.py", model_artifacts_bucket=ARTIFACTS, kms_key=shared)
    trained = dev.run("mammography-train")
    assert trained.status == "Succeeded", {name: trained.reason(name) for name in trained.steps}
    registry = client(sandbox, "sagemaker")
    (line,) = registry.list_model_packages(ModelPackageGroupName=GROUP)["ModelPackageSummaryList"]
    package = registry.describe_model_package(ModelPackageName=line["ModelPackageArn"])
    kept = f"s3://{ARTIFACTS}/mammography-train/{trained.id}/"
    assert all(uri.startswith(kept) for uri in addresses(package)), addresses(package)
    owner, key = client(sandbox, "s3"), addresses(package)[0].removeprefix(f"s3://{ARTIFACTS}/")
    with pytest.raises(ClientError, match="AccessDenied"):  # it has the bucket, and may not use dev's key
        owner.get_object(Bucket=ARTIFACTS, Key=key)
    registry.update_model_package(ModelPackageArn=line["ModelPackageArn"], ModelApprovalStatus="Approved")

    ended = prod.run("mammography-inference")
    assert ended.status == "Succeeded", {name: ended.reason(name) for name in ended.steps}
    assert f"{GROUP}/predictions/{ended.id}/mammo-batch.csv.out" in {
        item["Key"] for item in prod_objects(prod)
    }


def addresses(document: Any) -> list[str]:
    """Every address in S3 that a document names."""
    if isinstance(document, dict):
        return [uri for value in document.values() for uri in addresses(value)]
    if isinstance(document, list):
        return [uri for value in document for uri in addresses(value)]
    return [document] if isinstance(document, str) and document.startswith("s3://") else []


def prod_objects(prod: Clinic) -> list[dict[str, Any]]:
    s3: Any = prod.session.boto.client("s3", endpoint_url=prod.server.endpoint)
    found: list[dict[str, Any]] = s3.list_objects_v2(Bucket=prod.bucket)["Contents"]
    return found
