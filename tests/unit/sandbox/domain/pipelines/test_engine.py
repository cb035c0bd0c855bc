"""The engine over fakes: order, bounds, failures, retries, iterations, stops, restarts."""

from __future__ import annotations

from typing import Any

import pytest

from ropeway.sandbox.domain.errors import Invalid
from tests.unit.sandbox.domain.pipelines.engines import World, on, work

CAPACITY = {"ExceptionType": ["SageMaker.CAPACITY_ERROR"], "IntervalSeconds": 10, "BackoffRate": 3.0}


@pytest.fixture
def world() -> World:
    return World()


def each(name: str, items: list[Any], *body: Any, most: int = 2, **members: Any) -> dict[str, Any]:
    arguments = {"IterableItems": items, "MaxConcurrency": most, "ForEachBody": list(body)}
    return {"Name": name, "Type": "ForEach", "Arguments": arguments, **members}


def test_steps_start_when_what_they_need_has_succeeded(world: World) -> None:
    arn = world.start(work("C", "A", "B"), work("A"), work("B"))
    assert world.work.launched == ["A", "B"]
    world.end(arn, "A")
    assert world.work.launched == ["A", "B"]
    world.end(arn, "B")
    assert world.work.launched == ["A", "B", "C"]
    assert world.status(arn) == "Executing"
    world.end(arn, "C")
    assert world.status(arn) == "Succeeded"
    assert [execution.status for execution in world.over] == ["Succeeded"]


def test_no_more_steps_run_at_once_than_the_parallelism(world: World) -> None:
    arn = world.start(*(work(name) for name in "ABCD"), limit=2)
    assert world.running(arn) == ["A", "B"]
    world.end(arn, "B")
    assert world.running(arn) == ["A", "C"]
    world.engine.change(arn, lambda execution: execution.__class__(**{**vars(execution), "parallelism": 3}))
    assert world.running(arn) == ["A", "C", "D"]


def test_nothing_starts_after_a_failure_and_what_runs_ends_first(world: World) -> None:
    arn = world.start(work("A"), work("B"), work("C", "B"))
    world.end(arn, "A", "Failed", "ClientError: mine")
    world.end(arn, "B")
    assert world.statuses(arn) == {"A": "Failed", "B": "Succeeded"}
    assert world.status(arn) == "Failed"


def test_an_end_that_is_told_twice_changes_nothing(world: World) -> None:
    arn = world.start(work("A"), work("B", "A"))
    world.end(arn, "A")
    world.end(arn, "A", "Failed")
    assert world.statuses(arn) == {"A": "Succeeded", "B": "Executing"}
    assert world.work.launched == ["A", "B"]


def test_events_read_no_steps_from_the_store(world: World) -> None:
    steps = [work(f"S{number}") for number in range(40)]
    arn = world.start(*steps, limit=3)
    for number in range(40):
        world.end(arn, f"S{number}")
    assert world.status(arn) == "Succeeded"
    assert world.store.reads == 1


def test_a_fault_is_waited_out_longer_each_time(world: World) -> None:
    arn = world.start(work("A", RetryPolicies=[{**CAPACITY, "MaxAttempts": 2}]))
    for attempt, wait in ((1, 10), (2, 30)):
        world.fault(arn, "A")
        run = world.store.runs[arn]["A"]
        assert (run.status, run.attempt, run.due) == ("Starting", attempt, world.clock.now() + wait)
        world.wake(wait - 1)
        assert world.running(arn) == []
        world.wake(1)
        assert world.running(arn) == ["A"]
    world.fault(arn, "A")
    assert world.statuses(arn) == {"A": "Failed"}
    assert world.store.runs[arn]["A"].attempt == 3
    assert world.status(arn) == "Failed"


def test_other_steps_go_on_while_one_waits_and_a_failure_ends_the_wait(world: World) -> None:
    arn = world.start(work("A", RetryPolicies=[CAPACITY]), work("B"), work("C", "B"), limit=1)
    world.fault(arn, "A", "CapacityError: first")
    assert world.running(arn) == ["B"]
    world.end(arn, "B")
    assert world.running(arn) == ["C"]
    world.wake(10)
    assert world.running(arn) == ["C"]  # its time has come, a place has not
    world.end(arn, "C", "Failed", "ClientError: mine")
    assert world.statuses(arn) == {"A": "Failed", "B": "Succeeded", "C": "Failed"}
    assert world.store.runs[arn]["A"].failure_reason == "CapacityError: first"


def test_a_late_report_of_an_earlier_try_changes_nothing_while_it_waits(world: World) -> None:
    arn = world.start(work("A", RetryPolicies=[CAPACITY]))
    world.fault(arn, "A")
    world.end(arn, "A")
    assert world.statuses(arn) == {"A": "Starting"}


def test_a_wait_goes_on_after_a_restart(world: World) -> None:
    arn = world.start(work("A", RetryPolicies=[CAPACITY]))
    world.fault(arn, "A")
    other = world.restarted()
    assert other.running(arn) == []
    other.wake(10)
    assert other.work.launched == ["A"]
    assert other.store.runs[arn]["A"].attempt == 2


def test_a_fault_on_order_spoils_a_try_before_it_begins(world: World) -> None:
    world.faults.add({"kind": "SageMaker.CAPACITY_ERROR", "count": 2, "pipeline": "p", "type": "Work"})
    arn = world.start(work("A", RetryPolicies=[CAPACITY]))
    assert world.work.launched == []
    world.wake(10)
    world.wake(30)
    assert world.work.launched == ["A"]
    assert world.store.runs[arn]["A"].attempt == 3
    assert world.faults.list() == []


