"""Search and GetSearchSuggestions over resources of every searchable type."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.sagemaker.test_jobs_run import ROLE, SOON, train

Client = Callable[..., Any]


def names(answer: Any, resource: str, member: str) -> list[Any]:
    return [result[resource][member] for result in answer["Results"]]


def where(name: str, value: str, operator: str = "Equals") -> dict[str, Any]:
    return {"Filters": [{"Name": name, "Operator": operator, "Value": value}]}


def test_groups_and_their_versions_are_found(client: Client) -> None:
    sagemaker = client("sagemaker", "222222222222")
    for group in ("wine", "wine-red"):
        sagemaker.create_model_package_group(
            ModelPackageGroupName=group, Tags=[{"Key": "team", "Value": group}]
        )
        for approval in ("Approved", "Rejected"):
            sagemaker.create_model_package(
                ModelPackageGroupName=group,
                ModelApprovalStatus=approval,
                CustomerMetadataProperties={"mse": "5.5"},
            )
    search = sagemaker.search
    found = search(Resource="ModelPackageGroup", SearchExpression=where("ModelPackageGroupName", "wine"))
    assert names(found, "ModelPackageGroup", "ModelPackageGroupName") == ["wine"]
    assert found["TotalHits"] == {"Value": 1, "Relation": "EqualTo"}
    assert found["Results"][0]["ModelPackageGroup"]["Tags"] == [{"Key": "team", "Value": "wine"}]
    found = search(Resource="ModelPackageGroup", SearchExpression=where("Tags.team", "wine-red"))
    assert names(found, "ModelPackageGroup", "ModelPackageGroupName") == ["wine-red"]
    expression = {
        "Filters": [
            {"Name": "ModelPackageGroupName", "Operator": "Equals", "Value": "wine"},
            {"Name": "ModelApprovalStatus", "Operator": "Equals", "Value": "Approved"},
            {"Name": "CustomerMetadataProperties.mse", "Operator": "LessThan", "Value": "6"},
        ]
    }
    found = search(Resource="ModelPackage", SearchExpression=expression)
    assert names(found, "ModelPackage", "ModelPackageVersion") == [1]
    found = search(Resource="ModelPackage", SearchExpression=where("ModelPackageGroupName", "no-such"))
    assert found["Results"] == []
    everything = search(Resource="ModelPackage", SortBy="ModelPackageVersion", SortOrder="Ascending")
    assert names(everything, "ModelPackage", "ModelPackageVersion") == [1, 1, 2, 2]


def test_pages_and_tokens(client: Client) -> None:
    sagemaker = client("sagemaker", "333333333333")
    for number in range(5):
        sagemaker.create_model_package_group(ModelPackageGroupName=f"g{number}")
    pages = sagemaker.get_paginator("search").paginate(
        Resource="ModelPackageGroup",
        SortBy="ModelPackageGroupName",
        SortOrder="Ascending",
        PaginationConfig={"PageSize": 2},
    )
    found = [names(page, "ModelPackageGroup", "ModelPackageGroupName") for page in pages]
    assert found == [["g0", "g1"], ["g2", "g3"], ["g4"]]
    token = sagemaker.search(Resource="ModelPackageGroup", MaxResults=2)["NextToken"]
    with pytest.raises(ClientError, match="Invalid pagination token"):
        sagemaker.search(Resource="ModelPackageGroup", MaxResults=2, SortBy="CreationTime", NextToken=token)


def test_pipelines_executions_and_their_parameters(client: Client) -> None:
    sagemaker = client("sagemaker", "444444444444")
    definition = {
        "Version": "2020-12-01",
        "Parameters": [{"Name": "Size", "Type": "Integer", "DefaultValue": 3}],
        "Steps": [{"Name": "End", "Type": "Fail", "Arguments": {"ErrorMessage": "on purpose"}}],
    }
    sagemaker.create_pipeline(
        PipelineName="searched",
        RoleArn=ROLE,
        PipelineDefinition=json.dumps(definition),
        ClientRequestToken="t" * 32,
        Tags=[{"Key": "k", "Value": "v"}],
    )
    arn = sagemaker.start_pipeline_execution(PipelineName="searched")["PipelineExecutionArn"]
    found = sagemaker.search(Resource="Pipeline", SearchExpression=where("Tags.k", "v"))
    assert names(found, "Pipeline", "PipelineName") == ["searched"]
    found = sagemaker.search(
        Resource="PipelineExecution",
        SearchExpression=where("PipelineExecutionStatus", "Executing,Failed", "In"),
    )
    assert names(found, "PipelineExecution", "PipelineExecutionArn") == [arn]
    assert names(found, "PipelineExecution", "PipelineParameters") == [[{"Name": "Size", "Value": "3"}]]
    hidden = sagemaker.search(Resource="Pipeline", VisibilityConditions=[{"Key": "Tags.k", "Value": "other"}])
    assert hidden["Results"] == []
    shared = sagemaker.search(Resource="Pipeline", CrossAccountFilterOption="CrossAccount")
    assert shared["Results"] == []


def test_training_jobs_by_their_inputs(client: Client) -> None:
    sagemaker = client("sagemaker")
    train(client, "searchable", "pass")
    sagemaker.get_waiter("training_job_completed_or_stopped").wait(
        TrainingJobName="searchable", WaiterConfig=SOON
    )
    expression = {
        "Filters": [
            {"Name": "TrainingJobStatus", "Operator": "Equals", "Value": "Completed"},
            {"Name": "OutputDataConfig.S3OutputPath", "Operator": "Contains", "Value": "out-searchable"},
        ]
    }
    found = sagemaker.search(Resource="TrainingJob", SearchExpression=expression)
    assert names(found, "TrainingJob", "TrainingJobName") == ["searchable"]
    model = sagemaker.create_model(
        ModelName="searched",
        ExecutionRoleArn=ROLE,
        PrimaryContainer={"Image": "python:3.11", "Environment": {"A": "b"}},
    )
    found = sagemaker.search(Resource="Model", SearchExpression=where("PrimaryContainer.Environment.A", "b"))
    assert [result["Model"]["Model"]["ModelArn"] for result in found["Results"]] == [model["ModelArn"]]


@pytest.mark.parametrize(
    ("request_", "code", "message"),
    [
        ({"Resource": "Image"}, "NotImplementedException", "does not search resources of type Image"),
        ({"Resource": "Nothing"}, "ValidationException", "enum value set"),
        (
            {"Resource": "Pipeline", "SearchExpression": where("Nope", "x")},
            "ValidationException",
            "Unknown property name: Nope",
        ),
        ({"Resource": "Pipeline", "SortBy": "Nope"}, "ValidationException", "Unknown property name: Nope"),
    ],
)
def test_bad_searches_are_refused(client: Client, request_: dict[str, Any], code: str, message: str) -> None:
    with pytest.raises(ClientError, match=message) as caught:
        client("sagemaker").search(**request_)
    assert caught.value.response["Error"]["Code"] == code


def test_suggestions(client: Client) -> None:
    answer = client("sagemaker").get_search_suggestions(
        Resource="TrainingJob", SuggestionQuery={"PropertyNameQuery": {"PropertyNameHint": "hyper"}}
    )
    assert answer["PropertyNameSuggestions"] == [{"PropertyName": "HyperParameters.*"}]
