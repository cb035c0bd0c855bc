"""Which calls change moto, and calls as the journal keeps them.

A call is kept when its answer is good and its operation does not only read; an operation whose name does not say
so counts as one that changes. The signature is not kept, only the scope that names region and service.

The first call of a service in an account and region is kept whatever it does: moto makes what is always there (a
default VPC) at that call and by its randomness, so another call that came first would make other ids of everything.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping

from ropeway.sandbox.domain.journal import Entry
from ropeway.sandbox.operations.wire import Headers, Request, Response

__all__ = ["changes", "entry_of", "region_of", "request_of"]

_READS = re.compile(
    r"(Assume|BatchGet|Check|Count|Decrypt|Describe|Detect|Discover|Encrypt|Estimate|Filter|GenerateDataKey|"
    r"GenerateMac|GenerateRandom|Get|Head|List|Lookup|Preview|Query|ReEncrypt|Retrieve|Scan|Search|Select|Sign$|"
    r"Simulate|Test|TransactGet|Validate|Verify|View)"
)
_KEPT_HEADERS = ("authorization", "content-type", "host", "x-amz-target", "x-amz-invocation-type")
_SIGNATURE = re.compile(r"(Signature=)[^,\s]*")
_REGION = re.compile(r"Credential=[^/,\s]*/\d*/([^/,\s]*)/")
_SQS_MESSAGE = re.compile(rb'"Messages"\s*:\s*\[\s*\{|<Message>')


def changes(service: str, operation: str, response: Response) -> bool:
    """Whether a call that was answered so is one to keep."""
    if response.status >= 300:
        return False
    if (service, operation) == ("sqs", "ReceiveMessage"):  # hides what it gives, so it reads and changes
        return isinstance(response.body, bytes) and _SQS_MESSAGE.search(response.body) is not None
    return _READS.match(operation) is None


def region_of(headers: Mapping[str, str]) -> str:
    """The region that a call's signature names; empty when it has none."""
    found = _REGION.search(headers.get("authorization", ""))
    return found[1] if found else ""


def entry_of(request: Request, service: str, operation: str, account: str, seed: int) -> Entry:
    """A call as the journal keeps it."""
    headers = {name: request.headers[name] for name in _KEPT_HEADERS if name in request.headers}
    if "authorization" in headers:
        headers["authorization"] = _SIGNATURE.sub(r"\g<1>0", headers["authorization"])
    return Entry(
        service=service,
        operation=operation,
        account=account,
        seed=seed,
        method=request.method,
        path=request.raw_path,
        query=request.raw_query,
        headers=headers,
        body=request.body(),
    )


def request_of(entry: Entry) -> Request:
    """The call again."""
    return Request(
        method=entry.method,
        raw_path=entry.path,
        raw_query=entry.query,
        headers=Headers({**entry.headers, "content-length": str(len(entry.body))}),
        stream=io.BytesIO(entry.body),
        content_length=len(entry.body),
    )
