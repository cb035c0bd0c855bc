"""`ropeway job list|show|logs|stop` against a sandbox."""

from __future__ import annotations

import json
import uuid
from typing import Any

import boto3
import pytest

from ropeway.sandbox.server import Server
from tests.cli.conftest import Invoke
from tests.sandbox.sagemaker.tunings import SCORE, WAITING, Bench


@pytest.fixture
def bench(sandbox: Server) -> Bench:
    options: dict[str, Any] = {
        "endpoint_url": sandbox.endpoint,
        "region_name": "eu-west-1",
        "aws_access_key_id": "111111111111",
        "aws_secret_access_key": "x",
    }
    return Bench.over(boto3.client("sagemaker", **options), boto3.client("s3", **options))


@pytest.fixture
def tuned(bench: Bench) -> str:
    """A tuning job that has ended."""
    name = f"t{uuid.uuid4().hex[:8]}"
    bench.start(name, SCORE, jobs=2, parallel=2)
    bench.wait(name)
    return name


def test_jobs_are_listed_by_kind_and_status(invoke: Invoke, tuned: str) -> None:
    lines = [line.split() for line in invoke("job", "list").stdout.splitlines()]
    assert lines[0] == ["KIND", "JOB", "STATUS", "CREATED", "ENDED"]
    assert ["tuning", tuned, "Completed"] in [line[:3] for line in lines]
    listed = json.loads(invoke("job", "list", "--kind", "training", "--output", "json").stdout)
    assert {line["kind"] for line in listed} == {"training"}
    assert len([line for line in listed if line["name"].startswith(tuned)]) == 2
    assert json.loads(invoke("job", "list", "--status", "Failed", "--output", "json").stdout) == []


def test_a_tuning_job_is_shown_and_so_are_its_parts(invoke: Invoke, tuned: str) -> None:
    view = json.loads(invoke("job", "show", tuned, "--output", "json").stdout)
    assert (view["kind"], view["strategy"], view["objective"]) == ("tuning", "Random", "score")
    values = [trial["value"] for trial in view["trials"]]
    assert values == sorted(values, reverse=True)
    best = view["trials"][0]["name"]
    text = invoke("job", "show", tuned).stdout
    assert "TRAINING JOB" in text
    assert text.index(best) < text.index(view["trials"][1]["name"])
    told = [line.split("  ")[0] for line in invoke("job", "show", best).stdout.splitlines()]
    assert {"tuning job", "metric score", "output model", "hyperparameter x"} <= set(told)


def test_logs_tell_whose_they_are(invoke: Invoke, tuned: str) -> None:
    lines = invoke("job", "logs", tuned, "--follow").stdout.splitlines()
    scores = [line for line in lines if "score=" in line]
    assert [line.partition(": ")[0][: len(tuned) + 4] for line in sorted(scores)] == [
        f"{tuned}-001",
        f"{tuned}-002",
    ]
    job = scores[0].partition(": ")[0]
    assert any(line.startswith("score=") for line in invoke("job", "logs", job).stdout.splitlines())
    assert len(invoke("job", "logs", job, "-n", "1").stdout.splitlines()) == 1


def test_a_job_is_stopped_once(invoke: Invoke, bench: Bench) -> None:
    name = f"t{uuid.uuid4().hex[:8]}"
    bench.start(name, WAITING, jobs=1, parallel=1)
    assert invoke("job", "stop", name).stdout == f"stopping tuning job {name}\n"
    assert bench.wait(name)["HyperParameterTuningJobStatus"] == "Stopped"
    again = invoke("job", "stop", name)
    assert again.exit_code != 0
    assert "has ended: Stopped" in again.output


def test_a_job_that_is_not_there_is_named(invoke: Invoke, sandbox: Server) -> None:
    result = invoke("job", "show", "nobody")
    assert result.exit_code == 1
    assert "there is no job nobody" in result.output
