"""The server's end of the spawner's socket: requests from any thread, one thread that reads.

When the spawner dies its processes are killed by the kernel, so a broken link means: those that had not ended are lost.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ropeway.sandbox.runners.spawner import SOCKET

__all__ = ["SpawnerLink", "Watch", "end_processes"]

_ANSWER_SECONDS = 60.0


@dataclass
class Watch:
    """A process whose end is waited for.

    Attributes:
        exit: code and signal, once it has ended.
    """

    name: str
    exit: tuple[int | None, int | None] | None = None


class SpawnerLink:
    """A connection to a spawner. Build it with ``open``.

    Args:
        lost: called, in the reading thread, when the spawner is gone though nobody hung up.
    """

    def __init__(self, connection: socket.socket, lost: Callable[[], None]) -> None:
        self.mode = ""
        self.overlay = False
        self.alive = True
        self._lost = lost
        self._closing = False
        self._socket = connection
        self._sequence = itertools.count()
        self._answers: dict[int, dict[str, Any]] = {}
        self._watched: dict[str, Watch] = {}
        self._changed = threading.Condition()
        self._sending = threading.Lock()
        self._reader = threading.Thread(target=self._read, name="spawner-link", daemon=True)

    @classmethod
    def open(cls, folder: Path, lost: Callable[[], None] = lambda: None) -> SpawnerLink | None:
        """Connect to the spawner of a folder; None when there is none."""
        connection = _connect(folder)
        if connection is None:
            return None
        link = cls(connection, lost)
        link._reader.start()
        hello = link.ask(op="hello")
        if "error" in hello:
            link.close()
            return None
        link.mode, link.overlay = hello["mode"], hello["overlay"]
        return link

    def ask(self, **request: Any) -> dict[str, Any]:
        """One request and its answer; ``{"error": …}`` when the link breaks."""
        sequence = next(self._sequence)
        line = json.dumps({"seq": sequence, **request}).encode() + b"\n"
        try:
            with self._sending:
                self._socket.sendall(line)
        except OSError as error:
            return {"error": f"the spawner is gone: {error}"}
        with self._changed:
            self._changed.wait_for(lambda: sequence in self._answers or not self.alive, _ANSWER_SECONDS)
            return self._answers.pop(sequence, {"error": "the spawner is gone"})

    def start(self, name: str, **request: Any) -> tuple[Watch, dict[str, Any]]:
        """Start a process; the answer has its ``pid``, or an ``error``."""
        watch = self._watch(name)
        answer = self.ask(op="start", id=name, **request)
        if "error" in answer:
            self._forget(name)
        return watch, answer

    def find(self, name: str) -> Watch | None:
        """A process that runs already; None when there is none of that name."""
        watch = self._watch(name)
        if name in self.ask(op="running").get("ids", []) or watch.exit is not None:
            return watch
        self._forget(name)
        return None

    def signal(self, watch: Watch, number: int) -> None:
        """Send a signal to a process's group; nothing when it has ended."""
        if watch.exit is None:
            self.ask(op="signal", id=watch.name, signal=number)

    def wait(self, watch: Watch, timeout: float | None) -> tuple[int | None, int | None] | None:
        """Code and signal of a process's end, or None when the time is over first.

        Raises:
            ConnectionError: the spawner is gone.
        """
        with self._changed:
            self._changed.wait_for(lambda: watch.exit is not None or not self.alive, timeout)
            if watch.exit is None and not self.alive:
                raise ConnectionError("the spawner is gone")
            return watch.exit

    def join(self, timeout: float) -> None:
        """Wait until the spawner is gone."""
        self._closing = True
        self._reader.join(timeout)

    def close(self) -> None:
        """Hang up; processes go on, those that are tied to the link do not."""
        self._closing = True
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        if self._reader.is_alive() and self._reader is not threading.current_thread():
            self._reader.join(5)
        self._socket.close()

    def _read(self) -> None:
        buffer = b""
        while True:
            try:
                chunk = self._socket.recv(1 << 20)
            except OSError:
                chunk = b""
            if not chunk:
                break
            *lines, buffer = (buffer + chunk).split(b"\n")
            with self._changed:
                for line in lines:
                    self._take(json.loads(line))
                self._changed.notify_all()
        with self._changed:
            self.alive = False
            self._changed.notify_all()
        if not self._closing:
            self._lost()

    def _take(self, message: dict[str, Any]) -> None:
        if "seq" in message:
            self._answers[message["seq"]] = message
            return
        watch = self._watched.pop(message["exit"], None)
        if watch is not None:
            watch.exit = (message["code"], message["signal"])

    def _watch(self, name: str) -> Watch:
        with self._changed:
            return self._watched.setdefault(name, Watch(name))

    def _forget(self, name: str) -> None:
        with self._changed:
            self._watched.pop(name, None)


def end_processes(folder: Path) -> int:
    """End a folder's spawner with everything that it runs; how many processes that were."""
    link = SpawnerLink.open(folder)
    if link is None:
        return 0
    ended = link.ask(op="end").get("ids", [])
    link.join(_ANSWER_SECONDS)
    link.close()
    return len(ended)


def _connect(folder: Path) -> socket.socket | None:
    """By the folder's handle where /proc has it: the path of a socket may not exceed some 100 bytes."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    handle = os.open(folder, os.O_RDONLY)
    try:
        short = f"/proc/self/fd/{handle}"
        connection.connect(f"{short if Path(short).exists() else folder}/{SOCKET}")
    except OSError:
        connection.close()
        return None
    finally:
        os.close(handle)
    return connection
