"""Jobs by boto3: what is kept of a request, lists, names, bad input. What jobs *do* is tested with their runner."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from botocore.exceptions import ClientError

Client = Callable[..., Any]

ROLE = "arn:aws:iam::111111111111:role/Jobs"
CLUSTER = {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 5}
PROCESSING: dict[str, Any] = {
    "RoleArn": ROLE,
    "AppSpecification": {
        "ImageUri": "example.com/unknown:1",
        "ContainerEntrypoint": ["python3"],
        "ContainerArguments": ["--rows", "10"],
    },
    "ProcessingResources": {"ClusterConfig": CLUSTER},
    "Environment": {"STAGE": "test"},
    "NetworkConfig": {"EnableNetworkIsolation": True},
    "ExperimentConfig": {"ExperimentName": "e", "TrialName": "t"},
}
TRAINING: dict[str, Any] = {
    "RoleArn": ROLE,
    "AlgorithmSpecification": {
        "TrainingImage": "example.com/unknown:1",
        "TrainingInputMode": "File",
        "MetricDefinitions": [{"Name": "auc", "Regex": "auc=(.*)"}],
        "ContainerEntrypoint": ["/bin/bash", "job_driver.sh"],
        "ContainerArguments": ["--a", "b"],
    },
    "HyperParameters": {"eta": "0.1", "sagemaker_program": '"train.py"'},
    "InputDataConfig": [
        {
            "ChannelName": "train",
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://b/train"}},
            "ContentType": "text/csv",
        }
    ],
    "OutputDataConfig": {"S3OutputPath": "s3://b/out"},
    "ResourceConfig": CLUSTER,
    "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
    "EnableNetworkIsolation": True,
    "CheckpointConfig": {"S3Uri": "s3://b/checkpoints"},
    "Environment": {"STAGE": "test"},
}
TRANSFORM: dict[str, Any] = {
    "ModelName": "scorer",
    "TransformInput": {
        "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://b/in"}},
        "ContentType": "text/csv",
        "SplitType": "Line",
    },
    "TransformOutput": {"S3OutputPath": "s3://b/out", "Accept": "text/csv", "AssembleWith": "Line"},
    "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
    "BatchStrategy": "MultiRecord",
    "MaxPayloadInMB": 1,
    "MaxConcurrentTransforms": 2,
    "DataProcessing": {"InputFilter": "$[1:]", "JoinSource": "Input"},
    "Environment": {"STAGE": "test"},
}


@dataclass(frozen=True)
class Family:
    """The five operations of one kind of job, by one client."""

    kind: str
    sagemaker: Any
    request: Mapping[str, Any]

    def create(self, name: str, **members: Any) -> str:
        """Submit a job; its ARN."""
        answer = self._call("create", **{**self.request, **members, f"{self.kind}JobName": name})
        arn: str = answer[f"{self.kind}JobArn"]
        return arn

    def describe(self, name: str) -> dict[str, Any]:
        """A job as it stands."""
        return self._call("describe", **{f"{self.kind}JobName": name})

    def stop(self, name: str) -> dict[str, Any]:
        """Stop a job."""
        return self._call("stop", **{f"{self.kind}JobName": name})

    def delete(self, name: str) -> dict[str, Any]:
        """Delete a job."""
        return self._call("delete", **{f"{self.kind}JobName": name})

    def names(self, **filters: Any) -> list[str]:
        """The names that a list gives, through the paginator."""
        pages = self.sagemaker.get_paginator(f"list_{self.kind.lower()}_jobs").paginate(**filters)
        return [entry[f"{self.kind}JobName"] for page in pages for entry in page[f"{self.kind}JobSummaries"]]

    def ended(self, name: str) -> dict[str, Any]:
        """The job after its end."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            described = self.describe(name)
            if described[f"{self.kind}JobStatus"] in {"Completed", "Failed", "Stopped"}:
                return described
            time.sleep(0.02)
        raise AssertionError(f"{name} does not end")

    def _call(self, verb: str, **params: Any) -> dict[str, Any]:
        answer: dict[str, Any] = getattr(self.sagemaker, f"{verb}_{self.kind.lower()}_job")(**params)
        return answer


def family(client: Client, kind: str, account: str = "111111111111") -> Family:
    """The operations of a kind, with the model that transform jobs name."""
    sagemaker = client("sagemaker", account=account)
    if kind == "Transform" and not sagemaker.list_models(NameContains="scorer")["Models"]:
        sagemaker.create_model(ModelName="scorer", PrimaryContainer={"Image": "example.com/unknown:1"})
    return Family(
        kind, sagemaker, {"Processing": PROCESSING, "Training": TRAINING, "Transform": TRANSFORM}[kind]
    )


