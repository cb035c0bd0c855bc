"""ForEach: one run of the body per item, how they are bound, listed, referred to and selected."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.sagemaker.pipelines.conftest import Lab, condition, equals, fail, get, join, passing

ITEM = get("ForEach.CurrentItem")
SCORES = ['{"name": "a", "score": 1.5}', '{"name": "b", "score": 7}', '{"name": "c", "score": 7}']


def model(name: str, value: Any = "none", **members: Any) -> dict[str, Any]:
    container = {"Image": "none", "Environment": {"value": value}}
    return {"Name": name, "Type": "Model", "Arguments": {"PrimaryContainer": container}, **members}


def each(name: str, items: Any, *body: Any, selector: Any = None, most: Any = 2, **members: Any) -> Any:
    arguments = {"IterableItems": items, "MaxConcurrency": most, "ForEachBody": list(body)}
    if selector:
        arguments["Selector"] = selector
    return {"Name": name, "Type": "ForEach", "Arguments": arguments, **members}


def pick(how: str, path: str) -> dict[str, Any]:
    return {"Pick": how, "Field": get(f"IterationOutput.{path}")}


def value_of(path: str) -> dict[str, str]:
    return get(f"Steps.{path}.PrimaryContainer.Environment.value")


def environment(lab: Lab, step: Any) -> Any:
    name = step["Metadata"]["Model"]["Arn"].rpartition("/")[2]
    return lab.sagemaker.describe_model(ModelName=name)["PrimaryContainer"]["Environment"]["value"]


def test_the_body_runs_once_per_item_and_refers_to_its_own_item(lab: Lab) -> None:
    execution = lab.run(
        each(
            "Each",
            ["x", get("Parameters.Last")],
            model("Make", join("item", ITEM, on="-")),
            model("Use", value_of("Make")),
        ),
        model(
            "After", join(value_of("Each.IterationOutputs[1].Use"), get("Steps.Each.TotalStepCount"), on="/")
        ),
        parameters=[{"Name": "Last", "Type": "Integer", "DefaultValue": 7}],
    )
    assert execution["PipelineExecutionStatus"] == "Succeeded"
    steps = lab.steps(execution["PipelineExecutionArn"])
    assert set(steps) == {"Each", "Make-0", "Use-0", "Make-1", "Use-1", "After"}
    assert environment(lab, steps["Use-0"]) == "item-x"
    assert environment(lab, steps["After"]) == "item-7/4"
    assert steps["Use-1"]["IterationContext"] == {"ParentStepName": "Each", "Index": 1, "Item": "7"}
    assert "IterationContext" not in steps["After"]
    assert steps["Each"]["Metadata"] == {
        "ForEach": {
            "Status": "Succeeded",
            "InputItemCount": 2,
            "TotalStepCount": 4,
            "SucceededStepCount": 4,
            "FailedStepCount": 0,
            "StoppedStepCount": 0,
        }
    }


@pytest.mark.parametrize(("how", "index"), [("MaxBy", 1), ("MinBy", 0)])
def test_a_selector_picks_the_first_of_the_best(lab: Lab, how: str, index: int) -> None:
    execution = lab.run(
        each(
            "Each",
            get("Parameters.Items"),
            model("Make", get("ForEach.CurrentItem.score")),
            model("Name", get("ForEach.CurrentItem['name']")),
            selector=pick(how, "Make.PrimaryContainer.Environment.value"),
        ),
        model("Best", value_of("Each.Selected")),
        parameters=[
            {"Name": "Items", "Type": "String", "DefaultValue": json.dumps([json.loads(s) for s in SCORES])}
        ],
    )
    assert execution["PipelineExecutionStatus"] == "Succeeded", execution
    steps = lab.steps(execution["PipelineExecutionArn"])
    assert steps["Each"]["Metadata"]["ForEach"]["Selector"] == {"StepName": "Make", "Index": index}
    assert environment(lab, steps["Best"]) == environment(lab, steps[f"Make-{index}"])
    assert json.loads(steps["Make-1"]["IterationContext"]["Item"]) == {"name": "b", "score": 7}


def test_an_iteration_that_fails_keeps_the_others_from_starting_and_fails_the_step(lab: Lab) -> None:
    execution = lab.run(
        each(
            "Each",
            ['{"a": "1"}', '{"b": "2"}', '{"a": "3"}'],
            model("Make", get("ForEach.CurrentItem.a")),
            most=1,
        ),
        model("Told", get("Steps.Each.FailedStepCount"), DependsOn=[{"Step": "Each", "Trigger": "Failed"}]),
    )
    assert execution["PipelineExecutionStatus"] == "CompletedWithFailures"
    steps = lab.steps(execution["PipelineExecutionArn"])
    assert set(steps) == {"Each", "Make-0", "Make-1", "Told"}
    assert steps["Each"]["StepStatus"] == "Failed"
    assert "Make-1" in steps["Each"]["FailureReason"]
    told = steps["Each"]["Metadata"]["ForEach"]
    assert (told["Status"], told["SucceededStepCount"], told["FailedStepCount"]) == ("Failed", 1, 1)
    assert environment(lab, steps["Told"]) == "1"


def test_a_retry_runs_the_iterations_that_did_not_succeed(lab: Lab) -> None:
    name = lab.create(
        each(
            "Each", ["x", "y"], model("Make", get("Steps.Gate.Outcome")), model("Odd", get("Steps.Make.None"))
        ),
        passing("Gate"),
    )
    arn = lab.start(name)
    assert lab.ended(arn)["PipelineExecutionStatus"] == "Failed"
    before = lab.steps(arn)
    lab.sagemaker.retry_pipeline_execution(PipelineExecutionArn=arn)
    assert lab.ended(arn)["PipelineExecutionStatus"] == "Failed"
    after = lab.steps(arn)
    assert after["Make-0"] == before["Make-0"]
    assert after["Each"]["AttemptCount"] == 2
    assert after["Odd-0"]["AttemptCount"] == 2


def test_no_items_are_no_iterations(lab: Lab) -> None:
    parameters = [{"Name": "Items", "Type": "String", "DefaultValue": "[]"}]
    execution = lab.run(each("Each", get("Parameters.Items"), model("Make")), parameters=parameters)
    assert execution["PipelineExecutionStatus"] == "Succeeded"
    steps = lab.steps(execution["PipelineExecutionArn"])
    assert set(steps) == {"Each"}
    assert steps["Each"]["Metadata"]["ForEach"]["InputItemCount"] == 0


@pytest.mark.parametrize("items", ["no list", '{"a": 1}', "3"])
def test_items_that_are_no_list_fail_the_step(lab: Lab, items: str) -> None:
    parameters = [{"Name": "Items", "Type": "String", "DefaultValue": items}]
    execution = lab.run(each("Each", get("Parameters.Items"), model("Make")), parameters=parameters)
    assert execution["PipelineExecutionStatus"] == "Failed"
    step = lab.steps(execution["PipelineExecutionArn"])["Each"]
    assert "IterableItems" in step["FailureReason"]


def test_a_selector_without_a_number_fails_the_step(lab: Lab) -> None:
    execution = lab.run(
        each("Each", ["x"], model("Make"), selector=pick("MaxBy", "Make.PrimaryContainer.Image"))
    )
    step = lab.steps(execution["PipelineExecutionArn"])["Each"]
    assert step["FailureReason"] == "ClientError: the Selector cannot choose: 'none' of Make-0 is no number"


def test_a_foreach_may_stand_in_a_branch_and_be_taken_over(lab: Lab) -> None:
    gate = condition("Gate", equals(1, 1), then=[each("Each", ["x", "y"], model("Make", ITEM))])
    name = lab.create(gate, model("After", value_of("Each.IterationOutputs[-1].Make")))
    source = lab.start(name)
    assert lab.ended(source)["PipelineExecutionStatus"] == "Succeeded"
    config = {"SelectedSteps": [{"StepName": "After"}], "SourcePipelineExecutionArn": source}
    arn = lab.start(name, SelectiveExecutionConfig=config)
    assert lab.ended(arn)["PipelineExecutionStatus"] == "Succeeded"
    steps = lab.steps(arn)
    assert set(steps) == {"Gate", "Each", "Make-0", "Make-1", "After"}
    assert steps["Make-0"]["SelectiveExecutionResult"] == {"SourcePipelineExecutionArn": source}
    assert environment(lab, steps["After"]) == "y"


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ([each("E", ["x"], passing("A"))], "A is of type Condition, which cannot be repeated"),
        ([each("E", ["x"], fail("A"))], "A is of type Fail, which cannot be repeated"),
        ([each("E", ["x"], each("A", ["y"], model("B")))], "A is of type ForEach, which cannot be repeated"),
        ([each("E", ["x"])], "ForEachBody must be a list of at least one step"),
        ([each("E", [], model("A"))], "IterableItems takes 1 to 100 items, not 0"),
        ([each("E", [{}], model("A"))], "an item is a text, a number, a boolean or a reference"),
        ([each("E", "x", model("A"))], "ForEach steps need IterableItems"),
        ([each("E", ["x"], model("A"), most=51)], "MaxConcurrency must be a whole number from 1 to 50"),
        ([each("E", ["x"], model("A")), model("A")], "step A: the name is used twice"),
        (
            [each("E", ["x"], model("A")), model("A-3")],
            "step A-3: the name is one that an iteration of A takes",
        ),
        ([each("E", ["x"], model("A")), model("B", value_of("A"))], r"use Steps.E.IterationOutputs\[i\].A"),
        ([each("E", ["x"], model("A", value_of("E")))], "steps wait for each other: E -> E"),
        (
            [each("E", ["x"], model("A", value_of("B")), model("B", value_of("A")))],
            "steps wait for each other",
        ),
        ([model("A", ITEM)], "ForEach.CurrentItem is not known here"),
        (
            [each("E", ["x"], model("A"), selector=pick("Best", "A.ModelArn"))],
            "Selector needs a Pick of MaxBy or MinBy",
        ),
        (
            [each("E", ["x"], model("A"), selector=pick("MaxBy", "B.ModelArn"))],
            "must name a member of a step of the body",
        ),
        (
            [
                passing("P"),
                each("E", ["x"], model("A", DependsOn=[{"Step": "P", "Trigger": "Any"}])),
            ],
            "a run condition on P belongs to the ForEach step",
        ),
        ([each("E", ["x"], {"Name": "A", "Type": "EMR", "Arguments": {}})], "does not run steps of type EMR"),
    ],
)
def test_a_wrong_foreach_is_refused(lab: Lab, steps: Any, words: str) -> None:
    with pytest.raises(ClientError, match=words) as refused:
        lab.create(*steps)
    assert refused.value.response["Error"]["Code"] == "ValidationException"
