"""How each kind of target is called: through the server's own API, after its permissions were looked at.

A table by the service in the target's ARN. What a target can know a repetition by goes with the call wherever its
API takes it: the name of a state machine's execution, the token of a pipeline's start, the deduplication id of a
FIFO queue.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ropeway.sandbox.domain.errors import DomainError, Invalid
from ropeway.sandbox.domain.events.destinations import Destinations
from ropeway.sandbox.domain.events.failures import Undeliverable, failure_of
from ropeway.sandbox.domain.events.model import Delivery
from ropeway.sandbox.domain.events.permissions import Permissions
from ropeway.sandbox.domain.events.sink import token_of
from ropeway.sandbox.domain.ports import Peers
from ropeway.values.arn import Arn
from ropeway.values.clock import Clock

__all__ = ["KINDS", "SDK", "Targets", "check_dead_letters", "goes_together", "kind_of"]

_API = "api-destination"

_BATCH_BYTES = 200_000  # SQS takes ten messages of 256 KiB together
_SCHEDULER = "scheduler.amazonaws.com"  # sends to dead-letter queues as its schedule's role

KINDS = frozenset({"lambda", "sqs", "sns", "states", "sagemaker", "logs", "events", _API})
"""The services that targets may be of."""

SDK = {
    "dynamodb": "dynamodb",
    "eventbridge": "events",
    "sagemaker": "sagemaker",
    "sns": "sns",
    "sqs": "sqs",
    "ssm": "ssm",
}
"""Services that schedules may call by aws-sdk, and botocore's names of them."""


def kind_of(arn: str) -> str:
    """The service of a target (an API destination's kind), or nothing where the sandbox does not deliver to it."""
    try:
        parsed = Arn.parse(arn)
    except ValueError:
        return ""
    if parsed.service == "scheduler":
        parts = parsed.resource.split(":")
        return "aws-sdk" if len(parts) == 3 and parts[0] == "aws-sdk" and parts[1] in SDK else ""
    if (parsed.service, parsed.kind) == ("events", _API):
        return _API
    wanted = {"sagemaker": "pipeline", "events": "event-bus"}.get(parsed.service)
    if wanted is not None and parsed.kind != wanted:
        return ""
    return parsed.service if parsed.service in KINDS else ""


def check_dead_letters(target: Mapping[str, Any]) -> None:
    """Refuse a dead-letter queue that could take nothing.

    Raises:
        Invalid: it is no standard queue.
    """
    arn = (target.get("DeadLetterConfig") or {}).get("Arn")
    if arn and (not arn.startswith("arn:aws:sqs:") or arn.count(":") != 5 or arn.endswith(".fifo")):
        raise Invalid(
            f"Parameter DeadLetterConfig.Arn is not valid. Reason: it is no standard queue of SQS: {arn}"
        )


