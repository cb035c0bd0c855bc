"""The tables of executions and steps."""

from __future__ import annotations

import pytest

from ropeway.sandbox.domain.pipelines import lifecycle


def test_an_execution_runs_ends_and_may_be_retried() -> None:
    assert lifecycle.next_execution("Executing", "succeed") == "Succeeded"
    assert lifecycle.next_execution("Executing", "fail") == "Failed"
    assert lifecycle.next_execution("Executing", "stop") == "Stopping"
    assert lifecycle.next_execution("Stopping", "halt") == "Stopped"
    assert lifecycle.next_execution("Failed", "retry") == "Executing"
    assert lifecycle.next_execution("Stopped", "retry") == "Executing"


@pytest.mark.parametrize(
    ("status", "event"),
    [("Succeeded", "retry"), ("Succeeded", "stop"), ("Failed", "succeed"), ("Stopped", "stop")],
)
def test_what_an_execution_cannot_do_is_refused(status: str, event: str) -> None:
    with pytest.raises(lifecycle.IllegalMoveError):
        lifecycle.next_execution(status, event)


@pytest.mark.parametrize("state", ["Starting", "Executing", "Stopping"])
def test_a_step_that_goes_on_may_end_in_every_way(state: str) -> None:
    ends = {event: lifecycle.next_step(state, event) for event in ("succeed", "fail", "halt")}
    assert ends == {"succeed": "Succeeded", "fail": "Failed", "halt": "Stopped"}


@pytest.mark.parametrize("state", ["Succeeded", "Failed", "Stopped"])
@pytest.mark.parametrize("event", ["run", "stop", "succeed", "fail", "halt"])
def test_a_step_that_has_ended_stays_so(state: str, event: str) -> None:
    with pytest.raises(lifecycle.IllegalMoveError):
        lifecycle.next_step(state, event)
