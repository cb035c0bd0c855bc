"""What Lambda refuses of a function and moto would take: limits and names that the service model does not tell."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from ropeway.sandbox.domain.errors import Invalid, NotThere
from ropeway.sandbox.operations.wire import Request

__all__ = ["check_deletion", "check_destinations", "check_settings"]

_LONGEST = 900
_DESTINATIONS = ("sqs", "sns", "lambda", "events")
_DEAD_LETTERS = ("sqs", "sns")
_MOST_VARIABLES = 4096
# As Lambda's guide lists them ("defined runtime environment variables", reserved).
_RESERVED = frozenset(
    {
        "_HANDLER",
        "_X_AMZN_TRACE_ID",
        "AWS_ACCESS_KEY",
        "AWS_ACCESS_KEY_ID",
        "AWS_DEFAULT_REGION",
        "AWS_EXECUTION_ENV",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        "AWS_LAMBDA_FUNCTION_NAME",
        "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_INITIALIZATION_TYPE",
        "AWS_LAMBDA_LOG_GROUP_NAME",
        "AWS_LAMBDA_LOG_STREAM_NAME",
        "AWS_LAMBDA_RUNTIME_API",
        "AWS_REGION",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "LAMBDA_RUNTIME_DIR",
        "LAMBDA_TASK_ROOT",
    }
)
_PREFIX = (
    "Lambda was unable to configure your environment variables because the environment variables you "
    "have provided"
)


def check_settings(document: Mapping[str, Any]) -> None:
    """Look at CreateFunction's or UpdateFunctionConfiguration's input.

    Raises:
        Invalid: Lambda would refuse it.
    """
    queue = (document.get("DeadLetterConfig") or {}).get("TargetArn")
    if queue and _service(queue) not in _DEAD_LETTERS:
        raise _refused(f"The provided target ARN is not a queue or a topic: {queue}")
    timeout = document.get("Timeout")
    if isinstance(timeout, int) and timeout > _LONGEST:
        raise Invalid(
            f"1 validation error detected: Value '{timeout}' at 'timeout' failed to satisfy constraint: "
            f"Member must have value less than or equal to {_LONGEST}"
        )
    variables = (document.get("Environment") or {}).get("Variables") or {}
    reserved = sorted(_RESERVED & set(variables))
    if reserved:
        text = "contains reserved keys that are currently not supported for modification."
        raise _refused(f"{_PREFIX} {text} Reserved keys used in this request: {', '.join(reserved)}")
    if len(json.dumps(variables, separators=(",", ":"), ensure_ascii=False).encode()) > _MOST_VARIABLES:
        raise _refused(f"{_PREFIX} exceeded the 4KB limit.")


def check_destinations(document: Mapping[str, Any]) -> None:
    """Look at PutFunctionEventInvokeConfig's input.

    Raises:
        NotThere: the sandbox cannot send there.
    """
    for kind, chosen in (document.get("DestinationConfig") or {}).items():
        arn = (chosen or {}).get("Destination")
        if arn and _service(arn) not in _DESTINATIONS:
            raise NotThere(
                f"The sandbox does not send what came of an event to {arn} ({kind}): destinations are queues, topics, "
                "functions and event buses."
            )


def check_deletion(request: Request) -> None:
    """Look at DeleteFunction's input: its newest code goes with the whole function only.

    Raises:
        Invalid: ``$LATEST`` is to be deleted.
    """
    if parse_qs(request.raw_query).get("Qualifier") == ["$LATEST"]:
        raise _refused("$LATEST version cannot be deleted without deleting the function.")


def _service(arn: str) -> str:
    return arn.split(":")[2] if arn.count(":") >= 5 else ""


def _refused(text: str) -> Invalid:
    return Invalid(text, code="InvalidParameterValueException")
