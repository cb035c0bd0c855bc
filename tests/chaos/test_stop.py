"""What ``sandbox stop`` and ``sandbox reset`` do to jobs, and to those of a server that was killed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bench.chaos.machine import Machine, free_port
from bench.chaos.scene import ROLE, Scene

IMAGE = "111111111111.dkr.ecr.eu-west-1.amazonaws.com/python:3"
CLUSTER = {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 5}


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    folder = tmp_path / "project"
    (folder / ".ropeway").mkdir(parents=True)
    made = Machine(folder, free_port(random.Random()))
    made.start()
    yield made
    made.stop()
    assert made.settled() == []


def run_for_ever(machine: Machine, tmp_path: Path) -> Any:
    """A job that has begun, with a child in a session of its own; the client."""
    sagemaker = Scene(machine.folder, machine.endpoint).client("sagemaker")
    begun = tmp_path / "begun"
    sagemaker.create_processing_job(
        ProcessingJobName="long",
        RoleArn=ROLE,
        AppSpecification={
            "ImageUri": IMAGE,
            "ContainerEntrypoint": ["/bin/sh", "-c", f"setsid sleep 9876 & echo x > {begun}; sleep 9876"],
        },
        ProcessingResources={"ClusterConfig": CLUSTER},
    )
    while not (begun.exists() and any("9876" in line for line in machine.left_over())):
        assert (
            sagemaker.describe_processing_job(ProcessingJobName="long")["ProcessingJobStatus"] == "InProgress"
        )
    return sagemaker


def status_of(sagemaker: Any) -> str:
    return str(sagemaker.describe_processing_job(ProcessingJobName="long")["ProcessingJobStatus"])


def test_stop_ends_jobs_and_they_fail_at_the_next_start(machine: Machine, tmp_path: Path) -> None:
    sagemaker = run_for_ever(machine, tmp_path)
    assert machine.stop() == "sandbox stopped; ended 1 job, which fails at the next start\n"
    assert machine.settled() == []
    machine.start()
    while status_of(sagemaker) == "InProgress":
        pass
    told = sagemaker.describe_processing_job(ProcessingJobName="long")
    assert told["ProcessingJobStatus"] == "Failed"
    assert "the job's process was lost" in told["FailureReason"]


def test_jobs_that_are_kept_are_taken_over(machine: Machine, tmp_path: Path) -> None:
    sagemaker = run_for_ever(machine, tmp_path)
    assert machine.stop("--keep-jobs") == "sandbox stopped\n"
    assert any("9876" in line for line in machine.left_over())
    machine.start()
    assert status_of(sagemaker) == "InProgress"
    sagemaker.stop_processing_job(ProcessingJobName="long")
    while status_of(sagemaker) == "Stopping":
        pass
    assert status_of(sagemaker) == "Stopped"


def test_reset_ends_the_jobs_of_a_server_that_was_killed(machine: Machine, tmp_path: Path) -> None:
    run_for_ever(machine, tmp_path)
    machine.kill_server()
    assert any("9876" in line for line in machine.left_over())
    machine.reset()
    assert machine.settled() == []
    assert not machine.state.exists()


def test_what_a_killed_spawner_left_goes_with_the_next_one(machine: Machine, tmp_path: Path) -> None:
    sagemaker = run_for_ever(machine, tmp_path)
    machine.kill_spawner()
    while status_of(sagemaker) == "InProgress":
        pass
    told = sagemaker.describe_processing_job(ProcessingJobName="long")
    assert told["FailureReason"] == "InternalServerError: the process was killed with the sandbox's spawner"
    while any("9876" in line for line in machine.left_over()):
        pass
