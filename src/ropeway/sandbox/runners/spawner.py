"""The spawner: a small process that starts the sandbox's jobs and outlives the server while they run.

Why a process of its own: mounts must be made between fork and exec, which is not safe in a server with threads;
a fork of this small process takes a millisecond; and a job goes on when the server is restarted.

It is single-threaded, standard library only, and talks JSON lines over the Unix socket ``spawner.sock`` in its
state folder. Requests carry ``seq``, which the answer repeats:

    {"op": "hello"}                                       → {"mode": "mount", "overlay": true, "pid": 7}
    {"op": "start", "id", "argv", "env", "folder", …}     → {"pid": 12, "started": "8361"} or {"error": "…"}
    {"op": "signal", "id", "signal": 15}                  → {"sent": true}
    {"op": "running"}                                     → {"ids": […]}
    {"op": "end"}                                         → {"ids": […]}: what ran is killed, and the spawner ends

Before a process executes its program, ``process.json`` is in its folder: a folder that has one is never started in
again, so nothing runs twice, whenever a server or a spawner is killed. Every connection hears
``{"exit": id, "code": 0, "signal": null}`` when a process ends; before that, the exit is on disk as ``exit.json``,
so that a server that was away can read it. A process ends with all that it started: its group and the orphans it
left are killed. One that is ``tied`` ends with the connection that started it.

The spawner ends when nobody is connected and no process is left. When it is killed, the kernel kills its processes,
and the next spawner of the folder what those had started (every one of them has ``ROPEWAY_SPAWNER`` in its
environment). A lock keeps it at one spawner a folder; only its own user may talk to it.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import json
import os
import selectors
import signal
import socket
import struct
import sys
import time
from typing import Any, TextIO

from ropeway.sandbox.runners import namespaces
from ropeway.sandbox.runners.ladder import climb
from ropeway.sandbox.runners.proctable import children, environment, kill_strays, start_time

__all__ = ["FOLDER_VARIABLE", "JOB_VARIABLE", "SOCKET", "Spawner", "main"]

SOCKET = "spawner.sock"
JOB_VARIABLE = "ROPEWAY_PROCESS_ID"
FOLDER_VARIABLE = "ROPEWAY_SPAWNER"
_LOCK = "spawner.lock"
_LOCK_SECONDS = 5.0
_GRACE = 10.0  # seconds in which the first connection must come
_READY = b"\0"
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_prctl = getattr(ctypes.CDLL(None), "prctl", None)


class Spawner:
    """The loop: sockets and the ends of children."""

    def __init__(self, mode: str, overlay: bool) -> None:
        self._mode = mode
        self._overlay = overlay
        self._selector = selectors.DefaultSelector()
        self._buffers: dict[socket.socket, bytes] = {}
        self._running: dict[int, tuple[str, str]] = {}  # pid → (id, folder)
        self._tied: dict[int, socket.socket] = {}  # pid → the connection that it ends with
        self._ending = False
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._deadline = time.monotonic() + _GRACE

    def serve(self) -> None:
        """Answer until nobody is there and nothing runs."""
        wake, poke = socket.socketpair()
        for end in (wake, poke, self._listener):
            end.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
        signal.set_wakeup_fd(poke.fileno(), warn_on_full_buffer=False)
        # A relative name: the path of a socket may not exceed some 100 bytes.
        self._listener.bind(SOCKET)
        self._listener.listen(16)
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._selector.register(wake, selectors.EVENT_READ)
        while self._needed():
            for key, _ in self._selector.select(timeout=1.0):
                if key.fileobj is self._listener:
                    self._accept()
                elif key.fileobj is wake:
                    wake.recv(4096)
                else:
                    self._read(key.fileobj)  # type: ignore[arg-type] # only sockets are registered
            self._reap()
        self._listener.close()
        with contextlib.suppress(FileNotFoundError):
            os.unlink(SOCKET)

    def _needed(self) -> bool:
        if self._ending and not self._running:
            return False
        return bool(self._buffers or self._running) or time.monotonic() < self._deadline

    def _accept(self) -> None:
        connection, _ = self._listener.accept()
        if _user_of(connection) != os.getuid():
            connection.close()
            return
        self._deadline = 0.0
        self._buffers[connection] = b""
        self._selector.register(connection, selectors.EVENT_READ)

    def _read(self, connection: socket.socket) -> None:
        try:
            chunk = connection.recv(1 << 20)
        except OSError:
            chunk = b""
        if not chunk:
            self._drop(connection)
            return
        *lines, rest = (self._buffers[connection] + chunk).split(b"\n")
        self._buffers[connection] = rest
        for line in lines:
            request = json.loads(line)
            self._send(connection, {"seq": request["seq"], **self._answer(connection, request)})

    def _drop(self, connection: socket.socket) -> None:
        self._selector.unregister(connection)
        self._buffers.pop(connection, None)
        connection.close()
        self._kill([pid for pid, owner in self._tied.items() if owner is connection])

    def _send(self, connection: socket.socket, message: dict[str, Any]) -> None:
        with contextlib.suppress(OSError):  # gone: the next read tells
            connection.sendall(json.dumps(message).encode() + b"\n")

    def _answer(self, connection: socket.socket, request: dict[str, Any]) -> dict[str, Any]:
        operation = request["op"]
        if operation == "start":
            answer = self._start(request)
            if request.get("tied") and "pid" in answer:
                self._tied[answer["pid"]] = connection
            return answer
        if operation == "signal":
            return {"sent": self._signal(request["id"], request["signal"])}
        ids = [name for name, _ in self._running.values()]
        if operation == "running":
            return {"ids": ids}
        if operation == "end":
            self._ending = True
            self._kill(list(self._running))
            return {"ids": ids}
        return {"mode": self._mode, "overlay": self._overlay, "pid": os.getpid()}

    def _start(self, request: dict[str, Any]) -> dict[str, Any]:
        if self._ending or os.path.exists(os.path.join(request["folder"], "process.json")):
            return {"error": "the spawner ends" if self._ending else "it was started before"}
        request["spawner"] = os.getcwd()
        report, told = os.pipe()
        held, go = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(go)
            _become(request, self._mode, told, held)
        os.close(told)
        os.close(held)
        with os.fdopen(report, "rb") as pipe, os.fdopen(go, "wb", buffering=0) as gate:
            error = pipe.read(1)  # one byte: the child is ready
            if error == _READY:
                started = start_time(pid)
                begun = {"pid": pid, "started": started, "id": request["id"], "begun": time.time()}
                _write_json(request["folder"], "process.json", begun)
                gate.write(_READY)
                error = b""
            error += pipe.read()  # closed by exec, or by the child's end
        if error:
            os.waitpid(pid, 0)
            return {"error": error.decode("utf-8", "replace")}
        self._running[pid] = (request["id"], request["folder"])
        return {"pid": pid, "started": started, "begun": begun["begun"]}

    def _signal(self, name: str, number: int) -> bool:
        for pid, (running, _) in self._running.items():
            if running == name:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(pid, number)
                return True
        return False

    def _kill(self, pids: list[int]) -> None:
        for pid in pids:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGKILL)

    def _reap(self) -> None:
        while True:
            try:
                ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            except ChildProcessError:
                return
            if ended is None:
                return
            known = self._running.pop(ended.si_pid, None)
            self._tied.pop(ended.si_pid, None)
            if known is not None:
                self._kill([ended.si_pid])  # while it is a zombie its group's number cannot be given away
            _, status = os.waitpid(ended.si_pid, 0)
            if known is not None:
                self._ended(known, status)
            self._kill_orphans()

    def _ended(self, known: tuple[str, str], status: int) -> None:
        if self._ending:  # nobody's end: whoever asks finds the process lost
            return
        name, folder = known
        code = None if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
        number = os.WTERMSIG(status) if os.WIFSIGNALED(status) else None
        _write_json(folder, "exit.json", {"code": code, "signal": number})
        for connection in list(self._buffers):
            self._send(connection, {"exit": name, "code": code, "signal": number})

    def _kill_orphans(self) -> None:
        """Kill what outlived its process outside the group: as a subreaper, the spawner is its parent now."""
        running = {f"{JOB_VARIABLE}={name}".encode() for name, _ in self._running.values()}
        for pid in children():
            if pid not in self._running and running.isdisjoint(environment(pid)):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)


def main() -> None:
    """Run in the state folder (argv: folder, forced isolation or "")."""
    os.chdir(sys.argv[1])
    if _prctl is not None:
        _prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    try:
        lock = _lock()
        kill_strays(f"{FOLDER_VARIABLE}={os.getcwd()}")
        mode, overlay = climb(sys.argv[2] or None)
        with lock:
            Spawner(mode, overlay).serve()
    except OSError as error:
        _write_json(".", "spawner.error", {"error": str(error)})
        sys.exit(1)


def _lock() -> TextIO:
    """The folder's lock, held while the file is open; a spawner that is just ending is waited for."""
    file = open(_LOCK, "w", encoding="ascii")  # noqa: SIM115 - open as long as the process lives
    deadline = time.monotonic() + _LOCK_SECONDS
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise OSError("another spawner keeps running processes of this folder") from None
            time.sleep(0.02)
        else:
            return file