def test_a_retry_of_the_execution_counts_on_and_runs_only_what_is_left(world: World) -> None:
    arn = world.start(work("A"), work("B", "A"), work("C", "B"))
    world.end(arn, "A")
    world.end(arn, "B", "Failed")
    world.engine.retry(arn, lambda execution: execution)
    assert world.work.launched == ["A", "B", "B"]
    world.end(arn, "B")
    world.end(arn, "C")
    assert world.status(arn) == "Succeeded"
    assert {name: run.attempt for name, run in world.store.runs[arn].items()} == {"A": 1, "B": 2, "C": 1}
    with pytest.raises(Invalid, match="Only pipelines with Failed or Stopped status"):
        world.engine.retry(arn, lambda execution: execution)


def test_a_retry_runs_again_what_ran_on_a_failure(world: World) -> None:
    arn = world.start(work("A"), work("B", on("A", "Any")), work("Z"))
    world.end(arn, "A", "Failed")
    world.end(arn, "B")
    world.end(arn, "Z", "Failed")
    assert world.status(arn) == "Failed"
    world.engine.retry(arn, lambda execution: execution)
    assert world.statuses(arn) == {"A": "Executing", "Z": "Executing"}


def test_a_stop_asks_what_runs_and_drops_what_waits(world: World) -> None:
    arn = world.start(work("A"), work("B", RetryPolicies=[CAPACITY]))
    world.fault(arn, "B")
    world.engine.stop(arn)
    assert world.work.asked_to_stop == ["A"]
    assert world.statuses(arn) == {"A": "Stopping", "B": "Stopped"}
    world.end(arn, "A", "Stopped")
    assert world.status(arn) == "Stopped"
    with pytest.raises(Invalid, match="Only pipelines with Executing status"):
        world.engine.stop(arn)


def test_a_fail_step_stops_what_runs(world: World) -> None:
    arn = world.start(
        work("A"), work("B"), {"Name": "F", "Type": "Fail", "Arguments": {}, "DependsOn": ["B"]}
    )
    world.end(arn, "B")
    assert world.work.asked_to_stop == ["A"]
    world.end(arn, "A", "Stopped")
    assert world.status(arn) == "Failed"


def test_iterations_run_as_many_at_once_as_both_bounds_allow(world: World) -> None:
    arn = world.start(each("Each", ["a", "b", "c"], work("X"), most=2), work("Y"), limit=3)
    assert world.running(arn) == ["Y", "X-0", "X-1"]
    world.end(arn, "Y")
    assert world.running(arn) == ["X-0", "X-1"]
    world.end(arn, "X-1")
    assert world.running(arn) == ["X-0", "X-2"]
    told = world.store.runs[arn]["Each"].metadata["ForEach"]
    assert (told["TotalStepCount"], told["SucceededStepCount"]) == (3, 1)
    world.end(arn, "X-0")
    world.end(arn, "X-2")
    assert world.status(arn) == "Succeeded"


def test_iterations_run_when_only_one_step_may(world: World) -> None:
    arn = world.start(each("Each", ["a", "b"], work("X"), work("Y", "X")), limit=1)
    for name in ("X-0", "Y-0", "X-1", "Y-1"):
        assert len(world.running(arn)) == 1
        world.end(arn, world.running(arn)[0])
        assert name in world.statuses(arn)
    assert world.status(arn) == "Succeeded"


def test_an_iteration_is_tried_again_before_the_whole_fails(world: World) -> None:
    arn = world.start(each("Each", ["a"], work("X", RetryPolicies=[{**CAPACITY, "MaxAttempts": 1}])))
    world.fault(arn, "X-0")
    assert world.statuses(arn) == {"Each": "Executing", "X-0": "Starting"}
    world.wake(10)
    world.fault(arn, "X-0")
    assert world.statuses(arn) == {"Each": "Failed", "X-0": "Failed"}


def test_a_stopped_foreach_ends_with_its_iterations(world: World) -> None:
    arn = world.start(each("Each", ["a", "b", "c"], work("X"), most=2))
    world.engine.stop(arn)
    world.end(arn, "X-0", "Stopped")
    world.end(arn, "X-1", "Succeeded")
    assert world.statuses(arn) == {"Each": "Stopped", "X-0": "Stopped", "X-1": "Succeeded"}
    assert world.status(arn) == "Stopped"


def test_iterations_go_on_after_a_restart(world: World) -> None:
    arn = world.start(
        each("Each", ["a", "b"], work("X", Arguments={"Value": {"Get": "ForEach.CurrentItem"}}), most=1)
    )
    world.end(arn, "X-0")
    other = world.restarted()
    other.end(arn, "X-1")
    assert other.status(arn) == "Succeeded"
    assert [run.outputs.get("Value") for run in other.store.runs[arn].values()][1:] == ["a", "b"]


def test_a_failure_of_another_step_keeps_iterations_from_starting(world: World) -> None:
    arn = world.start(each("Each", ["a", "b"], work("X"), most=1), work("Y"))
    world.end(arn, "Y", "Failed")
    world.end(arn, "X-0")
    assert world.statuses(arn) == {"Each": "Stopped", "Y": "Failed", "X-0": "Succeeded"}
    assert world.status(arn) == "Failed"


def test_only_selected_steps_run(world: World) -> None:
    config = {"SelectiveExecutionConfig": {"SelectedSteps": [{"StepName": "A"}, {"StepName": "Each"}]}}
    arn = world.start(work("A"), work("B", "A"), each("Each", ["a"], work("X")), document=config)
    assert world.running(arn) == ["A", "X-0"]
    world.end(arn, "A")
    world.end(arn, "X-0")
    assert world.status(arn) == "Succeeded"
    assert set(world.statuses(arn)) == {"A", "Each", "X-0"}
