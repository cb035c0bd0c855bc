"""Versions and aliases of pipelines, and what an execution carries: experiment, MLflow, parallelism, definition."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.sagemaker.pipelines.conftest import Lab, document, get, join, passing


def versioned(lab: Lab) -> str:
    """A pipeline of two versions, the second of which is called new."""
    name = lab.create(passing("One"), PipelineVersionAliases=["old", "v1.0"])
    updated = lab.sagemaker.update_pipeline(
        PipelineName=name, PipelineDefinition=document(passing("Two")), PipelineVersionAliases=["new"]
    )
    assert updated["PipelineVersionId"] == 2
    return name


def test_an_execution_starts_from_a_version_or_an_alias(lab: Lab) -> None:
    name = versioned(lab)
    starts: list[dict[str, Any]] = [
        {},
        {"PipelineVersionId": 1},
        {"PipelineVersionAlias": "v1.0"},
        {"PipelineVersionAlias": "new"},
    ]
    ran = []
    for members in starts:
        execution = lab.ended(lab.start(name, **members))
        steps = lab.steps(execution["PipelineExecutionArn"])
        ran.append((set(steps), execution["PipelineVersionId"], execution["PipelineVersionAliases"]))
        told = lab.sagemaker.describe_pipeline_definition_for_execution(
            PipelineExecutionArn=execution["PipelineExecutionArn"]
        )
        assert {step["Name"] for step in json.loads(told["PipelineDefinition"])["Steps"]} == set(steps)
    old, new = ({"One"}, 1, ["old", "v1.0"]), ({"Two"}, 2, ["new"])
    assert ran == [new, old, old, new]
    listed = lab.sagemaker.list_pipeline_executions(PipelineName=name, PipelineVersionAlias="old")
    assert len(listed["PipelineExecutionSummaries"]) == 2
    described = lab.sagemaker.describe_pipeline(PipelineName=name, PipelineVersionAlias="old")
    assert described["PipelineVersionAliases"] == ["old", "v1.0"]
    assert json.loads(described["PipelineDefinition"])["Steps"][0]["Name"] == "One"
    versions = lab.sagemaker.list_pipeline_versions(PipelineName=name)["PipelineVersionSummaries"]
    assert [each["PipelineVersionAliases"] for each in versions] == [["new"], ["old", "v1.0"]]


def test_an_alias_moves_when_it_was_taken_away_first(lab: Lab) -> None:
    name = versioned(lab)
    arn = lab.sagemaker.describe_pipeline(PipelineName=name)["PipelineArn"]

    def change(number: int, **operations: list[str]) -> None:
        lab.sagemaker.update_pipeline_version(
            PipelineArn=arn, PipelineVersionId=number, PipelineVersionAliasOperations=operations
        )

    with pytest.raises(ClientError, match="The alias old belongs to version 1"):
        change(2, Add=["old"])
    with pytest.raises(ClientError, match="has no alias old"):
        change(2, Remove=["old"])
    with pytest.raises(ClientError, match="both added and removed"):
        change(1, Add=["x"], Remove=["x"])
    with pytest.raises(ClientError, match="consists of numbers only"):
        change(1, Add=["12"])
    change(1, Remove=["old"])
    change(2, Add=["old"])
    described = lab.sagemaker.describe_pipeline(PipelineName=name, PipelineVersionAlias="old")
    assert described["PipelineVersionAliases"] == ["new", "old"]
    with pytest.raises(ClientError, match="has at most 10 aliases"):
        change(2, Add=[f"a{number}" for number in range(9)])


@pytest.mark.parametrize(
    "call", ["start_pipeline_execution", "describe_pipeline", "list_pipeline_executions"]
)
def test_an_unknown_alias_is_not_found(lab: Lab, call: str) -> None:
    name = lab.create(passing("One"))
    with pytest.raises(ClientError, match="no version with the alias none") as refused:
        getattr(lab.sagemaker, call)(PipelineName=name, PipelineVersionAlias="none")
    assert refused.value.response["Error"]["Code"] == "ResourceNotFound"


def test_version_and_alias_together_are_refused(lab: Lab) -> None:
    name = versioned(lab)
    with pytest.raises(ClientError, match="Only one of PipelineVersionId and PipelineVersionAlias"):
        lab.start(name, PipelineVersionId=1, PipelineVersionAlias="old")


def test_aliases_need_a_new_definition(lab: Lab) -> None:
    name = versioned(lab)
    with pytest.raises(ClientError, match="only with a new definition"):
        lab.sagemaker.update_pipeline(PipelineName=name, PipelineVersionAliases=["x"])
    with pytest.raises(ClientError, match="The alias old belongs to version 1"):
        lab.sagemaker.update_pipeline(
            PipelineName=name, PipelineDefinition=document(passing("Three")), PipelineVersionAliases=["old"]
        )
    assert (
        lab.sagemaker.list_pipeline_versions(PipelineName=name)["PipelineVersionSummaries"][0][
            "PipelineVersionId"
        ]
        == 2
    )


def test_names_of_experiments_are_carried(lab: Lab) -> None:
    app = "arn:aws:sagemaker:eu-west-1:111111111111:mlflow-app/app-1"
    definition = json.dumps(
        {
            "Version": "2020-12-01",
            "Parameters": [{"Name": "Team", "Type": "String", "DefaultValue": "red"}],
            "PipelineExperimentConfig": {
                "ExperimentName": join(get("Parameters.Team"), get("Execution.PipelineName"), on="-"),
                "TrialName": get("Execution.PipelineExecutionId"),
            },
            "MlflowConfig": {"MlflowResourceArn": app, "MlflowExperimentName": "usual"},
            "Steps": [passing("One")],
        }
    )
    name = lab.create(PipelineDefinition=definition)
    usual = lab.describe(lab.start(name))
    assert usual["PipelineExperimentConfig"] == {
        "ExperimentName": f"red-{name}",
        "TrialName": usual["PipelineExecutionArn"].rpartition("/")[2],
    }
    assert usual["MLflowConfig"] == {"MlflowResourceArn": app, "MlflowExperimentName": "usual"}
    special = lab.describe(lab.start(name, MlflowExperimentName="special"))
    assert special["MLflowConfig"]["MlflowExperimentName"] == "special"
    with pytest.raises(ClientError, match=r"ExperimentName 'no good-p-.* must satisfy the pattern"):
        lab.start(name, {"Team": "no good"})


def test_parallelism_is_the_starts_or_the_pipelines_and_can_be_changed(lab: Lab) -> None:
    def most(number: int) -> dict[str, Any]:
        return {"ParallelismConfiguration": {"MaxParallelExecutionSteps": number}}

    name = lab.create(passing("One"), **most(3))
    assert lab.describe(lab.start(name))["ParallelismConfiguration"] == {"MaxParallelExecutionSteps": 3}
    arn = lab.start(name, **most(5))
    assert lab.describe(arn)["ParallelismConfiguration"] == {"MaxParallelExecutionSteps": 5}
    lab.ended(arn)
    lab.sagemaker.update_pipeline_execution(
        PipelineExecutionArn=arn, PipelineExecutionDescription="changed", **most(7)
    )
    changed = lab.describe(arn)
    assert changed["PipelineExecutionDescription"] == "changed"
    assert changed["ParallelismConfiguration"] == {"MaxParallelExecutionSteps": 7}
    assert changed["PipelineExecutionStatus"] == "Succeeded"
