"""Functions with @step: values from one to the next, conditions on them, results, failures."""

from __future__ import annotations

from typing import Any

import pytest
from sagemaker.core.workflow.conditions import ConditionGreaterThan
from sagemaker.core.workflow.parameters import ParameterInteger
from sagemaker.mlops.workflow.condition_step import ConditionStep
from sagemaker.mlops.workflow.fail_step import FailStep
from sagemaker.mlops.workflow.function_step import step


def test_values_go_from_function_to_function(run: Any, role: str) -> None:
    settings = {"instance_type": "ml.m5.large", "role": role}

    @step(name="Split", **settings)
    def split(count: int) -> tuple[list[int], int]:
        return list(range(count)), count

    @step(name="Total", **settings)
    def total(numbers: list[int]) -> dict[str, int]:
        return {"total": sum(numbers)}

    count = ParameterInteger(name="Count", default_value=4)
    parts = split(count)
    summed = total(parts[0])
    check = ConditionStep(
        name="Check",
        conditions=[ConditionGreaterThan(left=summed["total"], right=9)],
        if_steps=[FailStep(name="TooMuch", error_message="it is too much")],
    )
    ran = run("step-functions", [check], [count])
    assert ran.statuses == {"Split": "Succeeded", "Total": "Succeeded", "Check": "Succeeded"}, ran.steps
    assert ran.execution.result("Total") == {"total": 6}
    assert ran.execution.result("Split") == ([0, 1, 2, 3], 4)

    more = run("step-functions", [check], [count], parameters={"Count": 5})
    assert more.statuses["TooMuch"] == "Failed"
    assert more.execution.result("Total") == {"total": 10}


def test_a_function_that_raises_fails_its_step(run: Any, role: str) -> None:
    @step(name="Raises", instance_type="ml.m5.large", role=role)
    def raises() -> None:
        raise KeyError("not there")

    ran = run("step-raises", [raises()])
    assert ran.status == "Failed"
    assert "KeyError('not there')" in ran.steps["Raises"]["FailureReason"]
    with pytest.raises(Exception, match="not in Completed status"):
        ran.execution.result("Raises")
