"""What several tests make: functions, queues, and the messages that come."""

from __future__ import annotations

import io
import zipfile
from typing import Any

__all__ = ["function", "message", "queue"]

ROLE = "arn:aws:iam::111111111111:role/RopewayExecutionRole"


def function(functions: Any, name: str, code: str, **more: Any) -> str:
    """The ARN of a new function."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as target:
        target.writestr("app.py", code)
    made = functions.create_function(
        **{"Timeout": 20, "MemorySize": 256, **more},
        FunctionName=name,
        Runtime="python3.12",
        Role=ROLE,
        Handler="app.handler",
        Code={"ZipFile": archive.getvalue()},
    )
    return str(made["FunctionArn"])


def queue(sqs: Any, name: str) -> tuple[str, str]:
    """A new queue's URL and ARN."""
    return sqs.create_queue(QueueName=name)["QueueUrl"], f"arn:aws:sqs:eu-west-1:111111111111:{name}"


def message(sqs: Any, url: str) -> dict[str, Any]:
    """The next message of a queue."""
    got = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20, MessageAttributeNames=["All"])
    found: dict[str, Any] = got["Messages"][0]
    return found
