"""Logs of functions on their way to CloudWatch Logs."""

from __future__ import annotations

from collections.abc import Sequence

from ropeway.sandbox.domain.functions import ReadyFunction
from ropeway.sandbox.domain.logs import LogPlace
from ropeway.sandbox.domain.ports import Peers
from ropeway.sandbox.runners.logqueue import LogQueue
from ropeway.values.clock import Clock

__all__ = ["LogWriter"]


class LogWriter:
    """Writes log lines to ``/aws/lambda/<function>``."""

    def __init__(self, peers: Peers, clock: Clock) -> None:
        self._clock = clock
        self._queue = LogQueue(peers, "lambda-logs")

    def write(self, function: ReadyFunction, stream: str, lines: Sequence[str]) -> None:
        """Queue the lines of one invocation."""
        group = f"/aws/lambda/{function.config['FunctionName']}"
        moment = int(self._clock.now() * 1000)
        place = LogPlace(function.account, function.region, group, stream)
        self._queue.put(place, [(moment, line) for line in lines])

    def close(self) -> None:
        """Write what is queued, for some seconds at most."""
        self._queue.close()
