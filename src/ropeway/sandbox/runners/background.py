"""Work that nobody waits for: a bounded number of threads, and a log for what goes wrong in them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

__all__ = ["Background"]

_log = logging.getLogger(__name__)


class Background:
    """Runs functions in threads of its own, in the order in which they come.

    Args:
        threads: how many at once.
        name: what the threads are called.
    """

    def __init__(self, threads: int, name: str) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)

    def __call__(self, work: Callable[[], None]) -> None:
        """Run a function soon; after ``close`` nothing more is begun."""

        def run() -> None:
            try:
                work()
            except Exception:  # noqa: BLE001 - a thread's border: the next work must run
                _log.exception("work in the background failed")

        try:
            self._pool.submit(run)
        except RuntimeError:
            _log.debug("not begun: the server is closing")

    def close(self) -> None:
        """Begin nothing more."""
        self._pool.shutdown(wait=False, cancel_futures=True)
