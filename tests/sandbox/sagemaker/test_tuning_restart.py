"""A tuning job outlives its server: what ran goes on, what is left follows, nothing runs twice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import pytest

from ropeway.sandbox.server import Server
from tests.sandbox.sagemaker.pipelines.conftest import Lab
from tests.sandbox.sagemaker.test_jobs_restart import sagemaker_of
from tests.sandbox.sagemaker.tunings import Bench, configuration, definition

# Notes that it runs, and waits until it may end.
NOTED = """
import argparse, os, pathlib, time
parser = argparse.ArgumentParser()
parser.add_argument("-x", type=float)
parser.add_argument("--depth")
parser.add_argument("--folder", type=pathlib.Path)
given = parser.parse_args()
with open(given.folder / "runs", "a") as runs:
    print(os.environ["TRAINING_JOB_NAME"], file=runs, flush=True)
while not (given.folder / "go").exists():
    time.sleep(0.02)
print(f"score={given.x}")
"""


def bench_of(server: Server) -> Bench:
    keys = {"aws_access_key_id": "111111111111", "aws_secret_access_key": "secret"}
    s3 = boto3.client("s3", endpoint_url=server.endpoint, region_name="eu-west-1", **keys)
    return Bench.over(sagemaker_of(server), s3)


@contextmanager
def bench_over(state: Path) -> Iterator[Bench]:
    """A server over a state folder."""
    server = Server(state, port=0)
    server.start()
    try:
        yield bench_of(server)
    finally:
        server.stop()


def noted(bench: Bench, notes: Path) -> dict[str, Any]:
    """A definition whose training jobs note that they run, and wait for ``notes/go``."""
    notes.mkdir()
    chosen = definition(bench.code(NOTED))
    chosen["StaticHyperParameters"]["folder"] = json.dumps(str(notes))
    return chosen


def test_a_tuning_job_goes_on_after_a_restart(tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    with bench_over(tmp_path / "state") as bench:
        request = {"TrainingJobDefinition": noted(bench, notes)}
        bench.start("outlives", request=request, jobs=3, parallel=1)
        [running] = bench.trainings("outlives")
        while not (notes / "runs").exists():
            assert bench.describe("outlives")["HyperParameterTuningJobStatus"] == "InProgress"
    with bench_over(tmp_path / "state") as bench:
        assert bench.describe("outlives")["HyperParameterTuningJobStatus"] == "InProgress"
        (notes / "go").touch()
        found = bench.wait("outlives")
        assert found["HyperParameterTuningJobStatus"] == "Completed", bench.trainings("outlives")
        names = [job["TrainingJobName"] for job in bench.trainings("outlives")]
        assert names[0] == running["TrainingJobName"]
        assert (notes / "runs").read_text(encoding="utf-8").split() == names
        assert len(names) == 3


@pytest.mark.parametrize("stops", [False, True])
def test_a_tuning_step_goes_on_after_a_restart(tmp_path: Path, stops: bool) -> None:
    notes = tmp_path / "notes"
    with bench_over(tmp_path / "state") as bench:
        arguments = {
            "HyperParameterTuningJobConfig": configuration(jobs=2, parallel=1),
            "TrainingJobDefinition": noted(bench, notes),
        }
        lab = Lab(bench.sagemaker)
        arn = lab.start(lab.create({"Name": "tune", "Type": "Tuning", "Arguments": arguments}))
        while not (notes / "runs").exists():
            assert lab.describe(arn)["PipelineExecutionStatus"] == "Executing"
    with bench_over(tmp_path / "state") as bench:
        lab = Lab(bench.sagemaker)
        if stops:
            bench.sagemaker.stop_pipeline_execution(PipelineExecutionArn=arn, ClientRequestToken="t" * 32)
        else:
            (notes / "go").touch()
        assert lab.ended(arn)["PipelineExecutionStatus"] == ("Stopped" if stops else "Succeeded")
        assert len((notes / "runs").read_text(encoding="utf-8").split()) == (1 if stops else 2)
