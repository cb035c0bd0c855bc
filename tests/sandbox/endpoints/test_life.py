"""Endpoints by plain boto3: made, asked, updated, deleted, and how each fails."""

from __future__ import annotations

import json
from typing import Any

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


def test_names_are_unique_and_configurations_must_be_there(kit: Kit) -> None:
    kit.model("twice")
    kit.config("twice", {"twice": 1})
    kit.endpoint("twice", "twice")
    with pytest.raises(ClientError, match="Cannot create already existing endpoint"):
        kit.sagemaker.create_endpoint(EndpointName="twice", EndpointConfigName="twice")
    with pytest.raises(ClientError, match="Could not find endpoint configuration"):
        kit.sagemaker.create_endpoint(EndpointName="new", EndpointConfigName="nowhere")
    with pytest.raises(ClientError, match='Could not find endpoint "arn:aws:sagemaker'):
        kit.sagemaker.update_endpoint(EndpointName="nobody", EndpointConfigName="twice")
    with pytest.raises(ClientError, match="Could not find variant"):
        kit.sagemaker.update_endpoint_weights_and_capacities(
            EndpointName="twice", DesiredWeightsAndCapacities=[{"VariantName": "x", "DesiredWeight": 1}]
        )
    kit.sagemaker.delete_endpoint(EndpointName="twice")
    # It may be gone already.
    with pytest.raises(ClientError, match=r"Cannot update in-progress endpoint|Could not find endpoint"):
        kit.sagemaker.delete_endpoint(EndpointName="twice")
    kit.gone("twice")


@pytest.mark.parametrize(
    ("member", "value", "told"),
    [
        ("AsyncInferenceConfig", {"OutputConfig": {"S3OutputPath": "s3://b/out"}}, "asynchronous inference"),
        (
            "ExplainerConfig",
            {"ClarifyExplainerConfig": {"ShapConfig": {"ShapBaselineConfig": {}}}},
            "explanations",
        ),
    ],
)
def test_what_is_not_served_is_refused_by_name(kit: Kit, member: str, value: object, told: str) -> None:
    kit.model(f"without-{member}")
    kit.config(f"without-{member}", {f"without-{member}": 1}, **{member: value})
    with pytest.raises(ClientError, match=told) as caught:
        kit.sagemaker.create_endpoint(EndpointName="without", EndpointConfigName=f"without-{member}")
    assert caught.value.response["Error"]["Code"] == "NotImplementedException"


