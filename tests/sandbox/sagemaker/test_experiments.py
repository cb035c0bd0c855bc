"""Experiments, trials, trial components and their metrics."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.waiter import WaiterModel, create_waiter_with_client

from tests.sandbox.sagemaker.test_jobs_run import CLUSTER, PYTHON, ROLE
from tests.sandbox.sagemaker.test_long_polls import EXECUTION_ENDED

Client = Callable[..., Any]


@pytest.fixture
def sagemaker(client: Client) -> Any:
    return client("sagemaker")


def refused(call: Callable[[], object]) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call()
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def test_trials_belong_to_experiments_and_have_components(sagemaker: Any) -> None:
    sagemaker.create_experiment(ExperimentName="wine", Description="red")
    sagemaker.update_experiment(ExperimentName="wine", DisplayName="Wine")
    told = sagemaker.describe_experiment(ExperimentName="wine")
    assert (told["DisplayName"], told["Description"]) == ("Wine", "red")
    sagemaker.create_experiment(ExperimentName="beer")
    listed = sagemaker.list_experiments(SortBy="Name", SortOrder="Ascending")["ExperimentSummaries"]
    assert [entry["ExperimentName"] for entry in listed] == ["beer", "wine"]
    assert (
        refused(lambda: sagemaker.create_trial(TrialName="t", ExperimentName="no"))[0] == "ResourceNotFound"
    )
    for trial in ("first", "second"):
        sagemaker.create_trial(TrialName=trial, ExperimentName="wine")
    sagemaker.update_trial(TrialName="first", DisplayName="First")
    assert sagemaker.describe_trial(TrialName="first")["DisplayName"] == "First"
    sagemaker.create_trial_component(
        TrialComponentName="fit",
        Status={"PrimaryStatus": "InProgress"},
        StartTime=datetime(2026, 1, 2, tzinfo=timezone.utc),
        Parameters={"eta": {"NumberValue": 0.1}, "kind": {"StringValue": "tree"}},
        InputArtifacts={"data": {"Value": "s3://a", "MediaType": "text/csv"}},
    )
    sagemaker.update_trial_component(
        TrialComponentName="fit",
        Status={"PrimaryStatus": "Completed"},
        Parameters={"depth": {"NumberValue": 3}},
        ParametersToRemove=["kind"],
        OutputArtifacts={"model": {"Value": "s3://m"}},
    )
    told = sagemaker.describe_trial_component(TrialComponentName="fit")
    assert told["Parameters"] == {"eta": {"NumberValue": 0.1}, "depth": {"NumberValue": 3.0}}
    assert told["StartTime"] == datetime(2026, 1, 2, tzinfo=timezone.utc)
    assert told["Status"] == {"PrimaryStatus": "Completed"}
    for trial in ("first", "second"):
        sagemaker.associate_trial_component(TrialName=trial, TrialComponentName="fit")
    trials = sagemaker.list_trials(TrialComponentName="fit", SortBy="Name", SortOrder="Ascending")
    assert [entry["TrialName"] for entry in trials["TrialSummaries"]] == ["first", "second"]
    assert len(sagemaker.list_trials(ExperimentName="wine")["TrialSummaries"]) == 2
    assert [
        entry["TrialComponentName"]
        for entry in sagemaker.list_trial_components(ExperimentName="wine")["TrialComponentSummaries"]
    ] == ["fit"]
    assert "disassociate" in refused(lambda: sagemaker.delete_trial_component(TrialComponentName="fit"))[1]
    assert "trial components" in refused(lambda: sagemaker.delete_trial(TrialName="first"))[1]
    assert "has trials" in refused(lambda: sagemaker.delete_experiment(ExperimentName="wine"))[1]
    for trial in ("first", "second"):
        sagemaker.disassociate_trial_component(TrialName=trial, TrialComponentName="fit")
        sagemaker.delete_trial(TrialName=trial)
    sagemaker.delete_trial_component(TrialComponentName="fit")
    sagemaker.delete_experiment(ExperimentName="wine")
    assert refused(lambda: sagemaker.describe_experiment(ExperimentName="wine"))[0] == "ResourceNotFound"


def test_metrics_are_put_got_and_searched(client: Client) -> None:
    sagemaker, metrics = client("sagemaker", "222222222222"), client("sagemaker-metrics", "222222222222")
    sagemaker.create_experiment(ExperimentName="e")
    sagemaker.create_trial(TrialName="t", ExperimentName="e")
    arn = sagemaker.create_trial_component(
        TrialComponentName="run", Parameters={"eta": {"NumberValue": 0.1}}
    )["TrialComponentArn"]
    sagemaker.associate_trial_component(TrialName="t", TrialComponentName="run")
    values = [(0, 4.0), (1, 2.0), (1, 6.0)]
    data = [
        {"MetricName": "loss", "Timestamp": 1767312000 + step, "Step": step, "Value": value}
        for step, value in values
    ]
    assert metrics.batch_put_metrics(TrialComponentName="run", MetricData=data)["Errors"] == []
    (told,) = sagemaker.describe_trial_component(TrialComponentName="run")["Metrics"]
    figures = {name: told[name] for name in ("Count", "Min", "Max", "Last", "Avg")}
    assert figures == {"Count": 3, "Min": 2.0, "Max": 6.0, "Last": 6.0, "Avg": 4.0}
    query = {
        "MetricName": "loss",
        "ResourceArn": arn,
        "MetricStat": "Max",
        "Period": "IterationNumber",
        "XAxisType": "IterationNumber",
    }
    (answer,) = metrics.batch_get_metrics(MetricQueries=[query])["MetricQueryResults"]
    assert (answer["XAxisValues"], answer["MetricValues"]) == ([0, 1], [4.0, 6.0])
    by_time = {**query, "Period": "OneMinute", "XAxisType": "Timestamp", "MetricStat": "Avg"}
    (answer,) = metrics.batch_get_metrics(MetricQueries=[by_time])["MetricQueryResults"]
    assert (answer["XAxisValues"], answer["MetricValues"]) == ([1767312000], [4.0])
    (answer,) = metrics.batch_get_metrics(MetricQueries=[{**query, "Period": "OneHour"}])[
        "MetricQueryResults"
    ]
    assert answer["Status"] == "ValidationError"
    expression = {
        "Filters": [
            {"Name": "Parents.TrialName", "Operator": "Equals", "Value": "t"},
            {"Name": "Metrics.loss.Min", "Operator": "LessThan", "Value": "3"},
            {"Name": "Parameters.eta", "Operator": "GreaterThan", "Value": "0.05"},
        ]
    }
    for by in ("CreationTime", "metrics.loss.max"):
        found = sagemaker.search(Resource="ExperimentTrialComponent", SearchExpression=expression, SortBy=by)
        assert [result["TrialComponent"]["TrialComponentName"] for result in found["Results"]] == ["run"]
    component = found["Results"][0]["TrialComponent"]
    assert component["Parents"] == [{"TrialName": "t", "ExperimentName": "e"}]
    assert component["Parameters"] == {"eta": {"NumberValue": 0.1}}
    assert component["Metrics"][0]["MetricName"] == "loss"
    for resource, member, name in (("Experiment", "Experiment", "e"), ("ExperimentTrial", "Trial", "t")):
        (result,) = sagemaker.search(Resource=resource)["Results"]
        assert result[member][f"{member}Name"] == name
    with pytest.raises(ClientError) as caught:
        metrics.batch_put_metrics(TrialComponentName="nobody", MetricData=data)
    assert caught.value.response["Error"]["Code"] == "ResourceNotFound"


def test_jobs_of_a_pipeline_join_its_trial(client: Client) -> None:
    sagemaker = client("sagemaker", "333333333333")
    step = {
        "Name": "Run",
        "Type": "Processing",
        "Arguments": {
            "RoleArn": ROLE,
            "AppSpecification": {"ImageUri": PYTHON, "ContainerEntrypoint": ["true"]},
            "ProcessingResources": {"ClusterConfig": CLUSTER},
        },
    }
    definition = {
        "Version": "2020-12-01",
        "PipelineExperimentConfig": {
            "ExperimentName": {"Get": "Execution.PipelineName"},
            "TrialName": {"Get": "Execution.PipelineExecutionId"},
        },
        "Parameters": [],
        "Steps": [step],
    }
    sagemaker.create_pipeline(
        PipelineName="studied",
        RoleArn=ROLE,
        PipelineDefinition=json.dumps(definition),
        ClientRequestToken="t" * 32,
    )
    arn = sagemaker.start_pipeline_execution(PipelineName="studied")["PipelineExecutionArn"]
    (run,) = wait_for_steps(sagemaker, arn)
    trial = arn.rpartition("/")[2]
    (found,) = sagemaker.list_trials(ExperimentName="studied")["TrialSummaries"]
    assert found["TrialName"] == trial
    (component,) = sagemaker.list_trial_components(TrialName=trial)["TrialComponentSummaries"]
    assert component["TrialComponentSource"] == {
        "SourceArn": run["Metadata"]["ProcessingJob"]["Arn"],
        "SourceType": "SageMakerProcessingJob",
    }


def wait_for_steps(sagemaker: Any, execution: str) -> list[Any]:
    """An execution's steps after its end."""
    model = WaiterModel(EXECUTION_ENDED)
    waiter = create_waiter_with_client("PipelineExecutionComplete", model, sagemaker)
    waiter.wait(PipelineExecutionArn=execution)
    steps: list[Any] = sagemaker.list_pipeline_execution_steps(PipelineExecutionArn=execution)[
        "PipelineExecutionSteps"
    ]
    return steps
