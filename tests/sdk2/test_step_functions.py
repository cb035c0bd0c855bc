"""Functions with @step: values from one to the next, conditions on them, results, failures."""

from __future__ import annotations

import os
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from sagemaker.workflow.condition_step import ConditionStep
from sagemaker.workflow.conditions import ConditionGreaterThan
from sagemaker.workflow.fail_step import FailStep
from sagemaker.workflow.function_step import step
from sagemaker.workflow.parameters import ParameterInteger


def test_values_go_from_function_to_function(run: Any, role: str) -> None:
    settings = {"instance_type": "ml.m5.large", "role": role}

    @step(name="Split", **settings)
    def split(count: int) -> tuple[list[int], int]:
        return list(range(count)), count

    @step(name="Total", **settings)
    def total(numbers: list[int]) -> dict[str, int]:
        return {"total": sum(numbers)}

    count = ParameterInteger("Count", default_value=4)
    parts = split(count)
    summed = total(parts[0])
    check = ConditionStep(
        "Check",
        conditions=[ConditionGreaterThan(summed["total"], 9)],
        if_steps=[FailStep("TooMuch", error_message="it is too much")],
    )
    ran = run("step-functions", [check], [count])
    assert ran.statuses == {"Split": "Succeeded", "Total": "Succeeded", "Check": "Succeeded"}, ran.reasons
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


def test_requirements_commands_and_modules_come_along(run: Any, role: str, tmp_path: Path) -> None:
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("tinydb==4.8.2\n", encoding="utf-8")

    @step(
        name="Along",
        instance_type="ml.m5.large",
        role=role,
        dependencies=str(requirements),
        pre_execution_commands=["echo prepared > /opt/ml/prepared.txt"],
        environment_variables={"OWN": "mine"},
    )
    def along() -> tuple[str, str, str]:
        return version("tinydb"), Path("/opt/ml/prepared.txt").read_text().strip(), os.environ["OWN"]

    ran = run("step-along", [along()])
    assert ran.statuses == {"Along": "Succeeded"}, ran.reasons
    assert ran.execution.result("Along") == ("4.8.2", "prepared", "mine")
