"""Lineage steps: entities and associations, all or none."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.sagemaker.pipelines.conftest import Lab, fail, get, join


def source(name: str) -> dict[str, Any]:
    return {"SourceUri": join("s3://lineage", get("Execution.PipelineExecutionId"), name, on="/")}


def action(name: Any) -> dict[str, Any]:
    return {"ActionName": name, "ActionType": "ModelTraining", "Source": source("run")}


def artifact(name: str | None, uri: str = "model") -> dict[str, Any]:
    named = {"ArtifactName": name} if name else {}
    return {**named, "ArtifactType": "Model", "Source": source(uri), "Properties": {"depth": 3}}


def end(noun: str, name: Any) -> dict[str, Any]:
    return {"Type": noun, "Name": name}


def record(**arguments: Any) -> dict[str, Any]:
    return {"Name": "Record", "Type": "Lineage", "Arguments": arguments}


NAMED = join("run", get("Execution.PipelineExecutionId"), on="-")


def test_entities_and_associations_are_there_and_their_arns_go_on(lab: Lab) -> None:
    group = {"ContextName": f"group-{uuid.uuid4().hex[:8]}", "ContextType": "G", "Source": source("group")}
    lab.sagemaker.create_context(**{**group, "Source": {"SourceUri": "s3://lineage/g"}})
    context = lab.sagemaker.describe_context(ContextName=group["ContextName"])["ContextArn"]
    step = record(
        Actions=[action(NAMED)],
        Artifacts=[artifact("model")],
        Associations=[
            {
                "Source": end("Action", NAMED),
                "Destination": end("Artifact", "model"),
                "AssociationType": "Produced",
            },
            {"Source": end("Artifact", "model"), "Destination": {"Arn": context}},
        ],
    )
    told = fail("F", get("Steps.Record.ArtifactArns['model']"))
    execution = lab.run(step, told)["PipelineExecutionArn"]
    steps = lab.steps(execution)
    metadata = steps["Record"]["Metadata"]["Lineage"]
    name = f"run-{execution.rpartition('/')[2]}"
    run, model = metadata["ActionArns"][name], metadata["ArtifactArns"]["model"]
    assert metadata["Associations"] == [
        {"SourceArn": run, "DestinationArn": model},
        {"SourceArn": model, "DestinationArn": context},
    ]
    assert steps["F"]["Metadata"]["Fail"]["ErrorMessage"] == model
    assert lab.sagemaker.describe_action(ActionName=name)["ActionType"] == "ModelTraining"
    described = lab.sagemaker.describe_artifact(ArtifactArn=model)
    assert (described["ArtifactName"], described["Properties"]) == ("model", {"depth": "3"})
    (found,) = lab.sagemaker.list_associations(SourceArn=run)["AssociationSummaries"]
    assert (found["DestinationArn"], found["AssociationType"]) == (model, "Produced")


def test_a_name_that_is_taken_fails_the_step_and_leaves_nothing(lab: Lab) -> None:
    name = f"taken-{uuid.uuid4().hex[:8]}"
    lab.sagemaker.create_action(ActionName=name, ActionType="T", Source={"SourceUri": "s3://lineage/x"})
    fresh = f"fresh-{uuid.uuid4().hex[:8]}"
    execution = lab.run(record(Actions=[action(fresh), action(name)]))
    assert execution["PipelineExecutionStatus"] == "Failed"
    reason = lab.steps(execution["PipelineExecutionArn"])["Record"]["FailureReason"]
    assert reason.startswith("ClientError: ")
    assert name in reason
    with pytest.raises(ClientError):
        lab.sagemaker.describe_action(ActionName=fresh)


def test_an_association_with_what_is_not_there_fails_the_step(lab: Lab) -> None:
    nowhere = "arn:aws:sagemaker:eu-west-1:111111111111:context/none"
    for destination in ({"Arn": nowhere}, end("Action", get("Execution.PipelineName"))):
        step = record(
            Artifacts=[artifact("model")],
            Associations=[{"Source": end("Artifact", "model"), "Destination": destination}],
        )
        execution = lab.run(step)
        assert execution["PipelineExecutionStatus"] == "Failed"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({}, "need entities"),
        ({"Actions": 1}, "Actions must be a list"),
        ({"Contexts": [1]}, "Contexts must be a list of objects"),
        ({"Artifacts": [artifact(None, str(number)) for number in range(6)]}, "at most 5 Artifacts"),
        ({"Actions": [{"ActionName": "a", "Source": source("x")}]}, "Actions needs ActionType"),
        ({"Actions": [{"ActionType": "a", "Source": source("x")}]}, "Actions needs ActionName"),
        ({"Artifacts": [{"ArtifactType": "a", "Source": {}}]}, "Source.SourceUri"),
        (
            {"Associations": [{"Source": {"Arn": "a"}, "Destination": {"Name": "b"}}]},
            "Destination of an association",
        ),
        (
            {"Associations": [{"Source": end("Action", "a"), "Destination": {"Arn": "a"}}]},
            "Source of an association is the Action 'a', which the step does not make",
        ),
        (
            {
                "Artifacts": [artifact("a")],
                "Associations": [{"Source": end("Action", "a"), "Destination": {"Arn": "a"}}],
            },
            "the Action 'a', which the step does not make",
        ),
    ],
)
def test_a_wrong_step_is_refused_at_creation(lab: Lab, arguments: Any, words: str) -> None:
    with pytest.raises(ClientError, match=f"step Record: .*{words}") as caught:
        lab.create(record(**arguments))
    assert caught.value.response["Error"]["Code"] == "ValidationException"
