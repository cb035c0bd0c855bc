"""Runs a transform job: the model's containers served on loopback, objects cut into requests, answers put together.

One output object ``<S3OutputPath>/<relative key>.out`` per input object. Requests run in parallel as far as
MaxConcurrentTransforms allows, also across objects; answers are written in the order of their records, and no more
than twice the requests under way are held. A container that answers 400 or more, dies or does not answer fails the
job: its log says which object, status and text. Outputs of objects that were finished before stay.

Not here, and refused with a reason: RecordIO and TFRecord splitting, augmented manifests.
"""

from __future__ import annotations

import gzip
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as StillRunning
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.domain.jobs.model import Job, Outcome
from ropeway.sandbox.domain.transform.processing import Processing
from ropeway.sandbox.domain.transform.records import TransformError, payloads
from ropeway.sandbox.domain.transform.settings import Settings, container_environment, resolve
from ropeway.sandbox.runners.context import Abandoned, JobError, RunContext, acting
from ropeway.sandbox.runners.inputs import Item, Source, items, missing
from ropeway.sandbox.runners.modelcontainer import prepare
from ropeway.sandbox.runners.outputs import store
from ropeway.sandbox.runners.process import ProcessSpec
from ropeway.sandbox.runners.serving import Answer, Chain, ContainerDownError, ServingContainer
from ropeway.values.s3uri import S3Uri

__all__ = ["run"]

_READY_SECONDS = 480.0
_TICK = 0.1
_SHIP_SECONDS = 2.0
_SHOWN = 1000
_SEE_LOGS = "See job logs for more information"


class _Stopped(Exception):  # noqa: N818 - not an error: somebody asked for it
    """The job is to stop."""


@dataclass(frozen=True)
class _Sent:
    """A request under way, or (without one) the end of an object."""

    item: Item
    body: bytes = b""
    future: Future[Answer] | None = None


def run(job: Job, context: RunContext) -> Outcome:
    """Run the job.

    Raises:
        JobError: it fails.
        Abandoned: the server stops; its successor begins anew.
    """
    context.reports.progressed(job.arn, "Downloading", "Downloading input data")
    try:
        resolve(job.request, {})  # what is wrong with the request is told before anything is started
        inputs = _inputs(job, context)
        added = container_environment(job.request)
        names = ["algo-1", *(f"algo-{n}" for n in range(2, len(job.containers) + 1))]
        specs = [
            prepare(job, context, container, name, added)
            for container, name in zip(job.containers, names, strict=True)
        ]
        _serve(job, context, inputs, specs)
    except TransformError as error:
        raise JobError(f"ClientError: {error}") from error
    except _Stopped:
        return Outcome("Stopped")
    return Outcome("Completed")


def _serve(job: Job, context: RunContext, inputs: list[Item], specs: list[ProcessSpec]) -> None:
    watch = _Watch(context)
    started: list[ServingContainer] = []
    chain = Chain(started)
    try:
        for spec in specs:
            started.append(ServingContainer(context.processes, spec))  # noqa: PERF401 - those before a failure stay known
        chain.wait_ready(_READY_SECONDS, watch.check)
        settings = resolve(job.request, chain.parameters())
        _Transform(job, context, chain, settings).run(inputs, watch)
    except ContainerDownError as error:
        raise JobError(f"AlgorithmError: {error}. {_SEE_LOGS}") from error
    except Abandoned:
        chain.kill()
        raise
    finally:
        chain.close(context.grace)


def _inputs(job: Job, context: RunContext) -> list[Item]:
    given = job.request["TransformInput"]["DataSource"]["S3DataSource"]
    source = Source(given["S3Uri"], given.get("S3DataType", "S3Prefix"))
    try:
        found = list(items(job, context, source))
    except DomainError as error:
        raise JobError(missing(job, source.uri, error.message)) from error
    if not found:
        raise JobError(missing(job, source.uri))
    return found


class _Watch:
    """Sees to the job's log while it waits, and hears when it is to end."""

    def __init__(self, context: RunContext) -> None:
        self._context = context
        self._shipped = time.monotonic()

    def check(self) -> None:
        """Ship the log now and then.

        Raises:
            Abandoned: the server stops.
            _Stopped: the job is to stop.
        """
        if self._context.abandon.is_set():
            raise Abandoned
        if self._context.stop.is_set():
            raise _Stopped
        if time.monotonic() - self._shipped >= _SHIP_SECONDS:
            self._context.log.ship()
            self._shipped = time.monotonic()

    def wait(self, future: Future[Answer]) -> Answer:
        """A request's answer."""
        while True:
            self.check()
            with suppress(StillRunning):
                return future.result(_TICK)


