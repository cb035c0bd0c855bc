"""The sandbox's process: found by the file it writes, started in the background, stopped by its pid.

``server.json`` in the state folder names pid and address. A file left by a process that is gone is stale and
ignored; only a process that answers its health page with the same pid is ever stopped. Starting is serialised
by a lock in the state folder, so two commands that both need a sandbox get the same one.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ropeway.errors import SandboxError

__all__ = ["Running", "child_command", "end_jobs", "find", "start", "state_folder", "stop"]

_START_SECONDS = 60
_STOP_SECONDS = 20
# Loopback is never asked through a proxy.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True)
class Running:
    """A sandbox that answers."""

    pid: int
    endpoint: str
    state: Path
    started: bool = False


def state_folder(start: Path | None = None) -> Path:
    """The project's ``.ropeway/sandbox``: in the nearest folder upwards that is a project, else in this one.

    A project is a folder with ``.ropeway`` or ``ropeway.yaml``; the search ends at a repository's root.
    """
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / ".ropeway").is_dir() or (folder / "ropeway.yaml").is_file():
            return folder / ".ropeway" / "sandbox"
        if (folder / ".git").exists():
            break
    return here / ".ropeway" / "sandbox"


def find(state: Path) -> Running | None:
    """The sandbox that runs on a state folder, if one does."""
    try:
        told = json.loads((state / "server.json").read_text(encoding="utf-8"))
        pid, endpoint = int(told["pid"]), str(told["endpoint"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if not _alive(pid) or _health(endpoint).get("pid") != pid:
        return None
    return Running(pid, endpoint, state)


def child_command(state: Path, host: str | None, port: int | None) -> list[str]:
    """What runs a server."""
    command = [sys.executable, "-m", "ropeway.sandbox", "--state", str(state)]
    if host is not None:
        command += ["--host", host]
    if port is not None:
        command += ["--port", str(port)]
    return command


def start(
    state: Path,
    *,
    host: str | None = None,
    port: int | None = None,
    meanwhile: Callable[[], None] | None = None,
) -> Running:
    """Start a sandbox in the background and wait until it answers; one that runs already is taken.

    Args:
        state: the folder of its state.
        host: the address that it binds to.
        port: its port.
        meanwhile: called while it starts.

    Raises:
        SandboxError: it ended at once (the port is taken, a package is missing), or never answered.
    """
    state.mkdir(parents=True, exist_ok=True)
    with _lock(state):
        if running := find(state):
            return running
        log = state / "server.log"
        with log.open("ab") as sink:
            offset = sink.tell()
            child = subprocess.Popen(
                child_command(state, host, port),
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=sink,
                start_new_session=True,
                env=_child_environment(),
            )
        if meanwhile is not None:
            meanwhile()
        return _wait_ready(child, state, log, offset)


def stop(running: Running) -> None:
    """Stop a sandbox and wait until it is gone."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(running.pid, signal.SIGTERM)
    if not _gone(running.pid, _STOP_SECONDS):
        os.kill(running.pid, signal.SIGKILL)
        _gone(running.pid, _STOP_SECONDS)
    (running.state / "server.json").unlink(missing_ok=True)


def end_jobs(state: Path) -> int:
    """End the jobs that outlived their server; how many there were.

    The next server finds them lost, and they fail.
    """
    if not (state / "spawner" / "spawner.sock").exists():
        return 0
    command = [*child_command(state, None, None), "--end-jobs"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_START_SECONDS)
    if done.returncode:
        raise SandboxError(f"the jobs of {state} could not be ended: {done.stderr.strip()}")
    return int(done.stdout)


def _wait_ready(child: subprocess.Popen[bytes], state: Path, log: Path, offset: int) -> Running:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if (running := find(state)) and running.pid == child.pid:
            child.returncode = 0  # it lives on by design: no warning when this handle is dropped
            return Running(running.pid, running.endpoint, state, started=True)
        if child.poll() is not None:
            raise _failure(log, offset)
        time.sleep(0.02)
    child.terminate()
    child.wait()
    raise SandboxError(
        f"the sandbox did not answer within {_START_SECONDS} seconds", hint=f"its log is {log}"
    )


def _failure(log: Path, offset: int) -> SandboxError:
    with log.open("rb") as source:
        source.seek(offset)
        lines = source.read().decode(errors="replace").splitlines()
    errors = [line.partition(": ")[2] for line in lines if line.startswith("error: ")]
    hints = [line.partition(": ")[2] for line in lines if line.startswith("hint: ")]
    if errors:
        return SandboxError(errors[-1], hint=hints[-1] if hints else None)
    last = lines[-1] if lines else "it said nothing"
    return SandboxError(f"the sandbox ended at once: {last}", hint=f"its log is {log}")


def _child_environment() -> dict[str, str]:
    # The sandbox is an endpoint, not a client: settings that point at one would lead its own calls astray.
    return {name: value for name, value in os.environ.items() if not name.startswith("AWS_ENDPOINT_URL")}


def _health(endpoint: str) -> dict[str, Any]:
    try:
        with _opener.open(f"{endpoint}/_sandbox/health", timeout=5) as answer:
            found = json.load(answer)
    except (OSError, ValueError, urllib.error.URLError):
        return {}
    return found if isinstance(found, dict) else {}


def _alive(pid: int) -> bool:
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)  # a child of this very process would stay as a zombie
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _gone(pid: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not _alive(pid):
            return True
        time.sleep(0.02)
    return False


@contextlib.contextmanager
def _lock(state: Path) -> Iterator[None]:
    with (state / "start.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
