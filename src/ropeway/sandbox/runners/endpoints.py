"""Serves endpoints: one local process per container of a variant, started in the background.

Everything of an endpoint is in ``endpoints/<account>/<region>/<name>`` of the state folder: logs stay until it is
deleted, workspaces as long as their containers. Serving processes end with the server, also when that is killed; the
next server starts them anew. A thread looks after all of them once a second: it ships logs, starts anew what has
ended by itself, and uploads captured requests.
"""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from ropeway.sandbox.domain.endpoints.model import Answer, Ask, Deployment, Endpoint, Variant
from ropeway.sandbox.domain.endpoints.ports import ServingReports
from ropeway.sandbox.runners.captures import CaptureFiles
from ropeway.sandbox.runners.context import Abandoned, Owner, ProcessContext
from ropeway.sandbox.runners.environments import Environments
from ropeway.sandbox.runners.jobenv import RoleKeys, base_environment
from ropeway.sandbox.runners.joblog import JobLog
from ropeway.sandbox.runners.jobs import RunnerParts
from ropeway.sandbox.runners.overlay import Overlays
from ropeway.sandbox.runners.variants import CannotServeError, Place, VariantServer

__all__ = ["ProcessServings"]

_LOOK_SECONDS = 1.0
_DRAIN_SECONDS = 60.0
_GRACE = 30.0
_log = logging.getLogger(__name__)


class _Running:
    """A deployment whose containers start or serve.

    Attributes:
        served: it was ready once, so its containers are started again whatever happens to them.
    """

    def __init__(self, endpoint: Endpoint, *, served: bool) -> None:
        self.endpoint = endpoint
        self.served = served
        self.stopping = threading.Event()
        self.began = threading.Event()
        self.servers: dict[str, VariantServer] = {}


