"""SQS's long poll: asks moto again and again, so that nobody waits behind a caller who waits for a message."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from urllib.parse import parse_qsl, urlencode

from ropeway.sandbox.edge.codec.json import document_of
from ropeway.sandbox.edge.moto.recording import changes
from ropeway.sandbox.operations.wire import Request, Response

__all__ = ["receive"]

_WAIT = "WaitTimeSeconds"
_MAX_SECONDS = 20
_PAUSE = 0.05


def receive(request: Request, ask: Callable[[Request], Response]) -> Response:
    """The answer to a ReceiveMessage, which may say how long it waits for a message.

    A wait that only the queue's ``ReceiveMessageWaitTimeSeconds`` asks for is not held.

    Args:
        request: as it came.
        ask: lets moto answer a request that does not wait.
    """
    once, seconds = _without_wait(request)
    deadline = time.monotonic() + seconds
    while True:
        response = ask(once)
        if (
            response.status >= 300
            or changes("sqs", "ReceiveMessage", response)
            or time.monotonic() + _PAUSE > deadline
        ):
            return response
        time.sleep(_PAUSE)


def _without_wait(request: Request) -> tuple[Request, float]:
    """A request that does not wait, and for how long it wanted to; a wait that moto refuses stays in it."""
    if "x-amz-target" in request.headers:
        document = document_of(request.body())
        seconds = document.get(_WAIT, 0)
        if not isinstance(seconds, int) or not 0 <= seconds <= _MAX_SECONDS:
            return request, 0
        return request.with_body(json.dumps({**document, _WAIT: 0}).encode()), seconds
    fields = dict(parse_qsl(request.body().decode("utf-8", "replace"), keep_blank_values=True))
    wanted = fields.get(_WAIT, "0")
    if not wanted.isdigit() or int(wanted) > _MAX_SECONDS:
        return request, 0
    return request.with_body(urlencode({**fields, _WAIT: "0"}).encode()), int(wanted)
