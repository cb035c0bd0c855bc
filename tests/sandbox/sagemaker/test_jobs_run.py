"""Jobs that really run, as SDKs follow them: boto3's waiters, log streams, a restart in the middle."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, WaiterError

from ropeway.sandbox.server import Server
from tests.sandbox.sagemaker.test_jobs_restart import sagemaker_of

Client = Callable[..., Any]

ROLE = "arn:aws:iam::111111111111:role/Jobs"
PYTHON = "public.ecr.aws/docker/library/python:3.11"
CLUSTER = {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 1}
SOON = {"Delay": 0.05, "MaxAttempts": 400}


def process(sagemaker: Any, name: str, script: str) -> None:
    """Start a processing job that runs a line of Python."""
    sagemaker.create_processing_job(
        ProcessingJobName=name,
        RoleArn=ROLE,
        AppSpecification={"ImageUri": PYTHON, "ContainerEntrypoint": ["python3", "-c", script]},
        ProcessingResources={"ClusterConfig": CLUSTER},
    )


def train(client: Client, name: str, script: str) -> None:
    """Start a training job that runs a line of Python."""
    client("s3").create_bucket(
        Bucket=f"out-{name}", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    client("sagemaker").create_training_job(
        TrainingJobName=name,
        RoleArn=ROLE,
        AlgorithmSpecification={
            "TrainingImage": PYTHON,
            "TrainingInputMode": "File",
            "ContainerEntrypoint": ["python3", "-c", script],
        },
        OutputDataConfig={"S3OutputPath": f"s3://out-{name}/"},
        ResourceConfig=CLUSTER,
        StoppingCondition={"MaxRuntimeInSeconds": 60},
    )


def test_a_waiter_sees_a_processing_job_complete(client: Client) -> None:
    sagemaker = client("sagemaker")
    process(sagemaker, "completes", "pass")
    sagemaker.get_waiter("processing_job_completed_or_stopped").wait(
        ProcessingJobName="completes", WaiterConfig=SOON
    )
    described = sagemaker.describe_processing_job(ProcessingJobName="completes")
    assert described["ProcessingJobStatus"] == "Completed", described.get("FailureReason")
    assert described["CreationTime"] <= described["ProcessingStartTime"] <= described["ProcessingEndTime"]
    assert described["LastModifiedTime"] == described["ProcessingEndTime"]


def test_jobs_that_have_ended_can_be_forgotten(client: Client) -> None:
    sagemaker = client("sagemaker")
    process(sagemaker, "forgotten", "import time; time.sleep(0.5)")
    with pytest.raises(ClientError) as caught:
        sagemaker.delete_processing_job(ProcessingJobName="forgotten")
    assert caught.value.response["Error"]["Code"] == "ResourceInUse"
    waiter = sagemaker.get_waiter("processing_job_completed_or_stopped")
    waiter.wait(ProcessingJobName="forgotten", WaiterConfig=SOON)
    sagemaker.delete_processing_job(ProcessingJobName="forgotten")
    with pytest.raises(ClientError, match="Could not find"):
        sagemaker.describe_processing_job(ProcessingJobName="forgotten")
    train(client, "trained-once", "pass")
    waiter = sagemaker.get_waiter("training_job_completed_or_stopped")
    waiter.wait(TrainingJobName="trained-once", WaiterConfig=SOON)
    sagemaker.delete_training_job(TrainingJobName="trained-once")
    with pytest.raises(ClientError, match="not found"):
        sagemaker.describe_training_job(TrainingJobName="trained-once")


def test_a_waiter_sees_a_job_fail(client: Client) -> None:
    sagemaker = client("sagemaker")
    process(sagemaker, "breaks", "raise SystemExit(3)")
    with pytest.raises(WaiterError, match="terminal failure"):
        sagemaker.get_waiter("processing_job_completed_or_stopped").wait(
            ProcessingJobName="breaks", WaiterConfig=SOON
        )
    assert "exit code: 3" in sagemaker.describe_processing_job(ProcessingJobName="breaks")["FailureReason"]


def test_a_training_job_ends_with_artifacts_times_and_closed_transitions(client: Client) -> None:
    train(client, "fits", "open('/opt/ml/model/weights', 'w').write('1')")
    sagemaker = client("sagemaker")
    sagemaker.get_waiter("training_job_completed_or_stopped").wait(TrainingJobName="fits", WaiterConfig=SOON)
    described = sagemaker.describe_training_job(TrainingJobName="fits")
    assert described["TrainingJobStatus"] == described["SecondaryStatus"] == "Completed"
    assert described["ModelArtifacts"]["S3ModelArtifacts"] == "s3://out-fits/fits/output/model.tar.gz"
    transitions = described["SecondaryStatusTransitions"]
    assert [entry["Status"] for entry in transitions] == [
        "Starting",
        "Downloading",
        "Training",
        "Uploading",
        "Completed",
    ]
    for before, after in itertools.pairwise(transitions):
        assert before["EndTime"] == after["StartTime"]
    assert described["TrainingTimeInSeconds"] == described["BillableTimeInSeconds"] >= 1
    assert described["TrainingStartTime"] <= described["TrainingEndTime"]


def test_a_stopped_training_job_goes_through_stopping(client: Client) -> None:
    train(client, "is-stopped", "import time; time.sleep(60)")
    sagemaker = client("sagemaker")
    while sagemaker.describe_training_job(TrainingJobName="is-stopped")["SecondaryStatus"] != "Training":
        time.sleep(0.02)
    sagemaker.stop_training_job(TrainingJobName="is-stopped")
    sagemaker.stop_training_job(TrainingJobName="is-stopped")
    sagemaker.get_waiter("training_job_completed_or_stopped").wait(
        TrainingJobName="is-stopped", WaiterConfig=SOON
    )
    described = sagemaker.describe_training_job(TrainingJobName="is-stopped")
    statuses = [entry["Status"] for entry in described["SecondaryStatusTransitions"]]
    assert described["TrainingJobStatus"] == described["SecondaryStatus"] == statuses[-1] == "Stopped"
    assert "Stopping" in statuses


def test_a_job_s_log_is_where_sdks_look_for_it(client: Client) -> None:
    sagemaker, logs = client("sagemaker"), client("logs")
    process(sagemaker, "speaks", "print('twelve rows')")
    sagemaker.get_waiter("processing_job_completed_or_stopped").wait(
        ProcessingJobName="speaks", WaiterConfig=SOON
    )
    group = "/aws/sagemaker/ProcessingJobs"
    streams = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix="speaks/")["logStreams"]
    (stream,) = [entry["logStreamName"] for entry in streams]
    assert stream.startswith("speaks/algo-1-")
    events = logs.get_log_events(logGroupName=group, logStreamName=stream)["events"]
    assert "twelve rows" in [event["message"] for event in events]


def test_a_job_that_runs_through_a_restart_completes(tmp_path: Path) -> None:
    first = Server(tmp_path, port=0)
    first.start()
    sagemaker = sagemaker_of(first)
    process(sagemaker, "survives", "import time; time.sleep(2)")
    while "ProcessingStartTime" not in sagemaker.describe_processing_job(ProcessingJobName="survives"):
        time.sleep(0.02)
    first.stop()
    second = Server(tmp_path, port=0)
    second.start()
    try:
        sagemaker = sagemaker_of(second)
        sagemaker.get_waiter("processing_job_completed_or_stopped").wait(
            ProcessingJobName="survives", WaiterConfig=SOON
        )
        described = sagemaker.describe_processing_job(ProcessingJobName="survives")
        assert described["ProcessingJobStatus"] == "Completed", described.get("FailureReason")
    finally:
        second.stop()
