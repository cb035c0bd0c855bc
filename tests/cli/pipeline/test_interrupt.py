"""Ctrl-C while an execution is followed: on a terminal it asks, elsewhere the execution goes on."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ropeway.sandbox.server import Server
from tests.cli.conftest import Invoke

MODULE = """
from pathlib import Path
from ropeway.pipelines import *

def get_pipeline(role, default_bucket, name):
    image = "141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"
    step = ProcessingStep("Sleep", image=image, code=Path(__file__).parent / "nap.py")
    return Pipeline(name, [step], bucket=default_bucket, role=role)
"""
COMMAND = [sys.executable, "-c", "from ropeway.cli import main; main()", "pipeline", "run", "pipe.py"]


@pytest.fixture
def project(folder: Path, sandbox: Server) -> Path:
    (folder / "pipe.py").write_text(MODULE)
    (folder / "nap.py").write_text("import time; time.sleep(60)\n")
    return folder


class Terminal:
    """A process on a terminal of its own."""

    def __init__(self, name: str, folder: Path) -> None:
        self._end, inner = pty.openpty()
        arguments = [*COMMAND, "--kwargs", f'{{"name": "{name}"}}']
        self.process = subprocess.Popen(
            arguments, stdin=inner, stdout=inner, stderr=inner, cwd=folder, start_new_session=True
        )
        os.close(inner)
        self.seen = ""

    def wait_for(self, text: str) -> None:
        """Read until a text has been shown."""
        deadline = time.monotonic() + 60
        while text not in self.seen:
            assert time.monotonic() < deadline, f"{text!r} is not in {self.seen!r}"
            if select.select([self._end], [], [], 0.2)[0]:
                self.seen += os.read(self._end, 4096).decode(errors="replace")

    def type(self, text: str) -> None:
        """Type a line."""
        os.write(self._end, text.encode())

    def close(self) -> None:
        """End."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self._end)


@pytest.fixture
def terminal(project: Path) -> Iterator[Terminal]:
    terminal = Terminal("asked", project)
    yield terminal
    terminal.close()


def test_on_a_terminal_it_asks_and_stops_the_execution(terminal: Terminal, invoke: Invoke) -> None:
    terminal.wait_for("● Sleep")
    terminal.process.send_signal(signal.SIGINT)
    terminal.wait_for("Stop the execution? [y/N]")
    terminal.type("y\n")
    terminal.wait_for("is Stopped")
    assert terminal.process.wait(30) == 1
    assert invoke("pipeline", "list", "asked").stdout.splitlines()[1].split()[1] == "Stopped"


def test_without_a_terminal_the_execution_goes_on(project: Path, invoke: Invoke) -> None:
    process = subprocess.Popen(
        [*COMMAND, "--kwargs", '{"name": "goes-on"}'],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=project,
    )
    assert process.stderr is not None
    for line in process.stderr:
        if "Sleep" in line:
            break
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=30)
    assert process.returncode == 130
    assert re.search(
        r"goes-on/\w+ goes on\. Follow it: ropeway pipeline show goes-on/\w+ --follow; stop it: ", told
    )
    assert invoke("pipeline", "list", "goes-on").stdout.splitlines()[1].split()[1] == "Executing"
    assert invoke("pipeline", "stop", "goes-on").exit_code == 0
