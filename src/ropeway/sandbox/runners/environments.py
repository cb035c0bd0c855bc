"""Interpreters with extra requirements: one virtual environment per set, made once and kept.

An environment is an overlay (see ``overlay``) of the interpreter that it was made with, so only what is missing or of
another version is installed. It is in ``envs/<digest>`` of the state folder; the digest covers the
interpreter and the requirements. A file ``ready`` marks a whole one: what a crash leaves half done is made anew.

Jobs never install into the sandbox's own environment, nor into these: pip inside a job writes to a Python of that job
alone (see ``overlay``).
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import threading
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from ropeway.sandbox.runners.overlay import OverlayError, Overlays

__all__ = ["EnvironmentFailedError", "Environments"]

_SECONDS = 1800
_TAIL = 600
_MISSING = "import importlib.util as u, sys; print(*(n for n in sys.argv[1:] if u.find_spec(n) is None))"


class EnvironmentFailedError(Exception):
    """The requirements could not be installed; the text has pip's last words."""


class Environments:
    """Makes and keeps environments.

    Args:
        folder: where they are.
        overlays: how they are made.
    """

    def __init__(self, folder: Path, overlays: Overlays) -> None:
        self._folder = folder
        self._overlays = overlays
        self._locks: dict[str, threading.Lock] = defaultdict(threading.Lock)
        self._guard = threading.Lock()

    def ensure(self, python: Path, requirements: Sequence[str], *, source: Path | None = None) -> Path:
        """An interpreter with requirements on top.

        Args:
            python: the interpreter to build on.
            requirements: lines of a requirements file; without any the interpreter itself is the answer.
            source: the folder that relative paths in them start from.

        Raises:
            EnvironmentFailedError: pip failed.
        """
        wanted = [line.strip() for line in requirements if line.strip() and not line.strip().startswith("#")]
        if not wanted:
            return python
        digest = hashlib.sha256(json.dumps([str(python), wanted]).encode()).hexdigest()[:16]
        home = self._folder / digest
        with self._guard:
            lock = self._locks[digest]
        with lock:
            self._folder.mkdir(parents=True, exist_ok=True)
            with (self._folder / f"{digest}.lock").open("w", encoding="ascii") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                if not (home / "ready").exists():
                    _make(home, self._overlays, python, wanted, source or self._folder)
        return home / "bin" / "python"

    def missing(self, python: Path, packages: Sequence[str]) -> list[str]:
        """Which of these an interpreter cannot import.

        Raises:
            EnvironmentFailedError: it does not run.
        """
        if not packages:
            return []
        return _run(
            [str(python), "-c", _MISSING, *packages], self._folder.parent, f"{python} does not run"
        ).split()


def _make(home: Path, overlays: Overlays, python: Path, wanted: Sequence[str], source: Path) -> None:
    shutil.rmtree(home, ignore_errors=True)
    try:
        own = overlays.make(home, python).python
    except OverlayError as error:
        raise EnvironmentFailedError(str(error)) from error
    file = home / "requirements.txt"
    file.write_text("\n".join(wanted) + "\n", encoding="utf-8")
    install = [str(own), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    _run([*install, "-r", str(file)], source, "pip install -r requirements.txt failed")
    (home / "ready").touch()


def _run(command: list[str], cwd: Path, failure: str) -> str:
    env = {name: value for name, value in os.environ.items() if name not in {"VIRTUAL_ENV", "PYTHONPATH"}}
    try:
        done = subprocess.run(
            command, cwd=cwd, env=env, capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EnvironmentFailedError(f"{failure}: {error}") from error
    if done.returncode != 0:
        last = (done.stderr.strip() or done.stdout.strip())[-_TAIL:]
        raise EnvironmentFailedError(f"{failure}: {last}")
    return done.stdout