def _user_of(connection: socket.socket) -> int:
    if not hasattr(socket, "SO_PEERCRED"):  # not Linux: the folder's permissions are what there is
        return os.getuid()
    size = struct.calcsize("3i")
    user: int = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size))[1]
    return user


def _become(request: dict[str, Any], mode: str, told: int, held: int) -> None:
    """The rest of a child's life: isolate, redirect, wait for the word, exec. Never returns."""
    try:
        os.setsid()
        if _prctl is not None:
            _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGCHLD, signal.SIGPIPE, signal.SIGINT, signal.SIGXFSZ):
            signal.signal(number, signal.SIG_DFL)
        log = os.open(request["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        if mode in {"mount", "user"}:
            namespaces.enter(mode, request["folder"])
        os.chdir(request["cwd"])
        null = os.open(os.devnull, os.O_RDONLY)
        for source, target in ((null, 0), (log, 1), (log, 2)):
            os.dup2(source, target)
        os.write(told, _READY)
        if not os.read(held, 1):  # the spawner was killed before it could write down that this begins
            os._exit(1)
    except Exception as error:  # noqa: BLE001 - border of a process: told to the parent, which tells the server
        os.write(told, (str(error) or repr(error)).encode("utf-8", "replace"))
        os._exit(1)
    _exec(request)


def _exec(request: dict[str, Any]) -> None:
    """Exec as a container engine would: what cannot be run gives exit code 127 (missing) or 126."""
    argv = request["argv"]
    env = {**request["env"], JOB_VARIABLE: request["id"], FOLDER_VARIABLE: request["spawner"]}
    program = argv[0]
    # os.execvpe would import a module first, in every child.
    places = [""] if "/" in program else [folder + "/" for folder in env.get("PATH", "").split(":") if folder]
    missing = (FileNotFoundError, NotADirectoryError)
    code, why = 127, "not found"
    for place in places:
        try:
            os.execve(place + program, argv, env)
        except OSError as error:
            if not isinstance(error, missing):
                code, why = 126, str(error.strerror)
    os.write(2, f"exec: {program!r}: {why}\n".encode())
    os._exit(code)


def _write_json(folder: str, name: str, content: dict[str, Any]) -> None:
    """Whole or not at all. A folder that was removed meanwhile has nobody who would read it."""
    with contextlib.suppress(FileNotFoundError):
        temporary = os.path.join(folder, f".{name}")
        with open(temporary, "w", encoding="utf-8") as file:
            json.dump(content, file)
        os.replace(temporary, os.path.join(folder, name))
