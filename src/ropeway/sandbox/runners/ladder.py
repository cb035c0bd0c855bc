"""The isolation ladder: which way of giving a process its own ``/opt/ml`` works on this machine.

    mount   a mount namespace, as root
    user    a user and mount namespace
    proot   the program of that name, if installed: no rights needed, slower system calls
    path    no isolation: ``/opt/ml`` in arguments, variables and Python's file calls is mapped to the folder

Each rung is really tried once, by a child that looks at ``/opt/ml``; the overlay (see ``namespaces``) likewise.
Standard library only: runs in the spawner.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable

from ropeway.sandbox.runners import namespaces

__all__ = ["RUNGS", "climb"]

RUNGS = ("mount", "user", "proot", "path")
_PROBE = "probe"


def climb(forced: str | None) -> tuple[str, bool]:
    """Find the first rung that holds, trying in a folder ``probe`` of the working directory.

    Args:
        forced: the only rung to try, or None.

    Returns:
        The rung, and whether inputs may be linked below an overlay.

    Raises:
        OSError: the forced rung is unknown or does not work here.
    """
    if forced is not None and forced not in RUNGS:
        raise OSError(f"ROPEWAY_ISOLATION={forced!r} is none of {', '.join(RUNGS)}")
    try:
        for rung in (forced,) if forced else RUNGS:
            why = _try(rung, overlay=False)
            if why is None:
                return rung, rung in {"mount", "user"} and _try(rung, overlay=True) is None
            if forced:
                raise OSError(f"ROPEWAY_ISOLATION={forced} does not work on this machine: {why}")
    finally:
        shutil.rmtree(_PROBE, ignore_errors=True)
    return "path", False  # cannot be reached: the last rung always holds


def _try(rung: str, *, overlay: bool) -> str | None:
    """Why a rung does not hold; None when it does."""
    shutil.rmtree(_PROBE, ignore_errors=True)
    os.makedirs(f"{_PROBE}/ml")
    if overlay:
        os.makedirs(f"{_PROBE}/inputs")
    sentinel = os.path.join(_PROBE, "inputs" if overlay else "ml", "sentinel")
    with open(sentinel, "w", encoding="utf-8") as file:
        file.write("below")
    if rung == "path":
        return None
    if rung == "proot":
        return _try_proot()
    return _try_in_child(lambda: _look(rung, overlay))


def _look(rung: str, overlay: bool) -> None:
    namespaces.enter(rung, os.path.abspath(_PROBE))
    with open("/opt/ml/sentinel", "r+", encoding="utf-8") as file:
        if file.read() != "below":
            raise OSError("/opt/ml is not the job's folder")
        file.seek(0)
        file.write("above")
    if overlay:
        with open("inputs/sentinel", encoding="utf-8") as file:
            if file.read() != "below":
                raise OSError("the overlay lets writes through")


def _try_in_child(probe: Callable[[], None]) -> str | None:
    report, told = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(report)
        try:
            probe()
        except Exception as error:  # noqa: BLE001 - border of a process: whatever it is, the rung does not hold
            os.write(told, (str(error) or repr(error)).encode("utf-8", "replace"))
        os._exit(0)
    os.close(told)
    with os.fdopen(report, "rb") as pipe:
        why = pipe.read().decode("utf-8", "replace")
    _, status = os.waitpid(pid, 0)
    return why or (None if status == 0 else f"the probe ended with status {status}")


def _try_proot() -> str | None:
    program = shutil.which("proot")
    if program is None:
        return "proot is not installed"
    folder = os.path.abspath(f"{_PROBE}/ml")
    command = [program, "-b", f"{folder}:/opt/ml", "test", "-f", "/opt/ml/sentinel"]
    try:
        done = subprocess.run(command, capture_output=True, timeout=20, check=False, text=True)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return None if done.returncode == 0 else done.stderr.strip() or f"exit code {done.returncode}"
