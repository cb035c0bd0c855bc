"""One process that runs one function's handler again and again.

Requests and answers are JSON lines on two pipes of their own, the log is the process's stdout and stderr in one
pipe. The parent reads all of them in one loop with the invocation's deadline; a process that misses it, or ends,
is killed with everything it has started and never used again. The function's time counts from when its handler is
loaded; loading has ten seconds of its own. A worker whose request pipe closes ends itself,
so none outlives the server, even when that is killed.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ropeway.containers import lambda_bootstrap

__all__ = ["Answer", "Launch", "Worker"]

_MARK = lambda_bootstrap.MARK.encode()
_INIT_SECONDS = 10.0
_AFTERMATH_SECONDS = 0.5
_LOOK_SECONDS = 0.1  # between two looks at a function's memory
_MOST_LOG, _LAST_LOG = (
    16_777_216,
    262_144,
)  # bytes of an invocation's log that are kept: its beginning, its end


@dataclass(frozen=True)
class Launch:
    """What a worker is started with.

    Attributes:
        stream: the log stream's name.
        temporary: a folder of the worker's own, removed with it.
        note: a first line for the log.
    """

    interpreter: str
    environment: Mapping[str, str]
    folder: Path
    temporary: Path
    stream: str
    timeout: float
    memory: int
    note: str


@dataclass(frozen=True)
class Answer:
    """What one invocation gave: the payload, ``Unhandled`` or None, and its log."""

    payload: Any
    error: str | None
    lines: list[str]


@dataclass
class _Reading:
    """What one invocation has given so far; ``ready`` is when its handler began, None while it is loaded."""

    began: float
    deadline: float
    ready: float | None
    log: bytearray = field(default_factory=bytearray)
    answer: bytearray = field(default_factory=bytearray)
    left_out: int = 0
    late: bool = False
    too_large: bool = False

    def complete(self, mark: bytes) -> bool:
        return self.answer.endswith(b"\n") and mark in self.log

    def hear_log(self, chunk: bytes) -> None:
        self.log.extend(chunk)
        if len(self.log) > _MOST_LOG + 4 * _LAST_LOG:
            self.left_out += len(self.log) - _MOST_LOG - _LAST_LOG
            del self.log[_MOST_LOG:-_LAST_LOG]

    def hear_answer(self, chunk: bytes, seconds: float) -> None:
        self.answer.extend(chunk)
        if self.ready is None and self.answer.startswith(lambda_bootstrap.READY):
            del self.answer[: len(lambda_bootstrap.READY)]
            self.ready = time.monotonic()
            self.deadline = self.ready + seconds


class Worker:
    """A started process; used by one thread at a time."""

    def __init__(self, launch: Launch) -> None:
        self._launch = launch
        self._fresh = True
        launch.temporary.mkdir(parents=True)
        requests, self._requests = os.pipe()
        self._answers, answers = os.pipe()
        self._log, log = os.pipe()
        try:
            self._process = subprocess.Popen(
                [launch.interpreter, lambda_bootstrap.__file__, str(requests), str(answers)],
                cwd=launch.folder,
                env=dict(launch.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=(requests, answers),
                start_new_session=True,
            )
        finally:
            for descriptor in (requests, answers, log):
                os.close(descriptor)
        self.alive = True

    @property
    def stream(self) -> str:
        """The log stream that this worker writes to."""
        return self._launch.stream

    @property
    def running(self) -> bool:
        """The process has not ended."""
        return self._process.poll() is None

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    def run(self, request_id: str, arn: str, event: Any) -> Answer:
        """One invocation; the worker is not ``alive`` afterwards when its process had to end."""
        began = time.monotonic()
        seconds = self._launch.timeout
        request = {"id": request_id, "arn": arn, "event": event, "seconds": seconds}
        allowed = seconds + (_INIT_SECONDS if self._fresh else 0)
        reading = _Reading(began, began + allowed, None if self._fresh else began)
        document = json.dumps(request).encode() + b"\n"
        with contextlib.suppress(BrokenPipeError):  # a process that has ended is seen below
            self._exchange(document, reading, _MARK + request_id.encode() + b"\n")
        payload, error = self._outcome(reading, request_id)
        lines = self._lines(reading, request_id, payload if error and not self.alive else None)
        self._fresh = False
        return Answer(payload, error, lines)

    def close(self) -> None:
        """End the process and everything it has started."""
        self.alive = False
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for descriptor in (self._requests, self._answers, self._log):
            with contextlib.suppress(OSError):
                os.close(descriptor)
        shutil.rmtree(self._launch.temporary, ignore_errors=True)

    def kill(self) -> None:
        """End the process from another thread than the one that uses the worker, which then closes it."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def _exchange(self, document: bytes, reading: _Reading, mark: bytes) -> None:
        """Send the request and read until answer and log are complete, the process ends, or time is up."""
        rest = memoryview(document)
        os.set_blocking(self._requests, False)
        look = reading.began + _LOOK_SECONDS
        with selectors.DefaultSelector() as ready:
            ready.register(self._requests, selectors.EVENT_WRITE)
            ready.register(self._answers, selectors.EVENT_READ)
            ready.register(self._log, selectors.EVENT_READ)
            while not reading.complete(mark):
                now = time.monotonic()
                if now >= reading.deadline:
                    reading.late = True
                    return
                found = ready.select(min(reading.deadline - now, _LOOK_SECONDS))
                if now >= look:
                    look = now + _LOOK_SECONDS
                    self._keep_small(reading)
                if not found and not self.running:  # children that it has left hold its pipes
                    return
                for key, _ in found:
                    if key.fd == self._requests:
                        rest = rest[os.write(self._requests, rest[:65536]) :]
                        if not rest:
                            ready.unregister(self._requests)
                    elif not self._hear(key.fd, reading):
                        ready.unregister(key.fd)
                        if key.fd == self._answers:
                            self._drain(reading)
                            return

    def _hear(self, descriptor: int, reading: _Reading) -> bool:
        """Read what a pipe has; whether it is still open."""
        chunk = os.read(descriptor, 65536)
        if descriptor == self._answers:
            reading.hear_answer(chunk, self._launch.timeout)
        else:
            reading.hear_log(chunk)
        return bool(chunk)

    def _keep_small(self, reading: _Reading) -> None:
        """End a process that holds more memory than the function may have."""
        if not reading.too_large and self._megabytes("VmRSS") > self._launch.memory:
            self.kill()
            reading.too_large = True

    def _drain(self, reading: _Reading) -> None:
        """The process ended: take what it wrote last, without waiting for children that hold the pipe."""
        deadline = time.monotonic() + _AFTERMATH_SECONDS
        os.set_blocking(self._log, False)
        with contextlib.suppress(BlockingIOError):
            while time.monotonic() < deadline and (chunk := os.read(self._log, 65536)):
                reading.hear_log(chunk)

    def _outcome(self, reading: _Reading, request_id: str) -> tuple[Any, str | None]:
        if reading.answer.endswith(b"\n"):
            try:
                answer = json.loads(reading.answer)
            except ValueError:
                self.close()
                text = "The function wrote to the runtime's own pipe"
                return _gone(request_id, "Runtime.Unknown", text), "Unhandled"
            if "error" not in answer:
                return answer["result"], None
            if answer.get("init"):  # a module that failed to load is loaded anew by a new process
                self.close()
            return {**answer["error"], "requestId": request_id}, "Unhandled"
        if reading.late:
            self.close()
            text = f"Task timed out after {self._launch.timeout:.2f} seconds"
            return _gone(request_id, "Sandbox.Timedout", text), "Unhandled"
        self.close()
        code = self._process.returncode
        if code < 0:
            name = signal.Signals(-code).name.removeprefix("SIG").lower()
            how = f"signal: {'killed' if name == 'kill' else name}"
        else:
            how = f"exit status {code}"
        return _gone(request_id, "Runtime.ExitError", f"Runtime exited with error: {how}"), "Unhandled"

    def _lines(self, reading: _Reading, request_id: str, failure: Any) -> list[str]:
        if reading.left_out:
            reading.log[_MOST_LOG:_MOST_LOG] = f"\n... {reading.left_out} bytes are left out ...\n".encode()
        text = bytes(reading.log).replace(_MARK + request_id.encode() + b"\n", b"").decode("utf-8", "replace")
        version = self._launch.environment["AWS_LAMBDA_FUNCTION_VERSION"]
        first = [self._launch.note] if self._fresh else []
        body = text.splitlines()
        if failure is not None:
            body.append(f"{failure['errorMessage']}")
        used = self._launch.memory if reading.too_large else self._peak()
        began = reading.ready or reading.began
        took = (time.monotonic() - began) * 1000
        init = (
            f"\tInit Duration: {(began - reading.began) * 1000:.2f} ms"
            if self._fresh and reading.ready
            else ""
        )
        report = (
            f"REPORT RequestId: {request_id}\tDuration: {took:.2f} ms\tBilled Duration: {int(took) + 1} ms\t"
            f"Memory Size: {self._launch.memory} MB\tMax Memory Used: {used} MB"
            f"{init}"
        )
        start = f"START RequestId: {request_id} Version: {version}"
        return [*first, start, *body, f"END RequestId: {request_id}", report]

    def _peak(self) -> int:
        """Megabytes that the process held at most, where the system tells; 0 when it has ended."""
        return self._megabytes("VmHWM")

    def _megabytes(self, field: str) -> int:
        try:
            status = Path(f"/proc/{self._process.pid}/status").read_text(encoding="ascii", errors="replace")
        except OSError:
            return 0
        found = [line.split()[1] for line in status.splitlines() if line.startswith(f"{field}:")]
        return int(found[0]) // 1024 if found else 0


def _gone(request_id: str, kind: str, text: str) -> dict[str, str]:
    return {"errorType": kind, "errorMessage": f"RequestId: {request_id} Error: {text}"}
