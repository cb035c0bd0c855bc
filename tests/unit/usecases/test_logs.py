"""Logs of jobs."""

from __future__ import annotations

import pytest

from ropeway.errors import RopewayError
from ropeway.usecases.executions import StepView
from ropeway.usecases.logs import job_lines, step_lines
from tests.fakes.aws import FakeJobs


def step(kind: str, job: str | None) -> StepView:
    return StepView("A", kind, "Failed", None, None, None, job, None, None, None)


def test_a_job_s_lines_come_in_order_and_may_be_cut_to_the_last() -> None:
    batches = [["one", "two"], ["three"]]
    assert [line.message for line in job_lines(FakeJobs(["Completed"], batches), "job")] == [
        "one",
        "two",
        "three",
    ]
    assert [line.message for line in job_lines(FakeJobs(["Completed"], batches), "job", last=1)] == ["three"]


def test_following_goes_on_until_the_job_has_ended() -> None:
    pauses: list[float] = []
    jobs = FakeJobs(["InProgress", "InProgress", "InProgress", "Completed"], [["one"], ["two"]])
    lines = [line.message for line in job_lines(jobs, "job", follow=True, sleep=pauses.append)]
    assert lines == ["one", "two"]
    assert len(pauses) == 2


def test_a_job_that_is_not_there_is_named() -> None:
    with pytest.raises(RopewayError, match=r"^there is no job other$"):
        job_lines(FakeJobs(["Completed"], []), "other")


def test_a_step_without_a_job_has_no_log() -> None:
    jobs = FakeJobs(["Failed"], [["one"]])
    assert step_lines(jobs, step("Fail", None)) == []
    assert [line.message for line in step_lines(jobs, step("ProcessingJob", "job"))] == ["one"]
