"""Warm processes for functions with ``@step``: one per interpreter, role and region, started when first needed.

What they are and how a job uses one is told in ``containers/warm`` and ``containers/client/warmstart``. They hold some
170 MB each, end by themselves when nobody has come for two minutes, and with the server. ``ROPEWAY_WARM=0`` in the
server's environment does without.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

from ropeway.sandbox.runners.overlay import Overlays

__all__ = ["WarmProcesses"]

_IDLE_SECONDS = 120
_OFF = "0"


class WarmProcesses:
    """Starts warm processes and lets go of them.

    Args:
        folder: where their interpreters are.
        overlays: how those are made.
    """

    def __init__(self, folder: Path, overlays: Overlays) -> None:
        self._folder = folder
        self._overlays = overlays
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._lock = threading.Lock()
        self._token = secrets.token_hex(8)  # one server's are not another's
        self._on = sys.platform == "linux" and os.environ.get("ROPEWAY_WARM") != _OFF

    def address(self, python: Path, env: Mapping[str, str]) -> str:
        """Where jobs of an interpreter with these settings find a warm process; "" when there is none.

        Args:
            python: the interpreter below the job's own.
            env: the job's environment; keys, region and settings of the SDK tell warm processes apart.
        """
        if not self._on:
            return ""
        told = sorted((k, v) for k, v in env.items() if k.startswith(("AWS_", "SAGEMAKER_")))
        digest = hashlib.sha256(json.dumps([str(python), told]).encode()).hexdigest()[:24]
        address = f"ropeway-{self._token}-{digest}"
        with self._lock:
            running = self._running.get(address)
            if running is None or running.poll() is not None:
                if running is not None and running.stdin is not None:
                    running.stdin.close()
                self._running[address] = self._start(address, python, env)
        return address

    def close(self) -> None:
        """Let all end; functions that run go on."""
        with self._lock:
            for process in self._running.values():
                assert process.stdin is not None
                process.stdin.close()
            for process in self._running.values():
                process.wait()
            self._running.clear()

    def _start(self, address: str, python: Path, env: Mapping[str, str]) -> subprocess.Popen[bytes]:
        below = hashlib.sha256(str(python).encode()).hexdigest()[:8]
        own = self._overlays.make(self._folder / below, python).python
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as door:
            door.bind("\0" + address)
            door.listen(64)
            return subprocess.Popen(
                [str(own), "-m", "ropeway.containers.warm", str(door.fileno()), str(_IDLE_SECONDS)],
                env=dict(env),
                cwd="/",
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                pass_fds=[door.fileno()],
            )
