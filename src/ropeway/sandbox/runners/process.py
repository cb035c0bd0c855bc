"""Processes with an ``/opt/ml`` of their own, as the rest of the runners uses them.

The host talks to a *spawner* (see ``spawner``), which is started when first needed and outlives the server while
processes run: after a restart ``adopt`` finds them again.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ropeway.sandbox.runners.jobfolder import ML, JobFolder
from ropeway.sandbox.runners.spawnerlink import SpawnerLink, Watch

__all__ = ["Exit", "JobFolder", "ProcessError", "ProcessHost", "ProcessSpec", "RunningProcess"]

_SOURCE = Path(__file__).parents[3]
_SHIM = Path(__file__).parents[2] / "containers" / "pathshim"
_START_SECONDS = 20.0


class ProcessError(Exception):
    """A process could not be started, or was lost: the sandbox is at fault, not the process."""


@dataclass(frozen=True)
class ProcessSpec:
    """What to start.

    Attributes:
        id: unique among the host's processes.
        argv: the program, looked up on the ``PATH`` of ``env``, and its arguments.
        env: the complete environment.
        folder: a private host folder, absolute; ``folder/ml`` is what the process sees as ``/opt/ml``.
        cwd: the working directory, as the process sees it.
        log: the file, absolute, that stdout and stderr are appended to.
        tied: it ends with the server, even when that is killed; others outlive it.
    """

    id: str
    argv: Sequence[str]
    env: Mapping[str, str]
    folder: Path
    cwd: str
    log: Path
    tied: bool = False


@dataclass(frozen=True)
class Exit:
    """How a process ended: by a code, or by a signal."""

    code: int | None
    signal: int | None

    @property
    def status(self) -> int:
        """The exit code as a container engine tells it: 128 + n for a signal."""
        return self.code if self.code is not None else 128 + (self.signal or 0)


class RunningProcess:
    """A process of the host. Ends with its whole group.

    Attributes:
        begun: when it was started, in epoch seconds.
    """

    def __init__(self, link: SpawnerLink, watch: Watch, folder: Path, begun: Mapping[str, Any]) -> None:
        self._link = link
        self._watch = watch
        self._folder = folder
        self.pid: int = begun["pid"]
        self.begun: float = begun["begun"]

    def wait(self, timeout: float | None) -> Exit | None:
        """Wait for the end.

        Args:
            timeout: seconds; None waits for ever.

        Returns:
            How it ended, or None when it still runs.

        Raises:
            ProcessError: it was killed together with the spawner, so nobody knows how it ended.
        """
        try:
            ended = self._link.wait(self._watch, timeout)
        except ConnectionError as error:
            told = _exit_of(self._folder)
            if told is None:
                raise ProcessError("the process was killed with the sandbox's spawner") from error
            return told
        return None if ended is None else Exit(*ended)

    def terminate(self) -> None:
        """Send SIGTERM to the group; nothing when it has ended."""
        self._link.signal(self._watch, signal.SIGTERM)

    def kill(self) -> None:
        """Send SIGKILL to the group; nothing when it has ended."""
        self._link.signal(self._watch, signal.SIGKILL)


class ProcessHost:
    """Starts processes in their own ``/opt/ml``.

    Args:
        state: the sandbox's state folder; the spawner's files go to ``spawner`` in it.
        force: the rung of the isolation ladder; by default ``ROPEWAY_ISOLATION`` or the best that works.
    """

    def __init__(self, state: Path, *, force: str | None = None) -> None:
        self._folder = (state / "spawner").resolve()
        self._force = force if force is not None else os.environ.get("ROPEWAY_ISOLATION", "")
        self._lock = threading.Lock()
        self._link: SpawnerLink | None = None
        self._spawner: subprocess.Popen[bytes] | None = None
        self._closed = False

    def warm(self) -> None:
        """Start the spawner in the background; what fails is told when it is needed.

        Called ahead of the first process, and when a spawner was killed: the next one sweeps what it left.
        """

        def connect() -> None:
            with contextlib.suppress(ProcessError):
                self._connected()

        threading.Thread(target=connect, name="spawner-start", daemon=True).start()

    @property
    def isolation(self) -> str:
        """The rung in use: ``mount``, ``user``, ``proot`` or ``path``."""
        return self._connected().mode

    @property
    def overlay(self) -> bool:
        """Whether inputs may be linked into job folders."""
        return self._connected().overlay

    def folder(self, path: Path) -> JobFolder:
        """The private folder of a process to come."""
        return JobFolder(path, overlay=self.overlay)

    def start(self, spec: ProcessSpec) -> RunningProcess:
        """Start a process. A program that does not exist ends it with 127, as in a container.

        Raises:
            ProcessError: it could not be isolated or started.
        """
        link, watch, answer = self._ask_to_start(spec)
        if "error" in answer and not link.alive:
            # The spawner died: a new one may do it, and refuses when the process had begun.
            link, watch, answer = self._ask_to_start(spec)
        if "error" in answer:
            raise ProcessError(f"process {spec.id} could not be started: {answer['error']}")
        return RunningProcess(link, watch, spec.folder, answer)

    def _ask_to_start(self, spec: ProcessSpec) -> tuple[SpawnerLink, Watch, dict[str, Any]]:
        link = self._connected()
        mapped = _map(spec, link.mode)
        watch, answer = link.start(
            mapped.id,
            argv=list(mapped.argv),
            env=dict(mapped.env),
            folder=str(mapped.folder),
            cwd=mapped.cwd,
            log=str(mapped.log),
            tied=mapped.tied,
        )
        return link, watch, answer

    def adopt(self, name: str, folder: Path) -> RunningProcess | Exit | None:
        """Find a process that an earlier server started.

        Returns:
            The process, or how it ended, or None when nothing is known of it.
        """
        ended = _exit_of(folder)
        begun = _read_json(folder / "process.json")
        if ended is None and begun is not None:
            watch = self._connected().find(name)
            if watch is not None:
                return RunningProcess(self._connected(), watch, folder, begun)
            ended = _exit_of(folder)
        return ended

    def close(self) -> None:
        """Let go of the spawner, which ends when its processes have."""
        with self._lock:
            self._closed = True
            if self._link is not None:
                self._link.close()
                self._link = None
            if self._spawner is not None:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._spawner.wait(0.5)
                # One that goes on with its processes is nobody's child to wait for.
                self._spawner.returncode = self._spawner.returncode or 0
                self._spawner = None

    def _connected(self) -> SpawnerLink:
        with self._lock:
            if self._closed:
                raise ProcessError("the sandbox is stopping")
            if self._link is not None and not self._link.alive:
                self._link.close()
                self._link = None
            if self._spawner is not None and self._link is None:
                self._spawner.wait()  # it died: nobody else takes its status
            if self._link is None:
                self._link = self._connect()
            return self._link

    def _connect(self) -> SpawnerLink:
        self._folder.mkdir(parents=True, exist_ok=True)
        link = SpawnerLink.open(self._folder, self.warm)
        if link is not None and self._force in {"", link.mode}:
            return link
        if link is not None:
            link.close()
        for leftover in ("spawner.sock", "spawner.error"):
            (self._folder / leftover).unlink(missing_ok=True)
        self._spawner = self._launch()
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            link = SpawnerLink.open(self._folder, self.warm)
            if link is not None:
                return link
            error = _read_json(self._folder / "spawner.error")
            if error is not None:
                raise ProcessError(error["error"])
            if self._spawner.poll() is not None:
                break
            time.sleep(0.002)
        raise ProcessError(f"the spawner did not start; see {self._folder / 'spawner.log'}")

    def _launch(self) -> subprocess.Popen[bytes]:
        code = (
            "import sys; sys.path.insert(0, sys.argv.pop(1)); "
            "from ropeway.sandbox.runners.spawner import main; main()"
        )
        with (self._folder / "spawner.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-I", "-S", "-c", code, str(_SOURCE), str(self._folder), self._force],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                cwd="/",
            )


def _map(spec: ProcessSpec, mode: str) -> ProcessSpec:
    """The spec for a rung that needs help from outside the process."""
    folder = str(spec.folder / "ml")
    if mode == "proot":
        argv = ["proot", "-b", f"{folder}:{ML}", "-w", spec.cwd, *spec.argv]
        return replace(spec, argv=argv, cwd="/")
    if mode != "path":
        return spec
    env = {name: value.replace(ML, folder) for name, value in spec.env.items()}
    env["SAGEMAKER_BASE_DIR"] = folder
    env["ROPEWAY_ML"] = folder
    env["PYTHONPATH"] = os.pathsep.join(filter(None, [str(_SHIM), env.get("PYTHONPATH", "")]))
    argv = [argument.replace(ML, folder) for argument in spec.argv]
    return replace(spec, argv=argv, env=env, cwd=spec.cwd.replace(ML, folder))


def _exit_of(folder: Path) -> Exit | None:
    told = _read_json(folder / "exit.json")
    return None if told is None else Exit(told["code"], told["signal"])


def _read_json(path: Path) -> dict[str, Any] | None:
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return content
