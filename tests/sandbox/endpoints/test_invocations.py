"""Requests: who answers, what containers are told, what their errors become, what is captured."""

from __future__ import annotations

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.endpoints.conftest import BUCKET, Kit


@pytest.fixture(scope="module")
def pair() -> list[str]:
    """Made by the first test that needs it; one endpoint serves the module."""
    return []


@pytest.fixture
def weighted(kit: Kit, pair: list[str]) -> str:
    """An endpoint of two variants, of which one has all the weight."""
    if not pair:
        kit.model("heavy")
        kit.model("light")
        capture = {
            "EnableCapture": True,
            "InitialSamplingPercentage": 100,
            "DestinationS3Uri": f"s3://{BUCKET}/captured",
            "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
        }
        kit.config("weighted", {"heavy": 1, "light": 0}, DataCaptureConfig=capture)
        kit.endpoint("weighted", "weighted")
        pair.append("weighted")
    return pair[0]


def test_weights_decide_and_can_be_changed(kit: Kit, weighted: str) -> None:
    assert {kit.ask(weighted)["InvokedProductionVariant"] for _ in range(8)} == {"heavy"}
    assert kit.ask(weighted, TargetVariant="light")["Body"] == "light:hello"
    kit.sagemaker.update_endpoint_weights_and_capacities(
        EndpointName=weighted,
        DesiredWeightsAndCapacities=[
            {"VariantName": "light", "DesiredWeight": 3, "DesiredInstanceCount": 2},
            {"VariantName": "heavy", "DesiredWeight": 0},
        ],
    )
    told = {variant["VariantName"]: variant for variant in kit.settle(weighted)["ProductionVariants"]}
    assert (told["light"]["CurrentWeight"], told["light"]["CurrentInstanceCount"]) == (3, 2)
    assert {kit.ask(weighted)["InvokedProductionVariant"] for _ in range(8)} == {"light"}
    back = [{"VariantName": "heavy", "DesiredWeight": 1}, {"VariantName": "light", "DesiredWeight": 0}]
    kit.sagemaker.update_endpoint_weights_and_capacities(
        EndpointName=weighted, DesiredWeightsAndCapacities=back
    )
    kit.settle(weighted)


def test_an_error_of_the_model_is_told_with_its_status(kit: Kit, weighted: str) -> None:
    with pytest.raises(ClientError) as caught:
        kit.ask(weighted, "boom")
    response: dict[str, Any] = caught.value.response
    assert response["Error"]["Code"] == "ModelError"
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 424
    assert response["OriginalStatusCode"] == 500
    assert "boom came" in response["OriginalMessage"] + response["Error"]["Message"]
    assert response["LogStreamArn"].endswith("log-group:/aws/sagemaker/Endpoints/weighted")
    assert "Received server error (500) from primary" in response["Error"]["Message"]


def test_a_container_that_dies_is_started_anew(kit: Kit, weighted: str) -> None:
    with pytest.raises(ClientError) as caught:
        kit.ask(weighted, "die")
    assert caught.value.response["OriginalStatusCode"] == 0
    assert kit.ask(weighted)["Body"] == "heavy:hello"  # which waited for it


def test_a_variant_that_is_not_there_and_a_body_that_is_too_long_are_refused(kit: Kit, weighted: str) -> None:
    with pytest.raises(ClientError, match="Variant none of endpoint weighted not found"):
        kit.ask(weighted, TargetVariant="none")
    with pytest.raises(ClientError) as caught:
        kit.ask(weighted, "x" * (6 * 1024 * 1024 + 1))
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    with pytest.raises(ClientError, match="multi-model endpoints"):
        kit.ask(weighted, TargetModel="a.tar.gz")


def test_other_ways_to_invoke_are_refused_by_name(kit: Kit, weighted: str) -> None:
    with pytest.raises(ClientError, match="sagemaker-runtime InvokeEndpointAsync"):
        kit.runtime.invoke_endpoint_async(EndpointName=weighted, InputLocation="s3://a/b")
    with pytest.raises(ClientError, match="InvokeEndpointWithResponseStream"):
        kit.runtime.invoke_endpoint_with_response_stream(EndpointName=weighted, Body=b"")


def test_many_ask_at_once(kit: Kit, weighted: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = Counter(pool.map(lambda number: kit.ask(weighted, str(number))["Body"], range(60)))
    assert found == {f"heavy:{number}": 1 for number in range(60)}


def test_requests_are_captured_as_json_lines(kit: Kit, weighted: str) -> None:
    kit.ask(weighted, "remember", InferenceId="id-7", CustomAttributes="trace=1")
    kit.sagemaker.delete_endpoint(EndpointName=weighted)  # which brings what was captured to S3
    kit.gone(weighted)
    found = []
    for entry in kit.s3.list_objects_v2(Bucket=BUCKET, Prefix="captured/weighted/heavy/")["Contents"]:
        text = kit.s3.get_object(Bucket=BUCKET, Key=entry["Key"])["Body"].read().decode()
        found += [json.loads(line) for line in text.splitlines()]
    (told,) = (each for each in found if each["eventMetadata"].get("inferenceId") == "id-7")
    assert told["captureData"]["endpointInput"]["mode"] == "INPUT"
    assert told["captureData"]["endpointInput"]["encoding"] == "BASE64"
    assert told["captureData"]["endpointOutput"]["observedContentType"] == "text/plain"
    assert told["eventMetadata"]["customAttributes"] == ["trace=1"]
    assert told["eventVersion"] == "0"
