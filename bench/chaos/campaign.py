"""Load, kills and checks put together."""

from __future__ import annotations

import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from bench.chaos import load as clients
from bench.chaos.facts import Facts
from bench.chaos.load import Load
from bench.chaos.machine import Machine, free_port
from bench.chaos.scene import Scene
from bench.chaos.verify import Verify

__all__ = ["Campaign", "Result", "campaign"]

_KINDS = ("server", "spawner", "both", "starting")


@dataclass(frozen=True)
class Campaign:
    """What to do.

    Attributes:
        seed: decides moments and victims; threads make each run different all the same.
        longest: seconds between two kills at most.
        keep: leave the folder for a look.
    """

    kills: int
    seed: int
    longest: float = 4.0
    keep: bool = False


@dataclass
class Result:
    """What came of it."""

    kills: Counter[str] = field(default_factory=Counter)
    calls: int = 0
    unknown: int = 0
    seconds: float = 0.0
    starts: list[float] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def row(self) -> dict[str, object]:
        """The result in one row."""
        return {
            "kills": ", ".join(f"{self.kills[kind]} {kind}" for kind in _KINDS if self.kills[kind]),
            "calls answered": self.calls,
            "cut off": self.unknown,
            **{name: self.counts[name] for name in ("executions", "steps", "objects", "logs")},
            "jobs": sum(self.counts[f"{kind} jobs"] for kind in ("Processing", "Training", "Transform")),
            "start, s": sorted(self.starts)[len(self.starts) // 2],
            "s": self.seconds,
            "wrong": len(self.wrong),
        }


def campaign(plan: Campaign) -> Result:
    """Run it."""
    began = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="chaos-")) / "project"
    folder.mkdir()
    source = random.Random(plan.seed)
    machine = Machine(folder, free_port(source))
    scene, facts, result = Scene(folder, machine.endpoint), Facts(), Result()
    scene.prepare()
    machine.start()
    try:
        scene.build()
        load = Load(scene, facts, plan.seed)
        load.up.set()
        threads = clients.run(load)
        for number in range(plan.kills):
            time.sleep(source.uniform(0.05, plan.longest))
            result.kills[_strike(machine, load, source)] += 1
            if sys.stderr.isatty() or number % 20 == 19:
                sys.stderr.write(f"{number + 1} kills, {facts.calls} answers, {len(facts.wrong)} wrong\n")
        load.over.set()
        for thread in threads:
            thread.join(30)
        verify = Verify(scene, facts)
        verify.everything(120)
        result.counts, result.unknown = verify.counts, load.unknown
    finally:
        machine.stop()
    facts.wrong += [f"left over: {line}" for line in machine.settled()]
    facts.wrong += [f"left over: {path}" for path in machine.state.glob("jobs/*/*/*/*/work")]
    result.calls, result.wrong, result.starts = facts.calls, facts.wrong, machine.starts
    result.seconds = time.monotonic() - began
    if plan.keep or facts.wrong:
        sys.stderr.write(f"kept {folder.parent}\n")
    else:
        _remove(folder.parent)
    return result


def _strike(machine: Machine, load: Load, source: random.Random) -> str:
    """One kill, and a new server where there is none any more."""
    kind = source.choices(_KINDS, (70, 10, 10, 10))[0]
    if kind == "spawner":
        machine.kill_spawner()
        return kind
    load.up.clear()
    if kind == "both" and source.random() < 0.5:
        machine.kill_spawner()
    machine.kill_server()
    if kind == "both":
        machine.kill_spawner()
    if kind == "starting":
        machine.start_and_kill(source.uniform(0.1, 1.5))
    time.sleep(source.choice([0, 0, 0.5]))  # some jobs end while nobody serves
    machine.start()
    load.up.set()
    return kind


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
