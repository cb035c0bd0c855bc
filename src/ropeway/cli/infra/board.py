"""Progress of many roots: a table that redraws itself on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ropeway.cli.output import Output

if TYPE_CHECKING:
    from ropeway.infra.stream import Reading

__all__ = ["Board"]

_WIDE = 60
_SILENCE = 15.0


@dataclass
class _Row:
    phase: str = "waits"
    detail: str = ""
    counted: str = ""
    since: float = 0.0


class Board:
    """What each root is doing.

    Args:
        output: where it goes; to stderr.
        clock: seconds.
        brief: where there is no terminal, tell now and then how far each is, and not every resource.
    """

    def __init__(
        self, output: Output, clock: Callable[[], float] = time.monotonic, *, brief: bool = False
    ) -> None:
        self._output = output
        self._brief = brief
        self._clock = clock
        self._rows: dict[str, _Row] = {}
        self._totals: dict[str, int] = {}
        self._lock = threading.Lock()
        self._live: Any = None
        self._told = clock()

    def __enter__(self) -> Board:
        if self._output.live:
            from rich.console import Console
            from rich.live import Live

            self._live = Live(console=Console(file=sys.stderr), auto_refresh=False, transient=True)
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live:
            self._live.stop()
            self._live = None

    def expect(self, totals: Mapping[str, int]) -> None:
        """Tell how many operations each root has before it."""
        self._totals.update(totals)

    def watcher(self, root: str) -> Callable[[str, Reading, str | None], None]:
        """What a root's Terraform tells to."""
        row = self._rows.setdefault(root, _Row())

        def watch(phase: str, reading: Reading, line: str | None) -> None:
            with self._lock:
                if row.phase != phase:
                    row.phase, row.since = phase, self._clock()
                    if not self._live and not self._brief:
                        self._output.progress(f"{root}: {phase}")
                row.counted = self._count(root, phase, reading)
                row.detail = _current(reading)
                if line and not self._live and not self._brief:
                    self._told = self._clock()
                    self._output.progress(f"{root}: {row.counted}  {line}")

        return watch

    def draw(self) -> None:
        """Draw, on a terminal; elsewhere tell now and then that it is alive."""
        if self._live:
            self._live.update(self._table(), refresh=True)
        elif self._clock() - self._told >= _SILENCE:
            self._beat()

    def _beat(self) -> None:
        """After a while without a line, tell what goes on."""
        with self._lock:
            self._told = self._clock()
            for name, row in self._rows.items():
                if row.detail:
                    self._output.progress(f"{name}: {row.counted}  {row.detail}")

    def _count(self, root: str, phase: str, reading: Reading) -> str:
        if phase == "apply":
            total = self._totals.get(root, 0) or reading.planned.total
            return f"{reading.done}/{total}"
        return f"{reading.refreshed} read" if reading.refreshed else ""

    def _table(self) -> Any:
        from rich.table import Table

        table = Table(box=None, pad_edge=False, show_header=False)
        now = self._clock()
        with self._lock:
            for name, row in self._rows.items():
                spent = f"{now - row.since:.0f} s" if row.since else ""
                table.add_row(name, row.phase, row.counted, spent, row.detail)
        return table


def _current(reading: Reading) -> str:
    """The operation that goes on longest, and how many more there are."""
    if not reading.running:
        return ""
    address, (action, elapsed) = max(reading.running.items(), key=lambda item: item[1][1])
    more = f" and {len(reading.running) - 1} more" if len(reading.running) > 1 else ""
    short = address if len(address) <= _WIDE else f"…{address[1 - _WIDE :]}"
    return f"{action} {short} {elapsed:.0f} s{more}"
