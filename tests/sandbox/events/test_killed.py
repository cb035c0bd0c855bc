"""A server that is killed with deliveries under way: no event is lost, and none comes more than once too often."""

from __future__ import annotations

import contextlib
import json
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

ROUNDS = 3
EACH = 25


class Process:
    """A server in a process of its own."""

    def __init__(self, state: Path) -> None:
        self._state = state
        state.mkdir(parents=True, exist_ok=True)
        (state / "server.json").unlink(missing_ok=True)
        command = [sys.executable, "-m", "ropeway.sandbox", "--state", str(state), "--port", "0"]
        self._process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        self.endpoint = self._wait()

    def _wait(self) -> str:
        until = time.monotonic() + 60
        while time.monotonic() < until and self._process.poll() is None:
            with contextlib.suppress(OSError, ValueError):
                endpoint: str = json.loads((self._state / "server.json").read_text())["endpoint"]
                return endpoint
            time.sleep(0.02)
        raise AssertionError("the server did not start")

    def client(self, service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name="eu-west-1",
            aws_access_key_id="111111111111",
            aws_secret_access_key="secret",
            config=Config(retries={"total_max_attempts": 1}, read_timeout=30),
        )

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()


def prepare(server: Process) -> str:
    """A rule that sends to a queue."""
    url: str = server.client("sqs").create_queue(QueueName="kept")["QueueUrl"]
    arn = "arn:aws:sqs:eu-west-1:111111111111:kept"
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    server.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    server.client("events").put_rule(Name="kept", EventPattern='{"source": ["mine"]}')
    server.client("events").put_targets(Rule="kept", Targets=[{"Id": "q", "Arn": arn}])
    return url


def put(server: Process, kept: list[str], ready: threading.Event) -> None:
    """Put events until the server is gone; the ids of those that were taken."""
    events = server.client("events")
    entry = {"Source": "mine", "DetailType": "test", "Detail": "{}"}
    with contextlib.suppress(BotoCoreError, ClientError):
        for number in range(1000):
            kept.append(events.put_events(Entries=[entry])["Entries"][0]["EventId"])
            if number == EACH // 2:
                ready.set()


def received(server: Process, url: str, wanted: int) -> Counter[str]:
    sqs, found = server.client("sqs"), Counter[str]()
    until = time.monotonic() + 30
    while time.monotonic() < until:
        answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1)
        for message in answer.get("Messages", []):
            found[json.loads(message["Body"])["id"]] += 1
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        if len(found) >= wanted and not answer.get("Messages"):
            break
    return found


@pytest.mark.timeout(240)
def test_no_event_is_lost(tmp_path: Path) -> None:
    rng, url = random.Random(5), ""
    kept: list[str] = []
    for _ in range(ROUNDS):
        server = Process(tmp_path / "state")
        try:
            url = url or prepare(server)
            ready = threading.Event()
            thread = threading.Thread(target=put, args=(server, kept, ready))
            thread.start()
            assert ready.wait(60)
            time.sleep(rng.random() * 0.1)  # where the kill hits is what is tried
        finally:
            server.kill()
        thread.join()
    server = Process(tmp_path / "state")
    try:
        url = f"{server.endpoint}/111111111111/kept"
        found = received(server, url, len(kept))
    finally:
        server.kill()
    assert set(kept) <= set(found), "an acknowledged event was lost"
    assert max(found.values()) <= 2
    assert len(found) <= len(kept) + ROUNDS  # an event that was taken, but whose answer the kill cut off
