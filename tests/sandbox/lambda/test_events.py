"""Asynchronous invocations are sent on when they end, and kept through a restart; functions have limits."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.made import function, message, queue

Client = Callable[..., Any]
FAILS = "def handler(event, context):\n    raise ValueError(event['why'])\n"


def test_what_came_of_an_event_goes_to_its_destination(client: Client) -> None:
    functions, sqs = client("lambda"), client("sqs")
    url, arn = queue(sqs, "good")
    made = function(functions, "twice", "def handler(event, context):\n    return event * 2\n")
    functions.put_function_event_invoke_config(
        FunctionName="twice", DestinationConfig={"OnSuccess": {"Destination": arn}}
    )
    functions.invoke(FunctionName="twice", InvocationType="Event", Payload=b"21")
    record = json.loads(message(sqs, url)["Body"])
    assert (record["requestPayload"], record["responsePayload"]) == (21, 42)
    context = record["requestContext"]
    assert (context["condition"], context["approximateInvokeCount"]) == ("Success", 1)
    assert context["functionArn"] == f"{made}:$LATEST"


def test_a_failure_goes_to_its_destination_and_to_the_dead_letters(client: Client) -> None:
    functions, sqs = client("lambda"), client("sqs")
    bad_url, bad = queue(sqs, "bad")
    dead_url, dead = queue(sqs, "dead")
    function(functions, "fails", FAILS, DeadLetterConfig={"TargetArn": dead})
    functions.put_function_event_invoke_config(
        FunctionName="fails",
        MaximumRetryAttempts=0,
        DestinationConfig={"OnFailure": {"Destination": bad}},
    )
    functions.invoke(FunctionName="fails", InvocationType="Event", Payload=b'{"why": "no"}')
    record = json.loads(message(sqs, bad_url)["Body"])
    assert record["requestContext"]["condition"] == "RetriesExhausted"
    assert record["responseContext"]["functionError"] == "Unhandled"
    assert record["responsePayload"]["errorType"] == "ValueError"
    letter = message(sqs, dead_url)
    assert json.loads(letter["Body"]) == {"why": "no"}
    assert letter["MessageAttributes"]["ErrorMessage"]["StringValue"] == "no"


def test_a_function_that_takes_too_much_memory_is_killed(client: Client) -> None:
    functions = client("lambda")
    code = (
        "import time\ndef handler(event, context):\n"
        "    held = bytearray(event * 1_000_000)\n    time.sleep(2)\n    return len(held)\n"
    )
    function(functions, "large", code, MemorySize=128)
    assert json.load(functions.invoke(FunctionName="large", Payload=b"1")["Payload"]) == 1_000_000
    answer = functions.invoke(FunctionName="large", Payload=b"400")
    assert answer["FunctionError"] == "Unhandled"
    assert "signal: killed" in json.load(answer["Payload"])["errorMessage"]


def test_a_function_runs_as_often_at_once_as_it_may(client: Client) -> None:
    functions, sqs = client("lambda"), client("sqs")
    url, _ = queue(sqs, "began")
    code = (
        "import time, boto3\ndef handler(event, context):\n"
        "    boto3.client('sqs').send_message(QueueUrl=event, MessageBody='began')\n    time.sleep(3)\n"
    )
    function(functions, "alone", code)
    functions.put_function_concurrency(FunctionName="alone", ReservedConcurrentExecutions=1)
    payload = json.dumps(url).encode()
    first = threading.Thread(target=lambda: client("lambda").invoke(FunctionName="alone", Payload=payload))
    first.start()
    message(sqs, url)
    with pytest.raises(ClientError, match="TooManyRequestsException"):
        functions.invoke(FunctionName="alone", Payload=payload)
    first.join()
    functions.put_function_concurrency(FunctionName="alone", ReservedConcurrentExecutions=0)
    with pytest.raises(ClientError, match="TooManyRequestsException"):
        functions.invoke(FunctionName="alone", Payload=payload)


def test_a_destination_that_the_sandbox_cannot_reach_is_refused(client: Client) -> None:
    stream = "arn:aws:kinesis:eu-west-1:111111111111:stream/s"
    with pytest.raises(ClientError, match=f"does not send what came of an event to {stream} \\(OnFailure\\)"):
        client("lambda").put_function_event_invoke_config(
            FunctionName="any", DestinationConfig={"OnFailure": {"Destination": stream}}
        )
    with pytest.raises(ClientError, match="is not a queue or a topic"):
        client("lambda").update_function_configuration(
            FunctionName="any", DeadLetterConfig={"TargetArn": stream}
        )
