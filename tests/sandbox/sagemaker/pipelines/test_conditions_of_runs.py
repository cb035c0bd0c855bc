"""Run conditions: steps that run when others fail, or however they end."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.sagemaker.pipelines.conftest import Lab, condition, equals, fail, get, passing

MISSING = get("Steps.Start.Nothing")


def broken(name: str, **members: Any) -> Any:
    """A step that fails: it refers to what is not there."""
    return {
        "Name": name,
        "Type": "Model",
        "Arguments": {"PrimaryContainer": {"Image": MISSING}},
        **members,
    }


def after(name: str, trigger: str) -> dict[str, str]:
    return {"Step": name, "Trigger": trigger}


def test_a_step_runs_on_a_failure_and_the_execution_completes_with_failures(lab: Lab) -> None:
    execution = lab.run(
        passing("Start"),
        broken("Train"),
        passing("Evaluate", DependsOn=["Train"]),
        passing("Notify", DependsOn=[after("Train", "Failed")]),
        passing("More", DependsOn=["Notify"]),
        passing("Tidy", DependsOn=[after("Train", "Any"), "Start"]),
    )
    assert execution["PipelineExecutionStatus"] == "CompletedWithFailures"
    steps = lab.steps(execution["PipelineExecutionArn"])
    statuses = {name: step["StepStatus"] for name, step in steps.items()}
    assert statuses == {
        "Start": "Succeeded",
        "Train": "Failed",
        "Notify": "Succeeded",
        "More": "Succeeded",
        "Tidy": "Succeeded",
    }


def test_nothing_runs_on_a_failure_that_did_not_happen(lab: Lab) -> None:
    execution = lab.run(
        passing("Train"),
        passing("Notify", DependsOn=[after("Train", "Failed")]),
        passing("More", DependsOn=["Notify"]),
        passing("Tidy", DependsOn=[after("Train", "Any")]),
    )
    assert execution["PipelineExecutionStatus"] == "Succeeded"
    assert set(lab.steps(execution["PipelineExecutionArn"])) == {"Train", "Tidy"}


def test_a_failure_that_nobody_answers_for_fails_the_execution(lab: Lab) -> None:
    execution = lab.run(
        passing("Start"),
        broken("Train"),
        broken("Other", DependsOn=["Notify"]),
        passing("Notify", DependsOn=[after("Train", "Failed")]),
        passing("Later", DependsOn=[after("Train", "Failed"), "Other"]),
    )
    assert execution["PipelineExecutionStatus"] == "Failed"
    assert set(lab.steps(execution["PipelineExecutionArn"])) == {"Start", "Train", "Notify", "Other"}


def test_who_waits_for_a_failure_in_a_branch_not_taken_answers_for_nothing(lab: Lab) -> None:
    gate = condition("Gate", equals(1, 2), then=[passing("Notify", DependsOn=[after("Train", "Failed")])])
    execution = lab.run(passing("Start"), gate, broken("Train", DependsOn=["Gate"]))
    assert execution["PipelineExecutionStatus"] == "Failed"


def test_a_fail_step_fails_the_execution_whoever_waits_for_it(lab: Lab) -> None:
    execution = lab.run(fail("End", "enough"), passing("Notify", DependsOn=[after("End", "Failed")]))
    assert execution["PipelineExecutionStatus"] == "Failed"
    assert set(lab.steps(execution["PipelineExecutionArn"])) == {"End"}


def test_a_completed_execution_cannot_be_retried_or_stopped(lab: Lab) -> None:
    arn = lab.run(passing("Start"), broken("Train"), passing("Tidy", DependsOn=[after("Train", "Any")]))[
        "PipelineExecutionArn"
    ]
    for call in (lab.sagemaker.retry_pipeline_execution, lab.sagemaker.stop_pipeline_execution):
        with pytest.raises(ClientError, match="status CompletedWithFailures"):
            call(PipelineExecutionArn=arn)


@pytest.mark.parametrize(
    ("depends", "words"),
    [
        ([after("Start", "Sometimes")], "DependsOn with Trigger 'Sometimes' is not known"),
        ([after("Start", "Any"), "Start"], "DependsOn names Start with two different triggers"),
        ([after("Nobody", "Any")], "DependsOn names 'Nobody', which is no step"),
    ],
)
def test_a_wrong_run_condition_is_refused(lab: Lab, depends: Any, words: str) -> None:
    with pytest.raises(ClientError, match=words):
        lab.create(passing("Start"), passing("Next", DependsOn=depends))
