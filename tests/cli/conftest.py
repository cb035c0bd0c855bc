"""The command line in a folder of its own, in this process or in another, with or without a sandbox."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ropeway.cli import root
from ropeway.sandbox.server import Server

Invoke = Callable[..., Result]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder: an empty project."""
    (tmp_path / ".ropeway").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def invoke(folder: Path) -> Iterator[Invoke]:
    """`invoke("pipeline", "list")` in this process; what user modules leave behind is undone."""
    environment, path, modules = dict(os.environ), list(sys.path), set(sys.modules)

    def run(*args: str, input: str | None = None) -> Result:  # noqa: A002 - click's name
        return CliRunner().invoke(root, list(args), prog_name="ropeway", input=input)

    yield run
    os.environ.clear()
    os.environ.update(environment)
    sys.path[:] = path
    for name in set(sys.modules) - modules:
        if name.startswith("_ropeway_source_"):
            del sys.modules[name]


@dataclass(frozen=True)
class Shell:
    """`shell("sandbox", "start")`: the command line as a process of its own."""

    folder: Path

    def __call__(self, *args: str, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", "from ropeway.cli import main; main()", *args],
            capture_output=True,
            text=True,
            cwd=self.folder,
            env={**os.environ, **(env or {})},
            timeout=90,
            check=False,
        )


@pytest.fixture
def shell(folder: Path) -> Iterator[Shell]:
    """The command line as processes; a sandbox that they started is stopped."""
    shell = Shell(folder)
    yield shell
    shell("sandbox", "stop")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A sandbox in this process."""
    server = Server(tmp_path_factory.mktemp("sandbox"), port=0)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def sandbox(server: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    """The same, as the one that commands act on."""
    monkeypatch.setenv("ROPEWAY_SANDBOX_URL", server.endpoint)
    return server
