"""A call: one request to one operation of one service, by one caller, with its input parsed and valid."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ropeway.sandbox.domain.caller import Caller
from ropeway.sandbox.domain.services import Domain
from ropeway.sandbox.operations.wire import Request

__all__ = ["Call"]


@dataclass
class Call:
    """What an operation gets.

    Attributes:
        service: botocore's service name, for example ``sagemaker``.
        operation: the operation's name in the service model.
        account: the account that the call acts in (the caller's).
        region: from the signature's scope.
        params: the input, parsed and validated by the service model (timestamps are datetimes, blobs bytes; a
            streaming blob is left on ``request.stream``).
        domain: the services of the domain.
        endpoint: this server's address as the caller wrote it, for example ``http://127.0.0.1:4566``.
        response_headers: further headers of the answer; an operation may add to them.
    """

    service: str
    operation: str
    account: str
    region: str
    caller: Caller
    request_id: str
    params: dict[str, Any]
    request: Request
    domain: Domain
    endpoint: str
    response_headers: dict[str, str] = field(default_factory=dict)
