"""Terraform as a process, played by small scripts."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import pytest

from ropeway.errors import RopewayError
from ropeway.infra import program
from ropeway.infra.process import Ended, run

INTERRUPTIBLE = """
import os, signal, sys, time
asked = []
signal.signal(signal.SIGINT, lambda *_: asked.append(1))
print("ready", os.getpgid(0) == os.getpid(), flush=True)
while not asked:
    time.sleep(0.01)
print("ends", flush=True)
time.sleep(0.3)
print(len(asked), flush=True)
sys.exit(1)
"""


def started(folder: Path, code: str, stop: threading.Event | None = None) -> tuple[Ended, list[str]]:
    lines: list[str] = []
    stop = stop or threading.Event()

    def tell(line: str) -> None:
        lines.append(line)
        if line.startswith("ready"):
            stop.set()

    ended = run(
        [sys.executable, "-c", code], folder=folder, env={}, log=folder / "log" / "x", tell=tell, stop=stop
    )
    return ended, lines


def test_lines_are_told_whole_and_errors_kept(tmp_path: Path) -> None:
    code = "import sys; sys.stdout.write('a\\nb'); sys.stdout.flush(); sys.stderr.write('bad'); sys.exit(3)"
    assert started(tmp_path, code) == (Ended(3, False, "bad"), ["a", "b"])


def test_an_interrupt_comes_once_and_to_a_session_of_its_own(tmp_path: Path) -> None:
    ended, lines = started(tmp_path, INTERRUPTIBLE)
    assert lines == ["ready True", "ends", "1"]
    assert ended.interrupted
    assert ended.code == 1


def test_a_kill_is_told(tmp_path: Path) -> None:
    ended, _ = started(tmp_path, "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    assert ended.code == -9


def terraform(folder: Path, answer: str, name: str = "terraform") -> dict[str, str]:
    file = folder / name
    file.write_text(f"#!/bin/sh\necho '{answer}'\n")
    file.chmod(0o755)
    return {"PATH": f"{folder}:/usr/bin:/bin"}


def test_the_version_is_asked(tmp_path: Path) -> None:
    found = program.find(terraform(tmp_path, '{"terraform_version": "1.10.0"}', "tofu"))
    assert found.told == "OpenTofu 1.10.0"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ('{"terraform_version": "1.9.8"}', "Terraform 1.9.8 is too old: 1.10 or newer"),
        ("Terraform v0.11", "it does not tell its version"),
        ("[]", "it does not tell its version"),
    ],
)
def test_what_is_too_old_or_no_terraform_is_told(tmp_path: Path, answer: str, said: str) -> None:
    with pytest.raises(RopewayError, match=said) as caught:
        program.find(terraform(tmp_path, answer))
    assert "ROPEWAY_TERRAFORM" in (caught.value.hint or "")
