"""The sandbox's process: found by the file it writes, started in the background, stopped by its pid.

``server.json`` in the state folder names pid and address. A file left by a process that is gone is stale and
ignored. A server locks ``server.lock`` for as long as it lives, so one that does not answer (it starts, it ends, it
hangs) is known, too: a start waits for it, a stop ends it, and no other process is ever stopped. Starting is
serialised by a lock in the state folder, so two commands that both need a sandbox get the same one.
"""

from __future__ import annotations

import contextlib
import fcntl
import http.client
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ropeway.errors import RopewayError, SandboxError, UsageError

__all__ = [
    "Running",
    "awaited",
    "child_command",
    "end_jobs",
    "find",
    "holder",
    "locked",
    "start",
    "state_folder",
    "stop",
]

_START_SECONDS = 60
_STOP_SECONDS = 20
_LOOK = 0.02
# Loopback is never asked through a proxy.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True)
class Running:
    """A sandbox that answers.

    Attributes:
        started: whether this command started it.
        note: what its start has to say.
    """

    pid: int
    endpoint: str
    state: Path
    started: bool = False
    note: str | None = None


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


def holder(state: Path) -> int | None:
    """The process that serves a state folder, whether it answers or not; None when there is none."""
    try:
        with (state / "server.lock").open("r", encoding="ascii") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return int(lock.read())
    except (OSError, ValueError):  # no file, or a process that has just begun
        return None
    return None


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
        UsageError: a setting of it is wrong.
    """
    with locked(state):
        if running := awaited(state):
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
        try:
            if meanwhile is not None:
                meanwhile()
            return _wait_ready(child, state, log, offset)
        except KeyboardInterrupt:
            _end(child)
            raise


def awaited(state: Path) -> Running | None:
    """The sandbox of a state folder, when it answers; None when no process serves the folder.

    Raises:
        SandboxError: a process serves it and does not answer.
    """
    deadline = time.monotonic() + _START_SECONDS
    while not (running := find(state)):
        pid = holder(state)
        if pid is None:
            return None
        if time.monotonic() > deadline:
            raise SandboxError(
                f"the sandbox does not answer: pid {pid}",
                hint=f"ropeway sandbox stop ends it; its log is {state / 'server.log'}",
            )
        time.sleep(_LOOK)
    return running


def stop(state: Path) -> bool:
    """Stop the sandbox of a state folder and wait until it is gone; whether there was one.

    Raises:
        SandboxError: it belongs to somebody else.
    """
    running = find(state)
    pid = running.pid if running else holder(state)
    if pid is None:
        return False
    try:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
            if not _gone(pid, _STOP_SECONDS):
                os.kill(pid, signal.SIGKILL)
                _gone(pid, _STOP_SECONDS)
    except PermissionError as error:
        raise SandboxError(
            f"the sandbox of {state} is another user's: pid {pid}", hint="have them stop it"
        ) from error
    (state / "server.json").unlink(missing_ok=True)
    return True


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
        running = find(state)
        if running is not None and running.pid == child.pid:
            child.returncode = 0  # it lives on by design: no warning when this handle is dropped
            notes = _said(log, offset, "note: ")
            return replace(running, started=True, note=notes[-1] if notes else None)
        if running is not None:  # one in somebody's foreground was quicker
            _end(child)
            return running
        if child.poll() is not None:
            raise _failure(child.returncode, log, offset)
        time.sleep(_LOOK)
    _end(child)
    raise SandboxError(
        f"the sandbox did not answer within {_START_SECONDS} seconds", hint=f"its log is {log}"
    )


def _end(child: subprocess.Popen[bytes]) -> None:
    child.terminate()
    try:
        child.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _failure(status: int, log: Path, offset: int) -> RopewayError:
    if errors := _said(log, offset, "error: "):
        hints = _said(log, offset, "hint: ")
        kind = UsageError if status == UsageError.exit_code else SandboxError
        return kind(errors[-1], hint=hints[-1] if hints else None)
    lines = _said(log, offset, "")
    return SandboxError(
        f"the sandbox ended at once: {lines[-1] if lines else 'it said nothing'}", hint=f"its log is {log}"
    )


def _said(log: Path, offset: int, start: str) -> list[str]:
    """The lines of a start in the log that begin so, without that beginning."""
    with log.open("rb") as source:
        source.seek(offset)
        lines = source.read().decode(errors="replace").splitlines()
    return [line.removeprefix(start) for line in lines if line.startswith(start)]


def _child_environment() -> dict[str, str]:
    # The sandbox is an endpoint, not a client: settings that point at one would lead its own calls astray.
    return {name: value for name, value in os.environ.items() if not name.startswith("AWS_ENDPOINT_URL")}


def _health(endpoint: str) -> dict[str, Any]:
    try:
        with _opener.open(f"{endpoint}/_sandbox/health", timeout=5) as answer:
            found = json.load(answer)
    except (OSError, ValueError, http.client.HTTPException):  # nobody, or another program
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
        time.sleep(_LOOK)
    return False


@contextlib.contextmanager
def locked(state: Path) -> Iterator[None]:
    """Keep other commands from starting or deleting the folder's sandbox meanwhile.

    Raises:
        SandboxError: the folder cannot be made or written to.
    """
    while True:
        try:
            state.mkdir(parents=True, exist_ok=True)
            handle = (state / "start.lock").open("w")
        except OSError as error:
            raise SandboxError(
                f"the state folder {state} cannot be written to: {error.strerror}",
                hint="the sandbox keeps what it has below the project's folder, or below the current one",
            ) from error
        with handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            if _same(handle.fileno(), state / "start.lock"):
                yield
                return


def _same(descriptor: int, file: Path) -> bool:
    """Whether an open file is still the one of that name: a reset deletes it."""
    try:
        return os.path.samestat(os.fstat(descriptor), file.stat())
    except FileNotFoundError:
        return False
