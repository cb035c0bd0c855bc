"""What a running job, or an endpoint, is given, and how the three kinds of jobs wait for a process.

``processing``, ``training`` and ``transform`` each have ``run(job, context) -> Outcome``. They raise ``JobError``
for everything that fails the job with a reason, and ``Abandoned`` passes through them when the server stops: the
job's process goes on, and the next server adopts it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ropeway.sandbox.domain.jobs.ports import JobReports
from ropeway.sandbox.domain.ports import ObjectStore
from ropeway.sandbox.runners.environments import EnvironmentFailedError, Environments
from ropeway.sandbox.runners.joblog import JobLog
from ropeway.sandbox.runners.process import Exit, ProcessHost, RunningProcess
from ropeway.sandbox.runners.runtimes import Runtime, RuntimeTable
from ropeway.values.clock import Clock

__all__ = ["Abandoned", "Ended", "JobError", "Owner", "ProcessContext", "RunContext", "acting", "supervise"]

_TICK = 0.05
_SHIP_SECONDS = 2.0
_FIRST_SHIP_SECONDS = (
    0.3  # the first lines come soon: people wait for them, and the first call is the slowest
)


class JobError(Exception):
    """The job fails; the text is its FailureReason."""


class Abandoned(Exception):  # noqa: N818 - not an error: the server stops and the job does not
    """The server stops while the job runs; nothing is reported."""


class Owner(Protocol):
    """Whose processes they are: a job, or a variant of an endpoint."""

    @property
    def account(self) -> str:
        """The account that they run in."""

    @property
    def region(self) -> str:
        """The region that they run in."""

    @property
    def arn(self) -> str:
        """What they are called by."""

    @property
    def role_arn(self) -> str:
        """The role that they run as; empty where it is another's."""


def acting(job: Owner) -> str:
    """Who reads and writes S3 for a job: its role, else its account."""
    return job.role_arn or job.account


@dataclass(frozen=True)
class ProcessContext:
    """What processes are prepared with.

    Attributes:
        workspace: a folder for process folders and temporary files; removed at the end.
        log: where their output goes; shipped to CloudWatch Logs.
        credentials: environment variables with keys of a role, by its ARN.
        environment: the complete base environment for a process with a given interpreter: paths, locale, region,
            endpoint, the role's keys. A job's own variables go on top.
        environments: interpreters with requirements.
    """

    objects: ObjectStore
    processes: ProcessHost
    runtimes: RuntimeTable
    log: JobLog
    workspace: Path
    credentials: Callable[[str], Mapping[str, str]]
    environment: Callable[[Owner, Path], dict[str, str]]
    environments: Environments

    def interpreter(
        self, runtime: Runtime, requirements: Sequence[str] = (), source: Path | None = None
    ) -> Path:
        """The interpreter of a runtime, with its own requirements and those of the job's code.

        Raises:
            JobError: they could not be installed, or a package is missing that the runtime's image has.
        """
        wanted = [*runtime.requirements, *requirements]
        try:
            python = self.environments.ensure(runtime.interpreter, wanted, source=source)
            missing = self.environments.missing(python, runtime.packages)
        except EnvironmentFailedError as error:
            raise JobError(f"AlgorithmError: InstallRequirementsError: {error}"[:1024]) from error
        if missing:
            raise JobError(
                f"ClientError: the runtime {runtime.name!r} needs the package {missing[0]}, which {python} does not "
                "have. Install it there, or name another interpreter, or requirements, in .ropeway/runtimes.toml."
            )
        return python


@dataclass(frozen=True)
class RunContext(ProcessContext):
    """The world of one running job.

    Attributes:
        folder: the job's own folder in the state folder; its log stays there.
        warm: the address of a process that is ready to run functions with ``@step`` of an interpreter, for a
            job's environment; "" for none.
        stop: set when the job is to stop.
        abandon: set when the server stops.
        grace: seconds between SIGTERM and SIGKILL.
        adopted: after a restart, the job's process or how it ended; else None.
    """

    reports: JobReports
    clock: Clock
    folder: Path
    stop: threading.Event
    abandon: threading.Event
    warm: Callable[[Path, Mapping[str, str]], str]
    grace: float = 120.0
    adopted: RunningProcess | Exit | None = None


@dataclass(frozen=True)
class Ended:
    """How a supervised process ended.

    Attributes:
        cause: ``stopped`` (on request), ``exceeded`` (out of time), or "" (by itself).
    """

    exit: Exit
    cause: str = ""


def supervise(
    process: RunningProcess,
    context: RunContext,
    *,
    seconds: float | None,
    every: Callable[[], None] | None = None,
) -> Ended:
    """Wait for a job's process; stop it when asked to, or when its time is over.

    Args:
        process: the process.
        context: the job's context; its log is shipped every two seconds.
        seconds: the time it has; None is unlimited.
        every: called every second while it runs.

    Raises:
        Abandoned: the server stops.
    """
    called = time.monotonic()
    begun = called - max(
        0.0, context.clock.now() - process.begun
    )  # an adopted process has used some of its time
    shipped = called - _SHIP_SECONDS + _FIRST_SHIP_SECONDS
    while True:
        ended = process.wait(_TICK)
        if ended is not None:
            return Ended(ended)
        if context.abandon.is_set():
            raise Abandoned
        now = time.monotonic()
        if context.stop.is_set():
            return Ended(_end(process, context), "stopped")
        if seconds is not None and now - begun >= seconds:
            return Ended(_end(process, context), "exceeded")
        if now - shipped >= _SHIP_SECONDS:
            context.log.ship()
            shipped = time.monotonic()
        if every is not None and now - called >= 1.0:
            every()
            called = time.monotonic()


def _end(process: RunningProcess, context: RunContext) -> Exit:
    """SIGTERM, the grace, SIGKILL."""
    process.terminate()
    deadline = time.monotonic() + context.grace
    while time.monotonic() < deadline:
        ended = process.wait(_TICK)
        if ended is not None:
            return ended
        if context.abandon.is_set():
            raise Abandoned
    process.kill()
    ended = process.wait(None)
    assert ended is not None  # without a time limit it has ended
    return ended