@pytest.fixture(params=["Processing", "Training", "Transform"])
def jobs(client: Client, request: pytest.FixtureRequest) -> Family:
    """Each kind of job in turn."""
    return family(client, request.param)


def refusal(call: Callable[[], Any]) -> tuple[str, str]:
    """Code and message of the error that a call must raise."""
    with pytest.raises(ClientError) as caught:
        call()
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def test_a_job_echoes_its_request(jobs: Family) -> None:
    arn = jobs.create("echo", Tags=[{"Key": "team", "Value": "risk"}])
    described = jobs.describe("echo")
    for name, value in jobs.request.items():
        if name == "OutputDataConfig":
            assert described[name] == {"KmsKeyId": "", **value}
        else:
            assert described[name] == value, name
    assert described[f"{jobs.kind}JobArn"] == arn
    assert arn == f"arn:aws:sagemaker:eu-west-1:111111111111:{jobs.kind.lower()}-job/echo"
    assert "Tags" not in described
    assert jobs.sagemaker.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "team", "Value": "risk"}]


def test_an_unknown_image_ends_in_a_failure_with_a_reason(jobs: Family) -> None:
    jobs.create("fails")
    described = jobs.ended("fails")
    assert described[f"{jobs.kind}JobStatus"] == "Failed"
    assert described["FailureReason"]
    assert described[f"{jobs.kind}EndTime"] >= described["CreationTime"]


def test_a_failed_training_job_tells_its_transitions(client: Client) -> None:
    training = family(client, "Training")
    training.create("transitions")
    described = training.ended("transitions")
    statuses = [entry["Status"] for entry in described["SecondaryStatusTransitions"]]
    assert (statuses[0], statuses[-1]) == ("Starting", "Failed")
    assert described["SecondaryStatus"] == "Failed"
    assert described["SecondaryStatusTransitions"][-1]["StatusMessage"] == described["FailureReason"]
    assert described["ModelArtifacts"] == {"S3ModelArtifacts": ""}
    assert described["EnableManagedSpotTraining"] is False


def test_a_job_s_name_can_be_taken_once(jobs: Family) -> None:
    arn = jobs.create("unique")
    code, message = refusal(lambda: jobs.create("unique"))
    assert code == "ResourceInUse"
    assert message.endswith(f"a job with this name already exists ({arn})")


def test_a_job_that_has_ended_cannot_be_stopped(jobs: Family) -> None:
    jobs.create("over")
    jobs.ended("over")
    code, message = refusal(lambda: jobs.stop("over"))
    assert code == "ValidationException"
    assert f"{jobs.kind.lower()} job is in status Failed" in message


def test_a_job_that_was_never_made_is_not_found(jobs: Family) -> None:
    for call in (jobs.describe, jobs.stop):
        code, message = refusal(lambda call=call: call("never-made"))  # type: ignore[misc]
        assert code == "ValidationException"
        assert "not found" in message or "Could not find requested job" in message


def test_jobs_of_other_accounts_and_regions_are_not_seen(client: Client) -> None:
    family(client, "Processing").create("mine")
    for other in (client("sagemaker", account="222222222222"), client("sagemaker", region="us-east-1")):
        code, _ = refusal(lambda other=other: other.describe_processing_job(ProcessingJobName="mine"))  # type: ignore[misc]
        assert code == "ValidationException"
        assert other.list_processing_jobs(NameContains="mine")["ProcessingJobSummaries"] == []


@pytest.mark.parametrize("kind", ["Processing", "Training", "Transform"])
def test_jobs_are_listed_by_name_time_status_and_order(client: Client, kind: str) -> None:
    jobs = family(client, kind, account="444444444444")
    before = datetime.now(timezone.utc)
    for name in ("b-one", "c-two", "a-one"):
        jobs.create(name)
        jobs.ended(name)
    assert jobs.names() == ["a-one", "c-two", "b-one"]
    assert jobs.names(PaginationConfig={"PageSize": 1}, SortOrder="Ascending") == ["b-one", "c-two", "a-one"]
    assert jobs.names(SortBy="Name", SortOrder="Ascending") == ["a-one", "b-one", "c-two"]
    assert jobs.names(SortBy="Status", PaginationConfig={"PageSize": 2}) == ["a-one", "c-two", "b-one"]
    assert jobs.names(NameContains="ONE") == ["a-one", "b-one"]
    assert jobs.names(StatusEquals="Failed") == ["a-one", "c-two", "b-one"]
    assert jobs.names(StatusEquals="Completed") == []
    later = before + timedelta(days=1)
    assert jobs.names(CreationTimeAfter=before, CreationTimeBefore=later) == jobs.names()
    assert jobs.names(CreationTimeAfter=later) == jobs.names(LastModifiedTimeAfter=later) == []
    assert jobs.names(CreationTimeBefore=before) == jobs.names(LastModifiedTimeBefore=before) == []


