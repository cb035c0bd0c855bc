"""What jobs and functions write to CloudWatch Logs: calls of the sandbox's own that need no HTTP.

Every job ends with such calls, and the next step waits for them. So they go to moto's log groups straight, and while
nobody has asked moto anything yet they go to the journal alone, which is what moto is made from when it is needed:
a sandbox that runs pipelines need not load moto. Then nobody knows whether a group is there, so one that misses is
made with its stream when the journal is played.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.domain.journal import Entry
from ropeway.sandbox.edge.moto import application

__all__ = ["entry_of", "replay", "takes", "write"]

_TARGET = "Logs_20140328."
_MEMBERS = {
    "CreateLogGroup": {"logGroupName"},
    "CreateLogStream": {"logGroupName", "logStreamName"},
    "PutLogEvents": {"logGroupName", "logStreamName", "logEvents"},
}
_EXISTS = "ResourceAlreadyExistsException"
_MISSING = "ResourceNotFoundException"


def takes(service: str, operation: str, params: Mapping[str, Any]) -> bool:
    """Whether a call is one of these: it names what it writes to and says nothing more."""
    return service == "logs" and set(params) == _MEMBERS.get(operation)


def entry_of(operation: str, params: Mapping[str, Any], *, account: str, region: str, seed: int) -> Entry:
    """A call as the journal keeps it, the same as one that came by HTTP."""
    scope = f"Credential={account}/20200101/{region}/logs/aws4_request"
    headers = {
        "authorization": f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=0",
        "content-type": "application/x-amz-json-1.1",
        "host": f"logs.{region}.amazonaws.com",
        "x-amz-target": f"{_TARGET}{operation}",
    }
    body = json.dumps(params).encode()
    return Entry("logs", operation, account, seed, "POST", "/", "", headers, body)


def write(operation: str, params: Mapping[str, Any], *, account: str, region: str) -> dict[str, Any]:
    """Have moto take a call; what it answers.

    Raises:
        DomainError: with moto's code and message.
    """
    error = application.write_log(operation, params, account, region)
    if error is not None:
        raise DomainError(error[1], code=error[0], status=400)
    return {}


def replay(entry: Entry) -> bool:
    """Play a call of the journal that is one of these, its group made where it misses; False when it is another.

    Raises:
        DomainError: with moto's code and message.
    """
    if entry.operation not in _MEMBERS or entry.service != "logs" or entry.path != "/":
        return False
    params = json.loads(entry.body)
    region = entry.headers.get("authorization", "").partition("Credential=")[2].split("/")[2:3]
    if not region or not takes(entry.service, entry.operation, params):
        return False
    where = {"account": entry.account, "region": region[0]}
    try:
        write(entry.operation, params, **where)
    except DomainError as error:
        if error.code == _MISSING and entry.operation == "CreateLogStream":
            write("CreateLogGroup", {"logGroupName": params["logGroupName"]}, **where)
            write(entry.operation, params, **where)
        elif error.code != _EXISTS:
            raise
    return True
