"""Targets: who may, what they get, and what becomes of what they do not get."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from botocore.exceptions import ClientError

Client = Callable[..., Any]
ROLE = "arn:aws:iam::111111111111:role/RopewayExecutionRole"
HERE = "arn:aws:{}:eu-west-1:111111111111:{}"


def aim(client: Client, name: str, target: dict[str, Any], *, source: str | None = None) -> str:
    """A rule for events of a source, and its only target."""
    events = client("events")
    arn: str = events.put_rule(Name=name, EventPattern=json.dumps({"source": [source or name]}))["RuleArn"]
    assert events.put_targets(Rule=name, Targets=[{"Id": "only", **target}])["FailedEntryCount"] == 0
    return arn


def put(client: Client, source: str, detail: Any = None, **more: Any) -> Any:
    entry = {"Source": source, "DetailType": "test", "Detail": json.dumps(detail or {"n": 1}), **more}
    return client("events").put_events(Entries=[entry])["Entries"][0]


def role(client: Client, name: str, action: str, trusted: str = "events.amazonaws.com") -> str:
    iam = client("iam")
    trust = {"Effect": "Allow", "Principal": {"Service": trusted}, "Action": "sts:AssumeRole"}
    with contextlib.suppress(iam.exceptions.EntityAlreadyExistsException):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps({"Statement": [trust]}))
    may = {"Effect": "Allow", "Action": action, "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [may]})
    iam.put_role_policy(RoleName=name, PolicyName="may", PolicyDocument=document)
    return f"arn:aws:iam::111111111111:role/{name}"


def letter(queue: Any) -> tuple[str, dict[str, Any]]:
    """The error code of the next message of a dead-letter queue, and the event in it."""
    (message,) = queue.messages(1)
    attributes = {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}
    assert attributes["ERROR_MESSAGE"]
    return attributes["ERROR_CODE"], json.loads(message["Body"])


def test_a_fifo_queue_gets_a_group(client: Client, queue: Callable[..., Any]) -> None:
    made = queue("ordered.fifo")
    aim(
        client, "fifo", {"Arn": made.arn, "SqsParameters": {"MessageGroupId": "g"}, "InputPath": "$.detail.n"}
    )
    for number in range(5):
        put(client, "fifo", {"n": number})
    assert made.events(5) == [0, 1, 2, 3, 4]
    with pytest.raises(ClientError, match="MessageGroupId must be specified"):
        aim(client, "fifo-without", {"Arn": made.arn})


def test_a_queue_that_is_closed_is_told_to_the_dead_letters(
    client: Client, queue: Callable[..., Any]
) -> None:
    closed, dead = queue("closed", open_to=None), queue("dead")
    rule = aim(client, "to-closed", {"Arn": closed.arn, "DeadLetterConfig": {"Arn": dead.arn}})
    identity = put(client, "to-closed")["EventId"]
    (message,) = dead.messages(1)
    attributes = {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}
    assert (attributes["ERROR_CODE"], attributes["RULE_ARN"]) == ("NO_PERMISSIONS", rule)
    assert (attributes["TARGET_ARN"], attributes["RETRY_ATTEMPTS"]) == (closed.arn, "0")
    assert json.loads(message["Body"])["id"] == identity
    assert closed.messages(1, 1) == []
    now = datetime.now(timezone.utc)
    counted = client("cloudwatch").get_metric_statistics(
        Namespace="AWS/Events",
        MetricName="FailedInvocations",
        Dimensions=[{"Name": "RuleName", "Value": "to-closed"}],
        StartTime=now - timedelta(hours=1),
        EndTime=now + timedelta(hours=1),
        Period=60,
        Statistics=["Sum"],
    )["Datapoints"]
    assert sum(point["Sum"] for point in counted) == 1


def test_a_queue_that_is_gone_is_told_to_the_dead_letters(client: Client, queue: Callable[..., Any]) -> None:
    dead = queue("dead-gone")
    aim(client, "to-gone", {"Arn": HERE.format("sqs", "gone"), "DeadLetterConfig": {"Arn": dead.arn}})
    put(client, "to-gone")
    assert letter(dead)[0] == "NO_RESOURCE"


def test_a_function_that_is_gone_is_told_to_the_dead_letters(
    client: Client, queue: Callable[..., Any]
) -> None:
    dead = queue("dead-function")
    aim(
        client,
        "to-function",
        {"Arn": HERE.format("lambda", "function:nobody"), "DeadLetterConfig": {"Arn": dead.arn}},
    )
    put(client, "to-function")
    assert letter(dead)[0] == "NO_RESOURCE"


def test_a_topic_lets_in_whom_its_policy_names(client: Client, queue: Callable[..., Any]) -> None:
    sns, dead, heard = client("sns"), queue("dead-topic"), queue("heard-topic", open_to="sns.amazonaws.com")
    topic = sns.create_topic(Name="alarms")["TopicArn"]
    sns.subscribe(
        TopicArn=topic, Protocol="sqs", Endpoint=heard.arn, Attributes={"RawMessageDelivery": "true"}
    )
    aim(
        client,
        "to-topic",
        {
            "Arn": topic,
            "DeadLetterConfig": {"Arn": dead.arn},
            "InputTransformer": {"InputPathsMap": {"n": "$.detail.n"}, "InputTemplate": '"number <n>"'},
        },
    )
    put(client, "to-topic")
    assert letter(dead)[0] == "NO_PERMISSIONS"
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": topic,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)
    put(client, "to-topic", {"n": 7})
    assert heard.events(1) == ["number 7"]


@pytest.mark.parametrize("own", [False, True], ids=["aws-managed", "customer-managed"])
def test_an_encrypted_topic_needs_a_key_that_lets_eventbridge_in(
    client: Client, queue: Callable[..., Any], own: bool
) -> None:
    sns, dead, name = client("sns"), queue(f"dead-key-{own}"), f"secret-{own}"
    key = client("kms").create_key()["KeyMetadata"]["KeyId"] if own else "alias/aws/sns"
    statement = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sns:Publish"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [{**statement, "Resource": "*"}]})
    topic = sns.create_topic(Name=name, Attributes={"KmsMasterKeyId": key, "Policy": policy})["TopicArn"]
    aim(client, name, {"Arn": topic, "DeadLetterConfig": {"Arn": dead.arn}})
    put(client, name)
    assert letter(dead)[0] == "NO_PERMISSIONS"
    if own:
        admin = {"Effect": "Allow", "Principal": {"AWS": "111111111111"}, "Action": "kms:*", "Resource": "*"}
        use = {**statement, "Action": ["kms:GenerateDataKey*", "kms:Decrypt"], "Resource": "*"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [admin, use]})
        client("kms").put_key_policy(KeyId=key, PolicyName="default", Policy=document)
        put(client, name)
        assert dead.messages(1, 1) == []


def test_a_state_machine_is_started_once_with_the_input(client: Client) -> None:
    states = client("stepfunctions")
    definition = {"StartAt": "Ok", "States": {"Ok": {"Type": "Pass", "End": True}}}
    machine = states.create_state_machine(name="told", definition=json.dumps(definition), roleArn=ROLE)
    arn = machine["stateMachineArn"]
    aim(
        client,
        "to-machine",
        {"Arn": arn, "RoleArn": role(client, "starts", "states:StartExecution"), "Input": '{"x": 1}'},
    )
    identity = put(client, "to-machine")["EventId"]
    for _ in range(500):
        found = states.list_executions(stateMachineArn=arn)["executions"]
        if found:
            break
    (execution,) = found
    assert execution["name"].startswith(identity)
    assert json.loads(states.describe_execution(executionArn=execution["executionArn"])["input"]) == {"x": 1}


def test_a_role_must_trust_eventbridge_and_may_do_what_is_asked(
    client: Client, queue: Callable[..., Any]
) -> None:
    pipeline, dead = HERE.format("sagemaker", "pipeline/nothing"), queue("dead-role")
    with pytest.raises(ClientError, match="RoleArn is required"):
        aim(client, "no-role", {"Arn": pipeline})
    strange = role(client, "trusts-other", "sagemaker:*", "lambda.amazonaws.com")
    with pytest.raises(ClientError, match="cannot be assumed by principal 'events"):
        aim(client, "strange-role", {"Arn": pipeline, "RoleArn": strange})
    poor = role(client, "may-little", "s3:GetObject")
    aim(client, "poor-role", {"Arn": pipeline, "RoleArn": poor, "DeadLetterConfig": {"Arn": dead.arn}})
    put(client, "poor-role")
    assert letter(dead)[0] == "NO_PERMISSIONS"


def test_parameters_of_a_pipeline_come_from_the_event(client: Client) -> None:
    sagemaker = client("sagemaker")
    definition = {
        "Version": "2020-12-01",
        "Parameters": [{"Name": "Reason", "Type": "String"}],
        "Steps": [
            {"Name": "End", "Type": "Fail", "Arguments": {"ErrorMessage": {"Get": "Parameters.Reason"}}}
        ],
    }
    pipeline = sagemaker.create_pipeline(
        PipelineName="by-event", PipelineDefinition=json.dumps(definition), RoleArn=ROLE
    )["PipelineArn"]
    parameters = {"PipelineParameterList": [{"Name": "Reason", "Value": "$.detail.why"}]}
    aim(client, "to-pipeline", {"Arn": pipeline, "RoleArn": ROLE, "SageMakerPipelineParameters": parameters})
    put(client, "to-pipeline", {"why": "drift of age"})
    for _ in range(500):
        found = sagemaker.list_pipeline_executions(PipelineName="by-event")["PipelineExecutionSummaries"]
        if found:
            break
    (execution,) = found
    told = sagemaker.list_pipeline_parameters_for_execution(
        PipelineExecutionArn=execution["PipelineExecutionArn"]
    )
    assert told["PipelineParameters"] == [{"Name": "Reason", "Value": "drift of age"}]


def test_a_log_group_needs_a_resource_policy(client: Client, queue: Callable[..., Any]) -> None:
    logs, dead = client("logs"), queue("dead-logs")
    logs.create_log_group(logGroupName="/aws/events/told")
    target = {"Arn": HERE.format("logs", "log-group:/aws/events/told"), "DeadLetterConfig": {"Arn": dead.arn}}
    aim(client, "to-logs", target)
    put(client, "to-logs")
    assert letter(dead)[0] == "NO_PERMISSIONS"
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": "arn:aws:logs:eu-west-1:111111111111:log-group:/aws/events/*:*",
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    logs.put_resource_policy(policyName="events", policyDocument=document)
    identity = put(client, "to-logs")["EventId"]
    for _ in range(500):
        found = logs.filter_log_events(logGroupName="/aws/events/told")["events"]
        if found:
            break
    assert [json.loads(entry["message"])["id"] for entry in found] == [identity]


def test_a_target_that_the_sandbox_does_not_have_is_refused(client: Client) -> None:
    with pytest.raises(ClientError, match="does not deliver events to firehose") as caught:
        aim(client, "to-firehose", {"Arn": HERE.format("firehose", "deliverystream/s"), "RoleArn": ROLE})
    assert caught.value.response["Error"]["Code"] == "NotImplementedException"


def test_what_cannot_be_taken_is_given_up_after_its_retries(
    client: Client, queue: Callable[..., Any]
) -> None:
    dead = queue("dead-throttled")
    pipeline = client("sagemaker").create_pipeline(
        PipelineName="needs",
        PipelineDefinition=json.dumps(
            {
                "Version": "2020-12-01",
                "Parameters": [{"Name": "Must", "Type": "String"}],
                "Steps": [{"Name": "End", "Type": "Fail", "Arguments": {"ErrorMessage": "x"}}],
            }
        ),
        RoleArn=ROLE,
    )["PipelineArn"]
    aim(client, "to-needy", {"Arn": pipeline, "RoleArn": ROLE, "DeadLetterConfig": {"Arn": dead.arn}})
    put(client, "to-needy")
    assert letter(dead)[0] == "INVALID_PARAMETER"


def test_a_schedule_calls_an_operation(client: Client, queue: Callable[..., Any]) -> None:
    made = queue("by-sdk")
    client("scheduler").create_schedule(
        Name="by-sdk",
        ScheduleExpression="rate(1 day)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={
            "Arn": "arn:aws:scheduler:::aws-sdk:sqs:sendMessage",
            "RoleArn": role(client, "sends-by-sdk", "sqs:SendMessage", "scheduler.amazonaws.com"),
            "Input": json.dumps({"QueueUrl": made.url, "MessageBody": '"by sdk"'}),
        },
    )
    assert made.events(1) == ["by sdk"]