class _Transform:
    """The requests of one job and what becomes of their answers."""

    def __init__(self, job: Job, context: RunContext, chain: Chain, settings: Settings) -> None:
        self._job = job
        self._context = context
        self._chain = chain
        self._settings = settings
        split = settings.split == "Line"
        self._processing = Processing(
            job.request.get("DataProcessing", {}), settings.content_type, split=split
        )
        self._gzip = job.request["TransformInput"].get("CompressionType") == "Gzip"
        self._output = S3Uri.parse(job.request["TransformOutput"]["S3OutputPath"])
        self._part = context.workspace / "part.out"
        self._file: IO[bytes] | None = None

    def run(self, inputs: list[Item], watch: _Watch) -> None:
        """Transform objects, in order."""
        pool = ThreadPoolExecutor(self._settings.concurrent, thread_name_prefix=f"transform-{self._job.name}")
        under_way: deque[_Sent] = deque()
        try:
            for item in inputs:
                for body in self._bodies(item):
                    under_way.append(_Sent(item, body, pool.submit(self._ask, body)))
                    while len(under_way) > 2 * self._settings.concurrent:
                        self._take(under_way.popleft(), watch)
                under_way.append(_Sent(item))
            while under_way:
                self._take(under_way.popleft(), watch)
        except _Stopped:
            self._chain.close(self._context.grace)
            raise
        except BaseException:
            # What still asks would wait for its answer: without containers it ends at once.
            self._chain.kill()
            raise
        finally:
            pool.shutdown(cancel_futures=True)
            if self._file is not None:
                self._file.close()

    def _bodies(self, item: Item) -> Iterator[bytes]:
        path = self._context.workspace / "input"
        path.unlink(missing_ok=True)
        try:
            self._context.objects.materialize(acting(self._job), item.bucket, item.key, path, link=True)
        except DomainError as error:
            uri = f"s3://{item.bucket}/{item.key}"
            raise JobError(missing(self._job, uri, error.message)) from error
        settings = self._settings
        try:
            with _open(path, packed=self._gzip) as file:
                yield from payloads(
                    file.read,
                    split=settings.split == "Line",
                    single=settings.strategy == "SingleRecord",
                    limit=settings.payload,
                )
        except (gzip.BadGzipFile, EOFError) as error:
            raise TransformError(f"{item.bucket}/{item.key} is not gzip-compressed: {error}") from error
        except TransformError as error:
            raise TransformError(f"{item.bucket}/{item.key}: {error}") from error

    def _ask(self, body: bytes) -> Answer:
        settings = self._settings
        return self._chain.invoke(
            self._processing.request(body),
            settings.content_type,
            settings.accept,
            timeout=settings.timeout,
            retries=settings.retries,
        )

    def _take(self, sent: _Sent, watch: _Watch) -> None:
        """Write an answer, or finish an object."""
        if self._file is None:
            self._file = self._part.open("wb")
        if sent.future is None:
            self._file.close()
            self._file = None
            key = self._output.child(f"{sent.item.relative.lstrip('/')}.out").key
            store(self._job, self._context, self._output.bucket, key, self._part)
            return
        answer = watch.wait(sent.future)
        if answer.status >= 400:
            self._complain(sent.item, answer)
        content = self._processing.apply(sent.body, answer.body)
        if self._settings.assemble == "Line":
            content = content.rstrip(b"\r\n") + b"\n"
        self._file.write(content)

    def _complain(self, item: Item, answer: Answer) -> None:
        where = f"[sagemaker logs]: {item.bucket}/{item.key}"
        text = answer.body[:_SHOWN].decode("utf-8", "replace")
        self._context.log.write(f"{where}: Bad HTTP status received from algorithm: {answer.status}")
        self._context.log.write(
            "\n".join(f"{where}: {line}" for line in ["", "Message:", *text.splitlines()])
        )
        raise JobError(f"ClientError: {_SEE_LOGS}")


def _open(path: Path, *, packed: bool) -> IO[bytes]:
    if packed:
        return gzip.open(path, "rb")  # type: ignore[return-value] # a GzipFile reads like any file
    return path.open("rb")
