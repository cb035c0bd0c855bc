"""The sandbox under test: a folder of its own, started and stopped by the command line, killed by signals."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["Machine", "free_port"]

_ROPEWAY = [sys.executable, "-c", "from ropeway.cli import main; main()"]
# A job's mark is in the environment of everything that it started.
_MARKS = ("ROPEWAY_SPAWNER=", "LAMBDA_TASK_ROOT=", "HOME=")


@dataclass
class Machine:
    """A sandbox of one folder and port.

    Attributes:
        folder: the project; the state is in ``.ropeway/sandbox``.
        starts: seconds that each start took.
    """

    folder: Path
    port: int
    starts: list[float] = field(default_factory=list)

    @property
    def state(self) -> Path:
        """The state folder."""
        return self.folder / ".ropeway" / "sandbox"

    @property
    def endpoint(self) -> str:
        """The sandbox's address."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """``ropeway sandbox start``."""
        began = time.monotonic()
        self._ropeway("start", "--port", str(self.port))
        self.starts.append(time.monotonic() - began)

    def start_and_kill(self, seconds: float) -> None:
        """Begin to start, and kill whatever serves by then."""
        command = [
            sys.executable,
            "-m",
            "ropeway.sandbox",
            "--state",
            str(self.state),
            "--port",
            str(self.port),
        ]
        with (self.state / "server.log").open("ab") as log:
            child = subprocess.Popen(
                command, stdout=log, stderr=log, start_new_session=True, cwd=self.folder, env=_environment()
            )
        time.sleep(seconds)
        child.kill()
        child.wait()

    def stop(self, *options: str) -> str:
        """``ropeway sandbox stop``; what it said."""
        return self._ropeway("stop", *options)

    def reset(self) -> None:
        """``ropeway sandbox reset``."""
        self._ropeway("reset", "--yes")

    def kill_server(self) -> None:
        """SIGKILL to the server, and wait until it is gone."""
        told = json.loads((self.state / "server.json").read_text(encoding="utf-8"))
        _kill(int(told["pid"]))

    def kill_spawner(self) -> None:
        """SIGKILL to the spawner, if there is one."""
        for pid in self._spawners():
            _kill(pid)

    def _spawners(self) -> list[int]:
        wanted = str(self.state / "spawner")
        return [pid for pid, words in _commands() if wanted in words and "-S" in words]

    def left_over(self) -> list[str]:
        """Processes of the sandbox, and mounts below its folder, that are there now."""
        found = []
        folder = str(self.folder)
        for pid, words in _commands():
            if pid == os.getpid() or not words:
                continue
            told = any(folder in word for word in words)
            if told or any(entry.startswith(_MARKS) and folder in entry for entry in _variables(pid)):
                found.append(f"process {pid}: {' '.join(words)[:200]}")
        mounts = Path("/proc/self/mounts")
        if mounts.exists():
            found += [line for line in mounts.read_text(encoding="utf-8").splitlines() if folder in line]
        return found

    def settled(self, seconds: float = 10) -> list[str]:
        """What is left over after some time to end."""
        deadline = time.monotonic() + seconds
        while (left := self.left_over()) and time.monotonic() < deadline:
            time.sleep(0.1)
        return left

    def _ropeway(self, *words: str) -> str:
        done = subprocess.run(
            [*_ROPEWAY, "sandbox", *words],
            cwd=self.folder,
            env=_environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"sandbox {words[0]}: {done.stderr}{done.stdout}")
        return done.stdout


def _environment() -> dict[str, str]:
    """No describe is held: clients that look often do more work between two kills."""
    return {**os.environ, "ROPEWAY_SANDBOX_HOLD": "0"}


def free_port(source: random.Random) -> int:
    """A port that nobody listens on, outside of the range that systems give out by themselves."""
    while True:
        port = source.randrange(20000, 30000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    while _lives(pid):
        time.sleep(0.005)


def _lives(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state.split()[0] not in {"Z", "X"}


def _commands() -> list[tuple[int, list[str]]]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                words = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")
                found.append((int(entry.name), [word for word in words if word]))
    return found


def _variables(pid: int) -> list[str]:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/environ").read_bytes().decode(errors="replace").split("\0")
    return []
