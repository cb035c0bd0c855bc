"""Work on many roots at once, each when what it needs is done.

One failure does not stop what does not need it; what needs it is skipped. An interrupt lets what runs come to its end
and starts nothing more.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Generic, TypeVar

from ropeway.errors import RopewayError
from ropeway.infra.roots import Root

__all__ = ["Outcome", "work"]

T = TypeVar("T")
_LOOK = 0.2


@dataclass(frozen=True)
class Outcome(Generic[T]):
    """How the work on one root ended.

    Attributes:
        root: which.
        value: what it gave.
        error: why it failed.
        skipped: why it was not begun: the name of a root that failed, or ``interrupted``.
    """

    root: Root
    value: T | None = None
    error: RopewayError | None = None
    skipped: str = ""

    @property
    def well(self) -> bool:
        """Whether it was done."""
        return not self.error and not self.skipped


def work(
    roots: Sequence[Root],
    task: Callable[[Root], T],
    *,
    stop: threading.Event,
    at_once: int = 4,
    look: Callable[[], None] = lambda: None,
) -> list[Outcome[T]]:
    """Do a task for every root, in threads, in their order.

    Args:
        roots: what each needs is before it in the list, or not in it at all.
        task: raises RopewayError to fail.
        stop: when set, nothing more is begun.
        at_once: how many at the same time.
        look: called again and again while work goes on, in the caller's thread.

    Returns:
        One outcome for each root, in their order.
    """
    ended: dict[str, Outcome[T]] = {}
    running: dict[Future[T], Root] = {}
    waiting = list(roots)
    with ThreadPoolExecutor(max_workers=max(1, min(at_once, len(roots)))) as pool:
        while waiting or running:
            _begin(waiting, running, ended, lambda root: pool.submit(task, root), stop)
            done, _ = wait(running, timeout=_LOOK, return_when=FIRST_COMPLETED)
            for future in done:
                root = running.pop(future)
                ended[root.name] = _ended(root, future)
            look()
    return [ended[root.name] for root in roots]


def _begin(
    waiting: list[Root],
    running: dict[Future[T], Root],
    ended: dict[str, Outcome[T]],
    submit: Callable[[Root], Future[T]],
    stop: threading.Event,
) -> None:
    """Begin what can begin, and skip what cannot."""
    names = {root.name for root in waiting} | {root.name for root in running.values()}
    for root in list(waiting):
        failed = next((name for name in root.needs if name in ended and not ended[name].well), None)
        if stop.is_set():
            waiting.remove(root)
            ended[root.name] = Outcome(root, skipped="interrupted")
        elif failed:
            waiting.remove(root)
            names.discard(root.name)
            ended[root.name] = Outcome(root, skipped=failed)
        elif not any(name in names for name in root.needs):
            waiting.remove(root)
            running[submit(root)] = root


def _ended(root: Root, future: Future[T]) -> Outcome[T]:
    try:
        return Outcome(root, future.result())
    except RopewayError as error:
        return Outcome(root, error=error)
