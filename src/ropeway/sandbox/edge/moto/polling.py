"""SQS's long poll: asks moto again when a queue has changed, so that nobody waits behind who waits for a message.

Messages that become visible by time alone are seen a quarter of a second late at most.
"""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Callable
from urllib.parse import parse_qsl, urlencode

from ropeway.sandbox.edge.codec.json import document_of
from ropeway.sandbox.edge.moto.recording import changes
from ropeway.sandbox.operations.wire import Request, Response

__all__ = ["Arrivals", "receive"]

_WAIT = "WaitTimeSeconds"
_MAX_SECONDS = 20
_PAUSE = 0.25
_BRINGS = ("SendMessage", "ChangeMessageVisibility")


class Arrivals:
    """Wakes those who wait for messages, queue by queue; queues of a name in two accounts count as one."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._counts: Counter[str] = Counter()

    def answered(self, operation: str, request: Request) -> None:
        """A call was answered that has changed some queue."""
        queue = queue_of(request)
        if operation.startswith(_BRINGS) or queue.endswith(
            ".fifo"
        ):  # a deleted message lets the next of its group go
            with self._changed:
                self._counts[queue] += 1
                self._changed.notify_all()

    def seen(self, queue: str) -> int:
        """How often a queue has changed."""
        with self._changed:
            return self._counts[queue]

    def wait(self, queue: str, seen: int, seconds: float) -> None:
        """Wait until a queue has changed more often than was seen, or the time is over."""
        with self._changed:
            self._changed.wait_for(lambda: self._counts[queue] != seen, seconds)


def queue_of(request: Request) -> str:
    """The name of the queue that a call is for."""
    if "x-amz-target" in request.headers:
        url = document_of(request.body()).get("QueueUrl")
    else:
        url = dict(parse_qsl(request.body().decode("utf-8", "replace"))).get("QueueUrl") or request.path
    return str(url).rstrip("/").rpartition("/")[2]


def receive(request: Request, ask: Callable[[Request], Response], arrivals: Arrivals) -> Response:
    """The answer to a ReceiveMessage, which may say how long it waits for a message.

    A wait that only the queue's ``ReceiveMessageWaitTimeSeconds`` asks for is not held.

    Args:
        request: as it came.
        ask: lets moto answer a request that does not wait.
        arrivals: tells when to ask again.
    """
    once, seconds = _without_wait(request)
    queue = queue_of(request)
    deadline = time.monotonic() + seconds
    while True:
        seen = arrivals.seen(queue)
        response = ask(once)
        left = deadline - time.monotonic()
        if response.status >= 300 or changes("sqs", "ReceiveMessage", response) or left <= 0:
            return response
        arrivals.wait(queue, seen, min(left, _PAUSE))


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