def test_variants_that_are_not_served_are_refused_by_name(kit: Kit) -> None:
    kit.model("plain")
    serverless = {
        "VariantName": "v",
        "ModelName": "plain",
        "ServerlessConfig": {"MemorySizeInMB": 1024, "MaxConcurrency": 1},
    }
    plain = {
        "VariantName": "v",
        "ModelName": "plain",
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 1,
    }
    bare = {"VariantName": "v", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    shadow = {**plain, "VariantName": "s"}
    configs: dict[str, dict[str, Any]] = {
        "serverless variants": {"ProductionVariants": [serverless]},
        "inference components": {"ProductionVariants": [bare]},
        "shadow variants": {"ProductionVariants": [plain], "ShadowProductionVariants": [shadow]},
    }
    for told, config in configs.items():
        name = told.replace(" ", "-")
        kit.sagemaker.create_endpoint_config(EndpointConfigName=name, **config)
        with pytest.raises(ClientError, match=told) as caught:
            kit.sagemaker.create_endpoint(EndpointName="refused", EndpointConfigName=name)
        assert caught.value.response["Error"]["Code"] == "NotImplementedException"


def test_an_update_takes_over_when_it_is_ready(kit: Kit) -> None:
    kit.model("old")
    kit.model("new")
    kit.config("old", {"old": 1})
    kit.config("new", {"new": 1})
    kit.endpoint("moving", "old")
    kit.sagemaker.update_endpoint(EndpointName="moving", EndpointConfigName="new")
    told = kit.sagemaker.describe_endpoint(EndpointName="moving")
    assert (told["EndpointStatus"], told["EndpointConfigName"]) == ("Updating", "old")
    assert told["PendingDeploymentSummary"]["EndpointConfigName"] == "new"
    assert kit.ask("moving")["Body"] == "old:hello"  # it serves on
    told = kit.settle("moving")
    assert (told["EndpointStatus"], told["EndpointConfigName"]) == ("InService", "new")
    assert "PendingDeploymentSummary" not in told
    assert kit.ask("moving")["Body"] == "new:hello"


def test_an_update_that_cannot_serve_leaves_the_old_one_in_service(kit: Kit) -> None:
    kit.model("steady")
    kit.config("steady", {"steady": 1})
    kit.config("to-broken", {kit.model("broken", name="broken-later"): 1})
    kit.endpoint("steady", "steady")
    kit.sagemaker.update_endpoint(EndpointName="steady", EndpointConfigName="to-broken")
    told = kit.settle("steady")
    assert (told["EndpointStatus"], told["EndpointConfigName"]) == ("InService", "steady")
    assert "did not pass the ping health check" in told["FailureReason"]
    assert kit.ask("steady")["Body"] == "steady:hello"
    kit.sagemaker.update_endpoint(EndpointName="steady", EndpointConfigName="steady")
    assert "FailureReason" not in kit.settle("steady")


def test_a_ringing_alarm_takes_a_canary_back(kit: Kit, client: Client) -> None:
    kit.model("safe")
    kit.model("risky")
    kit.config("safe", {"safe": 1})
    kit.config("risky", {"risky": 1})
    kit.endpoint("guarded", "safe")
    watch = client("cloudwatch")
    watch.put_metric_alarm(
        AlarmName="errors",
        MetricName="Invocation5XXErrors",
        Namespace="AWS/SageMaker",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
    )
    watch.set_alarm_state(AlarmName="errors", StateValue="ALARM", StateReason="a test")
    canary = {"Type": "CAPACITY_PERCENT", "Value": 10}
    routing = {"Type": "CANARY", "CanarySize": canary, "WaitIntervalInSeconds": 600}
    policy = {
        "BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": routing},
        "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "errors"}]},
    }
    kit.sagemaker.update_endpoint(EndpointName="guarded", EndpointConfigName="risky", DeploymentConfig=policy)
    told = kit.settle("guarded")
    assert (told["EndpointConfigName"], told["LastDeploymentConfig"]) == ("safe", policy)
    assert "in ALARM: errors" in told["FailureReason"]
    assert kit.ask("guarded")["Body"] == "safe:hello"


def test_eventbridge_is_told_of_every_status(kit: Kit, client: Client) -> None:
    sqs, events = client("sqs"), client("events")
    arn = "arn:aws:sqs:eu-west-1:111111111111:statuses"
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    queue = sqs.create_queue(QueueName="statuses", Attributes={"Policy": policy})["QueueUrl"]
    pattern = {
        "source": ["aws.sagemaker"],
        "detail-type": ["SageMaker Endpoint State Change"],
        "detail": {"EndpointName": ["told"]},
    }
    events.put_rule(Name="statuses", EventPattern=json.dumps(pattern))
    events.put_targets(Rule="statuses", Targets=[{"Id": "queue", "Arn": arn}])
    kit.model("told")
    kit.config("told", {"told": 1})
    kit.endpoint("told", "told")
    kit.sagemaker.delete_endpoint(EndpointName="told")
    found: list[str] = []
    for _ in range(20):
        answer = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=1)
        for message in answer.get("Messages", ()):
            found.append(json.loads(message["Body"])["detail"]["EndpointStatus"])
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        if len(found) >= 3:
            break
    assert sorted(found) == ["CREATING", "DELETING", "IN_SERVICE"]
