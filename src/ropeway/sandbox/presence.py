"""What the process of a sandbox says of itself in its state folder.

``server.lock`` is locked, and holds the pid, for as long as the process lives: one process serves a folder, and the
kernel lets go when it is killed. ``server.json`` names pid and address while it listens.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

from ropeway.errors import SandboxError

__all__ = ["alone", "told"]

_PATIENCE = 15.0  # a server that was told to stop lets its calls end first
_LOOK = 0.02


@contextlib.contextmanager
def alone(state: Path, *, patience: float = _PATIENCE) -> Iterator[None]:
    """Be the only process that serves the folder.

    Args:
        state: the folder.
        patience: for how many seconds another process is waited for, which may be about to end.

    Raises:
        SandboxError: another process serves it.
    """
    with (state / "server.lock").open("a+", encoding="ascii") as lock:
        deadline = time.monotonic() + patience
        while not _locked(lock.fileno()):
            if time.monotonic() >= deadline:
                lock.seek(0)
                raise SandboxError(
                    f"another process serves {state}: pid {lock.read().strip() or 'unknown'}",
                    hint="ropeway sandbox stop ends it",
                )
            time.sleep(_LOOK)
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextlib.contextmanager
def told(state: Path, endpoint: str) -> Iterator[None]:
    """Tell commands where the sandbox listens."""
    file, fresh = state / "server.json", state / "server.json.new"
    fresh.write_text(json.dumps({"pid": os.getpid(), "endpoint": endpoint}) + "\n", encoding="utf-8")
    fresh.replace(file)
    try:
        yield
    finally:
        file.unlink(missing_ok=True)
