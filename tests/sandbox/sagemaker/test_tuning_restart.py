"""A tuning job outlives its server: what ran goes on, what is left follows, nothing runs twice."""

from __future__ import annotations

import json
from pathlib import Path

import boto3

from ropeway.sandbox.server import Server
from tests.sandbox.sagemaker.test_jobs_restart import sagemaker_of
from tests.sandbox.sagemaker.tunings import Bench, definition

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


def test_a_tuning_job_goes_on_after_a_restart(tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    notes.mkdir()
    first = Server(tmp_path / "state", port=0)
    first.start()
    try:
        bench = bench_of(first)
        chosen = definition(bench.code(NOTED))
        chosen["StaticHyperParameters"]["folder"] = json.dumps(str(notes))
        bench.start("outlives", request={"TrainingJobDefinition": chosen}, jobs=3, parallel=1)
        [running] = bench.trainings("outlives")
        while not (notes / "runs").exists():
            assert bench.describe("outlives")["HyperParameterTuningJobStatus"] == "InProgress"
    finally:
        first.stop()
    second = Server(tmp_path / "state", port=0)
    second.start()
    try:
        bench = bench_of(second)
        found = bench.describe("outlives")
        assert found["HyperParameterTuningJobStatus"] == "InProgress"
        (notes / "go").touch()
        found = bench.wait("outlives")
        assert found["HyperParameterTuningJobStatus"] == "Completed", bench.trainings("outlives")
        names = [job["TrainingJobName"] for job in bench.trainings("outlives")]
        assert names[0] == running["TrainingJobName"]
        assert (notes / "runs").read_text(encoding="utf-8").split() == names
        assert len(names) == 3
    finally:
        second.stop()
