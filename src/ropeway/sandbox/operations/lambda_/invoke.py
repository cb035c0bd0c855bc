"""Invoke: synchronous, asynchronous and dry; functions run as processes (``domain.functions``)."""

from __future__ import annotations

import base64
import json
from typing import Any

from ropeway.sandbox.domain.errors import DomainError, Invalid
from ropeway.sandbox.operations.call import Call
from ropeway.sandbox.operations.registry import operation

__all__: list[str] = []

_MAX_EVENT = 6_291_556
_MAX_ASYNC_EVENT = 1_048_576


@operation("lambda", "Invoke")
def invoke(call: Call) -> dict[str, Any]:
    """Run a function: and wait for it (RequestResponse), or not (Event), or only check (DryRun)."""
    kind = call.params.get("InvocationType", "RequestResponse")
    content: bytes = call.params.get("Payload", b"")
    arn = _arn(call)
    functions = call.domain.functions
    if kind == "DryRun":
        functions.prepare(arn, caller_account=call.account)
        return {"StatusCode": 204}
    event = _event(content, _MAX_EVENT if kind == "RequestResponse" else _MAX_ASYNC_EVENT)
    if kind == "Event":
        call.domain.function_events.submit(arn, event, caller_account=call.account)
        return {"StatusCode": 202}
    done = functions.invoke(arn, event, caller_account=call.account)
    answer: dict[str, Any] = {
        "StatusCode": 200,
        "Payload": json.dumps(done.payload).encode(),
        "ExecutedVersion": done.version,
    }
    if done.error is not None:
        answer["FunctionError"] = done.error
    if call.params.get("LogType") == "Tail":
        answer["LogResult"] = base64.b64encode(done.log.encode()).decode()
    return answer


@operation("lambda", "InvokeAsync")
def invoke_async(call: Call) -> dict[str, Any]:
    """The old form of an asynchronous call."""
    event = _event(call.params.get("InvokeArgs", b""), _MAX_ASYNC_EVENT)
    call.domain.function_events.submit(_arn(call), event, caller_account=call.account)
    return {"Status": 202}


def _arn(call: Call) -> str:
    """The function's ARN; it is named by its name, by account and name, or by ARN, each with a qualifier or none."""
    name: str = call.params["FunctionName"]
    wanted: str | None = call.params.get("Qualifier")
    if name.startswith("arn:"):
        head, _, rest = name.partition(":function:")
    else:
        account, found, rest = name.rpartition("function:")
        owner = account.rstrip(":") or call.account
        head = f"arn:aws:lambda:{call.region}:{owner}"
        if not found:
            rest = name
    bare, _, qualifier = rest.partition(":")
    if wanted and qualifier and wanted != qualifier:
        raise Invalid(
            "The derived qualifier from the function name does not match the specified qualifier.",
            code="InvalidParameterValueException",
        )
    qualifier = wanted or qualifier
    return f"{head}:function:{bare}" + (f":{qualifier}" if qualifier else "")


def _event(content: bytes, limit: int) -> Any:
    if len(content) > limit:
        raise DomainError(
            f"Request must be smaller than {limit} bytes for the Invoke operation",
            code="RequestEntityTooLargeException",
            status=413,
        )
    try:
        return json.loads(content or b"{}", parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise Invalid(
            f"Could not parse request body into json: {error}", code="InvalidRequestContentException"
        ) from error


def _no_number(name: str) -> float:
    """Python reads NaN and Infinity; JSON does not have them."""
    raise ValueError(f"unrecognized token '{name}'")
