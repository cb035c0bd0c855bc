"""Held answers: a describe of something that runs is answered when it has ended, for those who wait for the end.

SDKs wait by describing, sleeping 10 to 120 seconds, and describing again; what takes five seconds on this machine
would be noticed a minute later. Nothing can shorten their sleep, so the describe *before* it is held: until the thing
has a final status, or for so long:

* a botocore waiter (``execution.wait``, ``get_waiter``, ``aws … wait``): ``longest``. It does nothing but wait, and
  says so in its User-Agent (feature ``B``). An intermediate status is no news to it, so only the end wakes it.
* the SageMaker SDK's first describe of a job made just now (``fit``, ``run``, ``transform`` with logs, ten seconds
  after they made it; the next one would be thirty seconds later): ten seconds, its pause between two looks at logs.
* somebody who comes back after ten seconds or more: ten seconds.

Everybody else is answered at once: a first look, a fast poller, the AWS CLI by hand. At most ``_HOLDERS`` calls are
held at a time, as each occupies a thread of the server; one more is answered at once. ``longest`` stays below the
sixty seconds after which botocore gives up reading.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ropeway.sandbox.domain.endings import Endings
from ropeway.sandbox.operations.call import Call
from ropeway.sandbox.operations.registry import Handler
from ropeway.values.clock import Clock

__all__ = ["LONGEST", "Asked", "Holds", "patience"]

LONGEST = 50.0
_HOLDERS = 32
_REMEMBERED = 4096
_SHORT = 10.0
_JUST_MADE = 15.0  # the SDK sleeps ten seconds before its first look
_FORGOTTEN = 300.0
_UNFINISHED = frozenset({"Creating", "Deleting", "Executing", "InProgress", "Stopping", "Updating"})
_EXECUTION = "DescribePipelineExecution"
# Operation → the members of its answer that hold ARN and status.
_HELD = {
    _EXECUTION: ("PipelineExecutionArn", "PipelineExecutionStatus"),
    "DescribeEndpoint": ("EndpointArn", "EndpointStatus"),
    "DescribeHyperParameterTuningJob": ("HyperParameterTuningJobArn", "HyperParameterTuningJobStatus"),
    "DescribeProcessingJob": ("ProcessingJobArn", "ProcessingJobStatus"),
    "DescribeTrainingJob": ("TrainingJobArn", "TrainingJobStatus"),
    "DescribeTransformJob": ("TransformJobArn", "TransformJobStatus"),
}


@dataclass(frozen=True)
class Asked:
    """A describe of something unfinished.

    Attributes:
        operation: its name.
        agent: the User-Agent.
        age: seconds since the thing was made.
        since: seconds since this caller was last told of the thing, or None the first time.
    """

    operation: str
    agent: str
    age: float
    since: float | None


def patience(asked: Asked) -> float:
    """For how many seconds a describe may be held; 0 for not at all."""
    if _waits(asked.agent):
        return LONGEST
    if asked.agent.startswith("aws-cli/"):
        return 0.0
    if asked.since is not None:
        return _SHORT if _SHORT <= asked.since <= _FORGOTTEN else 0.0
    follows = "sagemaker" in asked.agent.lower() and asked.operation != _EXECUTION
    return _SHORT if follows and asked.age <= _JUST_MADE else 0.0


def _waits(agent: str) -> bool:
    """Whether a waiter of botocore's asks: ``m/…`` lists the features in use, ``B`` is the waiter."""
    for part in agent.split():
        if part.startswith("m/"):
            return "B" in part[2:].split(",")
    return False


class Holds:
    """Answers describes, now or later.

    Args:
        longest: seconds that no hold exceeds; 0 answers everything at once.
    """

    def __init__(self, endings: Endings, clock: Clock, *, longest: float = LONGEST) -> None:
        self._endings = endings
        self._clock = clock
        self._longest = longest
        self._lock = threading.Lock()
        self._told: OrderedDict[tuple[str, str, str], float] = OrderedDict()
        self._held = 0
        self._closed = False

    @property
    def held(self) -> int:
        """How many calls are held now."""
        return self._held

    def answer(self, call: Call, handler: Handler) -> dict[str, Any] | None:
        """Run an operation, and once more at the end of what it describes."""
        result = handler(call)
        members = _HELD.get(call.operation) if call.service == "sagemaker" else None
        if members is None or result is None or result[members[1]] not in _UNFINISHED or not self._longest:
            return result
        arn, agent = result[members[0]], call.request.headers.get("user-agent", "")
        key = (call.caller.access_key, agent, arn)
        now = self._clock.now()
        asked = Asked(call.operation, agent, now - result["CreationTime"].timestamp(), self._since(key, now))
        seconds = min(patience(asked), self._longest)
        if seconds > 0 and self._enter():
            try:
                result = self._hold(arn, seconds, lambda: handler(call), members[1])
            finally:
                self._leave()
        self._remember(key)
        return result

    def close(self) -> None:
        """Answer everybody who is held, and hold nobody any more."""
        self._closed = True
        self._endings.tell_all()

    def _hold(
        self, arn: str, seconds: float, describe: Callable[[], dict[str, Any] | None], status: str
    ) -> dict[str, Any] | None:
        woken = threading.Event()
        until = time.monotonic() + seconds
        with self._endings.heard_by(arn, woken.set):
            while True:
                result = describe()
                left = until - time.monotonic()
                if result is None or result[status] not in _UNFINISHED or left <= 0 or self._closed:
                    return result
                woken.wait(left)
                woken.clear()

    def _enter(self) -> bool:
        with self._lock:
            if self._held >= _HOLDERS or self._closed:
                return False
            self._held += 1
            return True

    def _leave(self) -> None:
        with self._lock:
            self._held -= 1

    def _since(self, key: tuple[str, str, str], now: float) -> float | None:
        with self._lock:
            told = self._told.get(key)
        return None if told is None else now - told

    def _remember(self, key: tuple[str, str, str]) -> None:
        with self._lock:
            self._told[key] = self._clock.now()
            self._told.move_to_end(key)
            while len(self._told) > _REMEMBERED:
                self._told.popitem(last=False)
