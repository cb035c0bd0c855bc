"""Models to deploy, and waiting by describing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.sandbox.conftest import Client
from tests.sandbox.jobs.conftest import SKLEARN
from tests.sandbox.transform.conftest import archive

ROLE = "arn:aws:iam::111111111111:role/RopewayExecutionRole"
BUCKET = "endpoint-models"

ECHO = """
import json, os, time
SAYS = {says!r}
def model_fn(model_dir):
    if SAYS == "broken":
        raise ValueError("no model here")
    return None
def transform_fn(model, body, content_type, accept):
    if "boom" in str(body):
        raise ValueError("boom came")
    if "die" in str(body):
        os._exit(7)
    if "slow" in str(body):
        time.sleep(1)
    return SAYS + ":" + body, accept
"""


class Kit:
    """Makes models, configurations and endpoints by plain boto3."""

    def __init__(self, client: Client) -> None:
        self.sagemaker = client("sagemaker")
        self.runtime = client("sagemaker-runtime")
        self.s3 = client("s3")
        names = [bucket["Name"] for bucket in self.s3.list_buckets()["Buckets"]]
        if BUCKET not in names:
            self.s3.create_bucket(
                Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
            )

    def model(self, says: str, *, name: str = "") -> str:
        """A model that answers a word before what it is told, and is called so; ``broken`` does not load."""
        name = name or says
        key = f"{name}/model.tar.gz"
        self.s3.put_object(
            Bucket=BUCKET, Key=key, Body=archive({"code/inference.py": ECHO.format(says=says)})
        )
        container = {
            "Image": SKLEARN,
            "ModelDataUrl": f"s3://{BUCKET}/{key}",
            "Environment": {"SAGEMAKER_PROGRAM": "inference.py"},
        }
        self.sagemaker.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer=container)
        return name

    def config(self, name: str, weights: Mapping[str, float], **more: Any) -> str:
        """A configuration with a variant of each model, called as its model is."""
        variants = [
            {
                "VariantName": model,
                "ModelName": model,
                "InitialInstanceCount": 1,
                "InstanceType": "ml.m5.large",
                "InitialVariantWeight": weight,
            }
            for model, weight in weights.items()
        ]
        self.sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=variants, **more)
        return name

    def endpoint(self, name: str, config: str, **more: Any) -> None:
        """An endpoint in service."""
        self.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=config, **more)
        self.settle(name)

    def settle(self, name: str) -> dict[str, Any]:
        """The endpoint once it has come to rest; describes are held until then."""
        waiter = self.sagemaker.get_waiter("endpoint_in_service")
        waiter.wait(EndpointName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
        told: dict[str, Any] = self.sagemaker.describe_endpoint(EndpointName=name)
        return told

    def gone(self, name: str) -> None:
        """Wait until a deleted endpoint is away."""
        waiter = self.sagemaker.get_waiter("endpoint_deleted")
        waiter.wait(EndpointName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60})

    def ask(self, name: str, body: str = "hello", **more: Any) -> dict[str, Any]:
        """What InvokeEndpoint answers, its body as text."""
        told: dict[str, Any] = self.runtime.invoke_endpoint(
            EndpointName=name, Body=body.encode(), ContentType="text/plain", Accept="text/plain", **more
        )
        return {**told, "Body": told["Body"].read().decode()}


@pytest.fixture
def kit(client: Client) -> Kit:
    return Kit(client)
