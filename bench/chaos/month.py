"""Kills the sandbox while a month of a model in production goes by, and holds the platform to what it must do.

``python -m bench.chaos.month --kills 200 --seed 1`` makes the demonstration's platform by Terraform (four accounts),
trains a first version, and then lives through days as ``ropeway demo`` does, by the sandbox's clock: clean batches, bad
ones of every kind, drift. Meanwhile the server is killed by SIGKILL at random moments, now and then while it starts.
Days go on until the kills are over, thirty at least. At the end:

- the schedule has started one execution a day, and each has ended as its data deserve: no event was lost; one whose
  function's call was cut off by a kill has failed, as pipelines promise, and is counted;
- each failed execution was mailed, and each failed check was decided on and mailed;
- drift alone retrained, and never twice for one execution: no double retraining;
- predictions are of good days only, whole, and by the version that was approved last: none by an unapproved one.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from bench.__main__ import machine as machine_line
from bench.__main__ import table
from bench.chaos.days import Days, Lived, judged
from bench.chaos.machine import Machine, free_port

__all__ = ["main"]

_T = TypeVar("_T")
_DAYS = 30
_KINDS = {
    "clean": 40,
    "both": 5,
    "drifted": 20,
    "missing": 10,
    "renamed": 5,
    "type": 5,
    "empty": 5,
    "script": 10,
}
_PATIENCE = 1800.0  # a day may be begun again and again


@dataclass(eq=False)
class Killer(threading.Thread):
    """Kills the server and starts it again, until it has done so often enough."""

    machine: Machine
    kills: int
    source: random.Random
    longest: float
    done: Counter[str] = field(default_factory=Counter)
    failure: BaseException | None = None

    def __post_init__(self) -> None:
        super().__init__(name="killer", daemon=True)

    def run(self) -> None:
        """Kill."""
        try:
            for _ in range(self.kills):
                time.sleep(self.source.uniform(0.05, self.longest))
                self.machine.kill_server()
                kind = "server"
                if self.source.random() < 0.1:
                    self.machine.start_and_kill(self.source.uniform(0.1, 1.5))
                    kind = "starting"
                self.machine.start()
                self.done[kind] += 1
        except BaseException as error:  # noqa: BLE001 - told by the main thread
            self.failure = error

    @property
    def over(self) -> bool:
        """Whether no kill will follow."""
        return not self.is_alive()


def again(do: Callable[[], _T], killer: Killer | None = None) -> _T:
    """Do something that may be done twice, until a server lives long enough to answer."""
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            return do()
        except Exception:  # whatever a client sees of a killed server
            if killer is not None and killer.failure:
                raise killer.failure from None
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


def campaign(kills: int, seed: int, longest: float) -> tuple[dict[str, Any], list[str]]:
    """Run it: a row of counts, and what was wrong."""
    began = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="month-")) / "project"
    folder.mkdir()
    source = random.Random(seed)
    server = Machine(folder, free_port(source))
    server.start()
    lived: list[Lived] = []
    try:
        days = Days.prepared(server.endpoint, folder)
        killer = Killer(server, kills, random.Random(seed + 1), longest)
        killer.start()
        number = 0
        while number < _DAYS or not killer.over:
            number += 1
            kind = source.choices(list(_KINDS), list(_KINDS.values()))[0]
            lived.append(_live(days, number, kind, killer))
            sys.stderr.write(f"day {number}: {kind}, {sum(killer.done.values())} kills\n")
        killer.join()
        if killer.failure:
            raise killer.failure
        wrong, retrained = judged(days, lived), days.retrainings()
    finally:
        server.stop()
    row = {
        "kills": sum(killer.done.values()),
        "while starting": killer.done["starting"],
        "days": len(lived),
        **Counter(day.kind for day in lived),
        "cut off": days.cut_off,
        "retrainings": retrained,
        "mails": len(days.mails),
        "s": time.monotonic() - began,
        "wrong": len(wrong),
    }
    if wrong:
        sys.stderr.write(f"kept {folder.parent}\n")
    else:
        shutil.rmtree(folder.parent, ignore_errors=True)
    return row, wrong


def _live(days: Days, number: int, kind: str, killer: Killer) -> Lived:
    """A day: what people do is done again until it is acknowledged, then time passes."""
    approved = again(days.approve, killer)
    again(lambda: days.deliver(number, kind), killer)
    began = again(days.now, killer)
    target = days.noon(number)
    while again(days.now, killer) < target:
        again(lambda: days.advance(max(1.0, target - days.now())), killer)
    again(lambda: days.advance(1.0), killer)  # returns once everything that was started has ended
    return Lived(number, kind, approved, began, again(days.now, killer))


def main() -> int:
    """Run one campaign and tell."""
    parser = argparse.ArgumentParser(prog="python -m bench.chaos.month")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--longest", type=float, default=6.0, help="seconds between two kills at most")
    options = parser.parse_args()
    print(machine_line(), flush=True)
    row, wrong = campaign(options.kills, options.seed, options.longest)
    print(f"\n{table([row])}\n")
    print("\n".join(f"wrong: {line}" for line in wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
