"""A long poll of SQS: asks when something has changed, and no more often than it must."""

from __future__ import annotations

import io
import json
import threading
import time

from ropeway.sandbox.edge.moto.polling import Arrivals, queue_of, receive
from ropeway.sandbox.operations.wire import Headers, Request, Response


def request(queue: str = "q", **members: object) -> Request:
    body = json.dumps({"QueueUrl": f"http://localhost/111111111111/{queue}", **members}).encode()
    headers = Headers({"x-amz-target": "AmazonSQS.ReceiveMessage", "content-length": str(len(body))})
    return Request("POST", "/", "", headers, io.BytesIO(body), len(body))


class Queue:
    """Answers with a message from some call on; says how often it was asked."""

    def __init__(self, full_at: int, arrivals: Arrivals, told: str = "q") -> None:
        self.asked = 0
        self._told = told
        self._full_at = full_at
        self._arrivals = arrivals
        self.waits: list[object] = []

    def __call__(self, asked: Request) -> Response:
        self.asked += 1
        self.waits.append(json.loads(asked.body()).get("WaitTimeSeconds"))
        full = self.asked >= self._full_at
        if not full:
            sent = request(queue=self._told)
            threading.Thread(target=lambda: self._arrivals.answered("SendMessage", sent)).start()
        return Response(200, [], b'{"Messages": [{"Body": "x"}]}' if full else b"{}")


def test_what_comes_is_seen_when_it_comes() -> None:
    arrivals = Arrivals()
    queue = Queue(40, arrivals)
    began = time.monotonic()
    assert b"Body" in receive(request(WaitTimeSeconds=20), queue, arrivals).body  # type: ignore[operator]
    assert (queue.asked, set(queue.waits)) == (40, {0})
    assert time.monotonic() - began < 40 * 0.25  # it did not wait out a pause for each


def test_who_does_not_wait_is_answered_at_once() -> None:
    arrivals = Arrivals()
    for asked in (request(), request(WaitTimeSeconds=0)):
        queue = Queue(10, arrivals)
        receive(asked, queue, arrivals)
        assert queue.asked == 1


def test_what_moto_would_refuse_goes_to_moto() -> None:
    arrivals = Arrivals()
    queue = Queue(10, arrivals)
    receive(request(WaitTimeSeconds=21), queue, arrivals)
    assert queue.waits == [21]


def test_a_change_between_a_look_and_the_wait_is_not_missed() -> None:
    arrivals = Arrivals()
    seen = arrivals.seen("q")
    arrivals.answered("SendMessageBatch", request())
    began = time.monotonic()
    arrivals.wait("q", seen, 60)
    assert time.monotonic() - began < 30


def test_only_what_may_bring_a_message_to_a_queue_wakes_who_waits_for_it() -> None:
    arrivals = Arrivals()
    arrivals.answered("SendMessage", request("other"))
    arrivals.answered("DeleteMessage", request())
    assert arrivals.seen("q") == 0
    arrivals.answered("ChangeMessageVisibility", request())
    arrivals.answered("DeleteMessage", request("q.fifo"))
    assert (arrivals.seen("q"), arrivals.seen("q.fifo")) == (1, 1)


def test_the_queue_of_a_call_by_either_protocol() -> None:
    assert queue_of(request("mine")) == "mine"
    body = b"Action=ReceiveMessage&QueueUrl=http%3A%2F%2Fhost%2F1%2Fold"
    assert queue_of(Request("POST", "/", "", Headers({}), io.BytesIO(body), len(body))) == "old"
    assert queue_of(Request("POST", "/1/by-path", "", Headers({}), io.BytesIO(b"A=b"), 3)) == "by-path"
