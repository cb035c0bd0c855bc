"""A process that has the SageMaker SDK imported, and forks for each function with ``@step``.

    server ── starts ──> this (one per interpreter, role and region)
    job's process ── connects ──> this ── forks ──> guard ── forks ──> the job's work

The job's process passes its streams, environment, folder, path and namespaces (see ``client/warmstart``). The work
enters the namespaces, so it sees the job's own ``/opt/ml``, and runs what was asked for. The guard leads its group: it
tells the job's process how the work ended, passes SIGTERM on, and kills the whole group when the work has ended or
the job's process is gone. Work begins only after the job's process has agreed: nothing runs twice.

The server opens its door, so that already the first job finds it, and waits for the import that it would have made
itself. It ends when its standard input closes (the server is gone) or nobody has come for a while; work that goes on
is not touched by that. Only the same user's processes are answered, and only those with a mount namespace of their
own: others see their ``/opt/ml`` in ways that cannot be passed on.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import importlib
import json
import os
import runpy
import select
import signal
import socket
import struct
import sys
from array import array
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["main"]

_PROGRAMS = ("sagemaker.remote_function.invoke_function", "sagemaker.core.remote_function.invoke_function")
_SERVICES = ("sagemaker", "sagemaker-runtime", "sagemaker-featurestore-runtime", "sagemaker-metrics", "s3")
_STARTED = b"s"
_AGREED = b"g"
_HANDLES = 5
_SECONDS = 10.0


@dataclass(frozen=True)
class Work:
    """What a job's process asked for, in the process that is to do it."""

    message: dict[str, Any]
    handles: list[int]


def main(door: int, idle: float) -> int:
    """Serve a listening socket until standard input closes, or for so many idle seconds; or do one job's work."""
    work = _serve(door, idle)
    return 0 if work is None else _do(work)


def _serve(handle: int, idle: float) -> Work | None:
    """Returns work in each process that was forked for some, and nothing in the one that serves."""
    with socket.socket(fileno=handle) as door:
        _import()
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for guards
        while True:
            ready, _, _ = select.select([door, sys.stdin], [], [], idle)
            if door not in ready:
                return None
            link, _ = door.accept()
            with link:
                work = _answer(link)
            if work is not None:
                return work


def _import() -> None:
    for program in _PROGRAMS:
        with contextlib.suppress(ImportError):
            importlib.import_module(program)
            del sys.modules[program]  # it is run as the main program
            _load_models()
            return


def _load_models() -> None:
    """Read what botocore knows of the services that the SDK uses, for all sessions of all jobs."""
    with contextlib.suppress(ImportError):
        session: Any = importlib.import_module("botocore.session")
        session.create_loader = functools.cache(session.create_loader)
        own = session.get_session()
        for service in _SERVICES:
            own.create_client(service)


def _answer(link: socket.socket) -> Work | None:
    _, user, _ = struct.unpack("3i", link.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
    if user != os.getuid():
        return None
    link.settimeout(_SECONDS)
    try:
        work = _receive(link)
    except (OSError, ValueError):
        return None  # whoever asked goes on by itself
    private = os.fstat(work.handles[4]).st_ino != _own("mnt")
    if private and os.fork() == 0:
        return _guard(link, work)
    for handle in work.handles:
        os.close(handle)
    return None


def _receive(link: socket.socket) -> Work:
    handles = array("i")
    head, ancillary, _, _ = link.recvmsg(8, socket.CMSG_SPACE(_HANDLES * handles.itemsize))
    for level, kind, data in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            handles.frombytes(data[: len(data) - len(data) % handles.itemsize])
    length, data = int.from_bytes(head, "big"), b""
    while len(data) < length and (part := link.recv(length - len(data))):
        data += part
    message: dict[str, Any] = json.loads(data)
    if len(handles) != _HANDLES:
        raise ValueError("not all handles came")
    return Work(message, list(handles))


def _guard(link: socket.socket, work: Work) -> Work:
    """Returns in the process that does the work; the guard itself ends here."""
    try:
        os.setsid()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        link.send(_STARTED)
        if link.recv(1) != _AGREED:
            os._exit(0)
        worker = os.fork()
        if worker == 0:
            return work
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        for handle in work.handles:
            os.close(handle)
        link.settimeout(None)
        _watch(link, worker)
    except OSError:
        pass  # the job's process is gone, and so is its work
    os.killpg(0, signal.SIGKILL)
    raise AssertionError("it was killed")


def _watch(link: socket.socket, worker: int) -> None:
    """Until the work ends, or the job's process does."""
    ended = os.pidfd_open(worker)
    both: list[Any] = [link, ended]
    while True:
        ready, _, _ = select.select(both, [], [])
        if ended in ready:
            _, status = os.waitpid(worker, 0)
            code = os.waitstatus_to_exitcode(status)
            link.send(bytes([code if code >= 0 else 128 - code]))
            return
        if not link.recv(1):
            return
        os.killpg(0, signal.SIGTERM)


def _do(work: Work) -> int:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    for number, handle in enumerate(work.handles[:3]):
        os.dup2(handle, number)
    _enter(work.handles[3:])
    for handle in work.handles:
        os.close(handle)
    message = work.message
    os.chdir(message["cwd"])
    os.environ.clear()
    os.environ.update(message["env"])
    sys.path[:] = message["path"]
    sys.prefix = sys.exec_prefix = message["prefix"]
    sys.executable = message["executable"]
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()  # else each job would draw the same numbers
    importlib.invalidate_caches()
    return _run(message["argv"])


def _run(argv: list[str]) -> int:
    if argv[0] == "-m":
        sys.argv = [argv[1], *argv[2:]]
        sys.path.insert(0, str(Path.cwd()))
        runpy.run_module(argv[1], run_name="__main__", alter_sys=True)
    else:
        sys.argv = argv
        sys.path.insert(0, str(Path(argv[0]).parent))
        runpy.run_path(argv[0], run_name="__main__")
    return 0


def _own(space: str) -> int:
    return Path(f"/proc/self/ns/{space}").stat().st_ino


def _enter(spaces: list[int]) -> None:
    """Enter the user and the mount namespace, where they are not this process's."""
    library = ctypes.CDLL(None, use_errno=True)
    for space, own in zip(spaces, ("user", "mnt"), strict=True):
        if (
            os.fstat(space).st_ino != Path(f"/proc/self/ns/{own}").stat().st_ino
            and library.setns(space, 0) != 0
        ):
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), float(sys.argv[2])))
