"""A fresh sandbox in a folder of its own, driven by the command line, as a user would. Not a measurement."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

ROPEWAY = str(Path(sys.executable).parent / "ropeway")


def timed(command: Sequence[str], folder: Path, env: Mapping[str, str] | None = None) -> tuple[float, str]:
    """Seconds that a command took in a folder, and its standard output.

    Raises:
        RuntimeError: it failed; the message holds its standard error.
    """
    began = time.perf_counter()
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - began
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: exit status {done.returncode}\n{done.stderr}")
    return seconds, done.stdout


@contextmanager
def sandbox(folder: Path) -> Iterator[float]:
    """A sandbox on a free port with its state below a folder; gives the seconds that its start took."""
    seconds, _ = timed([ROPEWAY, "sandbox", "start", "--port", "0"], folder)
    try:
        yield seconds
    finally:
        timed([ROPEWAY, "sandbox", "stop"], folder)