class Targets:
    """Calls targets.

    Args:
        calls: the API of this server.
        machine: the machine's time, which CloudWatch Logs goes by.
        destinations: what sends to API destinations.
    """

    def __init__(
        self, calls: Peers, permissions: Permissions, machine: Clock, destinations: Destinations
    ) -> None:
        self._calls = calls
        self._permissions = permissions
        self._machine = machine
        self._destinations = destinations
        self._table: Mapping[str, Callable[[Delivery, Arn], None]] = {
            "lambda": self._function,
            "sqs": self._queue,
            "sns": self._topic,
            "states": self._state_machine,
            "sagemaker": self._pipeline,
            "logs": self._log_group,
            "scheduler": self._operation,
            _API: self._destination,
        }

    def call(self, delivery: Delivery) -> None:
        """Hand a target what is for it.

        Raises:
            Undeliverable: it was not taken.
        """
        arn = _arn_of(delivery)
        kind = _API if arn.service == "events" else arn.service
        try:
            self._table[kind](delivery, arn)
        except KeyError as error:
            if error.args != (kind,):
                raise
            raise Undeliverable(
                "SDK_CLIENT_ERROR", f"The sandbox does not deliver to {arn.service}: {arn}."
            ) from error
        except DomainError as error:
            raise failure_of(error) from error

    def call_together(self, deliveries: Sequence[Delivery]) -> Sequence[Undeliverable | None]:
        """Hand a queue up to ten deliveries of one lane in one call; why not, for each that it did not take.

        Raises:
            Undeliverable: none was taken.
        """
        first = deliveries[0]
        arn = _arn_of(first)
        try:
            url = self._reach_queue(first, arn)
            entries = [{"Id": str(place), **_queued(each, arn)} for place, each in enumerate(deliveries)]
            told = self._ask(arn, "sqs", "SendMessageBatch", {"QueueUrl": url, "Entries": entries})
        except DomainError as error:
            raise failure_of(error) from error
        failed = {entry["Id"]: entry for entry in told.get("Failed", [])}
        return [
            _failure_of_entry(failed[str(place)]) if str(place) in failed else None
            for place in range(len(deliveries))
        ]

    def permit(self, delivery: Delivery) -> None:
        """Demand that a queue, topic or function is there and lets the service in; nothing is sent.

        Raises:
            Undeliverable: it is not, or does not.
        """
        arn = _arn_of(delivery)
        reach = {"lambda": self._reach_function, "sqs": self._reach_queue, "sns": self._reach_topic}
        try:
            reach[arn.service](delivery, arn)
        except DomainError as error:
            raise failure_of(error) from error

    def send(self, queue: str, body: str, attributes: Mapping[str, str], delivery: Delivery) -> None:
        """Put a message into a dead-letter queue.

        Raises:
            Undeliverable: the service may not, or there is no such queue.
        """
        arn = Arn.parse(queue)
        message = {
            "MessageBody": body,
            "MessageAttributes": {
                name: {"DataType": "String", "StringValue": value}
                for name, value in attributes.items()
                if value
            },
        }
        role = delivery.target.get("RoleArn") if delivery.principal == _SCHEDULER else None
        letter = replace(delivery, target={"Arn": queue, "RoleArn": role})
        try:
            url = self._reach_queue(letter, arn)
            self._ask(arn, "sqs", "SendMessage", {"QueueUrl": url, **message})
        except DomainError as error:
            raise failure_of(error) from error

    def _function(self, delivery: Delivery, arn: Arn) -> None:
        self._reach_function(delivery, arn)
        payload = delivery.payload.encode()
        wanted = {"FunctionName": str(arn), "InvocationType": "Event", "Payload": payload}
        self._ask(arn, "lambda", "Invoke", wanted)

    def _reach_function(self, delivery: Delivery, arn: Arn) -> str:
        if delivery.target.get("RoleArn"):
            self._permissions.by_role(delivery, "lambda:InvokeFunction", str(arn))
        else:
            self._permissions.by_policy(delivery, self._policy_of(arn), "lambda:InvokeFunction", str(arn))
        return str(arn)

    def _policy_of(self, arn: Arn) -> str | None:
        parts = arn.resource.split(":")
        wanted = {"FunctionName": parts[1], **({"Qualifier": parts[2]} if len(parts) > 2 else {})}
        self._ask(
            arn, "lambda", "GetFunctionConfiguration", wanted
        )  # tells a missing function from a missing policy
        try:
            policy: str = self._ask(arn, "lambda", "GetPolicy", wanted)["Policy"]
        except DomainError as error:
            if error.status == 404:
                return None
            raise
        return policy

    def _queue(self, delivery: Delivery, arn: Arn) -> None:
        message = _queued(delivery, arn)
        url = self._reach_queue(delivery, arn)
        self._ask(arn, "sqs", "SendMessage", {"QueueUrl": url, **message})

    def _reach_queue(self, delivery: Delivery, arn: Arn) -> str:
        url: str = self._ask(arn, "sqs", "GetQueueUrl", {"QueueName": arn.resource})["QueueUrl"]
        if delivery.target.get("RoleArn"):
            self._permissions.by_role(delivery, "sqs:SendMessage", str(arn))
            return url
        names = ["Policy", "KmsMasterKeyId"]
        told = self._ask(arn, "sqs", "GetQueueAttributes", {"QueueUrl": url, "AttributeNames": names})
        self._by_attributes(delivery, told.get("Attributes", {}), "sqs:SendMessage", arn)
        return url

    def _topic(self, delivery: Delivery, arn: Arn) -> None:
        self._reach_topic(delivery, arn)
        self._ask(arn, "sns", "Publish", {"TopicArn": str(arn), "Message": delivery.payload})

    def _reach_topic(self, delivery: Delivery, arn: Arn) -> str:
        attributes = self._ask(arn, "sns", "GetTopicAttributes", {"TopicArn": str(arn)})["Attributes"]
        if delivery.target.get("RoleArn"):
            self._permissions.by_role(delivery, "sns:Publish", str(arn))
        else:
            self._by_attributes(delivery, attributes, "sns:Publish", arn)
        return str(arn)

    def _by_attributes(
        self, delivery: Delivery, attributes: Mapping[str, str], action: str, arn: Arn
    ) -> None:
        """Demand it of a queue's or topic's policy, and of the policy of the key that it is encrypted with."""
        self._permissions.by_policy(delivery, attributes.get("Policy"), action, str(arn))
        if attributes.get("KmsMasterKeyId"):
            self._permissions.by_key(delivery, attributes["KmsMasterKeyId"], (arn.account, arn.region))

    def _state_machine(self, delivery: Delivery, arn: Arn) -> None:
        self._permissions.by_role(delivery, "states:StartExecution", str(arn))
        name = f"{delivery.id}_{uuid.UUID(token_of(delivery)[:32])}"
        wanted = {"stateMachineArn": str(arn), "name": name, "input": delivery.payload}
        try:
            self._ask(arn, "stepfunctions", "StartExecution", wanted)
        except DomainError as error:
            if error.code != "ExecutionAlreadyExists":  # by the try before, whose end was not written down
                raise

    def _pipeline(self, delivery: Delivery, arn: Arn) -> None:
        self._permissions.by_role(delivery, "sagemaker:StartPipelineExecution", str(arn))
        parameters = (delivery.target.get("SageMakerPipelineParameters") or {}).get(
            "PipelineParameterList", []
        )
        wanted = {
            "PipelineName": arn.name,
            "ClientRequestToken": token_of(delivery),
            "PipelineParameters": parameters,
        }
        self._ask(arn, "sagemaker", "StartPipelineExecution", wanted)

    def _log_group(self, delivery: Delivery, arn: Arn) -> None:
        group = arn.resource.removeprefix("log-group:").removesuffix(":*")
        stream = str(uuid.uuid5(uuid.NAMESPACE_URL, delivery.source))
        where = f"{str(arn).removesuffix(':*')}:log-stream:{stream}"
        told = self._ask(arn, "logs", "DescribeResourcePolicies", {})
        policies = [entry.get("policyDocument") for entry in told.get("resourcePolicies", [])]
        if not any(
            self._permissions.lets_in(delivery, each, "logs:PutLogEvents", where) for each in policies
        ):
            self._permissions.by_policy(delivery, None, "logs:PutLogEvents", where)
        try:
            self._ask(arn, "logs", "CreateLogStream", {"logGroupName": group, "logStreamName": stream})
        except DomainError as error:
            if error.code != "ResourceAlreadyExistsException":
                raise
        entry = {"timestamp": int(self._machine.now() * 1000), "message": _message(delivery.payload)}
        self._ask(
            arn,
            "logs",
            "PutLogEvents",
            {"logGroupName": group, "logStreamName": stream, "logEvents": [entry]},
        )

    def _destination(self, delivery: Delivery, arn: Arn) -> None:
        self._permissions.by_role(delivery, "events:InvokeApiDestination", str(arn))
        self._destinations.call(delivery)

    def _operation(self, delivery: Delivery, arn: Arn) -> None:
        """Any operation of a service, by ``aws-sdk:<service>:<action>``."""
        _, named, action = arn.resource.split(":")
        service, name = SDK[named], action[:1].upper() + action[1:]
        self._permissions.by_role(delivery, f"{service}:{name}", "*")
        try:
            params = json.loads(delivery.target.get("Input") or "{}")
            self._calls.call(service, name, params, account=delivery.account, region=delivery.region)
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            raise Undeliverable(
                "INVALID_PARAMETER", f"{service} {name}: {type(error).__name__}: {error}"
            ) from error

    def _ask(self, arn: Arn, service: str, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
        return self._calls.call(service, operation, params, account=arn.account, region=arn.region)


def goes_together(deliveries: Sequence[Delivery]) -> bool:
    """Whether deliveries of one lane can be handed over in one call."""
    if len(deliveries) < 2 or kind_of(deliveries[0].target["Arn"]) != "sqs":
        return False
    return sum(len(each.payload.encode()) for each in deliveries) <= _BATCH_BYTES


def _queued(delivery: Delivery, arn: Arn) -> dict[str, Any]:
    """The message that a queue gets."""
    message: dict[str, Any] = {"MessageBody": delivery.payload}
    if arn.resource.endswith(".fifo"):
        parameters = delivery.target.get("SqsParameters") or {}
        if not parameters.get("MessageGroupId"):
            raise Undeliverable(
                "INVALID_PARAMETER", f"{arn} is a FIFO queue: SqsParameters.MessageGroupId is missing."
            )
        message["MessageGroupId"] = parameters["MessageGroupId"]
        message["MessageDeduplicationId"] = token_of(delivery)
    return message


def _failure_of_entry(entry: Mapping[str, Any]) -> Undeliverable:
    status = 400 if entry.get("SenderFault") else 500
    return failure_of(DomainError(entry.get("Message", ""), code=entry.get("Code", ""), status=status))


def _message(payload: str) -> str:
    """A log event's message: the payload, or the member of that name where a transformer made one."""
    try:
        document = json.loads(payload)
    except ValueError:
        return payload
    if isinstance(document, Mapping) and set(document) == {"timestamp", "message"}:
        return str(document["message"])
    return payload


def _arn_of(delivery: Delivery) -> Arn:
    try:
        return Arn.parse(delivery.target["Arn"])
    except ValueError as error:
        raise Undeliverable("INVALID_PARAMETER", str(error)) from error
