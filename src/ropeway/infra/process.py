"""One run of Terraform as a process: its output line by line, and an interrupt that it can finish by.

Its output goes to a file, which is read while it grows: should Ropeway be killed, Terraform loses no pipe and ends its
work properly, writes the state and gives the lock back. It has a session of its own, so that Ctrl-C on the terminal
reaches Ropeway alone, which passes one interrupt on; on the second one Terraform would give up without its state.
"""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Ended", "run"]

_LOOK = 0.05
_KEPT = 4000


@dataclass(frozen=True)
class Ended:
    """How a run ended.

    Attributes:
        code: the exit code; negative for a signal.
        interrupted: whether it was asked to stop.
        errors: the end of what it wrote to stderr.
    """

    code: int
    interrupted: bool
    errors: str


def run(
    command: Sequence[str],
    *,
    folder: Path,
    env: Mapping[str, str],
    log: Path,
    tell: Callable[[str], None],
    stop: threading.Event,
) -> Ended:
    """Run to the end.

    Args:
        command: program and arguments.
        folder: where.
        env: its environment.
        log: the file for its output; what it held is replaced. Errors go beside it, with ``.err``.
        tell: takes each line of output, without its end.
        stop: when set, the process is interrupted, once, and waited for.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    errors = log.with_name(log.name + ".err")
    interrupted = False
    with log.open("wb") as out, errors.open("wb") as err, log.open("rb") as reading:
        child = subprocess.Popen(
            list(command), cwd=folder, env=dict(env), stdin=subprocess.DEVNULL, stdout=out, stderr=err,
            start_new_session=True,
        )  # fmt: skip
        rest = b""
        code: int | None = None
        while code is None:
            if stop.is_set() and not interrupted:
                interrupted = True
                os.kill(child.pid, signal.SIGINT)
            try:
                code = child.wait(_LOOK)
            except subprocess.TimeoutExpired:
                code = None
            rest = _lines(rest + reading.read(), tell)
        if rest:
            tell(rest.decode("utf-8", "replace"))
    return Ended(code, interrupted, errors.read_text(encoding="utf-8", errors="replace")[-_KEPT:])


def _lines(content: bytes, tell: Callable[[str], None]) -> bytes:
    """Tell whole lines; what is left."""
    *whole, rest = content.split(b"\n")
    for line in whole:
        tell(line.decode("utf-8", "replace"))
    return rest
