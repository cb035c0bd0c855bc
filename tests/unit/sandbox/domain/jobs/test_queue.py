"""Executions take turns, whatever each of them has waiting."""

from __future__ import annotations

import pytest

from ropeway.sandbox.domain.jobs.model import Job, Kind, StepRef
from ropeway.sandbox.domain.jobs.queue import FairQueue


def job(name: str, execution: str | None = None, account: str = "111111111111") -> Job:
    step = StepRef(execution, name) if execution else None
    return Job(Kind.TRAINING, account, "eu-west-1", name, {}, "InProgress", 0.0, 0.0, step=step)


def filled(*entries: tuple[str, str | None]) -> FairQueue[str]:
    queue: FairQueue[str] = FairQueue()
    for name, execution in entries:
        queue.put(job(name, execution), name)
    return queue


def drained(queue: FairQueue[str]) -> list[str]:
    return [queue.take() for _ in range(len(queue))]


def test_executions_take_turns_and_each_is_in_order() -> None:
    queue = filled(*[(f"a{number}", "A") for number in range(4)], ("b0", "B"), ("b1", "B"), ("c0", "C"))
    assert drained(queue) == ["a0", "b0", "c0", "a1", "b1", "a2", "a3"]


def test_an_execution_that_comes_later_waits_for_one_job_of_each() -> None:
    queue = filled(*[(f"a{number}", "A") for number in range(500)])
    assert queue.take() == "a0"
    queue.put(job("b0", "B"), "b0")
    assert [queue.take(), queue.take(), queue.take()] == ["a1", "b0", "a2"]


def test_jobs_of_no_execution_are_one_group_per_account() -> None:
    queue = filled(("x", None), ("y", None), ("a0", "A"), ("a1", "A"))
    queue.put(job("z", account="222222222222"), "z")
    assert drained(queue) == ["x", "a0", "z", "y", "a1"]


def test_what_runs_already_goes_first() -> None:
    queue = filled(("a0", "A"), ("b0", "B"))
    for name in ("b1", "b2"):
        queue.put(job(name, "B"), name, first=True)
    assert drained(queue) == ["b1", "b2", "a0", "b0"]


def test_one_that_is_taken_out_is_not_taken() -> None:
    queue = filled(("a0", "A"), ("a1", "A"), ("b0", "B"))
    assert queue.remove(job("a0", "A").arn) == "a0"
    assert queue.remove(job("a0", "A").arn) is None
    assert queue.remove(job("b0", "B").arn) == "b0"
    assert drained(queue) == ["a1"]
    with pytest.raises(LookupError):
        queue.take()


def test_nothing_is_left_when_it_is_cleared() -> None:
    queue = filled(("a0", "A"), ("b0", None))
    queue.clear()
    assert len(queue) == 0
