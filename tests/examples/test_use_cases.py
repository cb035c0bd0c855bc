"""The use cases by other tools than Ropeway's: plain boto3 and the AWS CLI, on definition documents."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ropeway.sandbox.server import Server

EXAMPLES = Path(__file__).parents[2] / "examples"
PLACE = {
    "region": "eu-west-1",
    "role": "arn:aws:iam::111111111111:role/RopewayExecutionRole",
    "default_bucket": "ropeway-examples",
}
DOCUMENTS = [("mammography", "train"), ("mammography", "inference"), ("abalone", "train")]


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path / "sandbox", port=0)
    server.start()
    yield server
    server.stop()


def environment(sandbox: Server) -> dict[str, str]:
    return {
        **os.environ,
        "AWS_ENDPOINT_URL": sandbox.endpoint,
        "AWS_ACCESS_KEY_ID": "111111111111",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHON": sys.executable,
    }


def run(command: list[str], sandbox: Server) -> str:
    done = subprocess.run(command, env=environment(sandbox), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def built(case: str, name: str) -> Any:
    spec = importlib.util.spec_from_file_location(f"{case}_{name}", EXAMPLES / case / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return json.loads(module.get_pipeline(**PLACE).definition())


@pytest.mark.parametrize(("case", "name"), DOCUMENTS)
def test_the_documents_are_what_the_modules_build(case: str, name: str) -> None:
    path = EXAMPLES / case / "definitions" / f"{name}.json"
    fresh = json.dumps(built(case, name), indent=1) + "\n"
    if os.environ.get("WRITE_DEFINITIONS"):
        path.write_text(fresh, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == fresh, "run this test with WRITE_DEFINITIONS=1"


def test_mammography_runs_by_boto3_alone(sandbox: Server) -> None:
    out = run([sys.executable, str(EXAMPLES / "with_boto3.py"), "mammography"], sandbox)
    assert "Mammo-RegisterModel: Succeeded" in out
    assert "mammography-severity/1: Approved" in out
    assert "Mammo-Transform: Succeeded" in out
    assert "predictions: s3://ropeway-examples/mammography-severity/predictions/" in out


def test_abalone_runs_by_boto3_alone_twice(sandbox: Server) -> None:
    for version in (1, 2):
        out = run([sys.executable, str(EXAMPLES / "with_boto3.py"), "abalone"], sandbox)
        assert "RegisterAbaloneModel: Succeeded" in out
        assert f"abalone/{version}: Approved" in out


@pytest.mark.parametrize("case", ["mammography", "abalone"])
def test_a_use_case_runs_by_the_aws_cli_alone(sandbox: Server, case: str) -> None:
    out = run([str(EXAMPLES / "with_awscli.sh"), case], sandbox)
    assert "Failed" not in out
    assert "Approved" in out
    assert ("mammo-batch.csv.out" in out) == (case == "mammography")