class ProcessServings:
    """Implements ``domain.endpoints.ports.Servings``.

    Args:
        parts: what it works with.
        captures: what it brings to S3 by and by.
        reports: hears how deployments go.
        grace: seconds between SIGTERM and SIGKILL.
    """

    def __init__(
        self, parts: RunnerParts, captures: CaptureFiles, reports: ServingReports, *, grace: float = _GRACE
    ) -> None:
        self._parts = replace(parts, state=parts.state.resolve())
        self._captures = captures
        self._reports = reports
        self._grace = grace
        self._credentials = RoleKeys(parts.sessions, parts.clock)
        self._overlays = Overlays()
        self._environments = Environments(self._parts.state / "envs", self._overlays)
        self._running: dict[tuple[str, str], _Running] = {}
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._watch: threading.Thread | None = None

    def start(self, endpoint: Endpoint, deployment: Deployment) -> None:
        """Start a deployment's containers in the background, unless they run."""
        key = (endpoint.arn, deployment.id)
        with self._lock:
            if self._closed.is_set():
                return
            running = self._running.get(key)
            known = running is not None
            if running is None:
                serves = endpoint.serving is not None and endpoint.serving.id == deployment.id
                running = self._running[key] = _Running(endpoint, served=serves)
                running.servers = {
                    variant.name: self._server(endpoint, deployment, variant, running.stopping)
                    for variant in deployment.variants
                }
            if self._watch is None:
                self._watch = threading.Thread(target=self._look, name="endpoints", daemon=True)
                self._watch.start()
        work = self._join if known else self._begin
        self._in_background(f"deploy-{endpoint.name}", lambda: work(running, deployment.id))

    def retire(self, arn: str, deployment: str) -> None:
        """End a deployment once its requests are answered."""
        with self._lock:
            running = self._running.pop((arn, deployment), None)
        if running is not None:
            self._in_background(f"retire-{running.endpoint.name}", lambda: self._drain([running]))

    def end(self, endpoint: Endpoint) -> None:
        """End all of an endpoint's deployments; then report it."""
        with self._lock:
            keys = [key for key in self._running if key[0] == endpoint.arn]
            found = [self._running.pop(key) for key in keys]

        def work() -> None:
            self._drain(found)
            self._captures.flush(everything=True)
            shutil.rmtree(self._folder(endpoint), ignore_errors=True)
            self._reports.gone(endpoint.arn)

        self._in_background(f"end-{endpoint.name}", work)

    def invoke(self, arn: str, deployment: str, variant: str, ask: Ask) -> Answer | None:
        """Ask a variant; None when the deployment is not there any more."""
        with self._lock:
            running = self._running.get((arn, deployment))
        return None if running is None else running.servers[variant].invoke(ask)

    def close(self) -> None:
        """End all containers without a report."""
        with self._lock:
            self._closed.set()
            running = list(self._running.values())
            self._running.clear()
        for each in running:
            each.stopping.set()
        threads = [
            threading.Thread(target=server.kill, daemon=True)
            for each in running
            for server in each.servers.values()
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(5)
        if self._watch is not None:
            self._watch.join(5)
        self._captures.flush(everything=True)

    def _begin(self, running: _Running, deployment: str) -> None:
        """Start every variant; the first that cannot serve fails the deployment."""
        arn = running.endpoint.arn
        if running.served:  # before a restart: it stays in service, whatever happens
            for server in running.servers.values():
                server.start_again()
            running.began.set()
            return
        try:
            with ThreadPoolExecutor(len(running.servers), thread_name_prefix="variant") as pool:
                for started in [pool.submit(server.start) for server in running.servers.values()]:
                    started.result()
        except Abandoned:
            running.began.set()
            return
        except CannotServeError as error:
            running.began.set()
            with self._lock:
                self._running.pop((arn, deployment), None)
            self._drain([running])
            self._reports.failed(arn, deployment, str(error))
            return
        running.served = True
        running.began.set()
        self._reports.ready(arn, deployment)

    def _join(self, running: _Running, deployment: str) -> None:
        """Report a deployment that had been started before."""
        running.began.wait()
        if running.served and not running.stopping.is_set():
            self._reports.ready(running.endpoint.arn, deployment)

    def _drain(self, found: Sequence[_Running]) -> None:
        for running in found:
            running.stopping.set()
            for server in running.servers.values():
                server.drain(_DRAIN_SECONDS)

    def _look(self) -> None:
        while not self._closed.wait(_LOOK_SECONDS):
            with self._lock:
                servers = [server for each in self._running.values() for server in each.servers.values()]
            try:
                for server in servers:
                    server.look()
                self._captures.flush()
            except Exception:  # noqa: BLE001 - border of a thread: the next look is a new try
                _log.exception("endpoints could not be looked after")

    def _in_background(self, name: str, work: Callable[[], None]) -> None:
        def run() -> None:
            try:
                work()
            except Exception:  # noqa: BLE001 - border of a thread: nobody above could hear of it
                _log.exception("%s failed inside the sandbox", name)

        threading.Thread(target=run, name=name, daemon=True).start()

    def _server(
        self, endpoint: Endpoint, deployment: Deployment, variant: Variant, stopping: threading.Event
    ) -> VariantServer:
        parts, folder = self._parts, self._folder(endpoint)
        log = JobLog(
            folder / "logs" / f"{deployment.id}-{variant.name}.log",
            parts.peers,
            parts.clock,
            account=endpoint.account,
            region=endpoint.region,
            group=f"/aws/sagemaker/Endpoints/{endpoint.name}",
            stream=f"{variant.name}/i-{deployment.id}",
        )
        place = Place(
            name=f"{endpoint.arn}/{deployment.id}/{variant.name}",
            account=endpoint.account,
            region=endpoint.region,
            folder=folder / deployment.id / variant.name,
            log=log,
            context=lambda workspace: self._context(log, workspace),
        )
        return VariantServer(place, variant, stopping, self._grace)

    def _context(self, log: JobLog, workspace: Path) -> ProcessContext:
        return ProcessContext(
            objects=self._parts.objects,
            processes=self._parts.processes,
            runtimes=self._parts.runtimes,
            log=log,
            workspace=workspace,
            credentials=self._credentials,
            environment=lambda owner, python: self._environment(owner, python, workspace),
            environments=self._environments,
        )

    def _environment(self, owner: Owner, python: Path, workspace: Path) -> dict[str, str]:
        below = hashlib.sha256(str(python).encode()).hexdigest()[:8]
        return base_environment(
            os.environ,
            overlay=self._overlays.make(workspace / f"python-{below}", python),
            region=owner.region,
            endpoint=self._parts.endpoint,
            credentials={},
            cache=self._parts.state / "cache",
        )

    def _folder(self, endpoint: Endpoint) -> Path:
        return self._parts.state / "endpoints" / endpoint.account / endpoint.region / endpoint.name
