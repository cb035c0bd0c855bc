"""A variant that serves: its containers, started anew when they end by themselves.

Its files are in a folder of its own, a subfolder per attempt to start; the log goes on over all of them. Requests that
come while the containers start anew wait for them, as long as SageMaker waits for an answer (60 seconds).
"""

from __future__ import annotations

import contextlib
import logging
import secrets
import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ropeway.sandbox.domain.endpoints.model import Answer, Ask, Variant
from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.runners.context import Abandoned, JobError, ProcessContext
from ropeway.sandbox.runners.joblog import JobLog
from ropeway.sandbox.runners.modelcontainer import prepare
from ropeway.sandbox.runners.overlay import OverlayError
from ropeway.sandbox.runners.process import ProcessError
from ropeway.sandbox.runners.runtimefile import RuntimeFileError
from ropeway.sandbox.runners.runtimes import UnknownImageError
from ropeway.sandbox.runners.serving import Chain, ContainerDownError, ServingContainer

__all__ = ["CannotServeError", "Place", "VariantServer"]

_ANSWER_SECONDS = 60.0
_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 30.0
_log = logging.getLogger(__name__)


class CannotServeError(Exception):
    """A variant's containers cannot serve; the text is a FailureReason."""


@dataclass(frozen=True)
class Place:
    """Where a variant serves.

    Attributes:
        name: what its processes' ids begin with.
        folder: for its files.
        context: what its processes are prepared with, in a workspace.
    """

    name: str
    account: str
    region: str
    folder: Path
    log: JobLog
    context: Callable[[Path], ProcessContext]


@dataclass(frozen=True)
class _Attempt:
    """The owner of the processes of one attempt: their ids are never used again."""

    account: str
    region: str
    arn: str
    role_arn: str = ""


class VariantServer:
    """Serves one variant of a deployment.

    Args:
        stopping: set when nothing is to be started any more.
        grace: seconds between SIGTERM and SIGKILL.
    """

    def __init__(self, place: Place, variant: Variant, stopping: threading.Event, grace: float) -> None:
        self.variant = variant
        self._place = place
        self._stopping = stopping
        self._grace = grace
        self._ready = threading.Event()
        self._chain = Chain(())
        self._under_way = 0
        self._changed = threading.Condition()
        self._pause = 0.0
        self._shipping = threading.Lock()
        self._minding = threading.Lock()
        self._again: threading.Thread | None = None

    def start(self) -> None:
        """Start the containers and wait until they answer their ping.

        Raises:
            CannotServeError: they do not.
            Abandoned: nothing is to be started any more.
        """
        attempt = secrets.token_hex(4)
        workspace = self._place.folder / attempt
        chain = self._started(attempt, workspace)
        try:
            chain.wait_ready(self.variant.startup, self._check)
        except Abandoned:
            self._undo(chain, workspace)
            raise
        except (ContainerDownError, ProcessError) as error:
            self._undo(chain, workspace)
            self._place.log.write(str(error))
            raise CannotServeError(
                f"The primary container for production variant {self.variant.name} did not pass the ping health "
                f"check. Please check CloudWatch logs for this endpoint. ({error})"
            ) from error
        self._chain = chain
        self._ready.set()

    def invoke(self, ask: Ask) -> Answer | None:
        """Pass a request through the containers.

        Returns:
            Their answer, of status 0 when there is none; None when the variant is ending: another is to be asked.
        """
        deadline = time.monotonic() + _ANSWER_SECONDS
        with self._changed:
            self._under_way += 1
        try:
            ready = self._ready.wait(_ANSWER_SECONDS)
            if self._stopping.is_set():
                return None
            if not ready:
                return Answer(0, b"The containers of the variant are not running; their log tells why.")
            left = max(1.0, deadline - time.monotonic())
            given = self._chain.invoke(
                ask.body, ask.content_type, ask.accept, timeout=left, headers=ask.headers
            )
            self._pause = 0.0
            return Answer(given.status, given.body, given.content_type, given.attributes)
        except ContainerDownError as error:
            self._mind()
            return Answer(0, str(error).encode())
        finally:
            with self._changed:
                self._under_way -= 1
                self._changed.notify_all()

    def look(self) -> None:
        """Ship the log, and start anew what has ended."""
        self._ship()
        self._mind()

    def start_again(self) -> None:
        """Try in the background until the containers serve; pauses between tries grow."""
        self._again = threading.Thread(
            target=self._keep_trying, name=f"serve-{self._place.name}", daemon=True
        )
        self._again.start()

    def drain(self, seconds: float) -> None:
        """Wait for the requests under way, then end the containers; ``stopping`` is set."""
        with self._changed:
            self._changed.wait_for(lambda: self._under_way == 0, seconds)
        self._end(self._grace)

    def kill(self) -> None:
        """End the containers at once; ``stopping`` is set."""
        self._end(0.0)

    def _end(self, grace: float) -> None:
        if self._again is not None:
            self._again.join(5)
        with contextlib.suppress(ProcessError):
            self._chain.close(grace)
        self._ready.set()  # who waits hears that it is over
        self._ship(everything=True)
        shutil.rmtree(self._place.folder, ignore_errors=True)

    def _mind(self) -> None:
        """Start anew what has ended: requests from now on wait for that."""
        with self._minding:
            if not self._ready.is_set() or self._stopping.is_set():
                return
            try:
                ended = self._chain.ended()
            except ProcessError as error:
                ended = str(error)
            if ended:
                self._ready.clear()
                self._place.log.write(f"{ended}; it is started anew")
                self.start_again()

    def _ship(self, *, everything: bool = False) -> None:
        with self._shipping:
            self._place.log.ship(everything=everything)

    def _keep_trying(self) -> None:
        with contextlib.suppress(ProcessError):
            self._chain.close(0)
        while not self._stopping.wait(self._pause):
            self._pause = min(_LONGEST_PAUSE, max(_FIRST_PAUSE, 2 * self._pause))
            try:
                self.start()
            except CannotServeError as error:
                _log.warning("%s: %s", self._place.name, error)
            except Abandoned:
                return
            else:
                return

    def _started(self, attempt: str, workspace: Path) -> Chain:
        """Containers that run and do not yet answer."""
        place = self._place
        workspace.mkdir(parents=True, exist_ok=True)
        place.log.path.parent.mkdir(parents=True, exist_ok=True)
        role = next((container.role_arn for container in self.variant.containers), "")
        owner = _Attempt(place.account, place.region, f"{place.name}/{attempt}", role)
        containers: list[ServingContainer] = []
        chain = Chain(containers)
        try:
            context = place.context(workspace)
            specs = [
                prepare(owner, context, container, f"algo-{number}", {})
                for number, container in enumerate(self.variant.containers, 1)
            ]
            for spec in specs:
                self._check()
                containers.append(ServingContainer(context.processes, spec))
        except Abandoned:
            self._undo(chain, workspace)
            raise
        except (JobError, UnknownImageError, RuntimeFileError, OverlayError, ProcessError) as error:
            reason = str(error)
        except DomainError as error:
            reason = error.message
        else:
            return chain
        self._undo(chain, workspace)
        place.log.write(reason)
        raise CannotServeError(reason.removeprefix("ClientError: "))

    def _undo(self, chain: Chain, workspace: Path) -> None:
        with contextlib.suppress(ProcessError):
            chain.close(0)
        shutil.rmtree(workspace, ignore_errors=True)

    def _check(self) -> None:
        if self._stopping.is_set():
            raise Abandoned
