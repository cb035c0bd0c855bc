"""Warm workers: a bounded number of processes, kept for some minutes after their last invocation.

A call takes an idle worker of exactly its function's state, or starts one. When all places are taken, an idle
worker of another function gives way; when none is idle, the call waits a moment. Those who hold the places may
wait for this very call, so it gets a place beyond them then; when there are very many, it is throttled, as Lambda
throttles.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import threading
import time
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path

from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.domain.functions import ReadyFunction
from ropeway.sandbox.domain.sessions import Sessions
from ropeway.sandbox.runners.lambda_worker import Launch, Worker
from ropeway.values.clock import Clock
from ropeway.values.ids import Ids

__all__ = ["WorkerPool", "Workplace"]

_IDLE_SECONDS = 300.0
_MAX_AGE_SECONDS = 6 * 3600.0
_WAIT_SECONDS = 30.0
_PATIENCE_SECONDS = 1.0
_MOST = 128
_CREDENTIAL_SECONDS = 43_200


@dataclass(frozen=True)
class Workplace:
    """Where workers work.

    Attributes:
        scratch: a folder for their temporary files.
        endpoint: the sandbox's address, for the functions' own AWS calls.
    """

    scratch: Path
    endpoint: str


@dataclass
class _Place:
    key: str
    worker: Worker
    born: float
    idle_since: float | None = None


@dataclass
class _State:
    places: dict[int, _Place] = field(default_factory=dict)
    starting: int = 0
    closed: bool = False
    reaper: threading.Thread | None = None


class WorkerPool:
    """Hands out workers; safe to use from any thread."""

    def __init__(
        self, sessions: Sessions, clock: Clock, ids: Ids, workplace: Workplace, *, limit: int = 0
    ) -> None:
        self._sessions = sessions
        self._clock = clock
        self._ids = ids
        self._workplace = workplace
        self._changed = threading.Condition()
        self._state = _State()
        self._limit = limit or max(8, 4 * (os.cpu_count() or 1))

    def take(self, function: ReadyFunction) -> Worker:
        """A worker of this function for one invocation; ``give_back`` must follow.

        Raises:
            DomainError: ``TooManyRequestsException``: no place became free.
        """
        key = _key(function)
        asked = time.monotonic()
        with self._changed:
            while True:
                found = self._idle(key)
                if found is not None:
                    return found
                waited = time.monotonic() - asked
                if self._room(self._limit) or (waited >= _PATIENCE_SECONDS and self._room(_MOST)):
                    self._state.starting += 1
                    break
                if self._state.closed or waited >= _WAIT_SECONDS:
                    raise DomainError("Rate Exceeded.", code="TooManyRequestsException", status=429)
                self._changed.wait(
                    (_PATIENCE_SECONDS if waited < _PATIENCE_SECONDS else _WAIT_SECONDS) - waited
                )
        return self._start(key, function)

    def give_back(self, worker: Worker) -> None:
        """An invocation is over; the worker stays warm when its process lives."""
        now = time.monotonic()
        with self._changed:
            place = self._state.places[id(worker)]
            place.idle_since = now
            old, crowded = now - place.born > _MAX_AGE_SECONDS, len(self._state.places) > self._limit
            if not worker.alive or self._state.closed or old or crowded:
                self._drop(place)
            self._changed.notify()

    def close(self) -> None:
        """End every worker; invocations that run are cut off."""
        with self._changed:
            self._state.closed = True
            for place in list(self._state.places.values()):
                if place.idle_since is None:
                    place.worker.kill()
                else:
                    self._drop(place)
            self._changed.notify_all()

    def _idle(self, key: str) -> Worker | None:
        for place in list(self._state.places.values()):
            if place.key != key or place.idle_since is None:
                continue
            if place.worker.running:
                place.idle_since = None
                return place.worker
            self._drop(place)
        return None

    def _room(self, limit: int) -> bool:
        if self._state.closed:
            return False
        if len(self._state.places) + self._state.starting < limit:
            return True
        idle = [place for place in self._state.places.values() if place.idle_since is not None]
        if not idle:
            return False
        self._drop(min(idle, key=lambda place: place.idle_since or 0.0))
        return True

    def _drop(self, place: _Place) -> None:
        del self._state.places[id(place.worker)]
        place.worker.close()

    def _start(self, key: str, function: ReadyFunction) -> Worker:
        worker = None
        try:
            worker = Worker(self._launch(function))
        finally:
            with self._changed:
                self._state.starting -= 1
                if worker is not None:
                    self._state.places[id(worker)] = _Place(key, worker, time.monotonic())
                if self._state.reaper is None:
                    self._state.reaper = threading.Thread(
                        target=self._reap, name="lambda-reaper", daemon=True
                    )
                    self._state.reaper.start()
        return worker

    def _reap(self) -> None:
        with self._changed:
            while not self._state.closed:
                self._changed.wait(_IDLE_SECONDS / 4)
                oldest = time.monotonic() - _IDLE_SECONDS
                for place in list(self._state.places.values()):
                    if place.idle_since is not None and place.idle_since < oldest:
                        self._drop(place)

    def _launch(self, function: ReadyFunction) -> Launch:
        config = function.config
        name, version = config["FunctionName"], config.get("Version", "$LATEST")
        day = datetime.fromtimestamp(self._clock.now(), tz=timezone.utc).strftime("%Y/%m/%d")
        stream = f"{day}/[{version}]{self._ids.uuid().replace('-', '')}"
        temporary = self._workplace.scratch / self._ids.token(12)
        session = self._sessions.assume(config["Role"], name[:64], _CREDENTIAL_SECONDS)
        own = f"python{sys.version_info.major}.{sys.version_info.minor}"
        note = f"INIT_START Runtime Version: {own}"
        if config["Runtime"] != own:
            note += f" (the function asks for {config['Runtime']}; the sandbox has one interpreter)"
        environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "LANG": "en_US.UTF-8",
            "PYTHONUTF8": "1",
            "TZ": ":UTC",
            "HOME": str(temporary),
            "TMPDIR": str(temporary),
            **config.get("Environment", {}).get("Variables", {}),
            "PYTHONPATH": os.pathsep.join(_python_path(function)),
            "LAMBDA_TASK_ROOT": str(function.code),
            "_HANDLER": config["Handler"],
            "AWS_REGION": function.region,
            "AWS_DEFAULT_REGION": function.region,
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{config['Runtime']}",
            "AWS_LAMBDA_FUNCTION_NAME": name,
            "AWS_LAMBDA_FUNCTION_VERSION": version,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(config.get("MemorySize", 128)),
            "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{name}",
            "AWS_LAMBDA_LOG_STREAM_NAME": stream,
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_ACCESS_KEY_ID": session.access_key,
            "AWS_SECRET_ACCESS_KEY": session.secret_key,
            "AWS_SESSION_TOKEN": session.token,
            "AWS_ENDPOINT_URL": self._workplace.endpoint,
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        return Launch(
            interpreter=sys.executable,
            environment=environment,
            folder=function.code,
            temporary=temporary,
            stream=stream,
            timeout=float(config.get("Timeout", 3)),
            memory=int(config.get("MemorySize", 128)),
            note=note,
        )


def _python_path(function: ReadyFunction) -> list[str]:
    """Where /opt/python of the layers is, and what the function's own variable adds behind it.

    Layers are laid over each other: what the last one has is found first.
    """
    minor = f"python{sys.version_info.major}.{sys.version_info.minor}"
    parts = (f"python/lib/{minor}/site-packages", "python")
    paths = [layer / part for part in parts for layer in reversed(function.layers)]
    own = function.config.get("Environment", {}).get("Variables", {}).get("PYTHONPATH")
    return [*(str(path) for path in paths if path.is_dir()), *([own] if own else [])]


def _key(function: ReadyFunction) -> str:
    """What a worker is good for: this function in exactly this state."""
    config = function.config
    kept = {
        name: config.get(name)
        for name in (
            "FunctionArn",
            "Version",
            "CodeSha256",
            "Handler",
            "Runtime",
            "Timeout",
            "MemorySize",
            "Role",
        )
    }
    document = [kept, config.get("Environment"), [str(layer) for layer in function.layers]]
    return hashlib.sha256(json.dumps(document, sort_keys=True, default=str).encode()).hexdigest()
