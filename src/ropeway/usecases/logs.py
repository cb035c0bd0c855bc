"""Logs of jobs and of the steps that run them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timezone

from ropeway.errors import RopewayError
from ropeway.usecases.executions import StepView
from ropeway.usecases.ports import Jobs

__all__ = ["KINDS", "LogLine", "job_lines", "kind_of", "step_lines"]

# What a step's metadata calls a job → its kind.
KINDS = {
    "ProcessingJob": "processing",
    "TrainingJob": "training",
    "TransformJob": "transform",
    "TuningJob": "tuning",
}
_ENDED = {"Completed", "Failed", "Stopped"}
_PAUSE = 0.3


@dataclass(frozen=True)
class LogLine:
    """One line of a job's log; the stream is ``<job>/<host>``."""

    time: datetime
    stream: str
    message: str


def job_lines(
    jobs: Jobs,
    job: str,
    *,
    last: int | None = None,
    follow: bool = False,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[LogLine]:
    """A job's log, whatever kind of job it is; a tuning job's is that of its training jobs.

    Args:
        jobs: client.
        job: its name.
        last: how many of the present lines to begin with; all without it.
        follow: whether to go on until the job has ended.
        sleep: waits between two looks.

    Raises:
        RopewayError: there is no job of that name.
    """
    return _lines(jobs, kind_of(jobs, job), job, last, follow, sleep)


def kind_of(jobs: Jobs, job: str) -> str:
    """Which kind of job has this name.

    Raises:
        RopewayError: none has.
    """
    for kind in KINDS.values():
        if jobs.status(kind, job) is not None:
            return kind
    raise RopewayError(f"there is no job {job}", hint="ropeway job list tells which there are")


def step_lines(jobs: Jobs, step: StepView, *, last: int | None = None) -> list[LogLine]:
    """The log of a step's job; nothing for a step that runs none."""
    if step.job is None or step.type not in KINDS:
        return []
    return list(_lines(jobs, KINDS[step.type], step.job, last, False, time.sleep))


def _lines(
    jobs: Jobs, kind: str, job: str, last: int | None, follow: bool, sleep: Callable[[float], None]
) -> Iterator[LogLine]:
    tokens: dict[str, str | None] = {}
    first = True
    while True:
        ended = jobs.status(kind, job) in _ENDED  # asked first: what follows is then all there will be
        found = sorted(_new(jobs, kind, job, tokens), key=lambda line: line.time)
        yield from found[-last:] if first and last is not None else found
        first = False
        if ended or not follow:
            return
        sleep(_PAUSE)


def _new(jobs: Jobs, kind: str, job: str, tokens: dict[str, str | None]) -> Iterator[LogLine]:
    if kind == "tuning":
        names = [str(training["TrainingJobName"]) for training in jobs.trainings(job)]
        for name in names:
            yield from _new(jobs, "training", name, tokens)
        return
    for stream in jobs.streams(kind, job):
        while True:
            events, token = jobs.events(kind, stream, tokens.get(stream))
            for event in events:
                at = datetime.fromtimestamp(event["timestamp"] / 1000, tz=timezone.utc)
                yield LogLine(at, stream, str(event["message"]).rstrip("\n"))
            if not events or token is None or token == tokens.get(stream):
                break
            tokens[stream] = token
