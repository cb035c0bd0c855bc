"""Executions: references, views, following."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from ropeway.errors import RopewayError
from ropeway.usecases.executions import follow, resolve, view
from tests.fakes.aws import ARN, FakeExecutions

START = datetime(2026, 1, 1, tzinfo=timezone.utc)
ONE, TWO = (f"{ARN}:pipeline/train/execution/{name}" for name in ("one", "two"))


def step(name: str, status: str, **more: Any) -> dict[str, Any]:
    return {"StepName": name, "StepStatus": status, "StartTime": START, **more}


def test_a_pipeline_means_its_newest_execution() -> None:
    executions = FakeExecutions(arns=(TWO, ONE))
    assert resolve(executions, "train") == TWO
    assert resolve(executions, "train/one") == ONE
    assert resolve(executions, ONE) == ONE


@pytest.mark.parametrize(
    ("reference", "message"),
    [("train", "pipeline train has no execution"), ("train/x", "pipeline train has no execution x")],
)
def test_an_execution_that_is_not_there_is_named(reference: str, message: str) -> None:
    with pytest.raises(RopewayError, match=f"^{message}$"):
        resolve(FakeExecutions(), reference)


def test_a_view_tells_jobs_outcomes_cache_hits_and_reasons() -> None:
    job = {"ProcessingJob": {"Arn": f"{ARN}:processing-job/pipelines-x"}}
    steps = [
        step("A", "Succeeded", EndTime=START + timedelta(seconds=2), Metadata=job),
        step("B", "Succeeded", CacheHitResult={"SourcePipelineExecutionArn": ONE}),
        step("C", "Succeeded", Metadata={"Condition": {"Outcome": "False"}}),
        step("D", "Failed", FailureReason="too bad"),
    ]
    found = view(FakeExecutions(("Failed", steps)), TWO)
    a, b, c, d = found.steps
    assert (a.type, a.job, a.seconds()) == ("ProcessingJob", "pipelines-x", 2.0)
    assert b.cached_from == ONE
    assert c.outcome == "False"
    assert found.failed_steps == (d,)
    assert (found.pipeline, found.name, found.reason, found.running) == ("train", "two", "why", False)


def test_following_looks_often_after_a_change_and_less_when_nothing_happens() -> None:
    executing = ("Executing", [step("A", "Executing")])
    done = ("Executing", [step("A", "Succeeded")])
    states = [executing] * 200 + [done, ("Succeeded", [step("A", "Succeeded")])]
    pauses: list[float] = []
    seen = [found.status for found in follow(FakeExecutions(*states), ONE, pauses.append)]
    assert seen == ["Executing"] * 201 + ["Succeeded"]
    assert pauses[0] < pauses[50] < pauses[100]
    assert max(pauses) == pauses[199] == 1
    assert pauses[200] == pauses[0]


def test_following_keeps_a_pause_that_is_given() -> None:
    states: list[tuple[str, list[dict[str, Any]]]] = [("Executing", []), ("Executing", []), ("Stopped", [])]
    pauses: list[float] = []
    list(follow(FakeExecutions(*states), ONE, pauses.append, pause=5))
    assert pauses == [5, 5]
