"""Endpoint configurations, monitoring job definitions and function settings come back as they went in."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError

ROLE = "arn:aws:iam::111111111111:role/RopewayExecutionRole"
IMAGE = "141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"
RESOURCES = {"ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 20}}
INPUT = {
    "BatchTransformInput": {
        "DataCapturedDestinationS3Uri": "s3://data/captured",
        "DatasetFormat": {"Csv": {"Header": True}},
        "LocalPath": "/opt/ml/processing/input",
    }
}
OUTPUT = {
    "MonitoringOutputs": [
        {"S3Output": {"S3Uri": "s3://data/found", "LocalPath": "/opt/ml/processing/output"}}
    ]
}


@pytest.fixture
def sagemaker(client: Callable[..., Any]) -> Any:
    return client("sagemaker")


def test_an_endpoint_configuration_is_told_as_described(sagemaker: Any) -> None:
    sagemaker.create_model(ModelName="m", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": IMAGE})
    variant = {
        "VariantName": "AllTraffic",
        "ModelName": "m",
        "InitialInstanceCount": 1,
        "InstanceType": "ml.m5.large",
    }
    capture = {
        "EnableCapture": True,
        "InitialSamplingPercentage": 20,
        "DestinationS3Uri": "s3://data/captured",
        "CaptureOptions": [{"CaptureMode": "Input"}],
    }
    arn = sagemaker.create_endpoint_config(
        EndpointConfigName="c",
        ProductionVariants=[variant],
        DataCaptureConfig=capture,
        Tags=[{"Key": "a", "Value": "b"}],
    )["EndpointConfigArn"]
    found = sagemaker.describe_endpoint_config(EndpointConfigName="c")
    assert found["ProductionVariants"] == [{**variant, "InitialVariantWeight": 1.0}]
    assert found["DataCaptureConfig"] == capture
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "a", "Value": "b"}]
    assert [each["EndpointConfigArn"] for each in sagemaker.list_endpoint_configs()["EndpointConfigs"]] == [
        arn
    ]
    for wrong, reason in (
        ({**variant, "ModelName": "nobody"}, "Could not find model"),
        ({**variant, "InstanceType": "a loom"}, "failed to satisfy constraint"),
    ):
        with pytest.raises(ClientError, match=reason):
            sagemaker.create_endpoint_config(EndpointConfigName="d", ProductionVariants=[wrong])
    with pytest.raises(ClientError, match="must be unique"):
        sagemaker.create_endpoint_config(EndpointConfigName="d", ProductionVariants=[variant, variant])
    sagemaker.delete_endpoint_config(EndpointConfigName="c")
    with pytest.raises(ClientError, match="Could not find endpoint configuration"):
        sagemaker.describe_endpoint_config(EndpointConfigName="c")


TOPICS = {
    "DataQuality": (
        ("CreateDataQualityJobDefinition", "DescribeDataQualityJobDefinition"),
        ("ListDataQualityJobDefinitions", "DeleteDataQualityJobDefinition"),
        {"ImageUri": IMAGE},
        {},
    ),
    "ModelQuality": (
        ("CreateModelQualityJobDefinition", "DescribeModelQualityJobDefinition"),
        ("ListModelQualityJobDefinitions", "DeleteModelQualityJobDefinition"),
        {"ImageUri": IMAGE, "ProblemType": "Regression"},
        {"GroundTruthS3Input": {"S3Uri": "s3://a/b"}},
    ),
    "ModelBias": (
        ("CreateModelBiasJobDefinition", "DescribeModelBiasJobDefinition"),
        ("ListModelBiasJobDefinitions", "DeleteModelBiasJobDefinition"),
        {"ImageUri": IMAGE, "ConfigUri": "s3://a/c"},
        {"GroundTruthS3Input": {"S3Uri": "s3://a/b"}},
    ),
    "ModelExplainability": (
        ("CreateModelExplainabilityJobDefinition", "DescribeModelExplainabilityJobDefinition"),
        ("ListModelExplainabilityJobDefinitions", "DeleteModelExplainabilityJobDefinition"),
        {"ImageUri": IMAGE, "ConfigUri": "s3://a/c"},
        {},
    ),
}


@pytest.mark.parametrize("topic", sorted(TOPICS))
def test_a_job_definition_is_told_with_what_aws_fills_in(sagemaker: Any, topic: str) -> None:
    (create, describe), (listing, delete), specification, extra = TOPICS[topic]

    def call(name: str, **params: Any) -> dict[str, Any]:
        return getattr(sagemaker, xform_name(name))(**params)  # type: ignore[no-any-return]

    made = call(
        create,
        JobDefinitionName="d",
        JobResources=RESOURCES,
        RoleArn=ROLE,
        **{
            f"{topic}AppSpecification": specification,
            f"{topic}JobInput": {**INPUT, **extra},
            f"{topic}JobOutputConfig": OUTPUT,
        },
    )
    found = call(describe, JobDefinitionName="d")
    assert found[f"{topic}JobInput"]["BatchTransformInput"]["S3InputMode"] == "File"
    assert found[f"{topic}JobOutputConfig"]["MonitoringOutputs"][0]["S3Output"]["S3UploadMode"] == "EndOfJob"
    assert found["StoppingCondition"] == {"MaxRuntimeInSeconds": 3600}
    listed = call(listing)["JobDefinitionSummaries"]
    assert [each["MonitoringJobDefinitionArn"] for each in listed] == [made["JobDefinitionArn"]]
    call(delete, JobDefinitionName="d")
    with pytest.raises(ClientError, match="ResourceNotFound"):
        call(describe, JobDefinitionName="d")


def test_a_function_keeps_the_settings_that_moto_forgets(client: Callable[..., Any]) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as target:
        target.writestr("app.py", "def handler(event, context):\n    return 1\n")
    functions = client("lambda")
    named = {"FunctionName": "f", "Runtime": "python3.12", "Role": ROLE, "Handler": "app.handler"}
    letter = {"TargetArn": "arn:aws:sns:eu-west-1:111111111111:dead"}
    made = functions.create_function(
        **named,
        Code={"ZipFile": archive.getvalue()},
        DeadLetterConfig=letter,
        LoggingConfig={"LogFormat": "JSON"},
    )
    logging = {
        "LogFormat": "JSON",
        "LogGroup": "/aws/lambda/f",
        "ApplicationLogLevel": "INFO",
        "SystemLogLevel": "INFO",
    }
    assert (made["DeadLetterConfig"], made["LoggingConfig"]) == (letter, logging)
    functions.update_function_configuration(FunctionName="f", DeadLetterConfig={"TargetArn": ""}, Timeout=9)
    found = functions.get_function(FunctionName="f")["Configuration"]
    assert "DeadLetterConfig" not in found
    assert (found["LoggingConfig"], found["Timeout"]) == (logging, 9)
    assert functions.list_functions()["Functions"][0]["LoggingConfig"] == logging
    functions.delete_function(FunctionName="f")
    again = functions.create_function(**named, Code={"ZipFile": archive.getvalue()})
    assert again.get("LoggingConfig", {}).get("LogFormat") != "JSON"
