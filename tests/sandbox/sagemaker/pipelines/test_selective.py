"""Selective execution: chosen steps on the results of an earlier execution."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.sagemaker.pipelines.conftest import Lab, condition, equals, fail, get, passing

PARAMETERS = [{"Name": "Text", "Type": "String", "DefaultValue": "first"}]


def model(name: str, value: Any = "none", **members: Any) -> dict[str, Any]:
    """A step whose result others can refer to: ``PrimaryContainer.Environment.value``."""
    container = {"Image": "none", "Environment": {"value": value}}
    return {"Name": name, "Type": "Model", "Arguments": {"PrimaryContainer": container}, **members}


def value_of(name: str) -> dict[str, str]:
    return get(f"Steps.{name}.PrimaryContainer.Environment.value")


def choose(*names: str, source: str | None = None) -> dict[str, Any]:
    config: dict[str, Any] = {"SelectedSteps": [{"StepName": name} for name in names]}
    return {
        "SelectiveExecutionConfig": {**config, **({"SourcePipelineExecutionArn": source} if source else {})}
    }


@pytest.fixture
def chain(lab: Lab) -> str:
    """A → B → C, each with the value of the one before; D apart."""
    return lab.create(
        model("A", get("Parameters.Text")),
        model("B", value_of("A")),
        model("C", value_of("B")),
        passing("D"),
        parameters=PARAMETERS,
    )


def environment(lab: Lab, step: Any) -> Any:
    name = step["Metadata"]["Model"]["Arn"].rpartition("/")[2]
    return lab.sagemaker.describe_model(ModelName=name)["PrimaryContainer"]["Environment"]["value"]


def test_chosen_steps_run_on_what_the_source_made(lab: Lab, chain: str) -> None:
    source = lab.start(chain, {"Text": "old"})
    assert lab.ended(source)["PipelineExecutionStatus"] == "Succeeded"
    arn = lab.start(chain, {"Text": "new"}, **choose("B", "C", source=source))
    execution = lab.ended(arn)
    assert execution["PipelineExecutionStatus"] == "Succeeded"
    assert (
        execution["SelectiveExecutionConfig"] == choose("B", "C", source=source)["SelectiveExecutionConfig"]
    )
    before, steps = lab.steps(source), lab.steps(arn)
    assert list(steps) == ["C", "B", "A"]
    assert steps["A"]["StepStatus"] == "Succeeded"
    assert steps["A"]["SelectiveExecutionResult"] == {"SourcePipelineExecutionArn": source}
    assert steps["A"]["Metadata"] == before["A"]["Metadata"]
    assert "SelectiveExecutionResult" not in steps["B"]
    assert steps["B"]["Metadata"] != before["B"]["Metadata"]
    assert environment(lab, steps["C"]) == "old"


def test_what_was_taken_over_is_taken_over_again_from_where_it_ran(lab: Lab, chain: str) -> None:
    source = lab.start(chain)
    lab.ended(source)
    second = lab.start(chain, **choose("B", source=source))
    lab.ended(second)
    third = lab.start(chain, **choose("C", source=second))
    steps = lab.steps(lab.ended(third)["PipelineExecutionArn"])
    origins = {name: step.get("SelectiveExecutionResult") for name, step in steps.items()}
    assert origins == {
        "A": {"SourcePipelineExecutionArn": source},
        "B": {"SourcePipelineExecutionArn": second},
        "C": None,
    }


def test_steps_that_need_nothing_need_no_source(lab: Lab, chain: str) -> None:
    execution = lab.ended(lab.start(chain, **choose("A", "D")))
    assert set(lab.steps(execution["PipelineExecutionArn"])) == {"A", "D"}


def test_a_condition_that_is_taken_over_keeps_its_outcome(lab: Lab) -> None:
    gate = condition(
        "Gate", equals(get("Parameters.Text"), "first"), then=[model("Yes")], otherwise=[model("No")]
    )
    name = lab.create(gate, parameters=PARAMETERS)
    source = lab.start(name)
    lab.ended(source)
    execution = lab.ended(lab.start(name, {"Text": "other"}, **choose("Yes", "No", source=source)))
    assert execution["PipelineExecutionStatus"] == "Succeeded"
    steps = lab.steps(execution["PipelineExecutionArn"])
    assert set(steps) == {"Gate", "Yes"}
    assert steps["Gate"]["Metadata"] == {"Condition": {"Outcome": "True"}}


def test_a_failed_execution_may_be_a_source_for_what_succeeded_in_it(lab: Lab) -> None:
    name = lab.create(
        model("A"), fail("Stop", DependsOn=["A"]), model("B", value_of("A"), DependsOn=["Stop"])
    )
    source = lab.start(name)
    assert lab.ended(source)["PipelineExecutionStatus"] == "Failed"
    with pytest.raises(ClientError, match=r"Steps \[Stop\] have not succeeded in the source execution"):
        lab.start(name, **choose("B", source=source))


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        (["A", "C"], r"Steps \[B\] lie between selected steps"),
        (["A", "X"], r"Selected steps \[X\] do not exist"),
        (["C"], r"SourcePipelineExecutionArn must be given: .* \[A, B\]"),
    ],
)
def test_a_wrong_choice_is_refused(lab: Lab, chain: str, chosen: list[str], words: str) -> None:
    with pytest.raises(ClientError, match=words) as refused:
        lab.start(chain, **choose(*chosen))
    assert refused.value.response["Error"]["Code"] == "ValidationException"
    assert lab.sagemaker.list_pipeline_executions(PipelineName=chain)["PipelineExecutionSummaries"] == []


def test_the_source_must_be_an_execution_of_this_pipeline(lab: Lab, chain: str) -> None:
    other = lab.start(lab.create(passing("A")))
    lab.ended(other)
    with pytest.raises(ClientError, match="is no execution of pipeline"):
        lab.start(chain, **choose("B", source=other))


def test_only_what_was_chosen_is_retried(lab: Lab) -> None:
    name = lab.create(model("A"), fail("B", DependsOn=["A"]), passing("C"))
    source = lab.start(name)
    lab.ended(source)
    arn = lab.start(name, **choose("B", source=source))
    assert lab.ended(arn)["PipelineExecutionStatus"] == "Failed"
    lab.sagemaker.retry_pipeline_execution(PipelineExecutionArn=arn)
    assert lab.ended(arn)["PipelineExecutionStatus"] == "Failed"
    steps = lab.steps(arn)
    assert {step: each["AttemptCount"] for step, each in steps.items()} == {"A": 1, "B": 2}
