"""Destroy: the order of its stages, the second try, and what is told of what is left."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from ropeway.infra.failures import InfraError
from ropeway.infra.roots import select
from ropeway.infra.schedule import Outcome
from ropeway.infra.stream import Change, Reading, Summary
from ropeway.infra.working import Workplace
from ropeway.usecases.infra import Fleet, Planned, Post
from ropeway.usecases.infra_destroy import Destroyed, destroy
from tests.unit.config.examples import platform

GOING = Change("aws_x.a", "delete", "aws_x")


@dataclass
class FakeEngine:
    """Fails as often as it is told to."""

    log: list[str]
    failures: list[str] = field(default_factory=list)

    def init(self) -> None:
        pass

    def plan(self, mode: str, file: Path, *, lock: bool) -> Reading:
        self.log.append(f"plan {mode}")
        return Reading(changes=[GOING])

    def apply(self, file: Path) -> Reading:
        self.log.append(f"apply {file.name}")
        if self.failures:
            raise InfraError([(f"retail/dev: {self.failures.pop(0)}", None)])
        return Reading(summary=Summary(0, 0, 1))

    def show(self, file: Path) -> dict[str, Any]:
        return {}

    def unlock(self, lock: str) -> None:
        pass


@dataclass
class FakeSweep:
    log: list[str]
    remains: list[str] = field(default_factory=list)
    spared: frozenset[str] = frozenset()

    def stop(self) -> Iterator[str]:
        self.log.append("stop")
        yield "stopped it"

    def empty(self, spare: frozenset[str]) -> Iterator[str]:
        self.log.append("empty")
        self.spared = spare
        yield from ()

    def finish(self) -> Iterator[str]:
        self.log.append("finish")
        yield from ()

    def bootstrapped(self, stack: str) -> frozenset[str]:
        return frozenset({stack})

    def left(self, kept: frozenset[str]) -> list[str]:
        self.log.append("look")
        return self.remains


def run(
    folder: Path, engine: FakeEngine, sweep: FakeSweep, *, empty: bool = False
) -> tuple[Outcome[Destroyed], list[str]]:
    root = select(platform(), "retail", "dev")[0]
    post = Post(root, Workplace(folder, folder, "", ""), engine, lambda _: None)
    planned = Planned(root, Summary(0, 0, 0 if empty else 1), () if empty else (GOING,))
    said: list[str] = []
    outcomes = destroy(
        Fleet({root.name: post}, "sandbox", "Terraform 1"),
        {root.name: planned},
        {root.name: sweep},
        said.append,
    )
    return outcomes[0], said


def test_what_stands_in_the_way_goes_first_and_the_proof_comes_last(tmp_path: Path) -> None:
    log: list[str] = []
    sweep = FakeSweep(log)
    outcome, said = run(tmp_path, FakeEngine(log), sweep)
    assert log == ["stop", "empty", "apply fresh", "finish", "look"]
    assert outcome.value == Destroyed(Summary(0, 0, 1), ())
    assert said == ["retail/dev: stopped it"]
    assert sweep.spared == {
        "acme-retail-dev-bootstrap",
        "acme-retail-dev-tfstate-111111111111",
        "acme-retail-dev-tflock",
    }


def test_a_root_without_resources_is_swept_and_looked_at_too(tmp_path: Path) -> None:
    log: list[str] = []
    outcome, _ = run(tmp_path, FakeEngine(log), FakeSweep(log, ["role x"]), empty=True)
    assert log == ["stop", "empty", "finish", "look"]
    assert outcome.value == Destroyed(Summary(), ("role x",))


@pytest.mark.parametrize("said", ["BucketNotEmpty: x", "DependencyViolation: sg-1 has a dependent object"])
def test_what_filled_up_again_is_emptied_and_planned_once_more(tmp_path: Path, said: str) -> None:
    log: list[str] = []
    outcome, told = run(tmp_path, FakeEngine(log, [said]), FakeSweep(log))
    assert log == [
        "stop", "empty", "apply fresh", "stop", "empty", "plan destroy", "apply fresh", "finish", "look",
    ]  # fmt: skip
    assert outcome.well
    assert f"retail/dev: once more: retail/dev: {said}" in told


def test_another_failure_and_a_second_one_are_told(tmp_path: Path) -> None:
    outcome, _ = run(tmp_path, FakeEngine([], ["AccessDenied"]), FakeSweep([]))
    assert str(outcome.error) == "retail/dev: AccessDenied"
    outcome, _ = run(tmp_path, FakeEngine([], ["BucketNotEmpty", "BucketNotEmpty"]), FakeSweep([]))
    assert not outcome.well
