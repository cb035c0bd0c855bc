"""Endpoints by plain boto3: made, asked, updated, deleted, and how each fails."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError, WaiterError

from tests.sandbox.conftest import Client
from tests.sandbox.endpoints.conftest import Kit


def test_a_model_is_deployed_asked_and_deleted(kit: Kit) -> None:
    kit.model("one")
    kit.config("one", {"one": 1})
    made = kit.sagemaker.create_endpoint(
        EndpointName="one", EndpointConfigName="one", Tags=[{"Key": "team", "Value": "risk"}]
    )
    assert made["EndpointArn"] == "arn:aws:sagemaker:eu-west-1:111111111111:endpoint/one"
    assert kit.sagemaker.describe_endpoint(EndpointName="one")["EndpointStatus"] == "Creating"
    with pytest.raises(ClientError, match="Endpoint one of account 111111111111 not found"):
        kit.ask("one")
    told = kit.settle("one")
    assert told["EndpointStatus"] == "InService"
    assert [variant["VariantName"] for variant in told["ProductionVariants"]] == ["one"]
    answer = kit.ask("one")
    assert (answer["Body"], answer["ContentType"]) == ("one:hello", "text/plain")
    assert answer["InvokedProductionVariant"] == "one"
    assert kit.sagemaker.list_tags(ResourceArn=made["EndpointArn"])["Tags"] == [
        {"Key": "team", "Value": "risk"}
    ]
    listed = kit.sagemaker.list_endpoints(StatusEquals="InService", NameContains="one")["Endpoints"]
    assert [endpoint["EndpointName"] for endpoint in listed] == ["one"]
    kit.sagemaker.delete_endpoint(EndpointName="one")
    kit.gone("one")
    with pytest.raises(ClientError, match="Endpoint one of account 111111111111 not found") as caught:
        kit.ask("one")
    assert caught.value.response["Error"]["Code"] == "ValidationError"
    with pytest.raises(ClientError, match="Could not find endpoint"):
        kit.sagemaker.describe_endpoint(EndpointName="one")


def test_a_model_that_does_not_load_fails_the_endpoint(kit: Kit, client: Client) -> None:
    kit.model("broken")
    kit.config("broken", {"broken": 1})
    with pytest.raises(WaiterError):
        kit.endpoint("broken", "broken")
    told = kit.sagemaker.describe_endpoint(EndpointName="broken")
    assert told["EndpointStatus"] == "Failed"
    assert "production variant broken did not pass the ping health check" in told["FailureReason"]
    logs = client("logs")
    group = "/aws/sagemaker/Endpoints/broken"
    (stream,) = logs.describe_log_streams(logGroupName=group)["logStreams"]
    events = logs.get_log_events(logGroupName=group, logStreamName=stream["logStreamName"])["events"]
    assert "no model here" in "\n".join(event["message"] for event in events)
    with pytest.raises(ClientError, match="Cannot update failed endpoint"):
        kit.sagemaker.update_endpoint(EndpointName="broken", EndpointConfigName="broken")
    kit.sagemaker.delete_endpoint(EndpointName="broken")
    kit.gone("broken")
