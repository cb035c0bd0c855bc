"""`run-pipeline` against the endpoint of the environment, as existing CI files call it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import boto3
import pytest

from ropeway.cli.compat.run_pipeline import main
from ropeway.sandbox.server import Server

ROLE = "arn:aws:iam::222222222222:role/service-role/Pipelines"


@pytest.fixture
def sagemaker(server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """The environment of a CI job, and a client in it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AWS_ENDPOINT_URL", server.endpoint)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "222222222222")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    (tmp_path / "pipe.py").write_text(
        "from ropeway.pipelines import *\n"
        "def get_pipeline(name, holds=True):\n"
        "    fail = FailStep('No', message='no')\n"
        "    gate = ConditionStep('Gate', conditions=[ConditionEquals(holds, True)], else_steps=[fail])\n"
        "    return Pipeline(name, [gate])\n"
    )
    return boto3.client("sagemaker")


def run(*args: str) -> Any:
    with pytest.raises(SystemExit) as ended:
        main(args)
    return ended.value.code


def test_it_creates_tags_starts_and_waits(
    sagemaker: Any, capsys: pytest.CaptureFixture[str], server: Server
) -> None:
    tags = "[{'Key': 'team', 'Value': 'risk'}]"
    code = run(
        "-n", "pipe.py", "-role-arn", ROLE, "-kwargs", "{'name': 'ci'}", "-tags", tags, "-description", "d"
    )
    told = capsys.readouterr()
    assert code == 0, told.err
    assert told.err.startswith(f"target: aws API at {server.endpoint} (account 222222222222, eu-west-1)\n")
    found = sagemaker.describe_pipeline(PipelineName="ci")
    assert (found["RoleArn"], found["PipelineDescription"]) == (ROLE, "d")
    assert sagemaker.list_tags(ResourceArn=found["PipelineArn"])["Tags"] == [{"Key": "team", "Value": "risk"}]
    definition, _, rest = told.out.partition("\n}\n")
    assert json.loads(definition + "}")["Version"] == "2020-12-01"
    lines = rest.splitlines()
    assert lines[0] == found["PipelineArn"]
    assert lines[2:] == ["Gate  Succeeded"]


def test_no_start_only_creates(sagemaker: Any) -> None:
    assert run("-n", "pipe.py", "-role-arn", ROLE, "-kwargs", "{'name': 'still'}", "--no-start") == 0
    assert sagemaker.list_pipeline_executions(PipelineName="still")["PipelineExecutionSummaries"] == []


def test_a_failed_execution_ends_with_1(sagemaker: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("-n", "pipe.py", "-role-arn", ROLE, "-kwargs", "{'name': 'no', 'holds': False}") == 1
    told = capsys.readouterr()
    assert "No  Failed" in told.out
    assert "is Failed: " in told.err


@pytest.mark.parametrize(
    ("args", "code", "message"),
    [
        (["-n", "pipe.py"], 2, "error: the following arguments are required: -role-arn/--role-arn"),
        (["-n", "pipe.py", "-role-arn", ROLE, "-tags", "{'a': 1}"], 1, "error: --tags is a dict, not a list"),
        (
            ["-n", "pipe.py", "-role-arn", ROLE, "-tags", "['a']"],
            1,
            "error: --tags is no list of Key and Value",
        ),
        (
            ["-n", "pipe.py", "-role-arn", "nobody", "-kwargs", "{'name': 'x'}"],
            1,
            "Invalid length for parameter RoleArn",
        ),
        (["-n", "pipe.py", "-role-arn", ROLE, "-kwargs", "{'name': 'a b'}"], 1, "(ValidationException)"),
    ],
)
def test_bad_input_is_told(
    sagemaker: Any, capsys: pytest.CaptureFixture[str], args: list[str], code: int, message: str
) -> None:
    assert run(*args) == code
    assert message in capsys.readouterr().err