def test_a_list_s_entries_tell_how_jobs_stand(jobs: Family) -> None:
    jobs.create("summarised")
    described = jobs.ended("summarised")
    member = f"list_{jobs.kind.lower()}_jobs"
    (entry,) = getattr(jobs.sagemaker, member)(NameContains="summarised")[f"{jobs.kind}JobSummaries"]
    for name in (f"{jobs.kind}JobArn", f"{jobs.kind}JobStatus", "CreationTime", f"{jobs.kind}EndTime"):
        assert entry[name] == described[name], name
    assert entry["LastModifiedTime"] >= entry["CreationTime"]


def test_no_training_job_has_a_warm_pool(client: Client) -> None:
    training = family(client, "Training")
    training.create("cold")
    assert training.names(WarmPoolStatusEquals="Available") == []


@pytest.mark.parametrize("kind", ["Processing", "Training"])
def test_a_job_that_has_ended_can_be_deleted(client: Client, kind: str) -> None:
    jobs = family(client, kind)
    jobs.create("deleted")
    jobs.ended("deleted")
    jobs.delete("deleted")
    assert refusal(lambda: jobs.describe("deleted"))[0] == "ValidationException"
    jobs.create("deleted")


def test_a_transform_job_needs_its_model(client: Client) -> None:
    code, message = refusal(lambda: family(client, "Transform").create("lost", ModelName="never-made"))
    assert (code, "Could not find model" in message) == ("ValidationException", True)


def test_a_stopping_condition_is_told_even_when_it_was_not_given(client: Client) -> None:
    jobs = family(client, "Processing")
    jobs.create("default-time")
    assert jobs.describe("default-time")["StoppingCondition"] == {"MaxRuntimeInSeconds": 86400}


@pytest.mark.parametrize(
    ("kind", "members", "code", "words"),
    [
        ("Processing", {"RoleArn": "arn:aws:s3:::no-role-here-at-all"}, "ValidationException", "roleArn"),
        (
            "Processing",
            {"ProcessingResources": {"ClusterConfig": {**CLUSTER, "InstanceType": "ml.abacus"}}},
            "ValidationException",
            "enum value set",
        ),
        (
            "Processing",
            {"ProcessingResources": {"ClusterConfig": {**CLUSTER, "InstanceCount": 0}}},
            "ValidationException",
            "greater than or equal to 1",
        ),
        (
            "Processing",
            {
                "ProcessingOutputConfig": {
                    "Outputs": [
                        {
                            "OutputName": "out",
                            "S3Output": {
                                "S3Uri": "s3://b/out",
                                "LocalPath": "/tmp/out",
                                "S3UploadMode": "EndOfJob",
                            },
                        }
                    ]
                }
            },
            "ValidationException",
            "/opt/ml/processing",
        ),
        (
            "Training",
            {"AlgorithmSpecification": {"TrainingInputMode": "File"}},
            "ValidationException",
            "Exactly one of TrainingImage",
        ),
        ("Training", {"HyperParameters": {"k" * 257: "v"}}, "ValidationException", "256"),
        ("Training", {"InputDataConfig": []}, "ValidationException", "greater than or equal to 1"),
        ("Transform", {"BatchStrategy": "Some"}, "ValidationException", "enum value set"),
        ("Transform", {"MaxPayloadInMB": -1}, "ValidationException", "greater than or equal to 0"),
    ],
)
def test_bad_requests_are_refused_in_aws_s_codes(
    client: Client, kind: str, members: dict[str, Any], code: str, words: str
) -> None:
    lenient = {"parameter_validation": False}
    sagemaker = client("sagemaker", config=lenient)
    jobs = Family(kind, sagemaker, family(client, kind).request)
    got, message = refusal(lambda: jobs.create("bad", **members))
    assert (got, words in message) == (code, True), message


def test_a_bad_name_is_refused(client: Client) -> None:
    code, message = refusal(lambda: family(client, "Processing").create("no spaces"))
    assert (code, "regular expression" in message) == ("ValidationException", True)


def test_a_token_of_another_list_is_refused(client: Client) -> None:
    jobs = family(client, "Processing", account="555555555555")
    jobs.create("one")
    jobs.create("two")
    token = jobs.sagemaker.list_processing_jobs(MaxResults=1)["NextToken"]
    code, message = refusal(
        lambda: jobs.sagemaker.list_processing_jobs(MaxResults=1, NextToken=token, SortBy="Name")
    )
    assert (code, "pagination token" in message) == ("ValidationException", True)
