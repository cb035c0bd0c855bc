"""Endpoint steps: what an endpoint's end means to them, before and after a restart."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ropeway.sandbox.domain.endpoints.model import Endpoint
from ropeway.sandbox.domain.jobs.model import StepRef
from ropeway.sandbox.domain.pipelines.model import StepRun
from ropeway.sandbox.domain.pipelines.progress import Progress
from ropeway.sandbox.domain.pipelines.steps.endpoint import reporter

ENDPOINT = Endpoint(
    "111111111111", "eu-west-1", "scores", "InService", 0.0, 0.0, step_of=StepRef("execution", "Deploy")
)
RUN = StepRun(
    execution_arn="execution",
    name="Deploy",
    type="Endpoint",
    status="Executing",
    attempt=1,
    order=0,
    start=0.0,
    resource=ENDPOINT.arn,
)


class Executions:
    """What of ``ExecutionStore`` the reporter asks."""

    def __init__(self, run: StepRun | None) -> None:
        self.run = run

    def step(self, _execution: str, _name: str) -> StepRun | None:
        return self.run


def told(endpoint: Endpoint, run: StepRun | None = RUN) -> list[Progress]:
    """What the engine hears."""
    heard: list[Progress] = []
    executions: Any = Executions(run)
    reporter(executions, lambda _execution, _step, progress: heard.append(progress))(endpoint)
    return heard


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, [Progress("Succeeded")]),
        ({"status": "Updating"}, []),
        ({"step_of": None}, []),
        ({"failure_reason": "taken back"}, [Progress("Failed", reason="ClientError: taken back")]),
        (
            {"status": "Failed", "failure_reason": "no ping"},
            [Progress("Failed", reason="ClientError: no ping")],
        ),
    ],
)
def test_an_endpoint_that_has_settled_ends_its_step(
    changes: dict[str, Any], expected: list[Progress]
) -> None:
    assert told(replace(ENDPOINT, **changes)) == expected


def test_another_step_or_a_stopping_one() -> None:
    assert told(ENDPOINT, None) == []
    assert told(ENDPOINT, replace(RUN, resource="another")) == []
    assert told(ENDPOINT, replace(RUN, status="Stopping")) == [Progress("Stopped")]
