"""Which steps run: loops over items, steps after failures, chosen steps only."""

from __future__ import annotations

from typing import Any

from sagemaker.core.workflow.functions import Join
from sagemaker.core.workflow.parameters import ParameterString
from sagemaker.mlops.workflow.fail_step import FailStep
from sagemaker.mlops.workflow.for_each_step import (
    CurrentItem,
    ForEachSelector,
    ForEachSelectorPickType,
    ForEachStep,
    IterationOutput,
)
from sagemaker.mlops.workflow.selective_execution_config import SelectiveExecutionConfig
from sagemaker.mlops.workflow.step_dependency import StepDependency, TriggerCondition


def test_a_loop_runs_its_body_for_every_item_and_picks_the_best(run: Any, judge: Any) -> None:
    items = ParameterString(name="Items", default_value='[{"n": 3}, {"n": 8}, {"n": 5}]')
    body = judge("Judge", CurrentItem().n)
    best = ForEachSelector(
        pick=ForEachSelectorPickType.MAX_BY, field=IterationOutput(body).OutputParameters["number"]
    )
    loop = ForEachStep(
        name="Loop", iterable_items=items, max_concurrency=2, for_each_body=[body], selector=best
    )
    told = FailStep(
        name="Told",
        error_message=Join(
            on=",",
            values=[
                loop.properties.Selected.OutputParameters["text"],
                loop.properties.IterationOutputs[0].Judge.OutputParameters["text"],
                loop.properties.SucceededStepCount,
            ],
        ),
    )
    ran = run("loop", [loop, told], [items])
    assert ran.statuses == {
        "Loop": "Succeeded",
        "Judge-0": "Succeeded",
        "Judge-1": "Succeeded",
        "Judge-2": "Succeeded",
        "Told": "Failed",
    }, ran.steps
    assert ran.metadata("Told") == {"ErrorMessage": "number 8,number 3,3"}


def test_a_step_after_a_failure_runs_and_the_execution_tells(run: Any, judge: Any) -> None:
    broken = judge("Broken", "not a number")
    after = judge("After", 2, depends_on=[StepDependency(broken, TriggerCondition.FAILED)])
    never = judge("Never", 2, depends_on=[broken])
    ran = run("after-failure", [broken, after, never], looks=1)
    assert ran.statuses == {"Broken": "Failed", "After": "Succeeded"}, ran.steps
    assert ran.status == "CompletedWithFailures"


def test_chosen_steps_run_with_what_others_left(run: Any, session: Any, judge: Any) -> None:
    first = judge("First", 4)
    second = judge("Second", first.properties.Outputs["number"])
    whole = run("chosen", [first, second])
    chosen = SelectiveExecutionConfig(
        selected_steps=["Second"], source_pipeline_execution_arn=whole.execution.arn
    )
    part = run("chosen", [first, second], selective_execution_config=chosen)
    assert part.status == "Succeeded"
    assert part.steps["First"]["SelectiveExecutionResult"] == {
        "SourcePipelineExecutionArn": whole.execution.arn
    }
    assert part.metadata("Second")["OutputParameters"][1] == {"Name": "number", "Value": "4"}
