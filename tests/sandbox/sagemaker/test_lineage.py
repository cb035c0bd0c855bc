"""Lineage by hand, and what the sandbox writes of its own jobs."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.sagemaker.test_jobs_run import SOON, train

Client = Callable[..., Any]


@pytest.fixture
def sagemaker(client: Client) -> Any:
    return client("sagemaker")


def artifact(sagemaker: Any, uri: str, kind: str = "DataSet", **extra: Any) -> str:
    created = sagemaker.create_artifact(Source={"SourceUri": uri}, ArtifactType=kind, **extra)
    return str(created["ArtifactArn"])


def refused(call: Callable[[], object]) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call()
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def test_an_artifact_lives_its_life(sagemaker: Any) -> None:
    arn = artifact(
        sagemaker,
        "s3://data/one",
        ArtifactName="one",
        Properties={"a": "1", "b": "2"},
        MetadataProperties={"CommitId": "abc"},
        Tags=[{"Key": "k", "Value": "v"}],
    )
    sagemaker.update_artifact(
        ArtifactArn=arn, ArtifactName="uno", Properties={"c": "3"}, PropertiesToRemove=["a"]
    )
    told = sagemaker.describe_artifact(ArtifactArn=arn)
    assert (told["ArtifactName"], told["ArtifactType"]) == ("uno", "DataSet")
    assert told["Properties"] == {"b": "2", "c": "3"}
    assert told["MetadataProperties"] == {"CommitId": "abc"}
    assert told["CreatedBy"]["IamIdentity"]["Arn"].startswith("arn:aws:iam::111111111111:")
    assert told["CreationTime"] < told["LastModifiedTime"]
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "k", "Value": "v"}]
    code, message = refused(lambda: artifact(sagemaker, "s3://data/one"))
    assert (code, "already exists" in message) == ("ValidationException", True)
    found = sagemaker.list_artifacts(SourceUri="s3://data/one")["ArtifactSummaries"]
    assert [entry["ArtifactArn"] for entry in found] == [arn]
    assert sagemaker.delete_artifact(Source={"SourceUri": "s3://data/one"})["ArtifactArn"] == arn
    assert refused(lambda: sagemaker.describe_artifact(ArtifactArn=arn))[0] == "ResourceNotFound"
    assert refused(lambda: sagemaker.delete_artifact())[0] == "ValidationException"


def test_actions_and_contexts_are_named(sagemaker: Any) -> None:
    source = {"SourceUri": "s3://approvals/1", "SourceType": "Ticket", "SourceId": "7"}
    sagemaker.create_action(ActionName="approve", ActionType="Approval", Source=source, Status="InProgress")
    sagemaker.update_action(ActionName="approve", Status="Completed", Description="done")
    action = sagemaker.describe_action(ActionName="approve")
    assert (action["Status"], action["Description"], action["Source"]) == ("Completed", "done", source)
    assert refused(
        lambda: sagemaker.create_action(ActionName="approve", ActionType="Approval", Source=source)
    ) == ("ValidationException", f"Action with name approve already exists: {action['ActionArn']}")
    sagemaker.create_context(ContextName="endpoint_1", ContextType="Endpoint", Source={"SourceUri": "x"})
    sagemaker.update_context(ContextName="endpoint_1", Properties={"a": "b"})
    assert sagemaker.describe_context(ContextName="endpoint_1")["Properties"] == {"a": "b"}
    listed = sagemaker.list_contexts(ContextType="Endpoint")["ContextSummaries"]
    assert [entry["ContextName"] for entry in listed] == ["endpoint_1"]
    listed = sagemaker.list_actions(ActionType="Approval", SortBy="Name")["ActionSummaries"]
    assert [entry["Status"] for entry in listed] == ["Completed"]
    sagemaker.delete_action(ActionName="approve")
    sagemaker.delete_context(ContextName="endpoint_1")
    assert sagemaker.list_contexts(ContextType="Endpoint")["ContextSummaries"] == []


def test_associations_hold_what_they_join(client: Client) -> None:
    sagemaker = client("sagemaker", "222222222222")
    data, model = artifact(sagemaker, "s3://d"), artifact(sagemaker, "s3://m", "Model")
    for source, destination in ((data, model), (data, model)):  # twice is once
        sagemaker.add_association(
            SourceArn=source, DestinationArn=destination, AssociationType="ContributedTo"
        )
    listed = sagemaker.list_associations(SourceArn=data)["AssociationSummaries"]
    assert [(each["SourceType"], each["DestinationType"], each["AssociationType"]) for each in listed] == [
        ("DataSet", "Model", "ContributedTo")
    ]
    assert len(sagemaker.list_associations(DestinationType="Model")["AssociationSummaries"]) == 1
    assert sagemaker.list_associations(AssociationType="SameAs")["AssociationSummaries"] == []
    assert "has associations" in refused(lambda: sagemaker.delete_artifact(ArtifactArn=data))[1]
    gone = model[:-4] + "0000"
    assert (
        refused(lambda: sagemaker.add_association(SourceArn=data, DestinationArn=gone))[0]
        == "ResourceNotFound"
    )
    assert (
        refused(lambda: sagemaker.add_association(SourceArn=data, DestinationArn=data))[0]
        == "ValidationException"
    )
    sagemaker.delete_association(SourceArn=data, DestinationArn=model)
    again = refused(lambda: sagemaker.delete_association(SourceArn=data, DestinationArn=model))
    assert again[0] == "ResourceNotFound"
    sagemaker.delete_artifact(ArtifactArn=data)


def test_the_graph_is_walked_both_ways(client: Client) -> None:
    sagemaker = client("sagemaker", "333333333333")
    arns = [artifact(sagemaker, f"s3://chain/{number}", Properties={"n": str(number)}) for number in range(4)]
    sagemaker.create_action(ActionName="beside", ActionType="Approval", Source={"SourceUri": "s"})
    beside = sagemaker.describe_action(ActionName="beside")["ActionArn"]
    for source, destination in [*itertools.pairwise(arns), (arns[1], beside)]:
        sagemaker.add_association(SourceArn=source, DestinationArn=destination)

    def query(**options: Any) -> set[str]:
        answer = sagemaker.query_lineage(StartArns=[arns[1]], **{"IncludeEdges": False, **options})
        return {vertex["Arn"] for vertex in answer["Vertices"]}

    assert query() == {arns[0], arns[2], arns[3], beside}
    assert query(Direction="Ascendants") == {arns[0]}
    assert query(Direction="Descendants", MaxDepth=1) == {arns[2], beside}
    assert query(Filters={"LineageTypes": ["Action"]}) == {beside}
    assert query(Filters={"Types": ["DataSet"], "Properties": {"n": "3"}}) == {arns[3]}
    with_edges = sagemaker.query_lineage(StartArns=[arns[1]], Direction="Descendants")
    assert {(edge["SourceArn"], edge["DestinationArn"]) for edge in with_edges["Edges"]} == {
        (arns[1], arns[2]),
        (arns[2], arns[3]),
        (arns[1], beside),
    }
    assert {vertex["Arn"] for vertex in with_edges["Vertices"]} == {arns[1], arns[2], arns[3], beside}
    assert refused(lambda: sagemaker.query_lineage(Direction="Both"))[0] == "ValidationException"


def test_a_job_and_a_package_leave_their_lineage(client: Client) -> None:
    sagemaker = client("sagemaker")
    train(client, "traced", "print('loss=0.5;')")
    waiter = sagemaker.get_waiter("training_job_completed_or_stopped")
    waiter.wait(TrainingJobName="traced", WaiterConfig=SOON)
    job = sagemaker.describe_training_job(TrainingJobName="traced")
    (component,) = sagemaker.list_trial_components(SourceArn=job["TrainingJobArn"])["TrialComponentSummaries"]
    assert component["TrialComponentName"] == "traced-aws-training-job"
    assert component["Status"]["PrimaryStatus"] == "Completed"
    data = job["ModelArtifacts"]["S3ModelArtifacts"]
    container = {"Image": "python:3.11", "ModelDataUrl": data}
    sagemaker.create_model_package_group(ModelPackageGroupName="traced")
    package = sagemaker.create_model_package(
        ModelPackageGroupName="traced",
        InferenceSpecification={
            "Containers": [container],
            "SupportedContentTypes": ["text/csv"],
            "SupportedResponseMIMETypes": ["text/csv"],
        },
    )["ModelPackageArn"]
    (registered,) = sagemaker.list_artifacts(SourceUri=package)["ArtifactSummaries"]
    answer = sagemaker.query_lineage(
        StartArns=[registered["ArtifactArn"]], Direction="Ascendants", IncludeEdges=False
    )
    assert {(vertex["Type"], vertex["LineageType"]) for vertex in answer["Vertices"]} == {
        ("Model", "Artifact"),
        ("TrainingJob", "TrialComponent"),
        ("Image", "Artifact"),
    }
    groups = sagemaker.query_lineage(
        StartArns=[component["TrialComponentArn"]],
        Direction="Descendants",
        IncludeEdges=False,
        Filters={"LineageTypes": ["Context"]},
    )
    assert [vertex["Type"] for vertex in groups["Vertices"]] == ["ModelGroup"]
