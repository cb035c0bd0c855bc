"""A server that is killed: its endpoints serve again from the next one; one that is stopped leaves no process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.sandbox.endpoints.conftest import Kit


class Process:
    """A sandbox in a process of its own."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.start()

    def start(self) -> None:
        (self.state / "server.json").unlink(missing_ok=True)
        self.log = (self.state / "server.log").open("ab")
        command = [sys.executable, "-m", "ropeway.sandbox", "--state", str(self.state), "--port", "0"]
        self.process = subprocess.Popen(command, stdout=self.log, stderr=self.log)
        while not (self.state / "server.json").exists():
            assert self.process.poll() is None, (self.state / "server.log").read_text()
            time.sleep(0.02)
        text = (self.state / "server.json").read_text()
        self.endpoint = text.partition('"endpoint": "')[2].partition('"')[0]

    def client(self, service: str, **_options: Any) -> Any:
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name="eu-west-1",
            aws_access_key_id="111111111111",
            aws_secret_access_key="secret",
        )

    def end(self, number: int) -> None:
        self.process.send_signal(number)
        self.process.wait(30)
        self.log.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Process]:
    process = Process(tmp_path)
    yield process
    if process.process.poll() is None:
        process.end(signal.SIGTERM)


def serving(state: Path) -> list[int]:
    """Processes of containers that serve for a state folder."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                environment = (folder / "environ").read_bytes()
            except OSError:
                continue
            if b"SAGEMAKER_BIND_TO_PORT" in environment and os.fsencode(state) in environment:
                found.append(int(folder.name))
    return found


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks at processes by /proc")
def test_an_endpoint_outlives_its_server(server: Process) -> None:
    kit = Kit(server.client)
    kit.model("lasting")
    kit.model("next")
    kit.config("lasting", {"lasting": 1})
    kit.config("next", {"next": 1})
    kit.endpoint("lasting", "lasting")
    kit.sagemaker.update_endpoint(EndpointName="lasting", EndpointConfigName="next")
    server.end(signal.SIGKILL)
    server.start()
    kit = Kit(server.client)
    assert kit.ask("lasting")["Body"] in {"lasting:hello", "next:hello"}
    assert kit.settle("lasting")["EndpointConfigName"] == "next"
    assert kit.ask("lasting")["Body"] == "next:hello"
    assert serving(server.state)
    server.end(signal.SIGTERM)
    deadline = time.monotonic() + 20
    while serving(server.state) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert serving(server.state) == []
