"""What tuning needs of the machine: the metrics that a training job has printed so far, and a clock that ticks."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from ropeway.sandbox.domain.jobs.model import Job
from ropeway.sandbox.runners.metrics import metric_values

__all__ = ["LoggedMetrics", "Watch"]

_log = logging.getLogger(__name__)


class LoggedMetrics:
    """Reads metrics from job logs; implements ``domain.tuning.ports.Metrics``.

    Args:
        state: the sandbox's state folder.
    """

    def __init__(self, state: Path) -> None:
        self._state = state.resolve()

    def values(self, job: Job, metric: str) -> Sequence[float]:
        """All values of a metric in the job's log, in order."""
        folder = self._state / "jobs" / job.account / job.region / job.kind.value / job.name
        algorithm = job.request["AlgorithmSpecification"]
        definitions = {entry["Name"]: entry["Regex"] for entry in algorithm.get("MetricDefinitions", ())}
        return metric_values(folder / "output.log", metric, definitions.get(metric))


class Watch:
    """A thread that looks at something every so often while there is something to look at.

    Args:
        seconds: between two looks.
    """

    def __init__(self, seconds: float = 0.5) -> None:
        self._seconds = seconds
        self._wanted = threading.Event()
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, look: Callable[[], bool]) -> None:
        """Begin; ``look`` says whether there is more to look at."""
        self._thread = threading.Thread(target=self._run, args=(look,), name="tuning-watch", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """There is something to look at now."""
        self._wanted.set()

    def close(self) -> None:
        """Look no more."""
        self._closed.set()
        self._wanted.set()
        if self._thread is not None:
            self._thread.join(5)

    def _run(self, look: Callable[[], bool]) -> None:
        while self._wanted.wait() and not self._closed.is_set():
            self._wanted.clear()
            try:
                more = look()
            except Exception:  # noqa: BLE001 - border of a thread: the next look may go well
                _log.exception("tuning jobs could not be looked after")
                more = True
            if more:
                self._wanted.set()
            self._closed.wait(self._seconds)
