"""SQS's long poll: asks moto again when a queue has changed, so that nobody waits behind who waits for a message.

Messages that become visible by time alone are seen a quarter of a second late at most.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from urllib.parse import parse_qsl, urlencode

from ropeway.sandbox.edge.codec.json import document_of
from ropeway.sandbox.edge.moto.recording import changes
from ropeway.sandbox.operations.wire import Request, Response

__all__ = ["Arrivals", "receive"]

_WAIT = "WaitTimeSeconds"
_MAX_SECONDS = 20
_PAUSE = 0.25


class Arrivals:
    """Wakes those who wait for messages."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._count = 0

    def tell(self) -> None:
        """Some queue has changed."""
        with self._changed:
            self._count += 1
            self._changed.notify_all()

    def seen(self) -> int:
        """How often anything has changed."""
        with self._changed:
            return self._count

    def wait(self, seen: int, seconds: float) -> None:
        """Wait until more has changed than was seen, or the time is over."""
        with self._changed:
            self._changed.wait_for(lambda: self._count != seen, seconds)


def receive(request: Request, ask: Callable[[Request], Response], arrivals: Arrivals) -> Response:
    """The answer to a ReceiveMessage, which may say how long it waits for a message.

    A wait that only the queue's ``ReceiveMessageWaitTimeSeconds`` asks for is not held.

    Args:
        request: as it came.
        ask: lets moto answer a request that does not wait.
        arrivals: tells when to ask again.
    """
    once, seconds = _without_wait(request)
    deadline = time.monotonic() + seconds
    while True:
        seen = arrivals.seen()
        response = ask(once)
        left = deadline - time.monotonic()
        if response.status >= 300 or changes("sqs", "ReceiveMessage", response) or left <= 0:
            return response
        arrivals.wait(seen, min(left, _PAUSE))


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
