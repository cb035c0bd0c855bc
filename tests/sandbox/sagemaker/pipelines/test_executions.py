"""What executions do, by definitions that run no process: order, branches, values, failure, lists, idempotency."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.sagemaker.pipelines.conftest import (
    ROLE,
    Lab,
    condition,
    document,
    equals,
    fail,
    get,
    join,
    passing,
)

FAILED = "Step failure: One or multiple steps failed"


def less(left: Any, right: Any) -> dict[str, Any]:
    return {"Type": "LessThan", "LeftValue": left, "RightValue": right}


def test_a_fail_step_ends_the_execution_with_its_words(lab: Lab) -> None:
    parameters = [
        {"Name": "Flag", "Type": "Boolean", "DefaultValue": False},
        {"Name": "Whole", "Type": "Integer", "DefaultValue": 1},
        {"Name": "Float", "Type": "Float", "DefaultValue": 0.5},
    ]
    words = join("returns:", *(get(f"Parameters.{p['Name']}") for p in parameters), on=" ")
    execution = lab.run(fail("F", words), parameters=parameters, given={"Whole": "3"})
    assert execution["PipelineExecutionStatus"] == "Failed"
    assert FAILED in execution["FailureReason"]
    step = lab.steps(execution["PipelineExecutionArn"])["F"]
    assert step["StepStatus"] == "Failed"
    assert step["Metadata"] == {"Fail": {"ErrorMessage": "returns: false 3 0.5"}}
    assert step["FailureReason"] == "returns: false 3 0.5"
    assert step["EndTime"] >= step["StartTime"]


def test_a_fail_step_may_have_no_words(lab: Lab) -> None:
    step = lab.steps(lab.run(fail("F"))["PipelineExecutionArn"])["F"]
    assert step["Metadata"] == {"Fail": {"ErrorMessage": ""}}
    assert "FailureReason" not in step


def test_only_the_branch_that_is_taken_runs_and_is_listed(lab: Lab) -> None:
    gate = condition(
        "Gate",
        less(get("Parameters.Error"), 6.0),
        then=[passing("Yes"), passing("Later", DependsOn=["Yes"])],
        otherwise=[fail("No"), condition("Inner", equals(1, 2), otherwise=[fail("Deep")])],
    )
    outside = [passing("AfterYes", DependsOn=["Later"]), passing("AfterNo", DependsOn=["Inner"])]
    chain = passing("AfterAfterNo", DependsOn=["AfterNo"])
    parameters = [{"Name": "Error", "Type": "Float", "DefaultValue": 5.5}]
    name = lab.create(gate, *outside, chain, parameters=parameters)

    good = lab.ended(lab.start(name))
    assert good["PipelineExecutionStatus"] == "Succeeded"
    assert "FailureReason" not in good
    steps = lab.steps(good["PipelineExecutionArn"])
    assert set(steps) == {"Gate", "Yes", "Later", "AfterYes"}
    assert steps["Gate"]["Metadata"] == {"Condition": {"Outcome": "True"}}
    assert {step["AttemptCount"] for step in steps.values()} == {1}

    bad = lab.ended(lab.start(name, {"Error": "7"}))
    assert bad["PipelineExecutionStatus"] == "Failed"
    steps = lab.steps(bad["PipelineExecutionArn"])
    assert steps["Gate"]["Metadata"] == {"Condition": {"Outcome": "False"}}
    assert not {"Yes", "Later", "AfterYes"} & set(steps)


def test_a_branch_that_is_empty_succeeds(lab: Lab) -> None:
    assert lab.run(condition("Gate", equals(1, 2)))["PipelineExecutionStatus"] == "Succeeded"


def test_all_conditions_of_a_step_must_hold(lab: Lab) -> None:
    execution = lab.run(
        condition("Both", equals(1, 1), equals(1, 2)),
        condition(
            "Nested",
            {"Type": "Or", "Conditions": [equals("a", "b"), {"Type": "Not", "Condition": equals(1, 2)}]},
            {"Type": "In", "QueryValue": get("Parameters.P"), "Values": ["a", "b"]},
        ),
        parameters=[{"Name": "P", "Type": "String", "DefaultValue": "b"}],
    )
    steps = lab.steps(execution["PipelineExecutionArn"])
    assert steps["Both"]["Metadata"]["Condition"]["Outcome"] == "False"
    assert steps["Nested"]["Metadata"]["Condition"]["Outcome"] == "True"


def test_a_condition_s_outcome_can_be_referred_to(lab: Lab) -> None:
    execution = lab.run(passing("C"), fail("F", get("Steps.C.Outcome")))
    step = lab.steps(execution["PipelineExecutionArn"])["F"]
    assert step["Metadata"]["Fail"]["ErrorMessage"] == "True"


def test_execution_variables_tell_about_the_execution(lab: Lab) -> None:
    members = ("PipelineName", "PipelineArn", "PipelineExecutionId", "PipelineExecutionArn", "StartDateTime")
    variables = (get(f"Execution.{member}") for member in members)
    name = lab.create(fail("F", join(*variables, on="|")))
    arn = lab.start(name)
    told = lab.steps(arn)["F"]["Metadata"]["Fail"]["ErrorMessage"].split("|")
    pipeline = arn.partition("/execution/")[0]
    assert told[:4] == [name, pipeline, arn.rpartition("/")[2], arn]
    assert told[4].endswith("Z")
    assert len(arn.rpartition("/")[2]) == 12


def test_a_value_that_is_not_there_fails_its_step_and_says_so(lab: Lab) -> None:
    execution = lab.run(passing("C"), fail("F", get("Steps.C.Nothing.More")))
    step = lab.steps(execution["PipelineExecutionArn"])["F"]
    assert step["StepStatus"] == "Failed"
    assert "Nothing" in step["FailureReason"]


def test_after_a_failure_nothing_new_starts(lab: Lab) -> None:
    execution = lab.run(fail("F"), passing("After", DependsOn=["F"]))
    assert set(lab.steps(execution["PipelineExecutionArn"])) == {"F"}


def test_steps_are_listed_newest_first_in_pages(lab: Lab) -> None:
    chain = [passing("S0"), *(passing(f"S{n}", DependsOn=[f"S{n - 1}"]) for n in range(1, 5))]
    arn = lab.run(*chain)["PipelineExecutionArn"]
    assert list(lab.steps(arn)) == ["S4", "S3", "S2", "S1", "S0"]
    pages = lab.sagemaker.get_paginator("list_pipeline_execution_steps").paginate(
        PipelineExecutionArn=arn, SortOrder="Ascending", PaginationConfig={"PageSize": 2}
    )
    names = [[step["StepName"] for step in page["PipelineExecutionSteps"]] for page in pages]
    assert names == [["S0", "S1"], ["S2", "S3"], ["S4"]]


def test_a_start_with_the_same_token_is_the_same_execution(lab: Lab) -> None:
    name, token = lab.create(passing("A")), uuid.uuid4().hex
    arn = lab.start(name, ClientRequestToken=token)
    assert lab.start(name, ClientRequestToken=token) == arn
    assert lab.start(name) != arn
    executions = lab.sagemaker.list_pipeline_executions(PipelineName=name)["PipelineExecutionSummaries"]
    assert len(executions) == 2


def test_a_pipeline_is_started_by_its_arn_as_well(lab: Lab) -> None:
    name = lab.create(passing("A"))
    arn = lab.sagemaker.describe_pipeline(PipelineName=name)["PipelineArn"]
    assert lab.start(arn).startswith(f"{arn}/execution/")


def test_the_latest_execution_is_the_first_of_the_list(lab: Lab) -> None:
    name = lab.create(passing("A"))
    arns = [lab.start(name, PipelineExecutionDisplayName=f"run-{n}") for n in range(3)]
    latest = lab.sagemaker.list_pipeline_executions(
        PipelineName=name, SortBy="CreationTime", SortOrder="Descending", MaxResults=1
    )["PipelineExecutionSummaries"]
    assert [summary["PipelineExecutionArn"] for summary in latest] == arns[-1:]
    assert latest[0]["PipelineExecutionDisplayName"] == "run-2"
    pages = lab.sagemaker.get_paginator("list_pipeline_executions").paginate(
        PipelineName=name, SortOrder="Ascending", PaginationConfig={"PageSize": 2}
    )
    listed = [s["PipelineExecutionArn"] for page in pages for s in page["PipelineExecutionSummaries"]]
    assert listed == arns
    by_arn = lab.sagemaker.list_pipeline_executions(PipelineName=name, SortBy="PipelineExecutionArn")
    names = [summary["PipelineExecutionArn"] for summary in by_arn["PipelineExecutionSummaries"]]
    assert names == sorted(arns, reverse=True)


def test_an_execution_tells_its_parameters_and_its_definition(lab: Lab) -> None:
    parameters = [
        {"Name": "A", "Type": "Integer", "DefaultValue": 1},
        {"Name": "B", "Type": "Boolean", "DefaultValue": True},
    ]
    name = lab.create(passing("S"), parameters=parameters)
    arn = lab.start(name, {"A": "5"})
    lab.sagemaker.update_pipeline(PipelineName=name, PipelineDefinition=document(passing("Other")))
    told = lab.sagemaker.list_pipeline_parameters_for_execution(PipelineExecutionArn=arn)
    values = {entry["Name"]: entry["Value"] for entry in told["PipelineParameters"]}
    assert values["A"] == "5"
    definition = lab.sagemaker.describe_pipeline_definition_for_execution(PipelineExecutionArn=arn)
    assert json.loads(definition["PipelineDefinition"])["Steps"][0]["Name"] == "S"


def test_an_execution_s_description_can_be_changed(lab: Lab) -> None:
    arn = lab.start(lab.create(passing("A")))
    lab.sagemaker.update_pipeline_execution(
        PipelineExecutionArn=arn, PipelineExecutionDisplayName="shown", PipelineExecutionDescription="why"
    )
    described = lab.describe(arn)
    assert described["PipelineExecutionDisplayName"] == "shown"
    assert described["PipelineExecutionDescription"] == "why"


def test_an_older_version_can_be_started(lab: Lab) -> None:
    name = lab.create(fail("Old"))
    answer = lab.sagemaker.update_pipeline(PipelineName=name, PipelineDefinition=document(fail("New")))
    assert answer["PipelineVersionId"] == 2
    assert set(lab.steps(lab.start(name, PipelineVersionId=1))) == {"Old"}
    assert set(lab.steps(lab.start(name))) == {"New"}
    versions = lab.sagemaker.list_pipeline_versions(PipelineName=name)["PipelineVersionSummaries"]
    assert [version["PipelineVersionId"] for version in versions] == [2, 1]
    arn = lab.sagemaker.describe_pipeline(PipelineName=name)["PipelineArn"]
    lab.sagemaker.update_pipeline_version(
        PipelineArn=arn, PipelineVersionId=1, PipelineVersionDisplayName="first"
    )
    described = lab.sagemaker.describe_pipeline(PipelineName=name, PipelineVersionId=1)
    assert described["PipelineVersionDisplayName"] == "first"
    with pytest.raises(ClientError) as caught:
        lab.start(name, PipelineVersionId=3)
    assert caught.value.response["Error"]["Code"] == "ResourceNotFound"


def test_a_name_can_be_given_once_and_the_error_has_the_words_that_upserts_look_for(lab: Lab) -> None:
    name = lab.create(passing("A"), ClientRequestToken="t" * 32)
    lab.create(passing("A"), PipelineName=name, ClientRequestToken="t" * 32)
    with pytest.raises(ClientError, match="already exists") as caught:
        lab.create(passing("A"), PipelineName=name)
    assert caught.value.response["Error"]["Code"] == "ValidationException"


def test_pipelines_are_listed_by_prefix_and_name(lab: Lab) -> None:
    prefix = f"list-{uuid.uuid4().hex[:6]}"
    for letter in "cab":
        lab.create(passing("A"), PipelineName=f"{prefix}-{letter}")
    lab.create(passing("A"), PipelineName=f"x-{prefix}-d")
    pages = lab.sagemaker.get_paginator("list_pipelines").paginate(
        PipelineNamePrefix=prefix, SortBy="Name", SortOrder="Ascending", PaginationConfig={"PageSize": 2}
    )
    names = [entry["PipelineName"] for page in pages for entry in page["PipelineSummaries"]]
    assert names == [f"{prefix}-{letter}" for letter in "abc"]


def test_a_deleted_pipeline_is_gone_with_its_executions(lab: Lab) -> None:
    name = lab.create(passing("A"), Tags=[{"Key": "a", "Value": "b"}])
    arn = lab.start(name)
    pipeline = lab.sagemaker.describe_pipeline(PipelineName=name)["PipelineArn"]
    assert lab.sagemaker.list_tags(ResourceArn=pipeline)["Tags"] == [{"Key": "a", "Value": "b"}]
    assert lab.sagemaker.delete_pipeline(PipelineName=name)["PipelineArn"] == pipeline
    calls: tuple[Callable[[], Any], ...] = (
        lambda: lab.describe(arn),
        lambda: lab.sagemaker.describe_pipeline(PipelineName=name),
    )
    for call in calls:
        with pytest.raises(ClientError) as caught:
            call()
        assert caught.value.response["Error"]["Code"] == "ResourceNotFound"
    lab.create(passing("A"), PipelineName=name)
    again = lab.sagemaker.list_pipeline_executions(PipelineName=name)["PipelineExecutionSummaries"]
    assert again == []
    assert lab.sagemaker.list_tags(ResourceArn=pipeline)["Tags"] == []


def test_a_pipeline_is_described_as_it_was_created(lab: Lab) -> None:
    name = lab.create(
        passing("A"),
        PipelineDisplayName="shown",
        PipelineDescription="why",
        ParallelismConfiguration={"MaxParallelExecutionSteps": 3},
    )
    described = lab.sagemaker.describe_pipeline(PipelineName=name)
    assert described["PipelineDisplayName"] == "shown"
    assert described["PipelineDescription"] == "why"
    assert described["RoleArn"] == ROLE
    assert described["PipelineStatus"] == "Active"
    assert described["ParallelismConfiguration"] == {"MaxParallelExecutionSteps": 3}
    assert "LastRunTime" not in described
    lab.start(name)
    assert "LastRunTime" in lab.sagemaker.describe_pipeline(PipelineName=name)


def test_only_what_has_failed_can_be_retried_and_only_what_runs_stopped(lab: Lab) -> None:
    arn = lab.run(passing("A"))["PipelineExecutionArn"]
    for call in (lab.sagemaker.retry_pipeline_execution, lab.sagemaker.stop_pipeline_execution):
        with pytest.raises(ClientError) as caught:
            call(PipelineExecutionArn=arn)
        assert caught.value.response["Error"]["Code"] in {"ValidationException", "ConflictException"}


def test_a_retry_runs_the_failed_step_again_and_keeps_the_others(lab: Lab) -> None:
    arn = lab.run(passing("A"), fail("F", DependsOn=["A"]))["PipelineExecutionArn"]
    before = lab.steps(arn)
    lab.sagemaker.retry_pipeline_execution(PipelineExecutionArn=arn)
    assert lab.ended(arn)["PipelineExecutionStatus"] == "Failed"
    after = lab.steps(arn)
    assert after["A"] == before["A"]
    assert after["F"]["StartTime"] > before["F"]["StartTime"]


def test_an_account_does_not_see_another_s_pipelines(lab: Lab, client: Any) -> None:
    name = lab.create(passing("A"))
    arn = lab.start(name)
    other = client("sagemaker", account="222222222222")
    assert name not in str(other.list_pipelines()["PipelineSummaries"])
    calls: tuple[Callable[[], Any], ...] = (
        lambda: other.describe_pipeline_execution(PipelineExecutionArn=arn),
        lambda: other.start_pipeline_execution(PipelineName=arn.partition("/execution/")[0]),
    )
    for call in calls:
        with pytest.raises(ClientError) as caught:
            call()
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] in {400, 403}
