"""Runs jobs: executions take turns, slots are bounded, a thread per running job, one runner module per kind.

Everything of a job is in ``jobs/<account>/<region>/<kind>/<name>`` of the state folder: its log stays, its workspace
goes when it ends. The runner writes no status; it tells ``JobReports``. A job ends in exactly one report, whatever
happens to it, with two exceptions: the server stops meanwhile (the next one adopts the process), or the report
itself fails (logged).

After a restart ``recover`` looks at what the job left: no process was started → it is queued anew; its process
runs or has ended → the run goes on from there, its time counted from its start, its outputs uploaded again when that
was under way; the process is lost → the job fails and says so. Serving processes of transform jobs end with the
server, so those jobs begin anew; objects that they had finished are written once more, with the same content.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import shutil
import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.domain.jobs.model import Job, Kind, Outcome
from ropeway.sandbox.domain.jobs.ports import JobReports
from ropeway.sandbox.domain.jobs.queue import FairQueue
from ropeway.sandbox.domain.ports import ObjectStore, Peers
from ropeway.sandbox.domain.sessions import Sessions
from ropeway.sandbox.runners import configfiles, monitormetrics, processing, training, transform
from ropeway.sandbox.runners.context import Abandoned, JobError, Owner, RunContext
from ropeway.sandbox.runners.environments import Environments
from ropeway.sandbox.runners.jobenv import RoleKeys, base_environment
from ropeway.sandbox.runners.joblog import JobLog
from ropeway.sandbox.runners.modelcontainer import process_id
from ropeway.sandbox.runners.overlay import OverlayError, Overlays
from ropeway.sandbox.runners.process import Exit, ProcessError, ProcessHost, RunningProcess
from ropeway.sandbox.runners.runtimefile import RuntimeFileError
from ropeway.sandbox.runners.runtimes import RuntimeTable, UnknownImageError
from ropeway.sandbox.runners.warm import WarmProcesses
from ropeway.values.arn import Arn
from ropeway.values.clock import Clock

__all__ = ["ProcessJobRunner", "RunnerParts"]

Run = Callable[[Job, RunContext], Outcome]
_GROUPS = {
    Kind.PROCESSING: "/aws/sagemaker/ProcessingJobs",
    Kind.TRAINING: "/aws/sagemaker/TrainingJobs",
    Kind.TRANSFORM: "/aws/sagemaker/TransformJobs",
}
_RUNS: Mapping[Kind, Run] = {
    Kind.PROCESSING: processing.run,
    Kind.TRAINING: training.run,
    Kind.TRANSFORM: transform.run,
}
_LOST = "InternalServerError: The sandbox was restarted and the job's process was lost"
_OLD_SECONDS = 10.0  # for what is left of a server before to end by SIGKILL
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class RunnerParts:
    """What the runner works with.

    Attributes:
        state: the sandbox's state folder.
        endpoint: the sandbox's address, for jobs.
        runs: what runs each kind of job; the runner's own by default.
    """

    state: Path
    endpoint: str
    objects: ObjectStore
    peers: Peers
    processes: ProcessHost
    runtimes: RuntimeTable
    sessions: Sessions
    clock: Clock
    runs: Mapping[Kind, Run] = field(default_factory=lambda: _RUNS)


@dataclass
class _Entry:
    job: Job
    adopted: RunningProcess | Exit | None = None
    lost: bool = False
    stop: threading.Event = field(default_factory=threading.Event)


class ProcessJobRunner:
    """Runs jobs as local processes; implements ``domain.jobs.ports.JobRunner``.

    Args:
        parts: what it works with.
        reports: hears how jobs go.
        slots: how many jobs run at once; max(4, twice the processors) by default.
        grace: seconds between SIGTERM and SIGKILL.
    """

    def __init__(
        self, parts: RunnerParts, reports: JobReports, *, slots: int | None = None, grace: float = 120.0
    ) -> None:
        self._parts = replace(parts, state=parts.state.resolve())
        self._credentials = RoleKeys(parts.sessions, parts.clock)
        self._reports = reports
        self._overlays = Overlays()
        self._warm = WarmProcesses(self._parts.state / "warm", self._overlays)
        self._environments = Environments(self._parts.state / "envs", self._overlays)
        self._grace = grace
        self._free = slots or max(4, 2 * (os.cpu_count() or 1))
        self._queue: FairQueue[_Entry] = FairQueue()
        self._running: dict[str, _Entry] = {}
        self._threads: set[threading.Thread] = set()
        self._begun: set[str] = set()
        self._tidied = False
        self._lock = threading.Lock()
        self._abandon = threading.Event()
        parts.processes.warm()

    def launch(self, job: Job) -> None:
        """Queue a job and return at once."""
        shutil.rmtree(self._folder(job), ignore_errors=True)  # of a job of the same name that was deleted
        self._enqueue(_Entry(job))

    def stop(self, arn: str) -> None:
        """Stop a running job, or drop one that waits; nothing for others."""
        with self._lock:
            running = self._running.get(arn)
            waiting = self._queue.remove(arn)
        if running is not None:
            running.stop.set()
        elif waiting is not None:
            self._reports.finished(arn, _stopped(waiting.job))

    def recover(self, job: Job) -> None:
        """Go on with a job of the server before."""
        workspace = self._folder(job) / "work"
        process = workspace / configfiles.HOST
        adopted = None
        lost = False
        if job.kind is Kind.TRANSFORM:
            self._end_containers(
                job, workspace
            )  # its requests were the server's; the same work can be done again
        elif process.exists():
            adopted = self._parts.processes.adopt(job.arn, process)
            lost = adopted is None and (process / "process.json").exists()
        if not workspace.exists():  # whatever else is there is of a job of the same name that was deleted
            shutil.rmtree(self._folder(job), ignore_errors=True)
        elif adopted is None and not lost:  # what tells that it is lost stays until that has been reported
            shutil.rmtree(workspace, ignore_errors=True)
        entry = _Entry(job, adopted, lost)
        if job.status == "Stopping":
            entry.stop.set()
        self._enqueue(entry)

    def tidy(self, unfinished: Collection[str]) -> None:
        """Remove the workspaces of jobs whose end was told before the server before could remove them.

        A job may be launched meanwhile: steps are taken up before jobs are.
        """
        for workspace in (self._parts.state / "jobs").glob("*/*/*/*/work"):
            name, kind, region, account = (parent.name for parent in list(workspace.parents)[:4])
            arn = str(Arn("sagemaker", region, account, f"{kind}/{name}"))
            with self._lock:  # whatever is launched next waits, and makes its workspace after this
                if arn not in unfinished and arn not in self._begun:
                    shutil.rmtree(workspace, ignore_errors=True)
        with self._lock:
            self._tidied = True
            self._begun.clear()

    def _end_containers(self, job: Job, workspace: Path) -> None:
        for folder in workspace.glob("algo-*"):
            container = self._parts.processes.adopt(process_id(job, folder.name), folder)
            if isinstance(container, RunningProcess):
                container.kill()
                with contextlib.suppress(ProcessError):
                    container.wait(_OLD_SECONDS)

    def close(self) -> None:
        """Let go of running jobs without a report; their processes go on."""
        self._abandon.set()
        with self._lock:
            self._queue.clear()
            threads = list(self._threads)
        for thread in threads:
            thread.join(5)
        self._warm.close()

    def _enqueue(self, entry: _Entry) -> None:
        with self._lock:
            if not self._tidied:
                self._begun.add(entry.job.arn)
            self._queue.put(entry.job, entry, first=entry.adopted is not None)
        self._fill()

    def _fill(self) -> None:
        """Start what waits while there are slots."""
        with self._lock:
            while self._free and self._queue and not self._abandon.is_set():
                entry = self._queue.take()
                self._free -= 1
                self._running[entry.job.arn] = entry
                thread = threading.Thread(
                    target=self._work, args=(entry,), name=f"job-{entry.job.name}", daemon=True
                )
                self._threads.add(thread)
                thread.start()

    def _work(self, entry: _Entry) -> None:
        try:
            self._finish(entry)
        except Exception:  # noqa: BLE001 - border of a thread: nobody above could hear of it
            _log.exception("the end of %s could not be reported", entry.job.arn)
        finally:
            with self._lock:
                self._free += 1
                self._running.pop(entry.job.arn, None)
                self._threads.discard(threading.current_thread())
            self._fill()

    def _finish(self, entry: _Entry) -> None:
        job = entry.job
        context = self._context(entry)
        try:
            outcome = self._outcome(entry, context)
        except Abandoned:
            return
        try:
            self._publish(job, outcome, context)
        except Exception:  # noqa: BLE001 - whatever it is, the job has ended and must be told to have
            _log.exception("logs or metrics of %s are not complete", job.arn)
        self._reports.finished(job.arn, outcome)
        shutil.rmtree(context.workspace, ignore_errors=True)

    def _publish(self, job: Job, outcome: Outcome, context: RunContext) -> None:
        context.log.ship(everything=True)
        if outcome.status == "Completed" and job.kind is Kind.PROCESSING:
            folder = self._parts.processes.folder(context.workspace / configfiles.HOST)
            monitormetrics.publish(job, folder, self._parts.peers)

    def _outcome(self, entry: _Entry, context: RunContext) -> Outcome:
        if entry.lost:
            context.log.write(_LOST)
            return Outcome("Failed", _secondary(entry.job, "Failed"), _LOST)
        if entry.stop.is_set() and not entry.adopted:
            return _stopped(entry.job)
        return self._run(entry.job, context)

    def _run(self, job: Job, context: RunContext) -> Outcome:
        """Every failure of a run is an outcome."""
        try:
            return self._parts.runs[job.kind](job, context)
        except Abandoned:
            raise
        except (JobError, UnknownImageError) as error:
            reason = str(error)
        except (RuntimeFileError, OverlayError) as error:
            reason = f"ClientError: {error}"
        except DomainError as error:
            reason = f"ClientError: {error.message}"
        except ProcessError as error:
            reason = f"InternalServerError: {error}"
        except Exception as error:  # noqa: BLE001 - a job must end whatever is wrong with the sandbox
            _log.exception("%s failed inside the sandbox", job.arn)
            reason = f"InternalServerError: {type(error).__name__}: {error}"
        context.log.write(reason)
        return Outcome("Failed", _secondary(job, "Failed"), failure_reason=reason[:1024])

    def _context(self, entry: _Entry) -> RunContext:
        job, parts = entry.job, self._parts
        folder = self._folder(job)
        workspace = folder / "work"
        workspace.mkdir(parents=True, exist_ok=True)
        log = JobLog(
            folder / "output.log",
            parts.peers,
            parts.clock,
            account=job.account,
            region=job.region,
            group=_GROUPS[job.kind],
            stream=f"{job.name}/{configfiles.HOST}-{int(job.created)}",
        )
        return RunContext(
            objects=parts.objects,
            processes=parts.processes,
            runtimes=parts.runtimes,
            reports=self._reports,
            clock=parts.clock,
            log=log,
            folder=folder,
            workspace=workspace,
            credentials=self._credentials,
            environment=lambda job, python: self._environment(job, python, workspace),
            environments=self._environments,
            warm=self._warm.address,
            stop=entry.stop,
            abandon=self._abandon,
            grace=self._grace,
            adopted=entry.adopted,
        )

    def _folder(self, job: Job) -> Path:
        return self._parts.state / "jobs" / job.account / job.region / job.kind.value / job.name

    def _environment(self, job: Owner, python: Path, workspace: Path) -> dict[str, str]:
        below = hashlib.sha256(str(python).encode()).hexdigest()[:8]
        return base_environment(
            os.environ,
            overlay=self._overlays.make(workspace / f"python-{below}", python),
            region=job.region,
            endpoint=self._parts.endpoint,
            credentials=self._credentials(job.role_arn) if job.role_arn else {},
            cache=self._parts.state / "cache",
        )


def _stopped(job: Job) -> Outcome:
    return Outcome("Stopped", _secondary(job, "Stopped"))


def _secondary(job: Job, status: str) -> str:
    return status if job.kind is Kind.TRAINING else ""
