"""Random pipelines on the engine: what holds whatever the graph, the order of ends, and the failures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.sandbox.domain.pipelines.engines import World, on, work

TRIGGERS = ("Completed", "Completed", "Completed", "Failed", "Any")
MET = {"Completed": {"Succeeded"}, "Failed": {"Failed"}, "Any": {"Succeeded", "Failed"}}


@dataclass(frozen=True)
class Graph:
    """Steps with what they need, what becomes of each, and a bound."""

    needs: dict[str, dict[str, str]]
    fails: frozenset[str]
    limit: int

    def steps(self) -> list[dict[str, Any]]:
        return [
            work(
                name,
                *(
                    other if trigger == "Completed" else on(other, trigger)
                    for other, trigger in before.items()
                ),
            )
            for name, before in self.needs.items()
        ]

    def steps_that_run(self) -> set[str]:
        """When nothing is ever held back by a failure that nobody answers for."""
        ends: dict[str, str] = {}
        for name, before in self.needs.items():
            if all(ends.get(other) in MET[trigger] for other, trigger in before.items()):
                ends[name] = "Failed" if name in self.fails else "Succeeded"
        return set(ends)


@st.composite
def graphs(draw: st.DrawFn, *, conditions: bool = True, failures: bool = True) -> Graph:
    names = [f"S{number}" for number in range(draw(st.integers(1, 10)))]
    needs: dict[str, dict[str, str]] = {}
    for position, name in enumerate(names):
        before = (
            draw(st.lists(st.sampled_from(names[:position]), unique=True, max_size=3)) if position else []
        )
        triggers = TRIGGERS if conditions else TRIGGERS[:1]
        needs[name] = {other: draw(st.sampled_from(triggers)) for other in before}
    fails = draw(st.frozensets(st.sampled_from(names), max_size=3)) if failures else frozenset()
    return Graph(needs, fails, draw(st.integers(1, 4)))


def play(graph: Graph, data: st.DataObject, *, crashes: bool = False) -> tuple[World, str]:
    """Run an execution to its end, its steps ending in any order; check what holds at every moment."""
    world = World()
    arn = world.start(*graph.steps(), limit=graph.limit)
    launched = list(world.work.launched)
    while running := world.running(arn):
        assert len(running) <= graph.limit
        if crashes and data.draw(st.booleans()):
            world = world.restarted()
        name = data.draw(st.sampled_from(running))
        world.end(arn, name, "Failed" if name in graph.fails else "Succeeded")
        fresh = world.work.launched[len(launched) if not crashes else 0 :]
        statuses = world.statuses(arn)
        for started in fresh:
            for other, trigger in graph.needs[started].items():
                assert statuses[other] in MET[trigger], (started, other)
        launched = launched + fresh if not crashes else launched
        world.work.launched[:] = world.work.launched if not crashes else []
    assert crashes or len(launched) == len(set(launched))
    return world, arn


@settings(max_examples=150, deadline=None)
@given(graphs(conditions=False, failures=False), st.data())
def test_without_failures_every_step_runs_once_and_it_succeeds(graph: Graph, data: st.DataObject) -> None:
    world, arn = play(graph, data)
    assert sorted(world.work.launched) == sorted(graph.needs)
    assert set(world.statuses(arn).values()) == {"Succeeded"}
    assert world.status(arn) == "Succeeded"
    assert [execution.arn for execution in world.over] == [arn]


@settings(max_examples=300, deadline=None)
@given(graphs(), st.data())
def test_the_status_at_the_end_is_what_the_failures_make_it(graph: Graph, data: st.DataObject) -> None:
    world, arn = play(graph, data)
    statuses = world.statuses(arn)
    failed = {name for name, status in statuses.items() if status == "Failed"}
    answered = {
        name
        for name in failed
        for other, before in graph.needs.items()
        if before.get(name) in {"Failed", "Any"} and other in graph.steps_that_run() | set(statuses)
    }
    could_run = graph.steps_that_run()
    assert set(statuses) <= could_run
    if world.status(arn) == "Succeeded":
        assert not failed
        assert set(statuses) == could_run
    elif world.status(arn) == "CompletedWithFailures":
        assert failed
        assert failed <= answered
        assert set(statuses) == could_run
    else:
        assert world.status(arn) == "Failed"
        assert failed


@settings(max_examples=100, deadline=None)
@given(graphs(), st.data())
def test_a_restart_at_any_moment_changes_nothing(graph: Graph, data: st.DataObject) -> None:
    world, arn = play(graph, data, crashes=True)
    assert world.status(arn) in {"Succeeded", "Failed", "CompletedWithFailures"}
    assert {run.attempt for run in world.store.runs[arn].values()} == {1}


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 4), min_size=1, max_size=5), st.integers(1, 4), st.integers(1, 3))
def test_tries_are_counted_and_bounded(faults: list[int], most: int, limit: int) -> None:
    policy = {"ExceptionType": ["SageMaker.CAPACITY_ERROR"], "MaxAttempts": most, "IntervalSeconds": 1}
    world = World()
    arn = world.start(*(work(f"S{n}", RetryPolicies=[policy]) for n in range(len(faults))), limit=limit)
    left = {f"S{number}": count for number, count in enumerate(faults)}
    while world.status(arn) == "Executing":
        for name in world.running(arn):
            if left[name]:
                left[name] -= 1
                world.fault(arn, name)
            elif name in world.running(arn):
                world.end(arn, name)
        world.wake(1000)
    for number, run in enumerate(world.store.runs[arn].values()):
        assert run.attempt <= most + 1
        count = faults[int(run.name[1:])]
        if run.status == "Succeeded":
            assert run.attempt == count + 1, number
    assert (world.status(arn) == "Succeeded") == (max(faults) <= most)


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 6), st.integers(1, 4), st.integers(1, 4), st.booleans(), st.data())
def test_iterations_keep_both_bounds(
    items: int, most: int, limit: int, fails: bool, data: st.DataObject
) -> None:
    arguments = {
        "IterableItems": list(range(items)),
        "MaxConcurrency": most,
        "ForEachBody": [work("X"), work("Y", "X")],
    }
    world = World()
    arn = world.start({"Name": "E", "Type": "ForEach", "Arguments": arguments}, work("Z", "E"), limit=limit)
    while running := world.running(arn):
        assert len(running) <= min(most, limit)
        name = data.draw(st.sampled_from(running))
        if name.startswith("Y"):
            assert world.statuses(arn)[name.replace("Y", "X")] == "Succeeded"
        world.end(arn, name, "Failed" if fails and name == "Y-0" else "Succeeded")
    statuses = world.statuses(arn)
    assert world.status(arn) == ("Failed" if fails else "Succeeded")
    assert statuses["E"] == world.status(arn)
    assert ("Z" in statuses) is not fails
    if not fails:
        assert sorted(world.work.launched) == sorted(
            ["Z", *(f"{body}-{index}" for body in "XY" for index in range(items))]
        )
